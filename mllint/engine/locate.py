"""From offsets to positions: the last step before reports, taken only for diagnostics that are kept."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from mllint.diagnostics.builtin import BUILTIN_RULES
from mllint.diagnostics.diagnostic import (
    Diagnostic,
    Excerpt,
    LocatedDiagnostic,
    LocatedEdit,
    LocatedFix,
    Location,
    TraceStep,
)
from mllint.diagnostics.fix import Fix
from mllint.engine.result import FileResult
from mllint.rule.context import ProjectReport
from mllint.rule.registry import Registry
from mllint.source.unit import Cell, Unit
from mllint.text.ranges import Range

_CONTEXT_ROWS = 2
_LONGEST_EXCERPT = 12
_DEFINITION = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")


def locate(unit: Unit, diagnostics: Sequence[Diagnostic], registry: Registry) -> list[LocatedDiagnostic]:
    """Return diagnostics with positions, fingerprints and the source lines that reports show.

    Args:
        unit: the unit they were found in.
        diagnostics: in document order.
        registry: tells category, tier and page of each rule.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    located = []
    for diagnostic in diagnostics:
        key = _fingerprint_key(unit, diagnostic)
        located.append(_locate(unit, diagnostic, registry, key, seen[key]))
        seen[key] += 1
    return located


def locate_project(reports: Iterable[ProjectReport], registry: Registry, shown: Callable[[str], str]) -> FileResult:
    """Return the findings about a project as a result like that of a file.

    Args:
        reports: what the rules reported.
        registry: tells category and tier of each rule.
        shown: from a file name relative to the root to how it is shown.
    """
    found = []
    for report in reports:
        info = registry.rules[report.rule.name]
        place = Location(report.row, 1)
        key = "\0".join((report.rule.name, report.filename, report.message))
        found.append(
            LocatedDiagnostic(
                rule=info.name,
                category=info.category,
                message=report.message,
                help=report.help,
                url=info.url,
                severity=info.severity,
                confidence=info.confidence,
                tier=info.tier,
                filename=shown(report.filename),
                cell=None,
                cell_id=None,
                location=place,
                end_location=place,
                json_location=None,
                trace=[],
                fix=None,
                fingerprint=hashlib.sha256(key.encode()).hexdigest()[:16],
            )
        )
    return FileResult("", found)


def _locate(
    unit: Unit, diagnostic: Diagnostic, registry: Registry, key: tuple[str, ...], occurrence: int
) -> LocatedDiagnostic:
    info = registry.find(diagnostic.rule)
    builtin = BUILTIN_RULES.get(diagnostic.rule)
    cell, start, end = _positions(unit, diagnostic.range)
    excerpt, excerpt_row = _excerpt(unit, cell, start.row, end.row)
    return LocatedDiagnostic(
        rule=diagnostic.rule,
        category=info.category if info else "",
        message=diagnostic.message,
        help=diagnostic.help,
        url=info.url if info else None,
        severity=diagnostic.severity.value,
        confidence=diagnostic.confidence.value,
        tier=info.tier if info else ("recommended" if builtin else ""),
        filename=unit.name,
        cell=_number(unit, cell),
        cell_id=cell.id if cell is not None else None,
        location=start,
        end_location=end,
        json_location=_json_location(unit, cell, start),
        trace=[_trace_step(unit, step.range, step.message) for step in diagnostic.trace],
        fix=_locate_fix(unit, diagnostic.fix) if diagnostic.fix is not None else None,
        fingerprint=hashlib.sha256("\0".join((*key, str(occurrence))).encode()).hexdigest()[:16],
        excerpt=excerpt,
        excerpt_row=excerpt_row,
    )


def _positions(unit: Unit, place: Range) -> tuple[Cell | None, Location, Location]:
    if not unit.cells:
        return None, Location(1, 1), Location(1, 1)
    cell, start = unit.position(place.start)
    stop = max(place.start, min(place.end, cell.end)) if unit.is_notebook else place.end
    first = unit.lines.row(cell.start)
    end = unit.lines.position(stop)
    return cell, Location(*start), Location(end.row - first + 1, end.column)


def _number(unit: Unit, cell: Cell | None) -> int | None:
    return cell.index if cell is not None and unit.is_notebook else None


def _json_location(unit: Unit, cell: Cell | None, place: Location) -> Location | None:
    if unit.notebook is None or cell is None:
        return None
    return Location(*unit.notebook.json_position(cell.index, place.row, place.column))


def _excerpt(unit: Unit, cell: Cell | None, first: int, last: int) -> tuple[list[str], int]:
    """Return the rows around a range within its cell, and the number of the first of them."""
    if cell is None or not unit.text:
        return [], 1
    base = unit.lines.row(cell.start) - 1
    rows_in_cell = unit.lines.row(max(cell.end - 1, cell.start)) - base
    begin = max(1, first - _CONTEXT_ROWS)
    stop = min(rows_in_cell, min(last, first + _LONGEST_EXCERPT) + _CONTEXT_ROWS)
    return [unit.lines.line(base + row) for row in range(begin, stop + 1)], begin


def _trace_step(unit: Unit, place: Range, message: str) -> TraceStep:
    cell, start, end = _positions(unit, place)
    line = unit.lines.line(unit.lines.row(place.start)) if unit.text else ""
    return TraceStep(message, unit.name, _number(unit, cell), start, end, line)


def _locate_fix(unit: Unit, fix: Fix) -> LocatedFix:
    edits = []
    for edit in sorted(fix.edits):
        cell, start, end = _positions(unit, edit.range)
        edits.append(LocatedEdit(edit.content, _number(unit, cell), start, end))
    return LocatedFix(fix.applicability.label, fix.message, edits, _fix_excerpts(unit, fix))


def _fix_excerpts(unit: Unit, fix: Fix) -> list[Excerpt]:
    """Return the rows that a fix touches and one around them, those of each cell apart from other cells."""
    lines = unit.lines
    windows: list[tuple[Cell, int, int]] = []
    for edit in sorted(fix.edits):
        cell = unit.cell_at(edit.start)
        bottom = lines.row(max(cell.end - 1, cell.start)) if unit.is_notebook else len(lines)
        first = max(lines.row(edit.start) - 1, lines.row(cell.start))
        last = min(lines.row(edit.end) + 1, bottom)
        if windows and windows[-1][0] is cell and first <= windows[-1][2] + 1:
            first, last = windows[-1][1], max(windows[-1][2], last)
            windows.pop()
        windows.append((cell, first, last))
    return [
        Excerpt(
            first - lines.row(cell.start) + 1,
            [lines.line(row) for row in range(first, last + 1)],
            _number(unit, cell),
        )
        for cell, first, last in windows
    ]


def _fingerprint_key(unit: Unit, diagnostic: Diagnostic) -> tuple[str, ...]:
    """Return what identifies a finding when lines move: rule, file, cell, enclosing definitions and its own text."""
    if not unit.text:
        return (diagnostic.rule, unit.name, diagnostic.message)
    cell = unit.cell_at(diagnostic.range.start)
    first = unit.lines.row(diagnostic.range.start)
    last = unit.lines.row(max(diagnostic.range.end - 1, diagnostic.range.start))
    source = "\n".join("".join(unit.lines.line(row).split()) for row in range(first, last + 1))
    scope = ".".join(_enclosing_definitions(unit, cell, first))
    return (diagnostic.rule, unit.name, (cell.id or "") if unit.is_notebook else "", scope, source)


def _enclosing_definitions(unit: Unit, cell: Cell, row: int) -> list[str]:
    names: list[str] = []
    line = unit.lines.line(row)
    indent = len(line) - len(line.lstrip())
    for above in range(row - 1, unit.lines.row(cell.start) - 1, -1):
        if indent == 0:
            break
        text = unit.lines.line(above)
        stripped = text.lstrip()
        if stripped and not stripped.startswith(("#", ")", "]", "}")) and len(text) - len(stripped) < indent:
            indent = len(text) - len(stripped)
            match = _DEFINITION.match(text)
            if match is not None:
                names.append(match[2])
    return names[::-1]
