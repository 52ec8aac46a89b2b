"""The screen keeps what events depend on, and passes over what only looks at data."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_notation import events_of, model_of

from mllint.semantic.flow.screen import Screen

LOADED = "X = load('a')\n"


def kept(code: str) -> list[str]:
    """The first lines of the statements of a program that the screen keeps, in order."""
    model = model_of(LOADED + dedent(code).strip("\n"))
    kept = Screen(model).kept
    statements = [node for node in model.walk.names_before if id(node) in kept]
    return [model.text(node).splitlines()[0] for node in sorted(statements, key=model.order)]


@pytest.mark.parametrize(
    "looks",
    [
        "X.mean()",
        "draw(X.mean())",
        "m = X.mean()\nprint(m)",
        "for c in ('a', 'b'):\n    print(X[c].mean())",
        "def show(t):\n    print(t.mean())\n\nshow(X)",
        "shares = {}\nshares['a'] = X['a'].mean()\nprint(shares)",
        "seen = []\nseen.append(X.mean())\nprint(seen)",
    ],
)
def test_looking_at_data_is_passed_over(looks: str) -> None:
    assert kept(f"{looks}\nsplit(X)") == ["X = load('a')", "split(X)"]


@pytest.mark.parametrize(
    "changes",
    [
        "X = X - X.mean()",
        "X['a'] = X['a'] - X['a'].mean()",
        "Y = X\nY['a'] = X['a'].mean()",
        "for part in (X,):\n    part['a'] = X['a'].mean()",
        "parts = [X]\nfor part in parts:\n    part['a'] = X['a'].mean()",
        "def fill(t):\n    t['a'] = t['a'].mean()\n\nfill(X)",
        "def centred(t):\n    m = t.mean()\n    return t - m\n\nX = centred(X)",
        "m = X.mean()\nif m > 3:\n    X = X - m",
        "held = []\nheld.append(X - X.mean())\nX = held[0]",
        "class Data:\n    def rows(self):\n        return X - X.mean()\n\nX = Data().rows()",
        "with load('b') as m:\n    X = X - X.mean()",
    ],
)
def test_what_an_event_depends_on_is_kept(changes: str) -> None:
    assert "statistic whole" in " ".join(events_of(f"{LOADED}{changes}\nsplit(X)"))


@pytest.mark.parametrize(
    "scores",
    [
        "hits = y == p\nprint(hits.mean())",
        "errors = []\nerrors.append((p != y).mean())",
        "def accuracy_of(a, b):\n    return (a == b).mean()\n\nprint(accuracy_of(y, p))",
    ],
)
def test_a_score_that_is_computed_by_hand_is_kept(scores: str) -> None:
    code = f"y = load('b')\nm = Forest().fit(X, y)\np = m.predict(X)\n{scores}"
    assert "score" in " ".join(events_of(LOADED + code))


@pytest.mark.parametrize("test", ["s > best", "s > best and k", "not s <= best"])
def test_a_choice_of_the_better_one_is_kept(test: str) -> None:
    assert f"if {test}:" in kept(f"y = load('b')\ns = accuracy(y, X)\nif {test}:\n    best = s")


def test_a_function_in_which_nothing_happens_is_not_lively() -> None:
    model = model_of("def quiet(t):\n    return t.mean()\n\ndef loud(t):\n    Scaler().fit(t)\n")
    assert {definition.name.value for definition in Screen(model).lively} == {"loud"}


def test_what_a_lively_function_is_given_is_kept() -> None:
    code = "def learn(t):\n    Scaler().fit(t)\n\nZ = X - X.mean()\nlearn(Z)"
    assert kept(code) == ["X = load('a')", "Scaler().fit(t)", "Z = X - X.mean()", "learn(Z)"]


def test_a_function_is_lively_though_its_result_was_kept_before() -> None:
    code = f"{LOADED}def hits():\n    return p == X\n\np = Forest().fit(X, X).predict(X)\nsplit(hits())"
    assert {definition.name.value for definition in Screen(model_of(code)).lively} == {"hits"}
