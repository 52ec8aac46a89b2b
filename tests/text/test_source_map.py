"""Where places are after edits."""

from __future__ import annotations

from mllint.text.edits import Edit
from mllint.text.ranges import Range
from mllint.text.source_map import SourceMap


def test_places_behind_edits_move() -> None:
    moved = SourceMap([Edit(2, 4, "xyz"), Edit.insert(6, "12")])
    assert [moved.bounds(offset) for offset in (0, 2, 4, 5, 7)] == [(0, 0), (2, 2), (5, 5), (6, 6), (10, 10)]


def test_a_place_where_text_was_inserted_has_two_ends() -> None:
    bounds = SourceMap([Edit.insert(6, "12")]).bounds(6)
    assert bounds == (6, 8)
    assert 7 in bounds
    assert 9 not in bounds


def test_a_place_in_replaced_text_may_be_anywhere_in_the_new_text() -> None:
    assert SourceMap([Edit(2, 6, "xyz")]).bounds(4) == (2, 5)


def test_insertions_and_a_replacement_at_one_place() -> None:
    moved = SourceMap([Edit(2, 4, ""), Edit.insert(4, "a"), Edit.insert(4, "b"), Edit(4, 5, "c")])
    assert moved.bounds(4) == (2, 4)
    assert moved.bounds(5) == (5, 5)


def test_a_range_does_not_grow_by_what_is_inserted_at_its_ends() -> None:
    moved = SourceMap([Edit.insert(2, "<"), Edit.insert(4, "|"), Edit.insert(6, ">")])
    assert moved.range(Range(2, 6)) == Range(3, 8)
    assert moved.range(Range(2, 2)) == Range(2, 2)
    assert SourceMap([Edit(0, 8, "")]).range(Range(2, 6)) == Range(0, 0)
