"""Where the places of a text are after edits."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from mllint.text.edits import Edit, in_order
from mllint.text.ranges import Range


class Bounds(NamedTuple):
    """The first and the last offset that an old offset can stand for."""

    first: int
    last: int

    def __contains__(self, offset: object) -> bool:
        return isinstance(offset, int) and self.first <= offset <= self.last


class SourceMap:
    """Maps offsets of a text to offsets of the text that edits made of it.

    Args:
        edits: the edits, none of which overlap.
    """

    def __init__(self, edits: Iterable[Edit]) -> None:
        self._edits = in_order(edits)
        self._ends = [edit.end for edit in self._edits]
        #: By how much the text behind the first 0, 1, 2 … edits has moved.
        self._shifts = [0, *accumulate(len(edit.content) - (edit.end - edit.start) for edit in self._edits)]

    def bounds(self, offset: int) -> Bounds:
        """Return the new places of an offset.

        There is one, unless text was inserted at the offset, or what it was in was replaced.
        """
        index = bisect_left(self._ends, offset)  # the first edit that does not end before the offset
        first = last = offset + self._shifts[index]
        for edit in self._edits[index:]:
            if edit.start > offset or (edit.start == offset < edit.end):
                break
            index += 1
            if edit.start == edit.end:
                last = offset + self._shifts[index]
            elif edit.end == offset:
                first = last = offset + self._shifts[index]
            else:
                start = edit.start + self._shifts[index - 1]
                return Bounds(start, start + len(edit.content))
        return Bounds(first, last)

    def range(self, place: Range) -> Range:
        """Return the new place of a range; what was inserted at its ends is not part of it."""
        start, end = self.bounds(place.start), self.bounds(place.end)
        first = start.last if place.start < place.end else start.first
        return Range(first, max(first, end.first))
