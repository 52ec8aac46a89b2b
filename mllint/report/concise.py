"""The concise report: one line per diagnostic."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions, is_fixable
from mllint.report.paint import paint_for
from mllint.report.wording import one_line, place


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield ``path:row:column: rule [*] message`` for each diagnostic, with ``path:cell n`` for notebooks."""
    paint = paint_for(options.color)
    for diagnostic in result.diagnostics:
        where = place(diagnostic.filename, diagnostic.cell, diagnostic.location)
        marker = f"[{paint('*', 'help')}] " if is_fixable(diagnostic, options) else ""
        rule = paint(diagnostic.rule, diagnostic.severity)
        yield f"{paint(where, 'strong')}: {rule} {marker}{one_line(diagnostic.message)}\n"
