"""The form of a file with declarative rules; the module ``mllint.rule.declarative`` says what it means."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

ApplicabilityName = Literal["safe", "unsafe", "display-only"]
OneOrMore = str | tuple[str, ...]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Base of all tables: keys are kebab-case, unknown ones are errors."""


class ArgumentTest(Table, frozen=True, kw_only=True):
    """A table in ``is``; exactly one of its keys is set."""

    literal: Any = msgspec.UNSET
    not_literal: Any = msgspec.UNSET
    matches: str | msgspec.UnsetType = msgspec.UNSET
    kind: OneOrMore | msgspec.UnsetType = msgspec.UNSET
    written: str | msgspec.UnsetType = msgspec.UNSET
    not_written: str | msgspec.UnsetType = msgspec.UNSET


class ConditionSpec(Table, frozen=True, kw_only=True):
    """An entry of ``when``."""

    argument: OneOrMore
    is_: Any = msgspec.field(name="is")
    position: int | None = None


class VersionSpec(Table, frozen=True, kw_only=True):
    """Which versions of a distribution a match is about."""

    distribution: str
    range: str
    when_unknown: Literal["skip", "report"] = "skip"


class FixSpec(Table, frozen=True, kw_only=True, tag_field="kind"):
    """What all kinds of fixes have."""

    applicability: ApplicabilityName
    message: str
    import_: str | None = msgspec.field(name="import", default=None)


class SetKeyword(FixSpec, frozen=True, kw_only=True, tag="set-keyword"):
    """Add a keyword argument, or change the value it is passed."""

    name: str
    value: str


class ReplaceValue(FixSpec, frozen=True, kw_only=True, tag="replace-value"):
    """Change the value of an argument that is passed."""

    name: str
    value: str


class RenameKeyword(FixSpec, frozen=True, kw_only=True, tag="rename-keyword"):
    """Pass the same value under another name."""

    from_: str = msgspec.field(name="from")
    to: str


class RemoveArgument(FixSpec, frozen=True, kw_only=True, tag="remove-argument"):
    """Leave an argument out."""

    name: str


class RenameCallee(FixSpec, frozen=True, kw_only=True, tag="rename-callee"):
    """Call another method of the same object, or another function of the same module."""

    to: str


class ReplaceCall(FixSpec, frozen=True, kw_only=True, tag="replace-call"):
    """Put other code in the place of the call."""

    template: str


class ReplaceName(FixSpec, frozen=True, kw_only=True, tag="replace-name"):
    """Use another qualified name."""

    to: str


class MoveImport(FixSpec, frozen=True, kw_only=True, tag="move-import"):
    """Import from a new place."""

    from_: str = msgspec.field(name="from")
    to: str


AnyFix = (
    SetKeyword | ReplaceValue | RenameKeyword | RemoveArgument | RenameCallee | ReplaceCall | ReplaceName | MoveImport
)


class MatchSpec(Table, frozen=True, kw_only=True):
    """An entry of ``match``."""

    call: OneOrMore = ()
    role: OneOrMore = ()
    attribute: OneOrMore = ()
    import_: OneOrMore = msgspec.field(name="import", default=())
    when: tuple[ConditionSpec, ...] = ()
    version: VersionSpec | None = None
    unless_guarded: bool | None = None
    message: str | None = None
    help: str | None = None
    fix: AnyFix | None = None


class ExampleSpec(Table, frozen=True, kw_only=True):
    """An entry of ``examples``: code that is reported, code that is not, and what the fix makes of the former."""

    bad: str | None = None
    good: str | None = None
    fixed: str | None = None
    filename: str = "example.py"
    dependencies: tuple[str, ...] = ()


class RuleSpec(Table, frozen=True, kw_only=True):
    """An entry of ``rule``."""

    name: str
    category: str
    summary: str = ""
    tier: Literal["recommended", "pedantic", "audit"] = "recommended"
    severity: Literal["error", "warning", "info"] = "warning"
    confidence: Literal["high", "medium", "low"] = "high"
    libraries: tuple[str, ...] = ()
    kinds: tuple[Literal["script", "notebook", "stub", "test"], ...] = ("script", "notebook")
    aliases: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    since: str = "0.1.0"
    message: str | None = None
    help: str | None = None
    doc: str | None = None
    what: str | None = None
    why: str | None = None
    example: str | None = None
    use_instead: str | None = None
    fix_safety: str | None = None
    notebook_behaviour: str | None = None
    references: OneOrMore = ()
    match: tuple[MatchSpec, ...]
    fix: AnyFix | None = None
    examples: tuple[ExampleSpec, ...] = ()


def names_of(value: OneOrMore) -> tuple[str, ...]:
    """Return a string or several as a tuple."""
    return (value,) if isinstance(value, str) else value
