"""The end of a report for people: what was fixed, how many findings there are, and what was not analysed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from mllint.engine.result import RunResult, Skipped
from mllint.report.formats import ReportOptions, is_fixable
from mllint.report.paint import Paint, paint_for
from mllint.report.wording import counted, one_line, place, visible

#: So many files that were not analysed are named without being asked to.
_NAMED_FILES = 5


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield the summary."""
    paint = paint_for(options.color)
    if options.show_fixes and result.applied:
        yield from _applied(result, paint)
    yield from _found(result, paint)
    yield from _fixable(result, options, paint)
    yield from not_analysed(result, verbose=options.verbose)


def not_analysed(result: RunResult, *, verbose: bool) -> Iterator[str]:
    """Yield lines that say which cells and files were not analysed."""
    cells = [skipped for skipped in result.summary.skipped if skipped.cell is not None]
    files = [skipped for skipped in result.summary.skipped if skipped.cell is None]
    if cells:
        total = counted(result.summary.cells + len(cells), "cell")
        yield f"{len(cells)} of {total} not analysed: {_reasons(cells)}{'' if verbose else _how_to_list(cells)}\n"
        if verbose:
            yield from _names(cells)
    if files:
        shown = files if verbose else files[:_NAMED_FILES]
        reasons = f": {_reasons(files)}" if len(shown) < len(files) else ":"
        yield f"{counted(len(files), 'file')} not analysed{reasons}\n"
        yield from _names(shown)
        if len(shown) < len(files):
            yield f"  and {len(files) - len(shown)} more, listed with `--verbose`\n"
    stopped = result.summary.stopped if verbose else []
    if stopped:
        yield f"Data was not followed to the end in {counted(len(stopped), 'place')}, where it would take too long:\n"
        for each in stopped:
            yield f"  {visible(each.filename)}: {'top level' if each.function is None else f'`{each.function}`'}\n"


def fixed_so_far(result: RunResult) -> int:
    """Return how many findings fixes have removed, or would remove."""
    return sum(applied.count for applied in result.applied)


def hidden_fixes(result: RunResult, options: ReportOptions) -> int:
    """Return how many diagnostics have a fix that is applied only when unsafe fixes are asked for."""
    if options.unsafe_fixes:
        return 0
    return sum(
        diagnostic.fix is not None and diagnostic.fix.applicability == "unsafe" for diagnostic in result.diagnostics
    )


def _applied(result: RunResult, paint: Paint) -> Iterator[str]:
    by_file: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for applied in result.applied:
        by_file[applied.filename][applied.rule] += applied.count
    yield f"Fixed {counted(fixed_so_far(result), 'error')}:\n"
    for filename, counts in sorted(by_file.items()):
        yield f"- {paint(visible(filename), 'strong')}:\n"
        width = len(str(max(counts.values())))
        for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            yield f"    {count:>{width}} x {rule}\n"
    yield "\n"


def _found(result: RunResult, paint: Paint) -> Iterator[str]:
    remaining, fixed = len(result.diagnostics), fixed_so_far(result)
    if fixed:
        yield f"Found {counted(remaining + fixed, 'error')} ({fixed} fixed, {remaining} remaining).\n"
    elif remaining:
        yield f"Found {counted(remaining, 'error')}.\n"
    elif result.summary.files == 0:
        yield "No Python files or notebooks found.\n"
    elif not result.errors and result.exit_code == 0:
        yield paint("All checks passed!", "clean") + "\n"


def _fixable(result: RunResult, options: ReportOptions, paint: Paint) -> Iterator[str]:
    now = sum(is_fixable(diagnostic, options) for diagnostic in result.diagnostics)
    hidden = hidden_fixes(result, options)
    more = f"{counted(hidden, 'hidden fix')} can be enabled with the `--unsafe-fixes` option"
    if now:
        extra = f" ({more})" if hidden else ""
        yield f"[{paint('*', 'help')}] {now} fixable with the `--fix` option{extra}.\n"
    elif hidden:
        yield f"No fixes available ({more}).\n"


def _reasons(skipped: list[Skipped]) -> str:
    counts = Counter(one_line(item.reason) for item in skipped)
    return ", ".join(f"{count} {reason}" for reason, count in counts.most_common())


def _how_to_list(cells: list[Skipped]) -> str:
    return " (`--verbose` lists them)" if len(cells) > 1 else f" ({place(cells[0].filename, cells[0].cell)})"


def _names(skipped: list[Skipped]) -> Iterator[str]:
    for item in skipped:
        yield f"  {place(item.filename, item.cell)}: {one_line(item.reason)}\n"
