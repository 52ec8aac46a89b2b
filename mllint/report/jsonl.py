"""The JSON Lines report: one diagnostic per line."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions
from mllint.report.records import record, to_json


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield a line per diagnostic."""
    for diagnostic in result.diagnostics:
        yield to_json(record(diagnostic)) + "\n"
