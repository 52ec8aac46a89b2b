"""Places in a text: half-open ranges of code points, and the rows and columns people see."""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n|\r|\n")


class Range(NamedTuple):
    """A half-open range ``[start, end)`` of code points in a unit's text."""

    start: int
    end: int

    def contains(self, other: Range) -> bool:
        """Tell whether ``other`` lies wholly inside this range."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Range) -> bool:
        """Tell whether the two ranges share at least one code point."""
        return self.start < other.end and other.start < self.end


class Position(NamedTuple):
    """A place as people count it: row and column from 1, columns in code points."""

    row: int
    column: int


class LineIndex:
    r"""Turns offsets into positions and back for one text.

    Lines end at ``\n``, ``\r\n`` or a lone ``\r``, as in Python source; other Unicode separators do not end a line.
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        # Finding one character is faster than a regular expression, and most text has no carriage return.
        starts = [0]
        if "\r" in text:
            starts += [match.end() for match in _LINE_END.finditer(text)]
        else:
            position = text.find("\n")
            while position != -1:
                starts.append(position + 1)
                position = text.find("\n", position + 1)
        self._starts = starts

    def __len__(self) -> int:
        """Return the number of lines; a text that ends in a newline has a last, empty one."""
        return len(self._starts)

    def position(self, offset: int) -> Position:
        """Return the row and column of ``offset``."""
        row = bisect_right(self._starts, offset)
        return Position(row, offset - self._starts[row - 1] + 1)

    def row(self, offset: int) -> int:
        """Return the row of ``offset``, from 1."""
        return bisect_right(self._starts, offset)

    def offset(self, row: int, column: int = 1) -> int:
        """Return the offset of a position."""
        return self._starts[row - 1] + column - 1

    def line_range(self, row: int) -> Range:
        """Return the range of a row without its line end."""
        start = self._starts[row - 1]
        end = self._starts[row] if row < len(self._starts) else len(self.text)
        while end > start and self.text[end - 1] in "\r\n":
            end -= 1
        return Range(start, end)

    def line(self, row: int) -> str:
        """Return the text of a row without its line end."""
        start, end = self.line_range(row)
        return self.text[start:end]
