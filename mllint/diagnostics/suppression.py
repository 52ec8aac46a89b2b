"""Suppressions: comments, cell tags and the like by which people say "this is meant".

``# mllint: ignore[name, …] reason``
    behind code covers its line; alone on a line it covers the next logical line.
``# mllint: ignore-cell[name, …] reason``
    covers the notebook cell it is in; without brackets it covers every rule.
``# mllint: ignore-file[name, …] reason``
    covers the file; without brackets it covers every rule.

The tag ``mllint-ignore`` on a cell works as ``ignore-cell``; ``mllint-ignore:name`` covers one rule.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from mllint.diagnostics.diagnostic import Diagnostic, Severity
from mllint.diagnostics.fix import Applicability, Fix
from mllint.source.unit import Cell, Unit
from mllint.text.edits import Edit
from mllint.text.ranges import Range

SuppressionScope = Literal["line", "cell", "file"]

_COMMENT = re.compile(
    r"#\s*mllint\s*:\s*(?P<verb>[a-z][a-z-]*)\s*(?P<list>\[(?P<names>[^\]\n]*)\])?(?P<reason>[^#\n]*)"
)
_SCOPES: dict[str, SuppressionScope] = {"ignore": "line", "ignore-cell": "cell", "ignore-file": "file"}
_TAG = "mllint-ignore"


@dataclass(slots=True)
class Suppression:
    """One comment or tag that silences diagnostics.

    Attributes:
        scope: what it covers: lines, a cell or the file.
        names: canonical names of the rules it silences; None for every rule.
        covers: the range of the unit's text that it covers.
        comment: where the comment is, or None for a tag.
        name_ranges: where each name is written in the comment.
        unknown: where names are written that no rule has; they are reported apart and stay when others are removed.
        reason: the text behind it.
        used: the names that silenced at least one diagnostic.
    """

    scope: SuppressionScope
    names: tuple[str, ...] | None
    covers: Range
    comment: Range | None = None
    name_ranges: dict[str, Range] = field(default_factory=dict)
    unknown: tuple[Range, ...] = ()
    reason: str = ""
    used: set[str] = field(default_factory=set)

    def silences(self, diagnostic: Diagnostic, unit: Unit) -> bool:
        """Tell whether the suppression covers a diagnostic."""
        if self.names is not None and diagnostic.rule not in self.names:
            return False
        if self.scope == "file":
            return True
        if self.covers.start <= diagnostic.range.start <= self.covers.end:
            return True
        if self.scope == "cell":
            return False
        last = max(diagnostic.range.end - 1, diagnostic.range.start)
        return self.covers.start <= last < self.covers.end and "\n" in unit.text[diagnostic.range.start : last]


@dataclass(slots=True)
class Suppressions:
    """All suppressions of a unit, and what is wrong with those that say nothing mllint understands."""

    found: list[Suppression] = field(default_factory=list)
    invalid: list[Diagnostic] = field(default_factory=list)

    def apply(self, diagnostics: Iterable[Diagnostic], unit: Unit) -> list[Diagnostic]:
        """Return the diagnostics that no suppression covers, and note which suppressions were used."""
        if not self.found:
            return list(diagnostics)
        kept: list[Diagnostic] = []
        for diagnostic in diagnostics:
            silencers = [suppression for suppression in self.found if suppression.silences(diagnostic, unit)]
            for suppression in silencers:
                suppression.used.add(diagnostic.rule)
            if not silencers:
                kept.append(diagnostic)
        return kept

    def unused(self, unit: Unit, enabled: Callable[[str], bool]) -> list[Diagnostic]:
        """Return a diagnostic for every comment, or name in one, that silenced nothing though its rule is on."""
        found: list[Diagnostic] = []
        for suppression in self.found:
            if suppression.comment is None:
                continue
            if suppression.names is None:
                if not suppression.used:
                    found.append(_unused(suppression, unit, ()))
                continue
            idle = tuple(name for name in suppression.names if name not in suppression.used and enabled(name))
            if idle:
                found.append(_unused(suppression, unit, idle))
        return found


def find_suppressions(
    unit: Unit, resolve: Callable[[str], str | None], suggest: Callable[[str], str | None]
) -> Suppressions:
    """Read the suppressions of a unit.

    Args:
        unit: the unit.
        resolve: from a name as written, perhaps a former one, to the rule's name; None if there is no such rule.
        suggest: from an unknown name to a similar known one.
    """
    result = Suppressions()
    for cell in unit.cells:
        _read_tags(cell, resolve, result)
        if cell.kind == "code" and "mllint" in unit.text[cell.start : cell.end]:
            for start, comment in _comments(cell, unit):
                _read_comment(unit, cell, start, comment, resolve, suggest, result)
    return result


def _comments(cell: Cell, unit: Unit) -> list[tuple[int, str]]:
    """Return the comments of a cell with their offsets in the unit's text."""
    code = cell.code if cell.code is not None else unit.text[cell.start : cell.end]
    starts = [0]
    for line in code.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code, newline="").readline))
        return [
            (cell.start + starts[token.start[0] - 1] + token.start[1], token.string)
            for token in tokens
            if token.type == tokenize.COMMENT
        ]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return [(cell.start + match.start(), match.group()) for match in re.finditer(r"#[^\n]*", code)]


def _read_tags(cell: Cell, resolve: Callable[[str], str | None], result: Suppressions) -> None:
    for tag in cell.tags:
        if tag == _TAG:
            result.found.append(Suppression("cell", None, cell.range))
        elif tag.startswith(f"{_TAG}:"):
            name = resolve(tag[len(_TAG) + 1 :])
            if name is not None:
                result.found.append(Suppression("cell", (name,), cell.range))


def _read_comment(
    unit: Unit,
    cell: Cell,
    start: int,
    comment: str,
    resolve: Callable[[str], str | None],
    suggest: Callable[[str], str | None],
    result: Suppressions,
) -> None:
    for match in _COMMENT.finditer(comment):
        place = Range(start + match.start(), start + match.end())
        place = Range(place.start, place.start + len(unit.text[place.start : place.end].rstrip()))
        verb = match["verb"]
        scope = _SCOPES.get(verb)
        if scope is None:
            known = ", ".join(f'"{name}"' for name in _SCOPES)
            result.invalid.append(_invalid(f'Unknown suppression "{verb}"; known are {known}', place))
            continue
        if match["list"] is None:
            if scope == "line":
                result.invalid.append(_invalid("A suppression of a line must name the rules it silences", place))
                continue
            names: tuple[str, ...] | None = None
            name_ranges: dict[str, Range] = {}
            unknown: tuple[Range, ...] = ()
        else:
            names, name_ranges, unknown = _read_names(match, start, resolve, suggest, result)
            if not names:
                continue
        covers = {"file": Range(0, len(unit.text)), "cell": cell.range}.get(scope) or _covered_lines(unit, cell, place)
        reason = match["reason"].strip()
        result.found.append(Suppression(scope, names, covers, place, name_ranges, unknown, reason))


def _read_names(
    match: re.Match[str],
    start: int,
    resolve: Callable[[str], str | None],
    suggest: Callable[[str], str | None],
    result: Suppressions,
) -> tuple[tuple[str, ...], dict[str, Range], tuple[Range, ...]]:
    names: list[str] = []
    ranges: dict[str, Range] = {}
    unknown: list[Range] = []
    offset = start + match.start("names")
    for part in match["names"].split(","):
        written = part.strip()
        first = offset + len(part) - len(part.lstrip())
        place = Range(first, first + len(written))
        offset += len(part) + 1
        name = resolve(written) if written else None
        if name is None:
            similar = suggest(written) if written else None
            hint = f'; did you mean "{similar}"?' if similar else ""
            what = f'No rule is called "{written}"{hint}' if written else "A suppression must name a rule"
            result.invalid.append(_invalid(what, place if written else Range(first, first + 1)))
            if written:
                unknown.append(place)
        elif name not in names:
            names.append(name)
            ranges[name] = place
    return tuple(names), ranges, tuple(unknown)


def _covered_lines(unit: Unit, cell: Cell, comment: Range) -> Range:
    """Return the line of a trailing comment, or the next logical line after a comment that stands alone."""
    lines = unit.lines
    row = lines.row(comment.start)
    line = lines.line_range(row)
    if unit.text[line.start : comment.start].strip():
        return Range(line.start, line.end)
    last_row = lines.row(max(cell.end - 1, cell.start))
    first = row + 1
    while first <= last_row and (not lines.line(first).strip() or lines.line(first).lstrip().startswith("#")):
        first += 1
    if first > last_row:
        return Range(comment.end, comment.end)
    begin = lines.line_range(first).start
    return Range(begin, _end_of_logical_line(unit, cell, begin))


def _end_of_logical_line(unit: Unit, cell: Cell, begin: int) -> int:
    code = (cell.code or unit.text[cell.start : cell.end])[begin - cell.start :]
    fallback = unit.text.find("\n", begin)
    try:
        for token in tokenize.generate_tokens(io.StringIO(code.lstrip(" \t"), newline="").readline):
            if token.type == tokenize.NEWLINE:
                index = unit.lines.row(begin) + token.start[0] - 1
                return unit.lines.line_range(index).end
    except (tokenize.TokenError, SyntaxError):
        pass
    return fallback if fallback != -1 else len(unit.text)


def _invalid(message: str, place: Range) -> Diagnostic:
    return Diagnostic("invalid-suppression", message, place, severity=Severity.WARNING)


def _unused(suppression: Suppression, unit: Unit, idle: tuple[str, ...]) -> Diagnostic:
    assert suppression.comment is not None
    names = ", ".join(f"`{name}`" for name in idle)
    message = f"Unused suppression of {names}" if idle else "Unused suppression"
    rest = [suppression.name_ranges[name] for name in suppression.names or () if name not in idle]
    rest = sorted((*rest, *suppression.unknown))
    if rest:
        listed = ", ".join(unit.text[place.start : place.end] for place in rest)
        places = (*suppression.name_ranges.values(), *suppression.unknown)
        edit = Edit(min(place.start for place in places), max(place.end for place in places), listed)
        title = f"Remove {names} from the suppression"
        place = suppression.name_ranges[idle[0]]
    else:
        edit = Edit.delete(_with_surroundings(unit, suppression.comment))
        title = "Remove the suppression"
        place = suppression.comment
    return Diagnostic(
        "unused-suppression",
        message,
        place,
        severity=Severity.WARNING,
        fix=Fix(title, [edit], Applicability.SAFE),
    )


def _with_surroundings(unit: Unit, comment: Range) -> Range:
    """Return the range to delete: the comment with the blanks before it, or its whole line if nothing else is there."""
    text = unit.text
    line = unit.lines.line_range(unit.lines.row(comment.start))
    before, after = text[line.start : comment.start], text[comment.end : line.end]
    if before.strip() or after.strip():
        start = comment.start
        while start > line.start and text[start - 1] in " \t" and not after.strip():
            start -= 1
        return Range(start, comment.end)
    cell = unit.cell_at(comment.start)
    end = line.end
    if text.startswith("\r\n", end) and end + 2 <= cell.end:
        return Range(line.start, end + 2)
    if end < cell.end:
        return Range(line.start, end + 1)
    return Range(line.start - 1 if line.start > cell.start else line.start, end)
