"""Calls: what the roles of what is called do to rows, estimators, statistics and scores, and which events they make."""

from __future__ import annotations

from textwrap import dedent

import pytest
from flow_notation import events_of, held, last_event, overlap

from mllint.semantic.flow import Overlap, Part

#: Rows to work on; a unit in which nothing is split, fitted or evaluated is not interpreted at all.
LOADED = "X = load('a')\ny = load('b')\nif False:\n    split(X)\n"


def happens(code: str, *kinds: str) -> list[str]:
    """The events of a program that has rows ``X`` and ``y``."""
    return events_of(LOADED + dedent(code).strip("\n"), *kinds)


def reaches(code: str, *kinds: str) -> list[str]:
    """The kinds of the events that have reached ``X`` after a program, in the order of the events."""
    (value,) = held(LOADED + dedent(code).strip("\n"), "X")
    return [event.kind for event in sorted(value.reached_by, key=lambda event: event.number)]


# Splits


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("a, b = split(X)", {"a": "train", "b": "test"}),
        ("a, b, c, d = split(X, y)", {"a": "train", "b": "test", "c": "train", "d": "test"}),
        ("a, c, b, d = split_pairs(X, y)", {"a": "train", "c": "train", "b": "test", "d": "test"}),
        ("parts = split(X)\na, b = parts", {"a": "train", "b": "test", "parts[1]": "test", "parts[-1]": "test"}),
        ("a, b = split(X)\na, v = split(a)", {"a": "train", "v": "validation", "b": "test"}),
        ("a, b = split(X)\nv, b = split(b)", {"a": "train", "v": "validation", "b": "test"}),
        (
            "i, j = next(Folds().split(X))",
            {"X[i]": "train", "X.iloc[j]": "test", "y[j]": "test", "X.loc[i, 'c']": "train"},
        ),
        ("i, j = list(Folds().split(X))[0]", {"X[i]": "train", "X[j]": "test"}),
        ("i, j = split(range(len(X)))", {"X[i]": "train", "X.iloc[j]": "test"}),
        ("i, j = split(X.index)", {"X.loc[i]": "train", "X.loc[j]": "test"}),
        ("a, b = split(X)", {"a['c']": "train", "b[['c', 'd']]": "test", "b.values": "test", "a.c": "train"}),
        ("a, b = split(X)", {"stack([a, b])": "whole", "stack([a, a])": "train"}),
        ("X_test = load('c')", {"X_test": "test"}),
        ("part = load('c', train=False)", {"part": "test", "load('c', train=True)": "train"}),
        ("part = load('c', split='validation')", {"part": "validation"}),
        ("X_test, b = split(X)", {"X_test": "train", "b": "test"}),
    ],
)
def test_parts(code: str, parts: dict[str, str]) -> None:
    values = held(LOADED + code, *parts)
    assert {name: value.part.value for name, value in zip(parts, values, strict=True)} == parts


def test_sides_of_a_split_do_not_overlap_and_labels_go_with_rows() -> None:
    code = LOADED + "a, b, c, d = split(X, X['label'])"
    assert overlap(code, "a", "b") is Overlap.NONE
    assert overlap(code, "a", "c") is Overlap.SAME
    assert overlap(code, "a", "d") is Overlap.NONE


def test_a_value_knows_the_split_it_came_out_of() -> None:
    (train,) = held(LOADED + "a, b = split(X)", "a[a['c'] > 0]")
    (split,) = train.splits
    assert (split.kind, split.number) == ("split", 0)


# Fits, transformations, predictions


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Scaler().fit(X)", ["0 fit whole"]),
        ("Scaler().fit(X, y)", ["0 fit whole whole"]),
        ("s = Scaler().fit(X)\ns.transform(y)", ["0 fit whole", "1 transform whole by 0"]),
        (
            "s = Scaler()\ns.fit(X)\ns.fit(y)\ns.transform(y)",
            ["0 fit whole", "1 fit whole of 0", "2 transform whole by 1"],
        ),
        ("s = Scaler()\na = s.fit_transform(X)\nb = s.transform(y)", ["0 fit whole", "1 transform whole by 0"]),
        (
            "m = Forest()\nm.partial_fit(X)\nm.partial_fit(y)\nm.score(y)",
            ["0 fit whole", "1 fit whole of 0", "2 score whole by 0 1"],
        ),
        ("m = Forest().fit(X)\nm.predict(y)", ["0 fit whole", "1 predict whole by 0"]),
        ("m = train({}, X)\nm.predict(y)", ["0 fit whole", "1 predict whole by 0"]),
        ("unknown.fit(X)\nunknown.predict(y)", ["0 fit whole", "1 predict whole by 0 ?"]),
        ("codes(X)", ["0 fit whole"]),
    ],
)
def test_what_learns_and_what_is_applied(code: str, expected: list[str]) -> None:
    assert [line.removesuffix(" ?") for line in happens(code)] == [line.removesuffix(" ?") for line in expected]


def test_what_is_transformed_has_been_reached_by_the_fit() -> None:
    assert reaches("X = Scaler().fit_transform(X)") == ["fit"]
    assert reaches("s = Scaler().fit(y)\nX = s.transform(X)") == ["fit"]
    assert reaches("X = codes(X)") == ["fit"]
    assert reaches("Scaler().fit(X)") == []


def test_numbers_of_a_fitted_estimator_are_put_into_rows() -> None:
    assert happens("s = Scaler().fit(X)\nX = X - s.mean_", "fit", "apply") == ["0 fit whole", "1 apply whole of 0"]
    assert reaches("s = Scaler().fit(X)\nX = X - s.mean_") == ["apply"]


@pytest.mark.parametrize("make", ["build()", "build(X.shape[1], size=3)", "Model()"])
def test_what_comes_from_elsewhere_and_is_fitted_is_an_estimator(make: str) -> None:
    code = f"from models import Model, build\n{LOADED}m = {make}\nm.fit(X)\naccuracy(y, m.predict(y))"
    assert [line.removesuffix(" ?") for line in events_of(code)] == [
        "0 fit whole",
        "1 predict whole by 0",
        "2 score whole whole by 0",
    ]


def test_pipelines_are_fitted_with_their_steps() -> None:
    code = """
        scale = Columns([('a', Scaler(), ['a']), ('b', Picker(), ['b'])])
        model = Chain(scale, Forest())
        a, b = split(X)
        model.fit(a)
        model.score(b)
    """
    assert happens(code) == ["0 split whole", "1 fit train", "2 score test by 1"]
    event = last_event(LOADED + dedent(code), "fit")
    assert {each.kind for model in event.models for each in model.parts} == {"lab.Columns", "lab.Forest"}


def test_a_pipeline_of_fitted_steps_is_fitted_by_their_fits() -> None:
    assert happens("s = Scaler().fit(X)\nChain(s, Forest()).predict(y)")[-1] == "1 predict whole by 0"


def test_searches_hold_the_best_of_what_they_tried() -> None:
    code = "g = Grid(Chain(Scaler(), Forest()), {})\ng.fit(X)\ng.best_estimator_.score(y)\nbest([g.best_score_])"
    assert happens(code) == ["0 fit whole", "1 score whole by 0", "2 choose - from 0"]


# Scores


@pytest.mark.parametrize(
    "score",
    [
        "m.score(b)",
        "accuracy(b['label'], m.predict(b))",
        "accuracy(b['label'], predicted)",
        "print(accuracy(b['label'], predicted.astype(int)))",
        "(predicted == b['label']).mean()",
        "(predicted == b['label']).sum() / len(b)",
        "average(predicted == b['label'])",
        "average((predicted - b['label']) * 2)",
    ],
)
def test_every_way_to_evaluate_knows_rows_model_and_fit(score: str) -> None:
    code = f"a, b = split(X)\nm = Forest().fit(a)\npredicted = m.predict(b)\nvalue = {score}"
    event = last_event(LOADED + code, "score")
    assert event.rows.part is Part.TEST
    assert [fit.kind for fit in event.fits] == ["fit"]
    assert [model.kind for model in event.models] == ["lab.Forest"]


def test_the_mean_of_rows_is_no_score() -> None:
    assert happens("m = (X['a'] == 3).mean()\nScaler().fit(m)", "statistic", "score") == ["0 statistic whole"]


def test_cross_validation() -> None:
    code = "Z = Picker().fit_transform(X, y)\ncross_scores(Forest(), Z, y)\naccuracy(y, cross_predict(Forest(), X, y))"
    assert happens(code) == [
        "0 fit whole whole",
        "1 cross-validate whole whole <- 0",
        "2 cross-validate whole whole",
        "3 score whole whole",
    ]


def test_a_curve_is_a_score_that_thresholds_come_from() -> None:
    code = "m = Forest().fit(X)\nt = curve(y, m.predict(y))\nX = X[X['c'] > t]"
    assert happens(code, "score", "select-rows") == ["2 score whole whole by 0", "4 select-rows whole of 3"]


# Choices


@pytest.mark.parametrize(
    "choice",
    [
        "if s > top:\n        top = s",
        "if s >= top:\n        keep(s)",
        "if top < s and k:\n        top = s",
        "top = s if s > top else top",
    ],
)
def test_the_better_of_two_scores_is_chosen(choice: str) -> None:
    code = f"a, b = split(X)\ntop = 0\nfor k in range(9):\n    s = Forest(k).fit(a).score(b)\n    {choice}"
    assert happens(code, "choose") == ["3 choose - from 2"]


@pytest.mark.parametrize(
    "check",
    [
        "if s > 0.9:\n        top = s",
        "if s == top:\n        top = s",
        "if s is None:\n        top = s",
        "if s > top:\n        pass",
    ],
)
def test_a_bound_or_an_equality_chooses_nothing(check: str) -> None:
    code = f"a, b = split(X)\ntop = 0\nfor k in range(9):\n    s = Forest(k).fit(a).score(b)\n    {check}"
    assert happens(code, "choose") == []


@pytest.mark.parametrize(
    "collect",
    [
        "s = []\nfor k in sizes():\n    s.append(Forest(k).fit(X).score(y))\nbest(s)",
        "s = {}\nfor k in sizes():\n    s[k] = Forest(k).fit(X).score(y)\nbest(s)",
        "best([Forest(k).fit(X).score(y) for k in sizes()])",
        "best([Forest(1).fit(X).score(y), Forest(1).fit(X).score(y)])",
        "def objective(trial):\n    return Forest(trial.size).fit(X).score(y)\nmaximize(objective)",
        "maximize(lambda trial: Forest(trial.size).fit(X).score(y))",
        "class Objective:\n    def __call__(self, trial):\n        return Forest(trial.size).fit(X).score(y)\n"
        "maximize(Objective())",
    ],
)
def test_the_best_of_several_scores_is_chosen(collect: str) -> None:
    event = last_event(LOADED + collect, "choose")
    assert {score.kind for score in event.scores} == {"score"}
    assert {score.node for score in event.scores}


# Rows that a fit is watched on


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        ("Boost().fit(X)", "0 fit whole"),
        ("Boost().fit(X, watch=v)", "0 fit whole watching validation"),
        ("Boost().fit(X, watch=(v, v))", "0 fit whole watching validation"),
        ("Boost().fit(X, watch=[(v, v)])", "0 fit whole watching validation"),
        ("Boost().fit(X, watch=[(X, X), (v, v)])", "0 fit whole watching whole validation"),
        ("Boost(patience=3).fit(X)", "0 fit whole"),
        ("Boost(patience=3).fit(X, watch=v)", "0 fit whole selecting validation"),
        ("Boost(patience=None).fit(X, watch=v)", "0 fit whole watching validation"),
        ("Boost().fit(X, watch=v, calls=[Early()])", "0 fit whole selecting validation"),
        ("Boost().fit(X, watch=v, calls=[Early(keep=True)])", "0 fit whole selecting validation"),
        ("Boost().fit(X, watch=v, calls=[Early(keep=False)])", "0 fit whole watching validation"),
        ("stop = Early()\ncalls = [stop]\nBoost().fit(X, watch=v, calls=calls)", "0 fit whole selecting validation"),
        ("train({}, X, watch=v)", "0 fit whole watching validation"),
        ("train({}, X, watch=v, patience=3)", "0 fit whole selecting validation"),
    ],
)
def test_watched_fits(fit: str, expected: str) -> None:
    assert happens(f"v = load('c', split='val')\n{fit}") == [expected]


# Statistics


@pytest.mark.parametrize(
    "code",
    [
        "X = X - X.mean()",
        "X['c'] = X['c'].fillna(X['c'].mean())",
        "X = X.fillna(X.mean())",
        "X.fillna(X.mean(), inplace=True)",
        "X['c'].fillna(X['c'].mean(), inplace=True)",
        "m = X['c'].mean()\nX.loc[X['c'].isna(), 'c'] = m",
        "X['c'] = X['c'].mean()",
        "X = X.assign(c=X['c'] - X['c'].mean())",
        "X['m'] = X.apply(lambda row: row['c'] - X['c'].mean(), axis=1)",
        "means = X.groupby('k')['c'].mean()\nX['m'] = X['k'].map(means)",
        "means = X.groupby('k').agg('mean')\nX = X.merge(means, on='k')",
        "def fill(t):\n    return t.fillna(t.mean())\nX = fill(X)",
    ],
)
def test_a_statistic_is_put_into_rows(code: str) -> None:
    assert happens(code, "statistic", "apply") == ["0 statistic whole", "1 apply whole of 0"]
    assert reaches(code) == ["apply"]


@pytest.mark.parametrize(
    "code",
    [
        "X['m'] = X.groupby('k')['c'].transform('mean')",
        "X['m'] = X['c'].rank()",
        "X['m'] = cut(X['c'], 10)",
    ],
)
def test_a_statistic_that_goes_to_every_row(code: str) -> None:
    assert happens(code) == ["0 statistic whole"]
    assert reaches(code) == ["statistic"]


@pytest.mark.parametrize(
    "code",
    [
        "X['m'] = X.mean(axis=1)",
        "X['m'] = average(X, axis=1)",
        "X['m'] = X['c'].apply(lambda value: value + 1)",
        "X['m'] = X['c'] + X['d']",
        "X['m'] = cut(X['c'], [0, 1, 9])",
        "X = X.dropna()",
        "X = X.fillna(0)",
    ],
)
def test_what_is_computed_row_by_row_is_no_statistic(code: str) -> None:
    assert happens(code) == []
    assert reaches(code) == []


def test_a_statistic_of_the_training_rows_is_put_into_others() -> None:
    code = "a, b = split(X)\nm = a['c'].mean()\nb['c'] = b['c'].fillna(m)\nForest().predict(b)"
    assert happens(code) == ["0 split whole", "1 statistic train", "2 apply test of 1", "3 predict test <- 2"]


def test_statistics_of_groups_are_tagged() -> None:
    used = LOADED + "m = {}\nScaler().fit(m)"
    assert "grouped" in last_event(used.format("X.groupby('k')['c'].mean()"), "statistic").tags
    assert "grouped" not in last_event(used.format("X['c'].mean()"), "statistic").tags
    assert "counts" in last_event(used.format("X.isna().sum()"), "statistic").tags


def test_a_statistic_chooses_rows_or_columns() -> None:
    assert happens("X = X[X['c'] < X['c'].mean()]", "select-rows") == ["2 select-rows whole of 1"]
    code = "n = X.isna().sum()\nX = X.drop(columns=n[n > 5].index)"
    assert happens(code, "select-columns")[-1].endswith("of 0")


# Rows drawn again or made up


@pytest.mark.parametrize(
    "code",
    [
        "X, y = Oversampler().fit_resample(X, y)",
        "X, y = resample(X, y)",
        "X = resample(X)",
        "X = X.sample(frac=2, replace=True)",
        "X = stack([X, X])",
        "X = stack([X] * 3)",
        "more = X[X['k'] == 1]\nX = stack([X, more])",
    ],
)
def test_rows_are_drawn_again(code: str) -> None:
    assert reaches(code) == ["resample"]


@pytest.mark.parametrize(
    "code",
    [
        "X, y = resample(X, y, replace=False)",
        "X = X.sample(frac=0.5)",
        "X = stack([X, y])",
        "a, b = split(X)\nX = stack([a, b])",
        "X = stack([X[X['k'] == 1], X[X['k'] == 2]])",
        "X = stack([X[['a']], X[['b']]], axis=1)",
        "X = stack([X, X], axis=1)",
    ],
)
def test_rows_are_not_drawn_again(code: str) -> None:
    assert reaches(code) == []


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ("stack([a, b])", Part.WHOLE),
        ("stack([a, y], axis=1)", Part.TRAIN),
        ("stack([b, a], axis='columns')", Part.TEST),
        ("a.merge(y, on='k')", Part.TRAIN),
        ("stack(parts)", Part.WHOLE),
        ("stack([part for part in parts])", Part.WHOLE),
    ],
)
def test_tables_put_together(table: str, part: Part) -> None:
    (value,) = held(LOADED + "parts = a, b = split(X)", table)
    assert value.part is part


# Time


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("X['m'] = X['c'].shift(-1)", "look-ahead"),
        ("X['m'] = X['c'].shift(periods=-3)", "look-ahead"),
        ("X['m'] = X['c'].fillna(method='back')", "look-ahead"),
        ("X['m'] = X['c'].shift(1)", "look-back"),
        ("X['m'] = X['c'].shift()", "look-back"),
        ("X['m'] = X['c'].rolling(3).mean()", "look-back"),
        ("X = X.sort_values('date')", "time-order"),
        ("X = X.sort_values(['store', 'sale_date'])", "time-order"),
        ("X = X.sort_values(by='Timestamp')", "time-order"),
        ("X = load_times('c', dates=['d'])", "time-order"),
        ("X = windows(X, 5)", "window"),
        ("w = []\nfor i in range(9):\n    w.append(X[i:i + 5])\nX = w", "window"),
        ("X = [X[i:i + 5] for i in range(9)]", "window"),
        ("n = []\nfor i in range(9):\n    n.append(X.iloc[i + 1])\nX = n", "look-ahead"),
        ("n = []\nfor i in range(9):\n    n.append(X.iloc[i - 1])\nX = n", "look-back"),
        ("X = [X.iloc[i + 1] for i in range(len(X) - 1)]", "look-ahead"),
    ],
)
def test_rows_in_time(code: str, kind: str) -> None:
    assert reaches(code) == [kind]


@pytest.mark.parametrize(
    "code",
    [
        "X['m'] = X['c'].shift(steps())",
        "X = X.sort_values('price')",
        "X = X.sort_values(columns())",
        "X = load_times('c')",
        "X = [X.iloc[i] for i in range(9)]",
        "X = X[3:8]",
    ],
)
def test_rows_not_in_time(code: str) -> None:
    assert reaches(code) == []


# Columns


@pytest.mark.parametrize(
    ("code", "expression", "held_columns"),
    [
        ("", "X", {"a": True}),
        ("", "X[['a', 'b']]", {"a": True, "c": False}),
        ("", "X['a']", {"a": True, "c": False}),
        ("", "X.a", {"a": True, "c": False}),
        ("", "X.loc[:, ['a']]", {"a": True, "c": False}),
        ("", "X.loc[X['a'] > 0, 'a']", {"a": True, "c": False}),
        ("", "X.drop(columns=['a'])", {"a": False, "c": True}),
        ("", "X.drop('a', axis=1)", {"a": False, "c": True}),
        ("", "X.drop(['a'], axis='columns')", {"a": False, "c": True}),
        ("names = ['a', 'b']", "X[names]", {"a": True, "c": False}),
        ("names = ['a', 'b']", "X.drop(columns=names)", {"a": False, "c": True}),
        ("names = [c for c in X.columns if c != 'a']", "X[names]", {"a": False, "c": True}),
        ("X = X[['a']]\nX['c'] = 1", "X", {"a": True, "c": True, "d": False}),
        ("X = X.drop(columns='a')\nX['a'] = 1", "X", {"a": True}),
        ("X = X[['a']].assign(c=1)", "X", {"a": True, "c": True, "d": False}),
        ("del X['a']", "X", {"a": False, "c": True}),
        ("t = X.pop('a')", "X", {"a": False, "c": True}),
        ("t = X.pop('a')", "t", {"a": True, "c": False}),
        ("X.drop(columns=['a'], inplace=True)", "X", {"a": False, "c": True}),
        ("from settings import NAMES", "X[NAMES]", {"a": None}),
        ("X.columns = new()", "X", {"a": None}),
    ],
)
def test_which_columns_are_held(code: str, expression: str, held_columns: dict[str, bool | None]) -> None:
    (value,) = held(f"{LOADED}{code}", expression)
    assert {name: value.columns.holds(name) for name in held_columns} == held_columns


@pytest.mark.parametrize(
    ("expression", "reached"),
    [
        ("X", True),
        ("X['a']", True),
        ("X[['a', 'b']]", True),
        ("X['b']", False),
        ("X[['b']]", False),
        ("X.drop(columns=['a'])", False),
        ("X.drop(columns=['b'])", True),
    ],
)
def test_what_reached_a_column_reaches_what_holds_it(expression: str, reached: bool) -> None:
    (value,) = held(f"{LOADED}X['a'] = codes(X['a'])", expression)
    assert [event.kind for event, _ in value.influences()] == (["fit"] if reached else [])


def test_a_column_that_may_be_held_may_bring_what_reached_it() -> None:
    (value,) = held(f"from settings import NAMES\n{LOADED}X['a'] = codes(X['a'])", "X[NAMES]")
    assert [(event.kind, surely) for event, surely in value.influences()] == [("fit", False)]


@pytest.mark.parametrize(
    ("code", "column", "sources"),
    [
        ("X['a'] = X['b'] + X['c']", "a", {"a", "b", "c"}),
        ("X['a'] = X['b']\nX['d'] = X['a'] * 2", "d", {"a", "b", "d"}),
        ("X = X.assign(a=X['b'])", "a", {"a", "b"}),
        ("X['a'] = X.apply(lambda row: row['b'] > row['c'], axis=1)", "a", {"a", "b", "c"}),
        ("X['a'] = X['b'].map(lambda value: value + 1)", "a", {"a", "b"}),
        ("X['a'] = 1", "a", {"a"}),
    ],
)
def test_which_columns_a_column_is_computed_from(code: str, column: str, sources: set[str]) -> None:
    (value,) = held(f"{LOADED}{code}", f"X['{column}']")
    assert value.computed_from == sources


def test_columns_overwritten_forget_what_reached_them() -> None:
    assert reaches("X['a'] = codes(X['a'])\nX['a'] = 1") == []
    assert reaches("X['a'] = codes(X['a'])\nX.loc[X['b'] > 0, 'a'] = 1") == ["fit"]
    assert reaches("X['a'] = codes(X['a'])\ndel X['a']") == []


# Containers


@pytest.mark.parametrize(
    ("code", "expression", "part"),
    [
        ("d = {'x': a, 'y': b}", "d['y']", Part.TEST),
        ("d = {'x': a}\nd = {**d, 'y': b}", "d['y']", Part.TEST),
        ("d = [a, b]", "d[1]", Part.TEST),
        ("d = [a] + [b]", "d[1]", Part.TEST),
        ("d = (a, (a, b))", "d[1][1]", Part.TEST),
        ("d = []\nd.append(b)", "d", Part.TEST),
        ("d = []\nd.append(a)\nd.append(b)", "d", Part.WHOLE),
    ],
)
def test_containers_hold_their_elements_apart(code: str, expression: str, part: Part) -> None:
    (value,) = held(f"{LOADED}a, b = split(X)\n{code}", expression)
    assert value.part is part


# Models that are called


def test_a_training_loop_is_a_fit() -> None:
    code = """
        a, b = split(X)
        net, loss = Net(), Loss()
        for epoch in range(9):
            for rows, labels in Batches(a):
                output = net(rows)
                error = loss(output, labels)
                error.backward()
        for rows, labels in Batches(b):
            value = accuracy(labels, net(rows))
    """
    assert happens(code, "fit", "predict", "score")[-3:] == [
        "3 fit train -",
        "4 predict test by 3",
        "5 score test test by 3",
    ]
    loss = next(line for line in happens(code, "score"))
    assert loss.startswith("2 score train train")


def test_a_loss_that_is_propagated_back_is_no_evaluation() -> None:
    training = LOADED + "net = Net()\nfor t in Batches(X):\n    Loss()(net(t), t).backward()\n"
    assert "loss" in last_event(training, "score").tags
    assert "loss" not in last_event(training + "accuracy(y, net(y))", "score").tags


def test_own_modules_are_called_by_their_bases() -> None:
    code = """
        class Mine(Net):
            def forward(self, rows):
                return rows
        net = Mine().to('there')
        for rows, labels in Batches(X):
            Loss()(net(rows), labels).backward()
        (net(y) == y).sum()
    """
    assert happens(code)[-2:] == ["3 predict whole by 2", "4 score whole by 2"]


def test_subsets_by_indices_are_parts() -> None:
    code = """
        i, j = split(range(len(X)))
        a, b = Subset(X, i), Subset(X, indices=j)
        net = Net()
        for t in Batches(a):
            Loss()(net(t), t).backward()
        for t in Batches(b, size=64):
            accuracy(t, net(t))
    """
    assert happens(code)[-3:] == ["3 fit train -", "4 predict test by 3", "5 score test test by 3"]


def test_a_loop_over_batches_in_a_function_is_evaluated_for_each_call() -> None:
    code = """
        def evaluate(net, batches):
            for rows, labels in batches:
                accuracy(labels, net(rows))
        a, b = split(X)
        net = Net()
        for rows, labels in Batches(a):
            Loss()(net(rows), labels).backward()
        evaluate(net, Batches(a))
        evaluate(net, Batches(b))
    """
    assert happens(code, "score")[1:] == ["5 score train train by 3", "7 score test test by 3"]
