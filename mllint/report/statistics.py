"""Statistics: how often each rule was found, the most frequent first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mllint.diagnostics.diagnostic import LocatedDiagnostic
from mllint.engine.result import RunResult
from mllint.report.formats import FOR_PEOPLE, ReportOptions, is_fixable
from mllint.report.paint import paint_for
from mllint.report.records import to_json

#: Formats that can hold statistics.
FORMATS = frozenset({*FOR_PEOPLE, "json"})


def render(name: str, result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield the statistics in one of ``FORMATS``."""
    counts = Counter(diagnostic.rule for diagnostic in result.diagnostics)
    fixable = Counter(diagnostic.rule for diagnostic in result.diagnostics if is_fixable(diagnostic, options))
    examples: dict[str, LocatedDiagnostic] = {diagnostic.rule: diagnostic for diagnostic in result.diagnostics}
    rows = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    if name == "json":
        records = [
            {
                "rule": rule,
                "category": examples[rule].category,
                "count": count,
                "fixable": fixable[rule] == count,
                "fixable_count": fixable[rule],
            }
            for rule, count in rows
        ]
        yield to_json(records, indent=True) + "\n"
        return
    paint = paint_for(options.color)
    width = max((len(str(count)) for count in counts.values()), default=0)
    for rule, count in rows:
        mark = "*" if fixable[rule] == count else "-" if fixable[rule] else " "
        number = paint(f"{count:>{width}}", "strong")
        yield f"{number}\t[{paint(mark, 'help')}] {paint(rule, examples[rule].severity)}\n"
    if not options.quiet:
        from mllint.report import summary

        yield from summary.render(result, options)
