"""The unit: one file as the rest of mllint sees it, whether script or notebook."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mllint.text.ranges import LineIndex, Position, Range

if TYPE_CHECKING:
    import libcst as cst

    from mllint.source.notebook import NotebookDocument

UnitKind = Literal["script", "stub", "notebook"]
CellKind = Literal["code", "markdown", "raw"]


@dataclass(slots=True)
class Problem:
    """Something about a file that is not a rule's finding: it cannot be read, parsed or analysed whole.

    ``kind`` becomes the rule name of the diagnostic that the engine makes of it, for example ``invalid-syntax``,
    ``unreadable-file`` or ``too-complex``. ``range`` is None where the file has no text to point at.
    """

    kind: str
    message: str
    range: Range | None = None


@dataclass(slots=True)
class Magic:
    """A line magic, cell magic, shell line or help request, blanked out of the code.

    ``name`` is the magic's word (``matplotlib``, ``timeit``, ``pip``) or ``!`` for a shell line and ``?`` for help.
    ``text`` is all that was written, ``range`` its place in the unit's text. ``reads`` and ``binds`` are the Python names
    it uses (``{name}``, ``$name``, code in ``%timeit``) and assigns (``files = !ls``, ``%%capture out``).
    """

    name: str
    text: str
    range: Range
    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()


@dataclass(slots=True)
class Cell:
    """One cell of a notebook; a script is a unit with a single cell.

    ``start`` and ``end`` bound the cell's source in the unit's text. ``code`` is the source with magics blanked to the
    same length, so that offsets agree, and None for a cell that is not Python. ``module`` is set by parsing, and
    stays None where ``code`` is None or does not parse.
    """

    index: int
    kind: CellKind
    start: int
    end: int
    code: str | None
    id: str | None = None
    #: Why the cell is not analysed as Python: ``markdown``, ``raw``, ``%%bash``, ``language r``; None if it is.
    skipped: str | None = None
    magics: tuple[Magic, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    execution_count: int | None = None
    outputs: tuple[Mapping[str, Any], ...] = ()
    module: cst.Module | None = None
    #: Whether lines that do not parse, such as statements of Python 2, are blanked in ``code`` so that the rest does.
    mended: bool = False
    #: Names that a cell which does not parse still binds, as far as they can be read.
    salvaged_names: frozenset[str] = frozenset()

    @property
    def range(self) -> Range:
        """The cell's place in the unit's text."""
        return Range(self.start, self.end)


@dataclass(slots=True)
class Unit:
    """One file: its text, its cells, and what went wrong when it was read.

    For a notebook ``text`` is the source of all cells (Markdown and raw included) in document order, each followed by
    one newline that belongs to no cell. For a script it is the decoded file without a byte order mark. ``path`` is
    where the file lies, ``name`` how it is shown: relative to the working directory, with forward slashes.
    """

    path: Path
    name: str
    kind: UnitKind
    text: str
    cells: list[Cell]
    problems: list[Problem] = field(default_factory=list)
    notebook: NotebookDocument | None = None
    encoding: str = "utf-8"
    has_bom: bool = False
    _lines: LineIndex | None = None

    @property
    def is_notebook(self) -> bool:
        """Whether the unit is a notebook."""
        return self.kind == "notebook"

    @property
    def lines(self) -> LineIndex:
        """The line index of ``text``."""
        if self._lines is None:
            self._lines = LineIndex(self.text)
        return self._lines

    def cell_at(self, offset: int) -> Cell:
        """Return the cell that holds ``offset``; the separator after a cell counts as the cell's."""
        index = bisect_right(self.cells, offset, key=lambda cell: cell.start) - 1
        return self.cells[max(index, 0)]

    def position(self, offset: int) -> tuple[Cell, Position]:
        """Return the cell that holds ``offset`` and the row and column in that cell."""
        cell = self.cell_at(offset)
        place = self.lines.position(offset)
        first = self.lines.row(cell.start)
        return cell, Position(place.row - first + 1, place.column)
