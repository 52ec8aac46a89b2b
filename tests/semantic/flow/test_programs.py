"""Programs as people write them: several features of the flow of origins at once."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_notation import events_of, held, model_of, overlap, real_knowledge

from mllint.semantic.flow import Overlap, Part

LOADED = "X = load('a')\ny = load('b')\nif False:\n    split(X)\n"
ARRAY = "import numpy as np\nimport pandas as pd\nX = pd.read_csv('a.csv')\ny = X['label']\nX = X.values\n"


def happens(code: str) -> list[str]:
    """The events of a program that has rows ``X`` and ``y``."""
    return events_of(LOADED + dedent(code).strip("\n"))


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("p = np.random.permutation(len(X))", "X[p[:80]]", "X[p[80:]]"),
        ("import json\ni = json.load(open('i'))\nj = json.load(open('j'))", "X[i]", "X[j]"),
        ("from splits import i, j", "X[i]", "X[j]"),
        ("i = np.random.choice(len(X), 80)\nj = np.random.choice(len(X), 20)", "X[i]", "X[j]"),
    ],
)
def test_an_array_at_unknown_positions_is_some_of_its_rows(code: str, first: str, second: str) -> None:
    assert overlap(ARRAY + code, first, second, real_knowledge()) is not Overlap.SAME


@pytest.mark.parametrize(
    "code",
    [
        "p = np.random.permutation(len(X))",
        "p = np.random.permutation(X.shape[0])",
        "p = np.arange(len(X))\nnp.random.shuffle(p)",
    ],
)
def test_slices_of_shuffled_positions_share_no_rows(code: str) -> None:
    assert overlap(ARRAY + code, "X[p[:80]]", "X[p[80:]]", real_knowledge()) is Overlap.NONE


def test_slices_of_shuffled_positions_are_not_slices_of_the_rows() -> None:
    code = ARRAY + "p = np.random.permutation(len(X))"
    assert overlap(code, "X[p[:80]]", "X[:80]", real_knowledge()) is Overlap.UNKNOWN


@pytest.mark.parametrize("call", ["chosen()", "chosen(X)"])
def test_what_a_function_chooses_may_be_columns(call: str) -> None:
    (value,) = held(LOADED + "from f import chosen", f"X[{call}]")
    assert value.columns.holds("label") is None


def test_bounds_that_are_computed_twice_may_differ() -> None:
    assert overlap(LOADED + "n = count()\nm = count()", "X[:n]", "X[m:]") is Overlap.UNKNOWN


def test_a_mask_asks_for_something_else_once_a_setting_in_it_is_bound_anew() -> None:
    code = LOADED + "a = X[X['k'] > t]\nt = t + 1\nb = X[X['k'] <= t]"
    assert overlap(code, "a", "b") is Overlap.UNKNOWN


@pytest.mark.parametrize(
    "code",
    [
        "d = {}\nd['train'], d['test'] = split(X)",
        "a, b = split(X)\nd = {}\nd['train'] = a\nd['test'] = b",
        "a, b = split(X)\nd = dict(train=a, test=b)",
    ],
)
def test_a_dict_keeps_its_values_apart(code: str) -> None:
    first, second = held(LOADED + code, "d['train']", "d['test']")
    assert (first.part, second.part) == (Part.TRAIN, Part.TEST)


def test_a_fit_in_one_branch_is_not_repeated_in_the_other() -> None:
    code = """
        m = Forest()
        if c:
            m.fit(X)
        else:
            m.fit(y)
        m.score(y)
    """
    assert happens(code) == ["0 fit whole", "1 fit whole", "2 score whole by 0 1"]


def test_what_a_branch_holds_that_ends_a_loop_is_met_after_it() -> None:
    code = """
        for i, (tr, te) in enumerate(Folds().split(X)):
            if i == 2:
                a, b = X[tr], X[te]
                break
        Scaler().fit(b)
    """
    assert happens(code)[-1] == "1 fit test"


def test_what_a_branch_holds_that_goes_on_with_a_loop_is_met_after_it() -> None:
    code = """
        for i in range(3):
            if i:
                X = Scaler().fit_transform(X)
                continue
            pass
        split(X)
    """
    assert happens(code)[-1] == "1 split whole <- 0"


def test_code_after_a_try_whose_ways_all_leave_is_not_reached() -> None:
    code = """
        def f(t):
            try:
                return Scaler().fit_transform(t)
            except E:
                raise
            split(t)
        f(X)
    """
    assert happens(code) == ["0 fit whole"]


def test_a_chain_of_branches_is_not_nested() -> None:
    chain = "if c:\n    pass\n" + "".join(f"elif c{i}:\n    Scaler().fit(X)\n" for i in range(30))
    assert len(events_of(f"{LOADED}{chain}split(X)")) == 31


def test_a_model_in_an_attribute_predicts_where_it_is_called() -> None:
    code = """
        class T:
            def __init__(self):
                self.net = Net()
            def step(self, a):
                Loss()(self.net(a), a).backward()
            def test(self, a):
                return accuracy(a, self.net(a))
        t = T()
        t.step(X)
        t.test(y)
    """
    assert [event.split()[1] for event in happens(code)] == ["predict", "score", "fit", "predict", "score"]


@pytest.mark.parametrize(
    "chosen",
    [
        "X[c[c > 0.5].index]",
        "X[[n for n in X.columns if c[n] > 0.5]]",
        "X.drop([n for n in X.columns if c[n] > 0.5], axis=1)",
        "X.drop(columns=c.index)",
    ],
)
def test_columns_are_chosen_by_a_statistic(chosen: str) -> None:
    happened = [event.split()[1] for event in happens(f"c = X.mean()\nX = {chosen}\nsplit(X)")]
    assert "select-columns" in happened
    assert "apply" not in happened


DEEP = """
def main():
    run()
def run():
    work()
def work():
    split(prep(load('a')))
def prep(X):
    return Scaler().fit_transform(X)
main()
"""


def test_calls_that_are_given_nothing_are_no_level() -> None:
    assert events_of(DEEP.strip()) == ["0 fit whole", "1 split whole <- 0"]


def chain_of_calls(length: int) -> str:
    """Functions each of which calls the next one; the last one fits."""
    chain = "".join(f"def f{i}(t):\n    return f{i + 1}(t)\n" for i in range(length))
    return f"{LOADED}{chain}def f{length}(t):\n    Scaler().fit(t)\n    return t\nsplit(f0(X))"


def test_a_function_that_was_given_nothing_yet_is_entered_deep_down() -> None:
    assert events_of(chain_of_calls(6)) == ["0 fit whole", "1 split whole"]
    assert not model_of(chain_of_calls(6)).flow.stopped


def test_a_bound_on_the_depth_of_calls_is_told() -> None:
    model = model_of(chain_of_calls(12))
    assert [event.kind for event in model.events] == ["split", "fit"]
    assert model.flow_stopped() == ["f8"]


@pytest.mark.parametrize("change", ["X.c = X.c.fillna(X.c.mean())", "X.c.fillna(X.c.mean(), inplace=True)"])
def test_a_column_is_changed_through_an_attribute(change: str) -> None:
    assert happens(f"{change}\nsplit(X)")[-1] == "2 split whole <- 1"


@pytest.mark.parametrize("header", ["@staticmethod\n    def f(t):", "@classmethod\n    def f(cls, t):"])
def test_a_method_is_called_on_its_class(header: str) -> None:
    code = f"class T:\n    {header}\n        return Scaler().fit_transform(t)\nsplit(T.f(X))"
    assert events_of(LOADED + code) == ["0 fit whole", "1 split whole <- 0"]


def test_the_value_of_a_later_row_is_looked_up() -> None:
    code = "t = []\nfor i in range(10):\n    t.append(X[i + 1])\nsplit(t)"
    assert any(" look-ahead" in event for event in happens(code))


def test_nested_containers_that_share_what_they_hold_come_to_an_end() -> None:
    nested = "a = {'k': X}\n" + "a = {'k': a, 'l': a}\n" * 40
    code = f"{nested}if c:\n    b = a\nelse:\n    b = {{'k': a, 'l': a}}\nsplit(b)"
    assert events_of(LOADED + code)[-1].startswith("0 split")
