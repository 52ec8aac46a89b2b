"""Events: what they say of the data, the models and the place where they happen."""

from __future__ import annotations

import libcst as cst
import pytest
from flow_notation import events_of, last_event, model_of

from mllint.semantic.flow import Event, Part, Value
from mllint.semantic.flow.rows import Rows

PLACE = cst.Name("place")
ROWS = Value(frozenset([Rows("table")]))


def test_the_rows_of_an_event_are_the_first_that_it_has() -> None:
    assert Event("fit", PLACE, 0, data=(Value(), ROWS)).rows is ROWS
    assert not Event("fit", PLACE, 0).rows.rows


def test_the_target_of_a_fit_is_its_second_value() -> None:
    assert Event("fit", PLACE, 0, data=(Value(), ROWS)).target is ROWS
    assert not Event("fit", PLACE, 0, data=(ROWS,)).target.rows


@pytest.mark.parametrize(
    ("kind", "tags", "trains"),
    [
        ("fit", {"classifier", "estimator"}, True),
        ("fit", {"search"}, True),
        ("fit", {"module"}, True),
        ("fit", set(), True),
        ("fit", {"learns-statistics"}, False),
        ("score", {"classifier"}, False),
    ],
)
def test_which_fits_train_a_model(kind: str, tags: set[str], trains: bool) -> None:
    assert Event(kind, PLACE, 0, tags=frozenset(tags)).trains_model is trains  # type: ignore[arg-type]


def test_an_event_names_the_call_that_does_it() -> None:
    event = last_event("a, b = split(load('a'))\nForest().fit(a, b)", "fit")
    assert event.call is not None
    assert (event.call.name, event.node) == ("lab.Forest.fit", event.call.node)
    assert [value.part for value in event.data] == [Part.TRAIN, Part.TEST]


def test_tags_are_those_of_the_estimators_and_of_what_they_are_made_of() -> None:
    event = last_event("Chain(Picker(), Forest()).fit(load('a'))", "fit")
    assert event.tags >= {"pipeline", "selects-features", "classifier"}
    assert event.trains_model
    assert not last_event("Scaler().fit(load('a'))", "fit").trains_model


def test_tags_of_an_estimator_that_is_told_what_to_do() -> None:
    assert "stateless" in last_event("Scaler(kind='constant').fit(load('a'))", "fit").tags
    assert "stateless" not in last_event("Scaler(kind='mean').fit(load('a'))", "fit").tags
    assert "stateless" not in last_event("Scaler().fit(load('a'))", "fit").tags


def test_the_models_of_an_event_are_the_objects_themselves() -> None:
    fit, predict, score = model_of("X = load('a')\nm = Forest().fit(X)\nscore = accuracy(X, m.predict(X))").events
    assert fit.models == predict.models == score.models
    assert [each.kind for each in fit.models] == ["lab.Forest"]


def test_an_event_that_happens_again_is_joined_with_itself() -> None:
    code = "for name in names:\n    X = load(name)\n    X['a'] = Scaler().fit_transform(X[['a']])\n    split(X)"
    assert events_of(code) == ["0 fit whole", "1 split whole <- 0"]


def test_uncertain_once_is_uncertain() -> None:
    code = "X = load('a')\nfor i in range(9):\n    Scaler().fit(X)\n    X = tidy(X)"
    assert events_of(code) == ["0 fit whole ?"]


def test_numbers_are_places_in_the_order_of_events() -> None:
    events = model_of(
        "def late(X):\n    Scaler().fit(X)\na, b = split(load('a'))\nForest().fit(a)\nForest().fit(b)"
    ).events
    assert [(event.number, event.kind) for event in events] == [(0, "split"), (1, "fit"), (2, "fit"), (3, "fit")]


def test_events_are_told_apart_by_the_calls_that_lead_to_them() -> None:
    code = "def work(t):\n    Scaler().fit(t)\ndef twice(t):\n    work(t)\n    work(t)\ntwice(load('a'))"
    events = model_of(code).events
    assert [len(event.calls) for event in events] == [2, 2]
    assert len({event.calls for event in events}) == 2
    assert len({event.node for event in events}) == 1
