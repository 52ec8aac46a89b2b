"""Diagnostics as plain data, in the shape that all JSON outputs share."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from mllint.diagnostics.diagnostic import LocatedDiagnostic, LocatedFix, Location, TraceStep

_SURROGATE = re.compile("[\ud800-\udfff]")


def record(diagnostic: LocatedDiagnostic) -> dict[str, Any]:
    """Return a diagnostic as it is written to JSON; the order of the keys is part of the format."""
    return {
        "rule": diagnostic.rule,
        "category": diagnostic.category,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "url": diagnostic.url,
        "severity": diagnostic.severity,
        "confidence": diagnostic.confidence,
        "tier": diagnostic.tier,
        "filename": diagnostic.filename,
        "cell": diagnostic.cell,
        "cell_id": diagnostic.cell_id,
        "location": _location(diagnostic.location),
        "end_location": _location(diagnostic.end_location),
        "json_location": _location(diagnostic.json_location),
        "trace": [_step(step) for step in diagnostic.trace],
        "fix": _fix(diagnostic.fix),
        "fingerprint": diagnostic.fingerprint,
    }


def to_json(data: Any, *, indent: bool = False) -> str:
    """Write plain data as JSON; a lone surrogate, which notebooks can hold, is escaped."""
    try:
        encoded = msgspec.json.encode(data)
        return (msgspec.json.format(encoded, indent=2) if indent else encoded).decode()
    except UnicodeEncodeError:
        text = json.dumps(data, ensure_ascii=False, indent=2 if indent else None)
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _location(location: Location | None) -> dict[str, int] | None:
    return None if location is None else {"row": location.row, "column": location.column}


def _step(step: TraceStep) -> dict[str, Any]:
    return {
        "message": step.message,
        "filename": step.filename,
        "cell": step.cell,
        "location": _location(step.location),
        "end_location": _location(step.end_location),
    }


def _fix(fix: LocatedFix | None) -> dict[str, Any] | None:
    if fix is None:
        return None
    edits = [
        {
            "content": edit.content,
            "location": _location(edit.location),
            "end_location": _location(edit.end_location),
            "cell": edit.cell,
        }
        for edit in fix.edits
    ]
    return {"applicability": fix.applicability, "message": fix.message, "edits": edits}
