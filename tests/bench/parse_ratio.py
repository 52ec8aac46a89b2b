"""What a whole run costs, as a ratio to the bare LibCST parse of the same units in the same process.

Usage: ``python tests/bench/parse_ratio.py PATH [PATH ...] [--rounds N]``

Prints CPU seconds of ``libcst.parse_module`` over every Python cell of every file below the paths, of a whole run
(discovery, project facts, reading, parsing, model, rules, positions; one process, no cache), their ratio, and how the
run's time is spread over its phases. Both are done in every round, in turn; the medians are printed. It also lists the
files that LibCST parses and that mllint does not analyse.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from pathlib import Path

import libcst

from mllint.config.loading import SettingsResolver
from mllint.engine.run import RunRequest, find_files, run
from mllint.source.parse import read_unit
from mllint.source.unit import Unit

#: A file that takes the parser longer than this does not count as parsable.
PARSE_SECONDS = 10.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    paths = [path.resolve() for path in arguments.paths]
    resolver = SettingsResolver(Path.cwd(), {}, [], isolated=True)
    units = [read_unit(file.path, str(file.path)) for file in find_files(paths, resolver, Path.cwd()).files]
    parses, runs, phases = [], [], []
    for _ in range(arguments.rounds):
        gc.collect()
        parses.append(_parse(units))
        gc.collect()
        started = time.process_time()
        result = run(RunRequest(paths=paths, jobs=1, use_cache=False, cwd=Path.cwd()), resolver)
        runs.append(time.process_time() - started)
        phases.append(result.summary.timing)
    parsed, whole = statistics.median(parses), statistics.median(runs)
    lines = sum(unit.text.count("\n") for unit in units)
    print(f"files {len(units)}, notebooks {sum(unit.is_notebook for unit in units)}, lines {lines}")
    print(f"bare parse {parsed:8.2f} s CPU   (rounds: {', '.join(f'{value:.2f}' for value in parses)})")
    print(f"whole run  {whole:8.2f} s CPU   (rounds: {', '.join(f'{value:.2f}' for value in runs)})")
    print(f"ratio      {whole / parsed:8.2f}")
    for phase in phases[-1]:
        seconds = statistics.median(timing.get(phase, 0.0) for timing in phases)
        print(f"  {phase:<8} {seconds:8.2f} s   {seconds / parsed:5.2f} of the bare parse")
    _print_coverage(units, {(skipped.filename, skipped.cell): skipped.reason for skipped in result.summary.skipped})


def _parse(units: list[Unit]) -> float:
    """Return the CPU seconds of parsing all Python cells, those that do not parse included."""
    started = time.process_time()
    for unit in units:
        for cell in unit.cells:
            if cell.code is not None:
                try:
                    libcst.parse_module(cell.code)
                except (libcst.ParserSyntaxError, RecursionError):
                    continue
    return time.process_time() - started


def _print_coverage(units: list[Unit], skipped: dict[tuple[str, int | None], str]) -> None:
    """Print how many of the files that LibCST parses whole were analysed whole, and name the others."""
    parsable, missed = 0, []
    for unit in units:
        started = time.perf_counter()
        try:
            for cell in unit.cells:
                if cell.code is not None:
                    libcst.parse_module(cell.code)
        except (libcst.ParserSyntaxError, RecursionError):
            continue
        if time.perf_counter() - started > PARSE_SECONDS or not unit.cells:
            continue
        parsable += 1
        reasons = [
            reason
            for (filename, number), reason in skipped.items()
            if unit.path.as_posix().endswith(filename)
            and not any(cell.index == number and cell.skipped for cell in unit.cells)
        ]
        if reasons:
            missed.append((unit.name, reasons[0]))
    share = 100 * (parsable - len(missed)) / max(parsable, 1)
    print(f"analysed whole: {parsable - len(missed)} of {parsable} files that LibCST parses ({share:.2f} %)")
    for name, reason in missed:
        print(f"  {name}: {reason}")


if __name__ == "__main__":
    main()
