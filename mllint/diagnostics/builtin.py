"""Diagnostics that the engine itself makes: files that cannot be read or parsed, rules that fail, suppressions."""

from __future__ import annotations

from typing import NamedTuple


class BuiltinRule(NamedTuple):
    """A rule name that the engine reports under; it is always on and cannot be deselected, only suppressed."""

    name: str
    summary: str
    severity: str
    #: The exit code that a finding of it asks for.
    exit_code: int


BUILTIN_RULES: dict[str, BuiltinRule] = {
    rule.name: rule
    for rule in (
        BuiltinRule("invalid-syntax", "The code does not parse.", "error", 1),
        BuiltinRule("unreadable-file", "The file cannot be read.", "error", 2),
        BuiltinRule("invalid-notebook", "The file is named .ipynb but is not a notebook.", "error", 1),
        BuiltinRule("invalid-encoding", "The file is not text in the encoding it declares.", "error", 1),
        BuiltinRule("too-complex", "The code would stall or kill the parser and was not analysed.", "error", 1),
        BuiltinRule("rule-failure", "A rule raised an exception in this file.", "error", 2),
        BuiltinRule("fix-failure", "A fix would have broken the file and was not applied.", "error", 2),
        BuiltinRule("unused-suppression", "A suppression that silences nothing.", "warning", 1),
        BuiltinRule("invalid-suppression", "A suppression that names no rule mllint knows.", "warning", 1),
    )
}
