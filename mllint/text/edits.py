"""Edits of a text, and how several of them are merged into one new text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mllint.text.ranges import Range


class Edit(NamedTuple):
    """The replacement of ``[start, end)`` by ``content``; an insertion where start equals end."""

    start: int
    end: int
    content: str

    @property
    def range(self) -> Range:
        """The replaced range."""
        return Range(self.start, self.end)

    @classmethod
    def insert(cls, offset: int, content: str) -> Edit:
        """Make an edit that inserts ``content`` before ``offset``."""
        return cls(offset, offset, content)

    @classmethod
    def replace(cls, place: Range, content: str) -> Edit:
        """Make an edit that replaces ``place`` by ``content``."""
        return cls(place.start, place.end, content)

    @classmethod
    def delete(cls, place: Range) -> Edit:
        """Make an edit that removes ``place``."""
        return cls(place.start, place.end, "")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all ``edits`` applied; identical edits count once.

    Raises:
        ValueError: two different edits overlap, or two insertions stand at one place.
    """
    pieces: list[str] = []
    last = 0
    previous: Edit | None = None
    for edit in sorted(set(edits)):
        if previous is not None and conflicts(previous, edit):
            raise ValueError(f"edits overlap: {previous} and {edit}")
        pieces.append(text[last : edit.start])
        pieces.append(edit.content)
        last = edit.end
        previous = edit
    pieces.append(text[last:])
    return "".join(pieces)


def conflicts(first: Edit, second: Edit) -> bool:
    """Tell whether two edits cannot both be applied in one pass.

    Edits that merely touch conflict too when one of them is an insertion at the common place: which text
    comes first would depend on the order of rules.
    """
    if first == second:
        return False
    if first.start > second.start:
        first, second = second, first
    if second.start < first.end:
        return True
    return first.start == second.start or (second.start == first.end and second.start == second.end)


def select_compatible(groups: Iterable[Sequence[Edit]]) -> list[int]:
    """Choose, in order, the groups of edits that can be applied together.

    Args:
        groups: one sequence of edits per fix; a fix is applied whole or not at all.

    Returns:
        The indices of the chosen groups. An edit that another chosen fix already makes is shared, not a conflict.
    """
    chosen: list[int] = []
    taken: list[Edit] = []
    for index, group in enumerate(groups):
        fresh = [edit for edit in group if edit not in taken]
        if any(conflicts(edit, other) for edit in fresh for other in taken):
            continue
        chosen.append(index)
        taken.extend(fresh)
    return chosen
