"""What a run gives: diagnostics with positions, counts, diffs. Reports and the exit code are made from it alone."""

from __future__ import annotations

import msgspec

from mllint.diagnostics.diagnostic import LocatedDiagnostic


class Skipped(msgspec.Struct, frozen=True):
    """A file, or a cell of it, that was not analysed, and why."""

    filename: str
    reason: str
    cell: int | None = None


class Stopped(msgspec.Struct, frozen=True):
    """A function, or the whole file, in which the flow of data was not followed to the end: a bound was hit."""

    filename: str
    function: str | None = None


class FileDiff(msgspec.Struct, frozen=True):
    """The changes that fixes would make to a file, or to one cell of a notebook, as a unified diff."""

    filename: str
    text: str
    cell: int | None = None


class AppliedFix(msgspec.Struct, frozen=True):
    """How many fixes of one rule were applied to a file."""

    filename: str
    rule: str
    count: int


class FileResult(msgspec.Struct):
    """What checking one file gave; the cache keeps it.

    ``cells`` counts code cells of a notebook that are Python and parse, ``lines`` the analysed lines. ``output`` is the
    fixed content of a file that was not read from disk. ``timing`` and ``rule_timing`` are CPU seconds by phase and by
    rule.
    """

    filename: str
    diagnostics: list[LocatedDiagnostic] = []
    cells: int = 0
    lines: int = 0
    skipped: list[Skipped] = []
    stopped: list[Stopped] = []
    diffs: list[FileDiff] = []
    applied: list[AppliedFix] = []
    output: bytes | None = None
    timing: dict[str, float] = {}
    rule_timing: dict[str, float] = {}


class Summary(msgspec.Struct):
    """Counts over a run.

    ``cells`` counts analysed code cells of notebooks, ``lines`` lines of analysed code. ``skipped`` names what was not
    analysed; Markdown and raw cells are not code and not among it. ``stopped`` names where the flow hit a bound.
    ``seconds`` is wall time, ``timing`` CPU seconds by phase, ``rule_timing`` by rule, if that was asked for. ``cached``
    counts files whose result came from the cache.
    """

    files: int = 0
    cells: int = 0
    lines: int = 0
    skipped: list[Skipped] = []
    stopped: list[Stopped] = []
    seconds: float = 0.0
    cached: int = 0
    timing: dict[str, float] = {}
    rule_timing: dict[str, float] = {}


class RunResult(msgspec.Struct):
    """The outcome of one run, in the order in which it is to be reported.

    ``output`` is what becomes of standard input when fixes are applied to it.
    """

    diagnostics: list[LocatedDiagnostic] = []
    summary: Summary = msgspec.field(default_factory=Summary)
    diffs: list[FileDiff] = []
    applied: list[AppliedFix] = []
    warnings: list[str] = []
    errors: list[str] = []
    output: bytes | None = None
    exit_code: int = 0
