"""Rows: which rows two values share, told from the selections that led to them."""

from __future__ import annotations

import pytest
from flow_notation import overlap
from hypothesis import assume, given
from hypothesis import strategies as st

from mllint.semantic.flow.rows import (
    EACH,
    SLICES,
    Bound,
    Interval,
    Overlap,
    Part,
    Rows,
    Selection,
    Share,
    part_named,
)

TRAIN, TEST = Part.TRAIN, Part.TEST


def side(key: str, part: Part) -> Selection:
    """A side of a split."""
    return Selection(key, part, part)


def cut(low: Bound, high: Bound) -> Selection:
    """A slice."""
    return Selection(SLICES, Interval(low, high))


def drawn(key: str) -> Selection:
    """A random sample."""
    return Selection(key, True, random=True)


def rows(*path: Selection, source: str = "table") -> Rows:
    return Rows(source, path)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        # The same slice, whatever its bounds are.
        ((None, 5), (None, 5), Overlap.SAME),
        (("n", "m"), ("n", "m"), Overlap.SAME),
        # One ends where the other begins, or before.
        ((None, 5), (5, None), Overlap.NONE),
        ((None, 5), (8, 9), Overlap.NONE),
        ((None, -5), (-5, None), Overlap.NONE),
        ((None, -8), (-5, None), Overlap.NONE),
        (("a", "n"), ("n", "z"), Overlap.NONE),
        ((None, "n"), ("n", None), Overlap.NONE),
        ((None, Share(0.6, "x")), (Share(0.8, "x"), None), Overlap.NONE),
        ((None, Share(1 - 0.2, "x")), (Share(0.8, "x"), None), Overlap.NONE),
        # Both have the beginning or the end.
        ((None, 5), (None, 8), Overlap.SOME),
        ((5, None), (8, None), Overlap.SOME),
        ((None, "n"), (None, "m"), Overlap.SOME),
        (("n", None), (Share(0.5, "x"), None), Overlap.SOME),
        # One begins within the other.
        ((None, 8), (5, None), Overlap.SOME),
        ((None, 8), (5, 20), Overlap.SOME),
        ((-8, None), (-5, -2), Overlap.SOME),
        ((None, Share(0.8, "x")), (Share(0.6, "x"), None), Overlap.SOME),
        ((Share(0.2, "x"), Share(0.6, "x")), (Share(0.5, "x"), Share(0.9, "x")), Overlap.SOME),
        # Bounds that cannot be compared.
        ((None, 5), (-5, None), Overlap.UNKNOWN),
        ((None, "n"), ("m", None), Overlap.UNKNOWN),
        ((None, "n"), (5, None), Overlap.UNKNOWN),
        ((None, 5), (Share(0.5, "x"), None), Overlap.UNKNOWN),
        ((None, Share(0.5, "x")), (Share(0.8, "y"), None), Overlap.UNKNOWN),
    ],
)
def test_slices(first: tuple[Bound, Bound], second: tuple[Bound, Bound], expected: Overlap) -> None:
    assert Interval(*first).compare(Interval(*second)) is expected
    assert Interval(*second).compare(Interval(*first)) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (side("split", TRAIN), side("split", TRAIN), Overlap.SAME),
        (side("split", TRAIN), side("split", TEST), Overlap.NONE),
        (side("split", TRAIN), side("another", TRAIN), Overlap.UNKNOWN),
        (Selection("mask", True), Selection("mask", False), Overlap.NONE),
        (Selection("mask", "A"), Selection("mask", "A"), Overlap.SAME),
        (Selection("mask", "A"), Selection("mask", "B"), Overlap.NONE),
        (Selection("mask", "A"), Selection("mask", ("not", "A")), Overlap.NONE),
        (Selection("mask", "A"), Selection("mask", ("not", "B")), Overlap.UNKNOWN),
        (Selection("mask", ("not", "A")), Selection("mask", ("not", "B")), Overlap.UNKNOWN),
        (Selection("mask", True), Selection("other mask", False), Overlap.UNKNOWN),
        (cut(None, 5), cut(5, None), Overlap.NONE),
        (cut(None, 5), cut(None, 8), Overlap.SOME),
        (drawn("once"), drawn("twice"), Overlap.SOME),
        (drawn("once"), Selection("once", False, random=True), Overlap.NONE),
        (drawn("once"), side("split", TRAIN), Overlap.UNKNOWN),
        (Selection("filter", True), drawn("once"), Overlap.UNKNOWN),
    ],
)
def test_selections_from_the_same_rows(first: Selection, second: Selection, expected: Overlap) -> None:
    assert first.compare(second) is expected
    assert second.compare(first) is expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (rows(), rows(), Overlap.SAME),
        (rows(), rows(source="other"), Overlap.NONE),
        (rows(), rows(side("split", TRAIN)), Overlap.CONTAINS),
        (rows(side("split", TRAIN)), rows(), Overlap.INSIDE),
        (rows(side("split", TRAIN)), rows(side("split", TRAIN), cut(None, 5)), Overlap.CONTAINS),
        (rows(side("split", TRAIN)), rows(side("split", TEST)), Overlap.NONE),
        # Parts of parts: what they are parts of decides.
        (rows(side("split", TRAIN), cut(None, 5)), rows(side("split", TEST), cut(None, 5)), Overlap.NONE),
        (rows(side("a", TRAIN), side("b", TRAIN)), rows(side("a", TRAIN), side("b", TEST)), Overlap.NONE),
        (rows(side("a", TRAIN), side("b", TEST)), rows(side("a", TEST)), Overlap.NONE),
        (rows(side("a", TRAIN), side("b", TEST)), rows(side("a", TRAIN)), Overlap.INSIDE),
        # A filter before a split does not make its sides meet.
        (rows(Selection("f", True), side("a", TRAIN)), rows(side("a", TEST)), Overlap.NONE),
        (rows(Selection("f", True), side("a", TRAIN)), rows(side("a", TRAIN)), Overlap.UNKNOWN),
        # The same slice of different rows is not the same rows.
        (rows(Selection("f", True), cut(None, 5)), rows(cut(5, None)), Overlap.UNKNOWN),
        (rows(cut(None, 5)), rows(cut(3, None)), Overlap.SOME),
        (rows(cut(None, 5)), rows(side("split", TRAIN)), Overlap.UNKNOWN),
        (rows(drawn("one")), rows(drawn("two")), Overlap.SOME),
        (rows(drawn("one"), cut(None, 5)), rows(drawn("one"), cut(5, None)), Overlap.NONE),
        # Rows taken one by one are all of them.
        (rows(Selection((EACH, "loop"), True)), rows(), Overlap.SAME),
        (rows(side("a", TRAIN), Selection((EACH, "loop"), True)), rows(side("a", TEST)), Overlap.NONE),
    ],
)
def test_rows(first: Rows, second: Rows, expected: Overlap) -> None:
    turned = {Overlap.CONTAINS: Overlap.INSIDE, Overlap.INSIDE: Overlap.CONTAINS}
    assert first.compare(second) is expected
    assert second.compare(first) is turned.get(expected, expected)


def test_only_unknown_and_no_rows_are_not_shared() -> None:
    assert [each for each in Overlap if not each.shares] == [Overlap.NONE, Overlap.UNKNOWN]


BOUNDS: st.SearchStrategy[Bound] = st.one_of(
    st.none(),
    st.integers(-9, 9),
    st.sampled_from(["n", "m"]),
    st.builds(Share, st.sampled_from([0.2, 0.5, 0.8]), st.sampled_from(["x", "y"])),
)
SELECTIONS = st.one_of(
    st.builds(side, st.sampled_from(["a", "b"]), st.sampled_from([TRAIN, TEST])),
    st.builds(cut, BOUNDS, BOUNDS),
    st.builds(drawn, st.sampled_from(["c", "d"])),
    st.builds(Selection, st.just("mask"), st.sampled_from([True, False, "A", ("not", "A")])),
    st.builds(Selection, st.just((EACH, "loop")), st.just(True)),
)
ROWS = st.builds(
    lambda path, source: Rows(source, tuple(path)),
    st.lists(SELECTIONS, max_size=4, unique_by=lambda each: id(each) if each.key == SLICES else each.key),
    st.sampled_from(["table", "other"]),
)


@given(ROWS, ROWS)
def test_what_two_sets_share_does_not_depend_on_which_is_asked(first: Rows, second: Rows) -> None:
    turned = {Overlap.CONTAINS: Overlap.INSIDE, Overlap.INSIDE: Overlap.CONTAINS}
    answer = first.compare(second)
    assert second.compare(first) is turned.get(answer, answer)


@given(ROWS, SELECTIONS)
def test_a_selection_is_inside_what_it_is_taken_from(held: Rows, selection: Selection) -> None:
    assume(all(earlier.key != selection.key for earlier in held.path))
    assert held.select(selection).compare(held) in (Overlap.INSIDE, Overlap.SAME)


NUMBERS = st.one_of(st.none(), st.integers(-6, 6))


@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_slices_with_numbers_tell_what_slicing_does(
    low: int | None, high: int | None, start: int | None, end: int | None
) -> None:
    answer = Interval(low, high).compare(Interval(start, end))
    for length in range(10, 20):
        taken, others = set(range(length)[low:high]), set(range(length)[start:end])
        if answer is Overlap.NONE:
            assert not taken & others
        elif answer is Overlap.SAME:
            assert taken == others
        elif answer is Overlap.SOME and taken and others:
            assert taken & others


def test_a_path_grows_to_a_bound() -> None:
    held = rows()
    for number in range(100):
        held = held.select(Selection(number, True))
    assert len(held.path) < 20
    assert rows().compare(held) is Overlap.CONTAINS


def test_the_same_selection_twice_is_once() -> None:
    once = rows().select(drawn("a"))
    assert once.select(drawn("a")) == once


def test_another_side_of_the_same_split_takes_the_place_of_the_first() -> None:
    taken = rows(side("split", TEST), cut(None, 5)).select(side("split", TRAIN))
    assert taken == rows(side("split", TRAIN))


def test_rows_taken_at_some_places_are_put_together_again() -> None:
    inner, outer = Selection((EACH, "inner"), True), Selection((EACH, "outer"), True)
    held = rows(side("a", TRAIN), outer, inner)
    assert held.together(("inner",)).path == (side("a", TRAIN), outer)
    assert held.together().path == (side("a", TRAIN),)
    assert rows(side("a", TRAIN)).together() == rows(side("a", TRAIN))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], Part.WHOLE),
        ([TRAIN], TRAIN),
        ([TEST], TEST),
        ([TRAIN, TRAIN], TRAIN),
        ([TRAIN, TEST], Part.VALIDATION),
        ([TEST, TRAIN], Part.VALIDATION),
        ([TEST, TEST], TEST),
        ([TRAIN, TEST, TEST], Part.VALIDATION),
    ],
)
def test_parts_of_parts(parts: list[Part], expected: Part) -> None:
    assert rows(*(side(str(number), part) for number, part in enumerate(parts))).part is expected


def test_a_split_is_believed_more_than_a_name() -> None:
    assert Rows("table", (), TEST).part is TEST
    assert Rows("table", (drawn("a"),), TEST).part is TEST
    assert Rows("table", (side("split", TRAIN),), TEST).part is TRAIN


@pytest.mark.parametrize(
    ("code", "first", "second", "expected"),
    [
        ("", "X[:800]", "X[800:]", Overlap.NONE),
        ("", "X[:800]", "X[700:]", Overlap.SOME),
        ("", "X[:800]", "X[:800]", Overlap.SAME),
        ("", "X.iloc[:-100]", "X.iloc[-100:]", Overlap.NONE),
        ("", "X[0:50]", "X[:50]", Overlap.SAME),
        ("n = int(0.8 * len(X))", "X[:n]", "X[n:]", Overlap.NONE),
        ("n = int(0.8 * len(X))", "X[:n]", "X[int(len(X) * 0.8):]", Overlap.NONE),
        ("n = int(0.8 * len(X))", "X[:n]", "X[int(len(X) * 0.5):]", Overlap.SOME),
        ("n = len(X)", "X[:int(0.6 * n)]", "X[int(0.8 * n):]", Overlap.NONE),
        ("n = X.shape[0] // 5", "X[:-n]", "X[-n:]", Overlap.NONE),
        ("n = X.shape[0] // 5", "X[:-n]", "X[n:]", Overlap.SOME),
        ("n = shorter()\nm = longer()", "X[:n]", "X[m:]", Overlap.UNKNOWN),
        ("", "X.head(800)", "X[800:]", Overlap.NONE),
        ("", "X.head(800)", "X[:900]", Overlap.SOME),
        ("", "X[X['k'] > 5]", "X[X['k'] <= 5]", Overlap.NONE),
        ("", "X[X['k'] >= 5]", "X[X['k'] < 5]", Overlap.NONE),
        ("", "X[X['k'] > 5]", "X[X['k'] > 5]", Overlap.SAME),
        ("", "X[X['k'] > 5]", "X[X['k'] < 9]", Overlap.UNKNOWN),
        ("", "X[X['k'] == 'A']", "X[X['k'] == 'B']", Overlap.NONE),
        ("", "X[X['k'] == 'A']", "X[X['k'] != 'A']", Overlap.NONE),
        ("", "X[X['k'] != 'B']", "X[X['k'] != 'A']", Overlap.UNKNOWN),
        ("m = X['k'] > 5", "X[m]", "X[~m]", Overlap.NONE),
        ("m = X['k'] == 'A'", "X[m]", "X.loc[~m]", Overlap.NONE),
        ("m = draw(10) < 0.8", "X[m]", "X[~m]", Overlap.NONE),
        ("m = X['k'].isna()", "X[m]", "X[~m]", Overlap.NONE),
        ("s = X.sample(frac=0.8)", "s", "X.drop(s.index)", Overlap.NONE),
        ("s = X.sample(frac=0.8)", "s", "X[~X.index.isin(s.index)]", Overlap.NONE),
        ("s = X.sample(frac=0.8)", "s", "X", Overlap.INSIDE),
        ("", "X.sample(5)", "X.sample(9)", Overlap.SOME),
        ("", "X.sample(frac=1)", "X", Overlap.SAME),
        ("a, b = split(X)", "a", "b", Overlap.NONE),
        ("a, b = split(X)\na, v = split(a)", "a", "b", Overlap.NONE),
        ("a, b = split(X)\na, v = split(a)", "a", "v", Overlap.NONE),
        ("a, b = split(X)\na, v = split(a)", "v", "X", Overlap.INSIDE),
        ("a, b = split(X)\nc, d = split(X)", "a", "d", Overlap.UNKNOWN),
        ("a, b = split(X)\ni = a.index", "X.loc[i]", "b", Overlap.NONE),
        ("a, b = split(X.index)", "X.loc[a]", "X.loc[b]", Overlap.NONE),
        ("a, b = split(range(len(X)))", "X.iloc[a]", "X.iloc[b]", Overlap.NONE),
        ("a, b = next(Folds().split(X))", "X[a]", "X[b]", Overlap.NONE),
        ("Y = X.copy()\nY['k'] = 1", "X", "Y", Overlap.SAME),
        ("Y = load('b')", "X", "Y", Overlap.NONE),
        ("a, b = split(X)", "stack([a, b])", "b", Overlap.SAME),
        ("a, b = split(X)", "X.query('k > 5')", "b", Overlap.UNKNOWN),
    ],
)
def test_rows_of_programs(code: str, first: str, second: str, expected: Overlap) -> None:
    assert overlap(f"X = load('a')\n{code}", first, second) is expected


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("X_test", Part.TEST),
        ("test_df", Part.TEST),
        ("xtest", Part.TEST),
        ("dfTest", Part.TEST),
        ("y_te", Part.TEST),
        ("test2", Part.TEST),
        ("holdout", Part.TEST),
        ("X_train", Part.TRAIN),
        ("train_ds", Part.TRAIN),
        ("ytrain", Part.TRAIN),
        ("X_tr", Part.TRAIN),
        ("dfTrain", Part.TRAIN),
        ("X_val", Part.VALIDATION),
        ("valid_loader", Part.VALIDATION),
        ("dev_set", Part.VALIDATION),
        ("dsValid", Part.VALIDATION),
        ("latest", Part.UNKNOWN),
        ("contest", Part.UNKNOWN),
        ("strain", Part.UNKNOWN),
        ("value", Part.UNKNOWN),
        ("device", Part.UNKNOWN),
        ("X", Part.UNKNOWN),
    ],
)
def test_names_claim_parts(name: str, part: Part) -> None:
    assert part_named(name) is part


def test_comparing_rows_gives_the_same_from_both_sides() -> None:
    both = Rows("t", (Selection("k", "q"), Selection("m", True), Selection("m", False)))
    one = Rows("t", (Selection("m", False),))
    assert both.compare(one) is one.compare(both)
