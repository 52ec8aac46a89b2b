"""Precision and recall of the leakage rules on the labelled programs, per kind and per rule.

Usage: ``python tests/accuracy/leakage.py [NAME ...] [--wrong] [--json FILE]``

All rules of the category are on, the opt-in ones too. A label is found if a diagnostic of a rule of its kind points at
one of its lines, or leads over its main line in its trace; a diagnostic is right if that holds for it. Labels marked ``info`` count in
neither sum. ``--wrong`` lists what was missed and what was reported wrongly; NAME limits the run to programs whose
name contains it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

from programs import KINDS, Label, Program, read_programs

from mllint import LocatedDiagnostic
from mllint.rule.registry import load_registry
from mllint.testing import RuleTester

#: What kind of leak each rule is about.
KIND_OF = {
    "aggregate-before-split": "preprocessing",
    "bin-before-split": "preprocessing",
    "categories-before-split": "preprocessing",
    "cluster-before-split": "preprocessing",
    "encode-target-before-split": "preprocessing",
    "fill-series-before-split": "preprocessing",
    "filter-outliers-before-split": "preprocessing",
    "fit-before-split": "preprocessing",
    "fit-on-test": "preprocessing",
    "augment-before-split": "overlap",
    "cross-validate-on-test": "overlap",
    "different-splits": "overlap",
    "evaluate-on-training-data": "overlap",
    "overlapping-slices": "overlap",
    "resample-before-split": "overlap",
    "swapped-split-unpacking": "overlap",
    "train-on-all-then-test": "overlap",
    "ungrouped-split": "overlap",
    "validate-on-training-data": "overlap",
    "select-features-before-split": "preprocessing",
    "statistics-before-split": "preprocessing",
    "transform-outside-cross-validation": "preprocessing",
    "future-shift": "time",
    "backward-fill": "time",
    "centred-window": "time",
    "forward-merge": "time",
    "lag-across-groups": "time",
    "overlapping-windows": "time",
    "shuffled-time-series": "time",
    "target-in-features": "target",
    "feature-from-target": "target",
    "embed-before-split": "target",
    "scale-target-with-features": "target",
    "stack-in-sample-predictions": "target",
    "best-of-seeds": "multi-test",
    "early-stop-on-test": "multi-test",
    "reuse-test-set": "multi-test",
    "search-on-test": "multi-test",
    "select-model-on-test": "multi-test",
    "threshold-on-test": "multi-test",
    "train-on-test": "multi-test",
    "tune-on-test": "multi-test",
}
#: Rules about a mistake that is of two kinds at once: training on test rows is overlap and a reuse of the test set.
ALSO = {"cross-validate-on-test": "multi-test"}


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    programs = [p for p in read_programs() if not arguments.names or any(n in p.name for n in arguments.names)]
    figures = measure(programs, show=arguments.wrong)
    print(f"{len(programs)} programs, {sum(bool(p.labels) for p in programs)} with leaks")
    print(f"{'':<38} {'found':>5} {'of':>4} {'recall':>7} {'right':>6} {'of':>4} {'precision':>9}")
    for name, row in figures.items():
        recall = f"{row['found'] / row['labels']:7.3f}" if row.get("labels") else " " * 7
        precision = f"{row['right'] / row['reported']:9.3f}" if row["reported"] else " " * 9
        found = f"{row['found']:>5} {row['labels']:>4}" if "labels" in row else " " * 10
        print(f"{name:<38} {found} {recall} {row['right']:>6} {row['reported']:>4} {precision}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(programs: list[Program], *, show: bool = False) -> dict[str, dict[str, int]]:
    """Lint the programs and count, per kind and then per rule."""
    rules = [info for info in load_registry().rules.values() if info.category == "leakage"]
    tester = RuleTester([info.name for info in rules])
    found: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    right: Counter[str] = Counter()
    reported: Counter[str] = Counter()
    for program in programs:
        # A neutral name: what ends in ``_test.py`` would pass for a test file.
        filename = "program.ipynb" if program.is_notebook else "program.py"
        diagnostics = tester.check_bytes(program.content, filename)
        told = [(d, _line(d, program)) for d in diagnostics if d.rule in KIND_OF]
        for label in program.labels:
            hit = any(label.kind in kinds_of(d.rule) and _is_right(d, line, label, program) for d, line in told)
            if not label.info:
                labels[label.kind] += 1
                found[label.kind] += hit
                if show and not hit:
                    print(f"MISSED {program.name}:{label.main} {label.kind} {label.pattern}")
        for diagnostic, line in told:
            kinds = kinds_of(diagnostic.rule)
            labels_of_kind = [label for label in program.labels if label.kind in kinds]
            matching = [label for label in labels_of_kind if _is_right(diagnostic, line, label, program)]
            kind = matching[0].kind if matching else kinds[0]
            if matching and all(label.info for label in matching):
                continue
            for name in (kind, diagnostic.rule):
                reported[name] += 1
                right[name] += bool(matching)
            if show and not matching:
                print(f"WRONG  {program.name}:{line} {diagnostic.rule}: {diagnostic.message}")
    table = {
        kind: {"found": found[kind], "labels": labels[kind], "right": right[kind], "reported": reported[kind]}
        for kind in KINDS
    }
    for info in sorted(rules, key=lambda each: each.name):
        table[info.name] = {"right": right[info.name], "reported": reported[info.name]}
    return table


def _is_right(diagnostic: LocatedDiagnostic, line: int, label: Label, program: Program) -> bool:
    """Tell whether a diagnostic points at a line of a label, or its trace leads over the label's main line."""
    steps = {program.line_of.get((step.cell, step.location.row)) for step in diagnostic.trace}
    return line in label.lines or label.main in steps


def kinds_of(rule: str) -> list[str]:
    """Return the kinds of leak that a rule is about."""
    return [KIND_OF[rule], *([ALSO[rule]] if rule in ALSO else [])]


def _line(diagnostic: LocatedDiagnostic, program: Program) -> int:
    """Return the line of the labelled file that a diagnostic points at."""
    return program.line_of[diagnostic.cell, diagnostic.location.row]


if __name__ == "__main__":
    main()
