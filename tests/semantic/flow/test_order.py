"""The same program has the same flow in every run, in whatever order sets come that Python gives another one each time."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
import pytest
from flow_notation import events_of, held, last_event, model_of, overlap

from mllint.semantic.flow import Event, Instance, Overlap, Part, Rows, Selection, Value
from mllint.semantic.flow.rows import EACH, SLICES, Interval
from mllint.semantic.flow.values import Function

ROWS = "X = load('a')\nY = load('b')\na, b = split(X)\n"
EITHER = ROWS + "either = a if large else b\n"


@pytest.fixture(autouse=True, params=range(1, 9))
def _order(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give sets one of several orders: what they hold is hashed in another way, as in another process."""
    factor = 2 * request.param - 1
    of_selection = Selection.__hash__
    for kind in (Event, Instance, Function):
        monkeypatch.setattr(kind, "__hash__", lambda self: (id(self) >> 4) * factor + request.param)
    monkeypatch.setattr(Selection, "__hash__", lambda self: hash((request.param, of_selection(self))))
    yield


def test_an_index_of_either_part_takes_the_rows_of_the_first() -> None:
    (value,) = held(EITHER, "Y[either.index]")
    assert value.part is Part.TRAIN


def test_rows_dropped_by_an_index_of_either_part_are_those_of_the_first() -> None:
    (value,) = held(EITHER, "Y.drop(either.index)")
    assert value.part is Part.TEST


def test_a_mask_of_rows_in_either_part_is_that_of_the_first() -> None:
    (value,) = held(EITHER, "Y[Y.isin(either)]")
    assert value.part is Part.TRAIN


@pytest.mark.parametrize("other", ["X[:50]", "X.sample(n=5)"])
def test_the_strongest_answer_of_all_rows_counts(other: str) -> None:
    code = f"X = load('a')\neither = X if large else {other}"
    assert overlap(code, "either", "X") is Overlap.SAME
    assert overlap(code, "X", "either") is Overlap.SAME


def test_of_rows_that_become_the_same_the_first_stay() -> None:
    first, second = (Selection(SLICES, Interval(None, 50), made=cst.Name(name)) for name in ("first", "second"))
    each, other = (Selection((EACH, name), True) for name in ("each", "other"))
    value = Value(frozenset([Rows("table", (second, other)), Rows("table", (first, each))]))
    (rows,) = value.together().rows
    assert rows.path[0].made is first.made


def test_functions_that_a_call_may_call_are_entered_as_they_were_defined() -> None:
    code = """
def first(rows):
    return Scaler().fit(rows)
def second(rows):
    return Forest().fit(rows)
def third(rows):
    return Picker().fit(rows)
called = first if small else second if large else third
called(X)
"""
    fits = [event for event in model_of(ROWS + code).events if event.kind == "fit"]
    assert [next(iter(event.models)).kind for event in fits] == ["lab.Scaler", "lab.Forest", "lab.Picker"]


def test_predictions_of_several_models_are_scored_in_order() -> None:
    code = """
one, two = Forest().fit(a), Forest().fit(b)
guess = one.predict(a) if large else two.predict(b)
accuracy(guess, y)
"""
    assert [value.part for value in last_event(ROWS + code, "score").data[:2]] == [Part.TRAIN, Part.TEST]


def test_rows_that_several_models_are_watched_on_come_in_order() -> None:
    code = """
models = Boost(eval_set=a) if large else Boost(eval_set=b)
models.fit(X)
"""
    assert events_of(ROWS + code, "fit") == ["1 fit whole watching train test"]


def test_what_reached_a_value_comes_in_order() -> None:
    code = """
X["x"], X["z"], X["y"] = Y.mean(), Y.max(), Y.sum()
X = Scaler().fit_transform(Picker().fit_transform(X))
"""
    (value,) = held(ROWS + code, "X")
    assert [(event.kind, event.number) for event, _ in value.influences()] == [
        *(("fit", 7), ("fit", 8)),
        *(("apply", 4), ("apply", 6), ("apply", 5)),  # by the names of the columns
    ]
