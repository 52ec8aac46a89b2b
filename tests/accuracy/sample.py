"""Draws a random sample of diagnostics with their code, for a reader who judges whether each is right.

Usage: ``python tests/accuracy/sample.py PATH [PATH ...] [--size 60] [--per-rule 5] [--seed 1] [--select …] [--ignore …]``

Prints Markdown: for each diagnostic its rule, place, message, help, trace and fix, and the code around it. Files with the
same content (translations and copies of one notebook are common) count once, and so do equal findings in equal lines.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from mllint.config.loading import SettingsResolver
from mllint.diagnostics.builtin import BUILTIN_RULES
from mllint.diagnostics.diagnostic import LocatedDiagnostic
from mllint.engine.run import RunRequest, run


def main() -> None:
    """Draw and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--size", type=int, default=60)
    parser.add_argument("--per-rule", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--select", type=_names, help="selectors as in the settings")
    parser.add_argument("--ignore", type=_names, default=[])
    arguments = parser.parse_args()
    cwd = Path.cwd()
    settings = {"ignore": arguments.ignore} | ({"select": arguments.select} if arguments.select else {})
    resolver = SettingsResolver(cwd, settings, [], isolated=True)
    result = run(RunRequest(paths=[path.resolve() for path in arguments.paths], use_cache=False, cwd=cwd), resolver)
    drawn = _draw(result.diagnostics, arguments.size, arguments.per_rule, arguments.seed)
    print(f"# {len(drawn)} of {len(result.diagnostics)} diagnostics, seed {arguments.seed}\n")
    for number, diagnostic in enumerate(drawn, 1):
        _print(number, diagnostic)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _draw(diagnostics: list[LocatedDiagnostic], size: int, per_rule: int, seed: int) -> list[LocatedDiagnostic]:
    """Return a random sample with at most ``per_rule`` diagnostics of each rule, ordered by rule and file."""
    distinct: dict[tuple[str, ...], LocatedDiagnostic] = {}
    for diagnostic in diagnostics:
        if diagnostic.rule not in BUILTIN_RULES:
            distinct.setdefault((diagnostic.rule, *(line.strip() for line in diagnostic.excerpt)), diagnostic)
    pool = list(distinct.values())
    random.Random(seed).shuffle(pool)
    counts: dict[str, int] = {}
    drawn = []
    for diagnostic in pool:
        if counts.get(diagnostic.rule, 0) < per_rule and len(drawn) < size:
            counts[diagnostic.rule] = counts.get(diagnostic.rule, 0) + 1
            drawn.append(diagnostic)
    return sorted(drawn, key=lambda diagnostic: (diagnostic.rule, diagnostic.sort_key))


def _print(number: int, diagnostic: LocatedDiagnostic) -> None:
    place = f"cell {diagnostic.cell}:" if diagnostic.cell is not None else ""
    print(f"## {number}. {diagnostic.rule} ({diagnostic.severity}, confidence {diagnostic.confidence})\n")
    print(f"`{diagnostic.filename}:{place}{diagnostic.location.row}:{diagnostic.location.column}`\n")
    print(f"- message: {diagnostic.message}")
    if diagnostic.help:
        print(f"- help: {diagnostic.help}")
    for step in diagnostic.trace:
        where = f"cell {step.cell}:{step.location.row}" if step.cell is not None else f"row {step.location.row}"
        print(f"- trace: {where}: {step.message}: `{step.line.strip()}`")
    if diagnostic.fix is not None:
        edits = "; ".join(f"row {edit.location.row}: {edit.content!r}" for edit in diagnostic.fix.edits)
        print(f"- {diagnostic.fix.applicability} fix: {diagnostic.fix.message} ({edits})")
    print("\n```")
    for row, line in enumerate(diagnostic.excerpt, diagnostic.excerpt_row):
        marker = ">" if diagnostic.location.row <= row <= diagnostic.end_location.row else " "
        print(f"{marker} {row:4} {line[:200]}")
    print("```\n")


if __name__ == "__main__":
    main()
