"""Fixes: text edits with a promise about what applying them changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from mllint.text.edits import Edit


class Applicability(IntEnum):
    """What applying a fix may change, from the weakest promise to the strongest.

    SAFE: the same observable result with all comments kept; or, for a random draw, one of the possible runs with the
    independence between draws kept. UNSAFE: results may change, or something may raise that did not.
    DISPLAY: shown, never applied, because it needs a value that mllint cannot know.
    """

    DISPLAY = 0
    UNSAFE = 1
    SAFE = 2

    @property
    def label(self) -> str:
        """The word used in output and configuration."""
        return ("display-only", "unsafe", "safe")[self]


@dataclass(slots=True)
class Fix:
    """Edits that remove a finding together, and what they do in one imperative sentence.

    For display-only fixes the edits show what the code would look like.
    """

    message: str
    edits: Sequence[Edit]
    applicability: Applicability
