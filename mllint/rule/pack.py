"""Packs: collections of rules, declarative rules and knowledge that are installed together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack as its entry point in the group ``mllint.rules`` gives it.

    Nothing is imported to make a pack: rules are found when the manifest is compiled, and later loaded one by one.

    Attributes:
        name: shown in ``mllint rules`` and in errors, for example ``builtin``.
        package: import name of the package whose modules below ``<category>/`` hold the rules, one a module.
        root: the directory of that package; declarative rules are ``<category>/*.toml`` below it.
        knowledge: directories of knowledge files.
        version: changes whenever rules or knowledge change.
        runs_code: False for rules of the analysed tree, of which only the declarative ones are read.
    """

    name: str
    package: str
    root: Path
    knowledge: Sequence[Path] = field(default_factory=tuple)
    version: str = "0"
    runs_code: bool = True
