"""The lattice: how values join, what columns are held, and how branches come together."""

from __future__ import annotations

from typing import Any

import libcst as cst
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.semantic.flow import Columns, Event, Instance, Overlap, Part, Rows, Selection, Value
from mllint.semantic.flow.events import EventKind
from mllint.semantic.flow.values import (
    NOTHING,
    Environment,
    along,
    capped,
    either,
    fits_of,
    join,
    join_columns,
    replace,
)

PLACE = cst.Name("place")


def event(number: int = 0, kind: EventKind = "fit") -> Event:
    return Event(kind, PLACE, number)


def table(name: str = "table", *path: Selection) -> Value:
    return Value(frozenset([Rows(name, path)]))


def side(part: Part, key: str = "split") -> Selection:
    return Selection(key, part, part)


def made_by(*events: Event) -> Value:
    return replace(table(), learned=frozenset(events))


def told(value: Value | None) -> dict[str, Any]:
    """All that is known of a value: values themselves are equal to nothing but themselves."""
    assert value is not None
    return msgspec.structs.asdict(value)


# Joining


def test_nothing_joins_to_nothing() -> None:
    assert join([]) is NOTHING
    assert join([NOTHING, Value()]) is NOTHING


def test_a_single_known_value_stays_as_it_is() -> None:
    value = replace(table(), elements={0: table("a")})
    assert join([NOTHING, value, Value()]) is value


def test_what_reached_either_value_reached_both() -> None:
    first, second, score, prediction = (event(number) for number in range(4))
    joined = join(
        [
            replace(made_by(first), computed_from=frozenset("a"), scores=frozenset([score])),
            replace(table("other"), learned=frozenset([second]), predicted=frozenset([prediction])),
        ]
    )
    assert joined.sources == {"table", "other"}
    assert joined.learned == {first, second}
    assert joined.computed_from == {"a"}
    assert joined.scores == {score}
    assert joined.predicted == {prediction}


def test_one_uncertain_value_makes_all_uncertain() -> None:
    assert not join([table("a"), replace(table("b"), certain=False)]).certain
    assert join([table("a"), table("b")]).certain


def test_a_container_loses_its_elements_in_a_join() -> None:
    several = replace(table("a"), elements={0: table("a")})
    assert join([several, table("b")]).elements == {}


def test_a_mask_stays_where_all_agree() -> None:
    mask = Selection("mask", True)
    first, second = replace(table("a"), mask=mask), replace(table("b"), mask=mask)
    assert join([first, second]).mask == mask
    assert join([first, table("b")]).mask is None


def test_values_index_only_where_all_their_rows_are_indices() -> None:
    first, second = replace(table("a"), indexes=True), replace(table("b"), indexes=True)
    assert join([first, second]).indexes
    assert not join([first, table("b")]).indexes
    assert join([first, Value(learned=frozenset([event()]))]).indexes


def test_groups_of_rows_give_way_to_rows() -> None:
    groups = Value(frozenset([Rows("groups", derived=True)]), frozenset([event()]))
    assert join([groups, table()]).sources == {"table"}
    assert join([groups, Value(frozenset([Rows("more", derived=True)]))]).sources == {"groups", "more"}


@pytest.mark.parametrize("count", [1, 48, 49, 500])
def test_sets_in_values_are_bounded(count: int) -> None:
    events = frozenset(event(number) for number in range(count))
    kept = capped(events)
    assert len(kept) == min(count, 48)
    assert sorted(each.number for each in kept) == list(range(min(count, 48)))
    assert len(join([table(str(number)) for number in range(count)]).rows) <= 48
    assert len(join([replace(table(str(e.number)), learned=frozenset([e])) for e in events]).learned) <= 48


EVENTS = [event(number) for number in range(4)]
VALUES = st.builds(
    lambda sources, part, learned: Value(
        frozenset(Rows(source, (side(part),)) for source in sources),
        frozenset(EVENTS[number] for number in learned),
    ),
    st.frozensets(st.sampled_from("abc")),
    st.sampled_from([Part.TRAIN, Part.TEST]),
    st.frozensets(st.integers(0, 3)),
)


@given(VALUES, VALUES, VALUES)
def test_the_order_in_which_values_join_does_not_matter(first: Value, second: Value, third: Value) -> None:
    joined = join([first, second, third])
    assert told(join([third, first, second])) == told(joined)
    assert told(join([first, join([second, third])])) == told(joined)
    assert told(join([joined, first])) == told(joined)


@given(VALUES, VALUES)
def test_a_join_shares_rows_with_what_was_joined(first: Value, second: Value) -> None:
    joined = join([first, second])
    for value in (first, second):
        assert not value.rows or joined.compare(value) is Overlap.SAME


# Two ways


def test_elements_join_one_by_one_where_two_ways_meet() -> None:
    first = replace(table("a"), elements={0: table("a"), 1: table("b")})
    second = replace(table("c"), elements={0: table("c"), 1: table("d")})
    met = either(first, second)
    assert {key: value.sources for key, value in met.elements.items()} == {0: {"a", "c"}, 1: {"b", "d"}}


def test_containers_of_different_lengths_lose_their_elements() -> None:
    first = replace(table("a"), elements={0: table("a")})
    second = replace(table("a"), elements={0: table("a"), 1: table("b")})
    assert either(first, second).elements == {}


def test_a_container_on_one_way_and_nothing_on_the_other_keeps_its_elements() -> None:
    several = replace(table("a"), elements={0: table("a")})
    assert either(several, NOTHING).elements == several.elements
    assert either(NOTHING, several).elements == several.elements


def test_the_same_value_on_both_ways_is_itself() -> None:
    value = replace(table(), elements={0: table()})
    assert either(value, value) is value


# Rows


def test_the_strongest_answer_of_any_two_row_sets_counts() -> None:
    train, test = table("a", side(Part.TRAIN)), table("a", side(Part.TEST))
    assert train.compare(test) is Overlap.NONE
    assert train.compare(join([test, table("a", side(Part.TRAIN))])) is Overlap.SAME
    assert train.compare(join([test, table("a", side(Part.TEST, "another"))])) is Overlap.UNKNOWN
    assert NOTHING.compare(train) is Overlap.NONE


def test_the_part_of_rows_of_several_parts_is_the_whole() -> None:
    train, test = table("a", side(Part.TRAIN)), table("a", side(Part.TEST))
    assert (train.part, join([train, table("b", side(Part.TRAIN))]).part) == (Part.TRAIN, Part.TRAIN)
    assert join([train, test]).part is Part.WHOLE
    assert NOTHING.part is Part.UNKNOWN


def test_a_value_names_the_splits_it_came_out_of() -> None:
    split = event(0, "split")
    assert table("a", Selection(split, Part.TRAIN), Selection("mask", True)).splits == {split}


def test_indices_of_rows_of_the_same_table_take_what_they_stand_for() -> None:
    train = replace(table("a", Selection("mask", True), side(Part.TRAIN)), indexes=True)
    assert along(table("a", Selection("mask", True)), train).rows == train.rows
    assert along(table("a"), train).rows == train.rows


def test_indices_of_another_table_divide_as_their_own() -> None:
    train = replace(table("positions", side(Part.TRAIN)), indexes=True)
    taken = along(table("a", Selection("mask", True)), train)
    assert taken.rows == {Rows("a", (Selection("mask", True), side(Part.TRAIN)))}
    assert not taken.indexes


def test_uncertain_indices_give_uncertain_rows() -> None:
    assert not along(table("a"), replace(table("b"), indexes=True, certain=False)).certain


def test_rows_one_by_one_at_a_place_are_together_again_after_it() -> None:
    each = table().each(PLACE)
    assert each.is_each
    assert told(each.together(PLACE)) == told(table())
    assert each.together(cst.Name("another")) is each


# Columns


@pytest.mark.parametrize(
    ("columns", "held"),
    [
        (Columns(), True),
        (Columns(only=frozenset("ab")), True),
        (Columns(only=frozenset("b")), False),
        (Columns(without=frozenset("a")), False),
        (Columns(without=frozenset("b")), True),
        (Columns(only=frozenset("b"), known=False), None),
        (Columns(known=False), None),
    ],
)
def test_whether_a_column_is_held(columns: Columns, held: bool | None) -> None:
    assert columns.holds("a") is held


def test_columns_of_tables_put_together() -> None:
    first, second = event(0), event(1)
    together = join_columns(
        [
            Columns(frozenset("ab"), made={"a": frozenset([first])}, sources={"a": frozenset("x")}),
            Columns(frozenset("ac"), made={"a": frozenset([second])}, sources={"a": frozenset("y")}),
        ]
    )
    assert together == Columns(frozenset("abc"), made={"a": frozenset([first, second])}, sources={"a": frozenset("xy")})


def test_one_table_with_all_columns_has_them_all() -> None:
    assert join_columns([Columns(only=frozenset("a")), Columns()]).only is None


def test_a_column_is_gone_where_all_tables_have_lost_it() -> None:
    together = join_columns([Columns(without=frozenset("b")), Columns(only=frozenset("ac"))])
    assert together.holds("b") is False


def test_a_column_that_only_one_table_has_lost_may_be_held() -> None:
    together = join_columns([Columns(without=frozenset("a")), Columns()])
    assert together.holds("a") is None


def test_columns_are_known_where_all_are() -> None:
    assert not join_columns([Columns(), Columns(known=False)]).known
    assert join_columns([]) == Columns()


def test_what_reached_a_column_influences_rows_that_hold_it() -> None:
    whole, column = event(0), event(1)
    columns = Columns(made={"a": frozenset([column])})
    value = replace(made_by(whole), columns=columns)
    assert set(value.influences()) == {(whole, True), (column, True)}
    assert value.reached_by == {whole, column}
    gone = replace(value, columns=replace(columns, without=frozenset("a")))
    assert set(gone.influences()) == {(whole, True)}
    unknown = replace(value, columns=replace(columns, known=False))
    assert set(unknown.influences()) == {(whole, True), (column, False)}


# What estimators are fitted by


def test_an_estimator_made_of_fitted_ones_is_fitted_by_their_fits() -> None:
    inner, outer = event(0), event(1)
    part = Instance(PLACE, fits=frozenset([inner]))
    chain = Instance(PLACE, parts=frozenset([part]))
    assert fits_of(chain) == {inner}
    chain.fits = frozenset([outer])
    assert fits_of(chain) == {outer}
    assert Value(objects=frozenset([chain])).fits == {outer}


def test_estimators_made_of_each_other_end() -> None:
    first, second = Instance(PLACE), Instance(PLACE)
    first.parts, second.parts = frozenset([second]), frozenset([first])
    assert fits_of(first) == frozenset()


# Environments


def test_a_branch_sees_what_is_around_it_and_changes_nothing_there() -> None:
    outer = Environment()
    outer.set("a", table("a"))
    branch = outer.branch()
    branch.set("a", table("b"))
    branch.set("new", table("c"))
    assert told(outer.get("a")) == told(table("a"))
    assert outer.get("new") is None
    assert told(branch.get("a")) == told(table("b"))


def test_one_branch_that_has_come_true_overwrites() -> None:
    outer = Environment()
    outer.set("a", table("a"))
    branch = outer.branch()
    branch.set("a", table("b"))
    outer.merge(branch)
    assert told(outer.get("a")) == told(table("b"))


def test_of_two_branches_either_has_come_true() -> None:
    outer = Environment()
    outer.set("a", table("a"))
    first, second = outer.branch(), outer.branch()
    first.set("a", table("b"))
    first.set("only here", table("d"))
    outer.merge(first, second)
    assert told(outer.get("a"))["rows"] == {Rows("a"), Rows("b")}
    assert told(outer.get("only here")) == told(table("d"))


def test_a_name_forgotten_on_all_branches_is_unbound() -> None:
    outer = Environment()
    outer.set("a", table("a"))
    first, second = outer.branch(), outer.branch()
    first.forget("a")
    second.forget("a")
    outer.merge(first, second)
    assert outer.get("a") is None


def test_a_name_forgotten_on_one_branch_may_hold_what_it_held() -> None:
    outer = Environment()
    outer.set("a", table("a"))
    first, second = outer.branch(), outer.branch()
    first.forget("a")
    outer.merge(first, second)
    assert told(outer.get("a")) == told(table("a"))
