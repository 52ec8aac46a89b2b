"""Builders of diagnostics as runs make them."""

from __future__ import annotations

from typing import Any

from mllint.diagnostics.diagnostic import (
    LocatedDiagnostic,
    LocatedEdit,
    Location,
    TraceStep,
)


def diagnostic(**changes: Any) -> LocatedDiagnostic:
    """Make a diagnostic; places are given as ``at=(row, column, end_row, end_column)``."""
    row, column, end_row, end_column = changes.pop("at", (1, 1, 1, 2))
    fields: dict[str, Any] = {
        "rule": "unseeded-split",
        "category": "reproducibility",
        "message": "`train_test_split` without `random_state` gives another split each run",
        "help": None,
        "url": None,
        "severity": "warning",
        "confidence": "high",
        "tier": "recommended",
        "filename": "train.py",
        "cell": None,
        "cell_id": None,
        "location": Location(row, column),
        "end_location": Location(end_row, end_column),
        "json_location": None,
        "trace": [],
        "fix": None,
        "fingerprint": "0123456789abcdef",
    }
    return LocatedDiagnostic(**fields | changes)


def step(message: str, line: str, at: tuple[int, int, int, int], cell: int | None = None, **changes: Any) -> TraceStep:
    row, column, end_row, end_column = at
    fields: dict[str, Any] = {"filename": "train.py", "line": line, "cell": cell}
    return TraceStep(
        message=message,
        location=Location(row, column),
        end_location=Location(end_row, end_column),
        **fields | changes,
    )


def edit(content: str, at: tuple[int, int, int, int], cell: int | None = None) -> LocatedEdit:
    row, column, end_row, end_column = at
    return LocatedEdit(content, cell, Location(row, column), Location(end_row, end_column))
