"""What calls are given decides what happens in them: branches, folds kept in lists, parameters that are told."""

from __future__ import annotations

import pytest
from flow_notation import events_of, last_event, model_of, real_knowledge

HEAD = """
import numpy as np
import pandas as pd
from scipy.stats import boxcox
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold, train_test_split
from sklearn.preprocessing import Binarizer, Normalizer, OneHotEncoder, StandardScaler
table = pd.read_csv("table.csv")
train, test = train_test_split(table)
"""


def told(code: str, *kinds: str) -> list[str]:
    """The events of a program, without the numbers before them and the split of the head."""
    found = events_of(HEAD + code, *(kinds or ("fit", "transform", "statistic")), knowledge=real_knowledge())
    return [line.partition(" ")[2] for line in found]


@pytest.mark.parametrize(
    ("signature", "test", "first", "second"),
    [
        ("rows, scaler, fit", "fit", "train, scaler, True", "test, scaler, False"),
        ("rows, scaler, fit=True", "fit", "train, scaler", "test, scaler, fit=False"),
        ("rows, scaler, apply=False", "not apply", "train, scaler", "test, scaler, apply=True"),
        ("rows, scaler, mode='train'", "mode == 'train'", "train, scaler", "test, scaler, 'test'"),
        ("rows, scaler, mode='train'", "mode != 'test' and rows is not None", "train, scaler", "test, scaler, 'test'"),
        ("rows, scaler, fitted=None", "fitted is None", "train, scaler", "test, scaler, scaler"),
    ],
)
def test_branches_by_what_a_function_is_given(signature: str, test: str, first: str, second: str) -> None:
    code = f"""
def prepare({signature}):
    if {test}:
        return scaler.fit_transform(rows)
    else:
        return scaler.transform(rows)
scaler = StandardScaler()
prepare({first})
prepare({second})
"""
    assert told(code, "fit", "transform") == ["fit train", "transform test by 1"]


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("learn or unknown()", ["fit train"]),
        ("learn and unknown()", ["fit train", "transform train"]),
        ("not learn and unknown()", ["transform train"]),
        ("learn is unknown()", ["fit train", "transform train"]),
    ],
)
def test_a_part_of_a_test_may_decide_it(test: str, expected: list[str]) -> None:
    code = f"""
def prepare(rows, scaler, learn):
    if {test}:
        scaler.fit(rows)
    else:
        scaler.transform(rows)
prepare(train, StandardScaler(), True)
"""
    assert told(code, "fit", "transform") == expected


def test_a_test_that_is_not_given_goes_both_ways() -> None:
    code = """
def prepare(rows, fit):
    return StandardScaler().fit_transform(rows) if fit else StandardScaler().transform(rows)
prepare(train, np.random.rand() > 0.5)
"""
    assert told(code, "fit", "transform") == ["fit train", "transform train"]


def test_defaults_hold_only_where_all_arguments_are_seen() -> None:
    code = """
def prepare(rows, fit=False):
    if fit:
        StandardScaler().fit(rows)
prepare(train)
prepare(test, **options)
"""
    assert told(code, "fit") == ["fit test"]


def test_what_a_function_is_given_goes_on_to_the_next() -> None:
    code = """
class Steps:
    def __init__(self, learns):
        self.learns = learns
    def run(self, rows):
        return inner(rows, self.learns)
def inner(rows, learns):
    if learns:
        StandardScaler().fit(rows)
Steps(True).run(train)
Steps(False).run(test)
"""
    assert told(code, "fit") == ["fit train"]


@pytest.mark.parametrize(
    "loop",
    [
        "for fit_on, check_on in KFold(5).split(table):",
        "folds = KFold(5).split(table)\nfor fit_on, check_on in folds:",
        "folds = list(KFold(5).split(table))\nfor fit_on, check_on in folds:",
        "from tqdm import tqdm\nfolds = list(KFold(5).split(table))\nfor i, (fit_on, check_on) in enumerate(tqdm(folds), 1):",
        "folds = list(KFold(5).split(table))\nfor i in range(5):\n    fit_on, check_on = folds[i]",
        "folds = list(KFold(5).split(table))\nfit_on, check_on = folds[0]\nif True:",
    ],
)
def test_folds_stay_folds_in_lists(loop: str) -> None:
    body = "\n    StandardScaler().fit(table.iloc[fit_on])\n    StandardScaler().transform(table.iloc[check_on])"
    assert told(loop + body, "fit", "transform") == ["fit train", "transform test"]


def test_a_function_that_is_told_what_it_would_learn() -> None:
    code = "boxcox(train['a'])\nboxcox(train['a'], lmbda=0)\nboxcox(train['a'], lmbda=None)"
    assert told(code, "fit") == ["fit train", "fit train"]


@pytest.mark.parametrize(
    ("steps", "tags"),
    [
        ("Binarizer()", {"stateless"}),
        ("StandardScaler()", {"learns-statistics"}),
        ("OneHotEncoder()", {"learns-vocabulary"}),
        ("Normalizer(), StandardScaler()", {"learns-statistics"}),
        ("Unknown()", {"learns-statistics"}),
    ],
)
def test_what_several_transformers_learn_together(steps: str, tags: set[str]) -> None:
    made = ", ".join(f"('{index}', {step}, ['a'])" for index, step in enumerate(steps.split(", ")))
    event = last_event(f"{HEAD}\nColumnTransformer([{made}]).fit(train)", "fit", real_knowledge())
    assert event.tags & {"stateless", "learns-statistics", "learns-vocabulary"} == tags


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("sum(train['a'])", ["statistic train"]),
        ("sum(value for value in train['a'])", ["statistic train"]),
        ("sum(weights[name] * train[name] for name in ('a', 'b'))", []),
        ("sum([train['a'], train['b']])", []),
        ("max(train['a'].shape[0], 1)", []),
        ("max(train['a'])", ["statistic train"]),
    ],
)
def test_tables_that_are_added_up_row_by_row(expression: str, found: list[str]) -> None:
    assert told(f"m = {expression}\nStandardScaler().fit(m)", "statistic") == found


def test_a_size_says_nothing_about_the_content() -> None:
    code = "longest = train['words'].max()\nX = pad(train['codes'], maxlen=longest)\nStandardScaler().fit(X)"
    assert told(code, "fit") == ["fit train ?"]
    assert told(code.replace("maxlen=longest", "longest"), "fit") != ["fit train ?"]


def test_whatever_is_fitted_is_an_estimator() -> None:
    assert told("model.fit(train, train['y'])\nmodel.score(test, test['y'])", "fit", "score") == [
        "fit train train",
        "score test test by 1",
    ]


def test_the_index_of_a_statistic_names_columns() -> None:
    code = "best = train.corr()['y'].index\nStandardScaler().fit(train[best])"
    assert "select-columns train of 1" in told(code, "select-columns")


def test_a_statistic_that_is_asked_for_by_name_may_only_count() -> None:
    for name, counts in (("count", True), ("mean", False)):
        event = last_event(f"{HEAD}\ntrain.groupby('g')['a'].transform('{name}')", "statistic", real_knowledge())
        assert ("counts" in event.tags) is counts


def test_sources_in_loops_are_known() -> None:
    model = model_of(
        HEAD + "for path in paths:\n    one = pd.read_csv(path)\n    StandardScaler().fit(one)", real_knowledge()
    )
    depths = sorted(len(loops) for loops in model.flow.loaded_in.values())
    assert depths == [0, 1]
