"""The JSON report: one document with all diagnostics and the summary of the run."""

from __future__ import annotations

from collections.abc import Iterator

import mllint
from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions
from mllint.report.records import record, to_json


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield the document."""
    summary = result.summary
    document = {
        "version": mllint.__version__,
        "diagnostics": [record(diagnostic) for diagnostic in result.diagnostics],
        "summary": {
            "files": summary.files,
            "cells": summary.cells,
            "lines": summary.lines,
            "skipped": [
                {"filename": skipped.filename, "cell": skipped.cell, "reason": skipped.reason}
                for skipped in summary.skipped
            ],
            "stopped": [{"filename": stopped.filename, "function": stopped.function} for stopped in summary.stopped],
            "seconds": round(summary.seconds, 3),
        },
    }
    yield to_json(document, indent=True) + "\n"
