"""Fixes copies of whole repositories and checks what that did to every file.

Usage: ``python tests/accuracy/fix_copies.py PATH [PATH ...] [--unsafe]``

For each changed file: it must still parse wherever it parsed before, and a second run must change nothing. For each
changed notebook: everything outside the ``source`` values of changed cells must be byte-equal, and so must every line of a
changed cell that says the same as before. Prints the counts; exits with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import difflib
import shutil
import sys
import tempfile
from pathlib import Path

from mllint.config.loading import SettingsResolver
from mllint.engine.result import RunResult
from mllint.engine.run import RunRequest, run
from mllint.source.notebook import NotebookDocument
from mllint.source.parse import parse_unit, read_unit
from mllint.source.unit import Unit

SUFFIXES = (".py", ".pyi", ".ipynb")


def main() -> None:
    """Copy, fix twice, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--unsafe", action="store_true", help="apply unsafe fixes too")
    arguments = parser.parse_args()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        originals = {}
        for path in arguments.paths:
            originals.update(_copy(path.resolve(), Path(directory) / path.resolve().name))
        before = {copy: copy.read_bytes() for copy in originals}
        first = _fix(Path(directory), arguments.unsafe)
        after = {copy: copy.read_bytes() for copy in originals}
        changed = [copy for copy in originals if before[copy] != after[copy]]
        for copy in changed:
            wrong += [f"{originals[copy]}: {flaw}" for flaw in _flaws(copy, before[copy], after[copy])]
        second = _fix(Path(directory), arguments.unsafe)
        again = [copy for copy in originals if copy.read_bytes() != after[copy]]
        wrong += [f"{originals[copy]}: changed by the second run" for copy in again]
        wrong += [f"{d.filename}: {d.rule}: {d.message}" for d in second.diagnostics if d.rule == "fix-failure"]
    notebooks = sum(copy.suffix == ".ipynb" for copy in changed)
    fixes = sum(applied.count for applied in first.applied)
    print(f"files {len(originals)}, changed {len(changed)} (notebooks {notebooks}), fixes applied {fixes}")
    print(f"second run: files changed {len(again)}, fixes applied {sum(applied.count for applied in second.applied)}")
    print(f"wrong: {len(wrong)}")
    for flaw in wrong:
        print(f"  {flaw}")
    sys.exit(1 if wrong else 0)


def _copy(source: Path, target: Path) -> dict[Path, Path]:
    """Copy the Python files and notebooks below a path; returns copy -> original."""
    copies = {}
    for path in sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix in SUFFIXES:
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            copies[copy] = path
    return copies


def _fix(directory: Path, unsafe: bool) -> RunResult:
    resolver = SettingsResolver(directory, {"unsafe_fixes": unsafe}, [], isolated=True)
    return run(RunRequest(paths=[directory], fix=True, use_cache=False, cwd=directory), resolver)


def _flaws(path: Path, old: bytes, new: bytes) -> list[str]:
    """Return what is wrong with the changed file."""
    units = [read_unit(path, path.name, data) for data in (old, new)]
    for unit in units:
        parse_unit(unit)
    flaws = [
        f"cell {cell.index} does not parse any more"
        for cell, fixed in zip(units[0].cells, units[1].cells, strict=True)
        if cell.module is not None and fixed.module is None
    ]
    if path.suffix == ".ipynb":
        flaws += _notebook_flaws(old, new, units[0], units[1])
    return flaws


def _notebook_flaws(old: bytes, new: bytes, before: Unit, after: Unit) -> list[str]:
    """Compare the raw text of two notebooks outside the sources that differ, and line by line inside them."""
    documents = NotebookDocument.parse(old), NotebookDocument.parse(new)
    if documents[0].has_bom != documents[1].has_bom:
        return ["the byte order mark changed"]
    flaws = []
    outside: list[list[str]] = [[], []]
    ends = [0, 0]
    for index, (cell, fixed) in enumerate(zip(documents[0].cells, documents[1].cells, strict=True), 1):
        if cell.span is None or fixed.span is None or cell.span.text == fixed.span.text:
            continue
        for side, (document, span) in enumerate(zip(documents, (cell.span, fixed.span), strict=True)):
            outside[side].append(document.text[ends[side] : span.value.start])
            ends[side] = span.value.end
        raws = [
            [document.text[place.start : place.end] for place in span.strings]
            for document, span in zip(documents, (cell.span, fixed.span), strict=True)
        ]
        matcher = difflib.SequenceMatcher(None, cell.span.texts, fixed.span.texts, autojunk=False)
        flaws += [
            f"cell {index}: lines that say the same are written differently"
            for block in matcher.get_matching_blocks()
            if raws[0][block.a : block.a + block.size] != raws[1][block.b : block.b + block.size]
        ]
        if cell.span.is_list != fixed.span.is_list:
            flaws.append(f"cell {index}: the source changed its form")
    for side, document in enumerate(documents):
        outside[side].append(document.text[ends[side] :])
    if outside[0] != outside[1]:
        flaws.append("bytes outside the sources of changed cells differ")
    if [cell.id for cell in before.cells] != [cell.id for cell in after.cells]:
        flaws.append("the ids of cells changed")
    return flaws


if __name__ == "__main__":
    main()
