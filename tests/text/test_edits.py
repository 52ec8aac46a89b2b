"""Edits, and that merging those of several fixes is the same as applying the fixes one after the other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.text.edits import Edit, apply_edits, conflicts, select_compatible
from mllint.text.ranges import Range
from mllint.text.source_map import SourceMap

TEXT = "abcdefghij"


def test_edits_are_applied_by_place() -> None:
    edits = [Edit(4, 6, "X"), Edit.insert(0, "<"), Edit.delete(Range(1, 2)), Edit.insert(10, ">")]
    assert apply_edits(TEXT, edits) == "<acdXghij>"


def test_identical_edits_count_once() -> None:
    assert apply_edits(TEXT, [Edit.insert(3, "X"), Edit.insert(3, "X")]) == "abcXdefghij"


def test_insertions_at_one_place_keep_their_order() -> None:
    assert apply_edits(TEXT, [Edit.insert(3, "Z"), Edit(3, 4, "-"), Edit.insert(3, "A")]) == "abcZA-efghij"
    assert apply_edits(TEXT, [Edit.insert(4, "Z"), Edit(3, 4, "-")]) == "abc-Zefghij"


@pytest.mark.parametrize(
    "edits",
    [[Edit(1, 3, ""), Edit(2, 4, "")], [Edit(1, 3, "x"), Edit(1, 3, "y")], [Edit(1, 3, ""), Edit.insert(2, "x")]],
)
def test_overlapping_edits_are_refused(edits: list[Edit]) -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits(TEXT, edits)


@pytest.mark.parametrize("edit", [Edit(8, 11, ""), Edit(5, 4, ""), Edit(-1, 2, "")])
def test_edits_outside_the_text_are_refused(edit: Edit) -> None:
    with pytest.raises(ValueError, match=r"outside|overlaps"):
        apply_edits(TEXT, [edit])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (Edit(1, 3, "x"), Edit(3, 5, "y"), False),
        (Edit(1, 3, "x"), Edit(2, 5, "y"), True),
        (Edit(1, 3, "x"), Edit(1, 3, "x"), False),
        (Edit(1, 3, "x"), Edit(1, 3, "y"), True),
        (Edit.insert(1, "x"), Edit.insert(1, "y"), True),
        (Edit.insert(1, "x"), Edit.insert(2, "y"), False),
        (Edit.insert(1, "x"), Edit(1, 3, "y"), True),
        (Edit.insert(3, "x"), Edit(1, 3, "y"), True),
        (Edit.insert(2, "x"), Edit(1, 3, "y"), True),
    ],
)
def test_conflicts(first: Edit, second: Edit, expected: bool) -> None:
    assert conflicts(first, second) is conflicts(second, first) is expected


def test_groups_are_taken_whole_and_shared_edits_are_no_conflict() -> None:
    shared = Edit.insert(0, "import x\n")
    groups = [
        [shared, Edit(3, 4, "a")],
        [shared, Edit(3, 4, "b"), Edit(8, 9, "b")],  # in the way of the first
        [shared, Edit(8, 9, "c")],
        [Edit.insert(0, "import y\n")],
        [Edit(5, 7, ""), Edit(6, 8, "")],  # overlaps itself
    ]
    assert select_compatible(groups) == [0, 2]


def test_a_group_may_insert_twice_at_one_place() -> None:
    assert select_compatible([[Edit.insert(3, "b"), Edit.insert(3, "a")], [Edit.insert(3, "c")]]) == [0]


offsets = st.integers(0, 30)
edits_of_thirty = st.builds(
    lambda a, b, content: Edit(min(a, b), max(a, b), content), offsets, offsets, st.text("xyz", max_size=3)
)
groups_of_thirty = st.lists(st.lists(edits_of_thirty, min_size=1, max_size=3), max_size=12)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcd"


@given(groups_of_thirty)
def test_selection_is_what_looking_at_every_pair_gives(groups: list[list[Edit]]) -> None:
    chosen: list[int] = []
    taken: list[Edit] = []
    for index, group in enumerate(groups):
        fresh = [edit for edit in dict.fromkeys(group) if edit not in taken]
        overlap = any(
            one != other and (one.range.overlaps(other.range) or one.start < other.start == other.end < one.end)
            for one in fresh
            for other in fresh
        )
        if not overlap and not any(conflicts(edit, other) for edit in fresh for other in taken):
            chosen.append(index)
            taken += fresh
    assert select_compatible(groups) == chosen
    apply_edits(LETTERS, [edit for index in select_compatible(groups) for edit in groups[index]])


@given(groups_of_thirty)
def test_merged_fixes_are_the_same_as_fixes_one_after_the_other(groups: list[list[Edit]]) -> None:
    chosen = [groups[index] for index in select_compatible(groups)]
    merged = apply_edits(LETTERS, [edit for group in chosen for edit in group])

    done: list[Edit] = []
    text = LETTERS
    for group in chosen:
        # What an earlier fix has done already is not done again; the rest moves with the text.
        rest = [edit for edit in dict.fromkeys(group) if edit not in done]
        moved = SourceMap(done)
        text = apply_edits(text, [Edit.replace(moved.range(edit.range), edit.content) for edit in rest])
        done += rest
    assert text == merged


@given(groups_of_thirty)
def test_every_other_place_moves_with_its_character(groups: list[list[Edit]]) -> None:
    edits = [edit for index in select_compatible(groups) for edit in groups[index]]
    text = apply_edits(LETTERS, edits)
    moved = SourceMap(edits)
    for offset, letter in enumerate(LETTERS):
        if not any(edit.start <= offset < edit.end for edit in edits):
            assert text[moved.bounds(offset).last] == letter
            assert text[slice(*moved.range(Range(offset, offset + 1)))] == letter
