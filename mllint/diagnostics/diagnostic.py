"""Diagnostics: as a rule reports them (offsets), and as people and machines read them (positions)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import msgspec

from mllint.diagnostics.fix import Applicability, Fix
from mllint.text.ranges import Range


class Severity(str, Enum):
    """How bad the finding is if it is right."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Confidence(str, Enum):
    """How sure mllint is that the finding is right."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(slots=True)
class Related:
    """A related range: a step of the trace, with what happened there."""

    range: Range
    message: str


@dataclass(slots=True)
class Diagnostic:
    """One finding of one rule in one unit, before positions are computed.

    ``range`` is the primary range in the unit's text, as narrow as the finding allows. ``trace`` holds the related
    ranges in order: where the data came from, what happened, where it went wrong.
    """

    rule: str
    message: str
    range: Range
    help: str | None = None
    severity: Severity = Severity.WARNING
    confidence: Confidence = Confidence.HIGH
    trace: list[Related] = field(default_factory=list)
    fix: Fix | None = None


class Location(msgspec.Struct, frozen=True):
    """A row and a column, both from 1; columns in code points."""

    row: int
    column: int


class Excerpt(msgspec.Struct, frozen=True):
    """Whole source lines, without line ends, for reports that show code.

    ``row`` is the row of the first of them, counted in ``cell`` for notebooks.
    """

    row: int
    lines: list[str]
    cell: int | None = None


class TraceStep(msgspec.Struct, frozen=True):
    """A related range with positions; ``line`` is the source line it starts in, for reports that show code."""

    message: str
    filename: str
    cell: int | None
    location: Location
    end_location: Location
    line: str = ""


class LocatedEdit(msgspec.Struct, frozen=True):
    """An edit with positions; rows count in the cell for notebooks, ``cell`` says which."""

    content: str
    cell: int | None
    location: Location
    end_location: Location


class LocatedFix(msgspec.Struct, frozen=True):
    """A fix with positions.

    ``excerpts`` are the lines that the edits touch and one around them, in order and apart from each other, so that
    reports can show what the fix changes; they are not part of the JSON output.
    """

    applicability: str
    message: str
    edits: list[LocatedEdit]
    excerpts: list[Excerpt] = []


class LocatedDiagnostic(msgspec.Struct, frozen=True):
    """A diagnostic as reports print it and the cache keeps it: positions instead of offsets, no trees.

    The fields are the keys of the JSON output, in its order. ``excerpt`` is for reports that show code: the source
    lines around the primary range and the row of the first of them; it is not part of the JSON output.
    """

    rule: str
    category: str
    message: str
    help: str | None
    url: str | None
    severity: str
    confidence: str
    tier: str
    filename: str
    cell: int | None
    cell_id: str | None
    location: Location
    end_location: Location
    json_location: Location | None
    trace: list[TraceStep]
    fix: LocatedFix | None
    fingerprint: str
    excerpt: list[str] = []
    excerpt_row: int = 1

    @property
    def sort_key(self) -> tuple[str, int, int, int, str, str]:
        """Order of reports: by file, cell, place, rule."""
        return (self.filename, self.cell or 0, self.location.row, self.location.column, self.rule, self.message)


__all__ = [
    "Applicability",
    "Confidence",
    "Diagnostic",
    "Excerpt",
    "Fix",
    "LocatedDiagnostic",
    "LocatedEdit",
    "LocatedFix",
    "Location",
    "Related",
    "Severity",
    "TraceStep",
]
