"""The fix loop: apply fixes, lint again, until nothing is left to fix.

A pass applies all fixes that do not touch each other; the others are found again by the next pass. What would break the
code is not applied and reported with the name of its rule, for it is a bug of the rule.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mllint.diagnostics.diagnostic import Diagnostic
from mllint.diagnostics.fix import Applicability
from mllint.engine.result import FileDiff
from mllint.source.parse import parse_unit, read_unit
from mllint.source.python import encode
from mllint.source.splice import splice
from mllint.source.unit import Cell, Magic, Problem, Unit
from mllint.text.edits import Edit, apply_edits, select_compatible
from mllint.text.ranges import LineIndex
from mllint.text.source_map import SourceMap

Check = Callable[[Unit], list[Diagnostic]]


@dataclass(slots=True)
class FixResult:
    """What fixing one unit gave.

    Attributes:
        unit: the unit with its fixes; the one that was given if there are none.
        data: the new content of the file, or None if nothing changed.
        applied: how many findings of each rule are gone because their fix was applied.
        remaining: the diagnostics of ``unit``.
        problems: fixes that were not applied because they would have broken the file.
    """

    unit: Unit
    data: bytes | None
    applied: Counter[str]
    remaining: list[Diagnostic]
    problems: list[Problem] = field(default_factory=list)


def fix_unit(unit: Unit, check: Check, *, allowed: Callable[[Diagnostic], bool], max_passes: int = 10) -> FixResult:
    """Apply fixes to a unit until none is left; nothing is written to disk.

    Args:
        unit: the unit.
        check: finds the diagnostics of a unit; it may parse it.
        allowed: tells which diagnostics may be fixed; those with a display-only fix never are.
        max_passes: how often fixes are applied before the rest is left for another run.
    """
    banned: set[str] = set()
    problems: list[Problem] = []
    start = check(unit)
    while True:
        loop = _Loop(check, allowed, frozenset(banned))
        try:
            result = loop.run(unit, start, max_passes)
        except _Restless as error:
            # Fixes that undo or repeat each other: without them the others come to rest.
            banned |= error.rules
            problems.append(Problem("fix-failure", str(error)))
            continue
        result.problems += problems
        return result


class _Restless(Exception):
    """The fixes of some rules never come to rest."""

    def __init__(self, rules: set[str], what: str) -> None:
        super().__init__(f"Fixes of {_listed(rules)} {what} and were not applied")
        self.rules = rules


class _Candidate(NamedTuple):
    """A fix that may be applied."""

    diagnostic: Diagnostic
    edits: tuple[Edit, ...]
    #: What the fix is known by in later passes, when everything has moved.
    key: tuple[str, str, str]


class _Version(NamedTuple):
    """A unit as a pass made it."""

    unit: Unit
    data: bytes
    edits: list[Edit]
    fixes: list[_Candidate]


class _Loop:
    """One attempt to bring a unit to rest."""

    def __init__(self, check: Check, allowed: Callable[[Diagnostic], bool], banned: frozenset[str]) -> None:
        self._check = check
        self._allowed = allowed
        self._banned = banned
        self._dropped: set[tuple[str, str, str]] = set()
        self._problems: list[Problem] = []

    def run(self, unit: Unit, diagnostics: list[Diagnostic], max_passes: int) -> FixResult:
        """Apply fixes pass by pass.

        Raises:
            _Restless: the fixes of some rules undo or repeat each other.
        """
        data: bytes | None = None
        applied: Counter[str] = Counter()
        texts = [unit.text]
        rules_of_passes: list[set[str]] = []
        at_start = Counter(candidate.diagnostic.rule for candidate in self._candidates(unit, diagnostics))
        while candidates := self._candidates(unit, diagnostics):
            if len(rules_of_passes) == max_passes:
                self._require_progress(at_start, candidates, rules_of_passes[-1])
                break
            version = self._next_version(unit, candidates)
            if version is None:
                continue  # every fix that was tried is dropped now
            rules_of_passes.append({fix.diagnostic.rule for fix in version.fixes})
            if version.unit.text in texts:
                since = texts.index(version.unit.text)
                raise _Restless(set().union(*rules_of_passes[since:]), "undo each other")
            unit, data = version.unit, version.data
            texts.append(unit.text)
            diagnostics = self._check(unit)
            moved = SourceMap(version.edits)
            applied.update(_gone(version.fixes, diagnostics, moved))
            for problem in self._problems:
                if problem.range is not None:
                    problem.range = moved.range(problem.range)
        return FixResult(unit, data, applied, diagnostics, self._problems)

    @staticmethod
    def _require_progress(at_start: Counter[str], left: Iterable[_Candidate], last: set[str]) -> None:
        """Raise if rules have as much to fix after all passes as they had before."""
        now = Counter(candidate.diagnostic.rule for candidate in left)
        restless = {rule for rule in last if now[rule] and now[rule] >= at_start[rule]}
        if restless:
            raise _Restless(restless, "never come to an end")

    # What may be applied

    def _candidates(self, unit: Unit, diagnostics: Iterable[Diagnostic]) -> list[_Candidate]:
        """Return the fixes that may be applied, in order of their place; wrong ones become problems."""
        candidates: list[_Candidate] = []
        broken = {cell.index for cell in unit.cells if _is_broken(unit, cell)}
        for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.range):
            fix = diagnostic.fix
            if fix is None or not fix.edits or fix.applicability is Applicability.DISPLAY:
                continue
            if diagnostic.rule in self._banned or not self._allowed(diagnostic):
                continue
            line = unit.lines.line(unit.lines.row(min(diagnostic.range.start, len(unit.text))))
            candidate = _Candidate(diagnostic, tuple(fix.edits), (diagnostic.rule, fix.message, line))
            if candidate.key in self._dropped:
                continue
            reason = _objection(unit, candidate.edits)
            if reason is not None:
                self._drop(candidate, reason)
            elif all(unit.cell_at(edit.start).index not in broken for edit in candidate.edits):
                candidates.append(candidate)
        return candidates

    def _drop(self, candidate: _Candidate, reason: str) -> None:
        """Report a fix and do not try it again."""
        self._dropped.add(candidate.key)
        rule = candidate.diagnostic.rule
        self._problems.append(
            Problem("fix-failure", f"A fix of `{rule}` was not applied: {reason}", candidate.diagnostic.range)
        )

    # Applying

    def _next_version(self, unit: Unit, candidates: Sequence[_Candidate]) -> _Version | None:
        """Apply the fixes that do not touch each other, without those that break the unit; None if none is left."""
        chosen = [candidates[index] for index in select_compatible(candidate.edits for candidate in candidates)]
        version = _apply(unit, chosen)
        if isinstance(version, _Version):
            return version
        good: _Version | None = None
        for candidate in chosen:
            version = _apply(unit, [*(good.fixes if good is not None else ()), candidate])
            if isinstance(version, _Version):
                good = version
            elif good is None or not isinstance(_apply(unit, [candidate]), _Version):
                self._drop(candidate, version)
            # Else only the fixes before it are in its way, and it waits for the next pass.
        return good


def _apply(unit: Unit, fixes: list[_Candidate]) -> _Version | str:
    """Make the unit that fixes lead to, parsed, or say why it would be broken, as the end of a sentence."""
    edits = list(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
    try:
        text = apply_edits(unit.text, edits)
        data = splice(unit, _new_sources(unit, edits)) if unit.is_notebook else encode(unit, text)
    except ValueError as error:
        return str(error)
    new = read_unit(unit.path, unit.name, data)
    parse_unit(new)
    if new.text != text or _shape(new) != _shape(unit):
        return "it would change what the file is read as"
    for old_cell, cell in zip(unit.cells, new.cells, strict=True):
        if cell.code is None or cell.code == old_cell.code or _is_broken(unit, old_cell):
            continue
        problem = _problem_in(new, cell)
        if problem is not None:
            return f"the code would not parse ({problem.message})"
        if (message := _syntax_error(cell.code)) is not None and _syntax_error(old_cell.code or "") is None:
            return f"Python would not read the code ({message})"
    return _Version(new, data, edits, fixes)


def _shape(unit: Unit) -> list[tuple[str, str | None, list[str]]]:
    """Return what fixes never change about the cells of a unit."""
    return [(cell.kind, cell.skipped, [magic.name for magic in cell.magics]) for cell in unit.cells]


def _new_sources(unit: Unit, edits: Iterable[Edit]) -> dict[int, str]:
    """Return the new source of each cell that edits change."""
    by_cell: defaultdict[int, list[Edit]] = defaultdict(list)
    for edit in edits:
        by_cell[unit.cell_at(edit.start).index].append(edit)
    sources: dict[int, str] = {}
    for cell in unit.cells:
        if cell.index in by_cell:
            moved = [Edit(start - cell.start, end - cell.start, content) for start, end, content in by_cell[cell.index]]
            sources[cell.index] = apply_edits(unit.text[cell.start : cell.end], moved)
    return sources


def _objection(unit: Unit, edits: Sequence[Edit]) -> str | None:
    """Return what is wrong with the edits of a fix before they are applied, or None."""
    if not unit.cells:
        return "the file has no code"
    for edit in edits:
        cell = unit.cell_at(edit.start)
        if not cell.start <= edit.start <= edit.end <= cell.end:
            return "an edit crosses the end of a cell" if unit.is_notebook else "an edit lies outside the file"
        for magic in cell.magics:
            if _touches(edit, magic, unit, cell):
                return f"an edit touches `{magic.text.splitlines()[0]}`"
    return None if select_compatible([edits]) else "its edits overlap"


def _touches(edit: Edit, magic: Magic, unit: Unit, cell: Cell) -> bool:
    """Tell whether an edit would change a magic.

    The code that a magic runs, as in ``%timeit f(x)``, may be changed as long as it stays on its line and means the
    same in a magic, where braces and dollar signs are filled in first.
    """
    start, end = magic.range
    if edit.start > end or edit.end < start:
        return False
    if edit.end == start:
        return bool(edit.content) and (magic.text.startswith("%%") or not edit.content.endswith(("\n", "\r")))
    if edit.start == end and edit.content.startswith(("\n", "\r")):
        return False
    code_start = end
    while cell.code is not None and code_start > start:
        if cell.code[code_start - 1 - cell.start] != unit.text[code_start - 1]:
            break
        code_start -= 1
    has_code = not unit.text[code_start:end].isspace() and code_start < end
    return not has_code or edit.start < code_start or edit.end > end or any(sign in edit.content for sign in "{$\r\n")


def _is_broken(unit: Unit, cell: Cell) -> bool:
    """Tell whether a cell did not parse."""
    return cell.code is not None and _problem_in(unit, cell) is not None


def _problem_in(unit: Unit, cell: Cell) -> Problem | None:
    """Return what keeps a cell from being parsed, or None."""
    if cell.module is not None and not cell.mended:
        return None
    places = ((problem, problem.range) for problem in unit.problems)
    return next((problem for problem, place in places if place and cell.start <= place.start <= cell.end), None)


def _syntax_error(code: str) -> str | None:
    """Return what the running Python says against code, or None; it sees more than a parser does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(code, "<code>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        return str(error.msg)
    except (ValueError, RecursionError, MemoryError):
        pass
    return None


def _gone(fixes: Iterable[_Candidate], diagnostics: Iterable[Diagnostic], moved: SourceMap) -> Iterator[str]:
    """Yield the rule of each fix whose diagnostic is not found any more."""
    left: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in diagnostics:
        left[diagnostic.rule].append(diagnostic)
    for fix in fixes:
        old = fix.diagnostic
        start, end = moved.bounds(old.range.start), moved.bounds(old.range.end)
        if not any(new.range.start in start and new.range.end in end for new in left[old.rule]):
            yield old.rule


def _listed(rules: set[str]) -> str:
    names = [f"`{rule}`" for rule in sorted(rules)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


# Showing


def unified_diffs(old: Unit, new: Unit) -> list[FileDiff]:
    """Return the differences between two versions of a unit: one diff for a script, one a changed cell for a notebook.

    Args:
        old: the unit as it was read.
        new: the unit after fixes; it has the same cells.
    """
    if not old.is_notebook:
        text = _diff(old.text, new.text, old.name, marks_missing_newline=True)
        return [FileDiff(old.name, text)] if text else []
    diffs: list[FileDiff] = []
    for before, after in zip(old.cells, new.cells, strict=True):
        header = f"{old.name}:cell {before.index}"
        sources = old.text[before.start : before.end], new.text[after.start : after.end]
        text = _diff(*sources, header, marks_missing_newline=False)
        if text:
            diffs.append(FileDiff(old.name, text, before.index))
    return diffs


def _diff(old: str, new: str, header: str, *, marks_missing_newline: bool) -> str:
    """Return a unified diff; cells usually lack the last line end, and that is not worth a mark."""
    if old == new:
        return ""
    pieces: list[str] = []
    for line in difflib.unified_diff(_lines(old), _lines(new), header, header):
        pieces.append(line)
        if not line.endswith(("\n", "\r")):
            pieces.append("\n\\ No newline at end of file\n" if marks_missing_newline else "\n")
    return "".join(pieces)


def _lines(text: str) -> list[str]:
    """Return the lines of a text with their ends; only line feeds and carriage returns end a line."""
    index = LineIndex(text)
    starts = [index.offset(row) for row in range(1, len(index) + 1)]
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if start < end]
