"""Runs cases and says how what is found differs from what they say."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from mllint.diagnostics.builtin import BUILTIN_RULES
from mllint.diagnostics.diagnostic import LocatedDiagnostic
from mllint.rule.registry import Registry
from mllint.testing.cases import Block, Case, Mark, read_case_file
from mllint.testing.notebooks import join_cells, notebook_bytes, split_cells
from mllint.testing.tester import Fixed, Rules, RuleTester


def check_case(case: Case, registry: Registry | None = None) -> list[str]:
    """Run a case; every rule of the registry runs, and those that the case names must find what it says.

    Args:
        case: the case.
        registry: the rules; by default those of all installed packs.

    Returns:
        What is wrong, one text for each kind; nothing if all is as the case says.
    """
    tester = _tester(case, None, registry)
    found = tester.check_bytes(case_bytes(case), case.filename)
    failures = [diagnostic.message for diagnostic in found if diagnostic.rule == "rule-failure"]
    relevant = {*case.rules, *BUILTIN_RULES}
    failures += _compare_marks(case, [diagnostic for diagnostic in found if diagnostic.rule in relevant])
    for block, unsafe in ((case.fixed, False), (case.unsafe_fixed, True)):
        if block is not None:
            fixed = fix_case(case, registry, unsafe=unsafe)
            failures += fixed.failures
            failures += _compare_text(case, block, fixed_text(case, fixed))
    return failures


def update_case_file(path: Path, registry: Registry | None = None) -> bool:
    """Rewrite the blocks with fixed text to what the fixes make now; returns whether anything changed."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    blocks = [
        (block, case, unsafe)
        for case in read_case_file(path).cases
        for block, unsafe in ((case.fixed, False), (case.unsafe_fixed, True))
        if block is not None
    ]
    changed = False
    for block, case, unsafe in reversed(blocks):
        text = fixed_text(case, fix_case(case, registry, unsafe=unsafe))
        if text != block.text:
            lines[block.row : block.end_row - 1] = [text]
            changed = True
    if changed:
        path.write_text("".join(lines), encoding="utf-8")
    return changed


def fix_case(case: Case, registry: Registry | None = None, *, unsafe: bool = False) -> Fixed:
    """Apply the fixes of the rules that a case names to its code."""
    tester = _tester(case, case.rules, registry)
    return tester.fix_bytes(case_bytes(case), case.filename, unsafe=unsafe)


def case_bytes(case: Case) -> bytes:
    """Return the content of the file that a case stands for."""
    return notebook_bytes(split_cells(case.code)) if case.kind == "ipynb" else case.code.encode()


def fixed_text(case: Case, fixed: Fixed) -> str:
    """Return fixed code in the form in which a case file holds it."""
    if case.kind != "ipynb":
        return fixed.text if fixed.text.endswith("\n") or not fixed.text else fixed.text + "\n"
    cells = split_cells(case.code)
    if len(cells) != len(fixed.cells):  # a fix added or removed cells: their headers cannot be told any more
        return "".join(f"# %%\n{source}\n" for source in fixed.cells)
    return join_cells(cell._replace(source=source) for cell, source in zip(cells, fixed.cells, strict=True))


def _tester(case: Case, rules: Rules, registry: Registry | None) -> RuleTester:
    return RuleTester(
        rules, settings=case.settings, dependencies=case.dependencies, files=case.files, registry=registry
    )


def _compare_marks(case: Case, found: Sequence[LocatedDiagnostic]) -> list[str]:
    """Return one text that lists, in order, the marks without a diagnostic and the diagnostics without a mark."""
    cell_rows = [cell.row for cell in split_cells(case.code)] if case.kind == "ipynb" else []
    unmarked = [(_row(diagnostic, cell_rows), diagnostic) for diagnostic in found]
    lines: list[tuple[int, str]] = []
    # The most exact marks choose first, so that a plain one does not take their diagnostic.
    for mark in sorted(case.marks, key=lambda mark: (mark.message is None, mark.columns is None)):
        hit = next((entry for entry in unmarked if _fits(mark, *entry)), None)
        if hit is not None:
            unmarked.remove(hit)
        else:
            lines.append((mark.row, f"- expected {mark}"))
    for row, diagnostic in unmarked:
        columns = (diagnostic.location.column, diagnostic.end_location.column)
        lines.append((row, f"+ found    {Mark(diagnostic.rule, row, columns, diagnostic.message)}"))
    if not lines:
        return []
    code = case.code.split("\n")
    report = [f"{case.path}:{case.row}: {case.title}: marks and diagnostics differ"]
    shown = 0
    for row, line in sorted(lines):
        if row != shown and 0 < row <= len(code):
            report.append(f"  line {case.source_rows[row - 1]}: {code[row - 1].strip()}")
        report.append(f"    {line}")
        shown = row
    return ["\n".join(report)]


def _row(diagnostic: LocatedDiagnostic, cell_rows: Sequence[int]) -> int:
    """Return the row of a diagnostic in the code of its case."""
    if diagnostic.cell is None or not cell_rows:
        return diagnostic.location.row
    return cell_rows[diagnostic.cell - 1] + diagnostic.location.row - 1


def _fits(mark: Mark, row: int, diagnostic: LocatedDiagnostic) -> bool:
    if (mark.rule, mark.row) != (diagnostic.rule, row):
        return False
    if mark.columns not in (None, (diagnostic.location.column, diagnostic.end_location.column)):
        return False
    return mark.message is None or mark.message in diagnostic.message


def _compare_text(case: Case, block: Block, text: str) -> list[str]:
    if block.text == text:
        return []
    diff = difflib.unified_diff(
        block.text.splitlines(), text.splitlines(), "as the case says", "as the fixes make it", lineterm=""
    )
    how = "MLLINT_UPDATE_CASES=1 rewrites it"
    heading = f'{case.path}:{block.row}: {case.title}: the block "{block.info}" differs ({how})'
    return ["\n".join([heading, *(f"  {line}" for line in diff)])]
