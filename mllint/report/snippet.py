"""Code excerpts for terminals: numbered source lines with a range marked under them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from mllint.diagnostics.diagnostic import Excerpt, Location
from mllint.report.paint import Paint
from mllint.report.wording import visible

#: Longer ranges show their first and last rows only.
_MOST_ROWS = 8
_SHOWN_AT_START, _SHOWN_AT_END = 4, 2
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """A range to mark: the character to draw with, its style, and a text beside it."""

    start: Location
    end: Location
    pen: str
    style: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where an excerpt is drawn.

    Attributes:
        gutter: how many characters row numbers take.
        width: how many the terminal has; longer lines of code are clipped.
        wrap: whether labels that do not fit go below the mark.
        paint: applies a style.
    """

    gutter: int
    width: int
    wrap: bool
    paint: Paint

    @property
    def code_width(self) -> int:
        """How many characters of code fit into a line."""
        return max(self.width - self.gutter - len(" | "), 20)

    def rule(self) -> str:
        """Return the line that opens or closes an excerpt."""
        return self.line("", "")

    def line(self, number: int | str, text: str) -> str:
        """Return a line of the excerpt: the row number, the bar, and text that is already painted."""
        bar = f"{self.paint(f'{number:>{self.gutter}}', 'frame')} {self.paint('|', 'frame')}"
        return f"{bar} {text}\n" if text else f"{bar}\n"


def draw(canvas: Canvas, excerpt: Excerpt, mark: Mark) -> Iterator[str]:
    """Draw the lines of an excerpt with one range marked; yields whole lines, without the rules around them."""
    end = _end(excerpt, mark)
    if end.row > mark.start.row:
        yield from _draw_rows(canvas, excerpt, mark, end)
        return
    marked = _row(excerpt, mark.start.row)
    start_cell, end_cell = _cells(marked, mark.start.column), _cells(marked, end.column)
    left = scrolled(canvas.code_width, marked, start_cell, end_cell)
    for row, line in _context(excerpt, mark.start.row, end.row):
        yield canvas.line(row, clip(visible(line), left, canvas.code_width))
        if row == mark.start.row:
            yield from _underline(canvas, mark, start_cell - left, end_cell - left)


def scrolled(width: int, line: str, start: int, end: int) -> int:
    """Return how far to the left a line must be shifted so that the cells from ``start`` to ``end`` can be seen."""
    if cell_len(visible(line)) <= width or end + _MARGIN <= width:
        return 0
    return max(min(start - _MARGIN, end + _MARGIN - width), 0)


def clip(text: str, left: int, width: int) -> str:
    """Return the part of a text that a window shows; an ellipsis stands for what is cut off."""
    if left == 0 and cell_len(text) <= width:
        return text.rstrip()
    shown: list[str] = []
    position = 0
    for character in text:
        following = position + cell_len(character)
        if following > left + width:
            shown[-1:] = ["…"]
            break
        if position >= left:
            shown.append(character)
        elif following > left:  # half of a wide character
            shown.append(" ")
        position = following
    if left > 0 and shown:
        shown[0] = "…"
    return "".join(shown).rstrip()


def _underline(canvas: Canvas, mark: Mark, start: int, end: int) -> Iterator[str]:
    start = max(start, 0)
    end = max(min(end, canvas.code_width), start + 1)
    pen = canvas.paint(mark.pen * (end - start), mark.style)
    label = visible(mark.label)
    if not label or not canvas.wrap or end + 1 + cell_len(label) <= canvas.code_width:
        text = f"{pen} {canvas.paint(label, mark.style)}" if label else pen
        yield canvas.line("", " " * start + text)
        return
    yield canvas.line("", " " * start + pen)
    indent = min(start, max(canvas.code_width - cell_len(label), 0), canvas.code_width // 2)
    for line in textwrap.wrap(label, canvas.code_width - indent):
        yield canvas.line("", " " * indent + canvas.paint(line, mark.style))


def _draw_rows(canvas: Canvas, excerpt: Excerpt, mark: Mark, end: Location) -> Iterator[str]:
    """Draw a range of several rows, with a line along its left side; the middle of a long one is left out."""
    start = mark.start
    width = canvas.code_width - 2
    side = canvas.paint("|", mark.style)
    opens_line = not _row(excerpt, start.row)[: start.column - 1].strip()
    hidden = range(0)
    if end.row - start.row >= _MOST_ROWS:
        hidden = range(start.row + _SHOWN_AT_START, end.row - _SHOWN_AT_END + 1)
    if end.row >= excerpt.row + len(excerpt.lines):  # the excerpt ends before the range does
        hidden = range(start.row + min(_SHOWN_AT_START, len(excerpt.lines)), end.row + 1)
    for row, line in _context(excerpt, start.row, end.row):
        if row in hidden:
            continue
        text = clip(visible(line), 0, width)
        if row < start.row or row > end.row or (row == start.row and not opens_line):
            yield canvas.line(row, f"  {text}".rstrip())
        else:
            yield canvas.line(row, f"{canvas.paint('/', mark.style) if row == start.row else side} {text}".rstrip())
        if row == start.row and not opens_line:
            reach = min(_cells(line, start.column), width)
            yield canvas.line("", " " + canvas.paint("_" * (reach + 1) + mark.pen, mark.style))
        if row == end.row:
            reach = min(max(_cells(line, end.column) - 1, 0), width)
            yield canvas.line("", canvas.paint("|" + "_" * (reach + 1) + mark.pen, mark.style))
        if row + 1 == hidden.start:
            yield canvas.line("." * min(canvas.gutter, 3), side)


def _context(excerpt: Excerpt, first: int, last: int) -> list[tuple[int, str]]:
    """Return the rows of an excerpt without blank ones at its edges, unless they are marked."""
    rows = list(enumerate(excerpt.lines, start=excerpt.row))
    while rows and rows[0][0] < first and not rows[0][1].strip():
        del rows[0]
    while rows and rows[-1][0] > last and not rows[-1][1].strip():
        del rows[-1]
    return rows


def _end(excerpt: Excerpt, mark: Mark) -> Location:
    """Return the end of the marked range; one that ends before the first column of a row ends with the row above."""
    end = mark.end
    if end.row > mark.start.row and end.column == 1:
        return Location(end.row - 1, len(_row(excerpt, end.row - 1)) + 1)
    return end


def _row(excerpt: Excerpt, row: int) -> str:
    index = row - excerpt.row
    return excerpt.lines[index] if 0 <= index < len(excerpt.lines) else ""


def _cells(line: str, column: int) -> int:
    """Return how many terminal cells stand before a column."""
    return cell_len(visible(line[: column - 1])) + max(column - 1 - len(line), 0)
