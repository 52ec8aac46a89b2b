"""Edits of a text, and how several of them are merged into one new text."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from mllint.text.ranges import Range


class Edit(NamedTuple):
    """The replacement of ``[start, end)`` by ``content``; an insertion where start equals end."""

    start: int
    end: int
    content: str

    @property
    def range(self) -> Range:
        """The replaced range."""
        return Range(self.start, self.end)

    @classmethod
    def insert(cls, offset: int, content: str) -> Edit:
        """Make an edit that inserts ``content`` before ``offset``."""
        return cls(offset, offset, content)

    @classmethod
    def replace(cls, place: Range, content: str) -> Edit:
        """Make an edit that replaces ``place`` by ``content``."""
        return cls(place.start, place.end, content)

    @classmethod
    def delete(cls, place: Range) -> Edit:
        """Make an edit that removes ``place``."""
        return cls(place.start, place.end, "")


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all ``edits`` applied; identical edits count once.

    Insertions at one place follow each other in the order given.

    Raises:
        ValueError: two different edits overlap, or an edit lies outside the text.
    """
    pieces: list[str] = []
    last = 0
    for edit in in_order(edits):
        if edit.start < last:
            raise ValueError(f"{edit} overlaps another edit")
        if not edit.start <= edit.end <= len(text):
            raise ValueError(f"{edit} lies outside the text")
        pieces += (text[last : edit.start], edit.content)
        last = edit.end
    pieces.append(text[last:])
    return "".join(pieces)


def in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Return different edits by place; those at one place keep the order given."""
    return sorted(dict.fromkeys(edits), key=lambda edit: edit.range)


def conflicts(first: Edit, second: Edit) -> bool:
    """Tell whether the edits of two fixes cannot both be applied in one pass.

    Edits that merely touch conflict too when one of them is an insertion at the common place: which text
    comes first would depend on the order of rules.
    """
    if first == second:
        return False
    if first.start > second.start:
        first, second = second, first
    if second.start < first.end:
        return True
    return first.start == second.start or (second.start == first.end and second.start == second.end)


def select_compatible(groups: Iterable[Sequence[Edit]]) -> list[int]:
    """Choose, in order, the groups of edits that can be applied together.

    Args:
        groups: one sequence of edits per fix; a fix is applied whole or not at all.

    Returns:
        The indices of the chosen groups. An edit that another chosen fix already makes is shared, not a conflict.
    """
    chosen: list[int] = []
    taken: list[Edit] = []  # sorted; no two of them overlap
    known: set[Edit] = set()
    for index, group in enumerate(groups):
        fresh = [edit for edit in in_order(group) if edit not in known]
        if _overlap(fresh) or any(_meets(edit, taken) for edit in fresh):
            continue
        chosen.append(index)
        known.update(fresh)
        for edit in fresh:
            insort(taken, edit)
    return chosen


def _overlap(edits: Sequence[Edit]) -> bool:
    """Tell whether edits, given by place, overlap each other."""
    return any(second.start < first.end for first, second in pairwise(edits))


def _meets(edit: Edit, taken: Sequence[Edit]) -> bool:
    """Tell whether ``edit`` conflicts with one of ``taken``, which are sorted and do not overlap."""
    index = bisect_left(taken, (edit.start,))
    if index and conflicts(taken[index - 1], edit):
        return True
    while index < len(taken) and taken[index].start <= edit.end:
        if conflicts(edit, taken[index]):
            return True
        index += 1
    return False
