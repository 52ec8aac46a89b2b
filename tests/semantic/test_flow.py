"""The flow of origins: parts, fitted state, re-binding, branches, loops and functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.semantic.flow import Part, part_named
from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit

LEARN = LibraryFacts(
    library="Learn",
    modules=("learn",),
    functions={
        "learn.load": FunctionFact(roles=("loads-data",), parameters="path"),
        "learn.split": FunctionFact(roles=("splits",), parameters="*arrays, seed=None", data=("*arrays",)),
        "learn.resample": FunctionFact(roles=("resamples",), parameters="*arrays, replace=True", data=("*arrays",)),
        "learn.join": FunctionFact(roles=("merges-rows",), parameters="parts", data=("parts",)),
    },
    classes={
        "learn.Scaler": ClassFact(
            tags=("estimator", "learns-statistics"),
            methods={
                "fit": FunctionFact(roles=("fits",), parameters="X, y=None", data=("X",), returns="self"),
                "transform": FunctionFact(roles=("transforms",), parameters="X", data=("X",)),
                "fit_transform": FunctionFact(roles=("fits-and-transforms",), parameters="X, y=None", data=("X",)),
            },
        ),
        "learn.Folds": ClassFact(
            tags=("splitter",),
            methods={"split": FunctionFact(roles=("splits",), parameters="X, y=None", data=("X",))},
        ),
    },
)


def events_of(code: str) -> list[str]:
    """Return each event as ``kind part <fits that touched the data> [fits the transformer had before]``."""
    unit = read_unit(Path("job.py"), "job.py", ("from learn import *\n" + code).encode())
    parse_unit(unit)
    model = SemanticModel(unit, Knowledge([LEARN]))
    numbers = {event: index for index, event in enumerate(model.events)}
    told = []
    for event in model.events:
        touched = sorted(numbers[other] for other in event.data[0].events)
        before = sorted(numbers[other] for other in event.estimator.events) if event.estimator else []
        told.append(f"{event.kind} {event.data[0].part.value} {touched} {before}")
    return told


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "X = load('a')\na, b = split(X)\nScaler().fit(a)\nScaler().fit(b)",
            ["split whole [] []", "fit train [] []", "fit test [] []"],
        ),
        (
            "X, y = load('a'), load('b')\na, b, c, d = split(X, y)\nScaler().fit(d)",
            ["split whole [] []", "fit test [] []"],
        ),
        ("X = load('a')\nZ = Scaler().fit_transform(X)\nsplit(Z)", ["fit whole [] []", "split whole [0] []"]),
        (
            "X = load('a')\nX = Scaler().fit_transform(X)\nX = load('b')\nsplit(X)",
            ["fit whole [] []", "split whole [] []"],
        ),
        (
            "X = load('a')\ns = Scaler()\ns.fit(X)\nsplit(s.transform(X))",
            ["fit whole [] []", "transform whole [] [0]", "split whole [0] []"],
        ),
        (
            "X = load('a')\na, b = split(X)\ns = Scaler()\na = s.fit_transform(a)\nb = s.fit_transform(b)",
            ["split whole [] []", "fit train [] []", "fit test [] [1]"],
        ),
        (
            "X = load('a')\nif c:\n    X = Scaler().fit_transform(X)\nsplit(X)",
            ["fit whole [] []", "split whole [0] []"],
        ),
        (
            "X = load('a')\nif c:\n    X = Scaler().fit_transform(X)\nelse:\n    X = load('b')\nsplit(X)",
            ["fit whole [] []", "split whole [0] []"],
        ),
        (
            "X = load('a')\nX['c'] = Scaler().fit_transform(X[['c']])\nsplit(X)",
            ["fit whole [] []", "split whole [0] []"],
        ),
        ("X = load('a')\na, b = split(X)\nScaler().fit(join([a, b]))", ["split whole [] []", "fit whole [] []"]),
        (
            "X = load('a')\na, rest = split(X)\nval, test = split(rest)\nScaler().fit(val)",
            ["split whole [] []", "split test [] []", "fit validation [] []"],
        ),
        (
            "X = load('a')\na, b = split(X)\na, v = split(a)\nScaler().fit(v)",
            ["split whole [] []", "split train [] []", "fit validation [] []"],
        ),
        (
            "X = load('a')\nfor tr, te in Folds().split(X):\n    Scaler().fit(X[tr])\n    Scaler().fit(X.iloc[te])",
            ["split whole [] []", "fit train [] []", "fit test [] []"],
        ),
        (
            "X = load('a')\nfor i, (tr, te) in enumerate(Folds().split(X)):\n    Scaler().fit(X[te])",
            ["split whole [] []", "fit test [] []"],
        ),
        ("parts = split(load('a'))\nScaler().fit(parts[1])", ["split whole [] []", "fit test [] []"]),
        ("Xr, yr = resample(load('a'), load('b'))\nsplit(Xr, yr)", ["resample whole [] []", "split whole [0] []"]),
        ("resample(load('a'), replace=False)\nsplit(load('a'))", ["split whole [] []"]),
        (
            "def prepare(X):\n    X = Scaler().fit_transform(X)\n    return split(X)",
            ["fit whole [] []", "split whole [0] []"],
        ),
        ("def prepare(X_test):\n    return Scaler().fit_transform(X_test)", ["fit test [] []"]),
        (
            "train = load('train')\ntest = load('test')\ns = Scaler().fit(train)\ns.fit(test)",
            ["fit train [] []", "fit test [] [0]"],
        ),
        (
            "rows = [Scaler().fit_transform(x) for x in load('a')]\nsplit(rows)",
            ["fit whole [] []", "split whole [0] []"],
        ),
    ],
)
def test_events(code: str, expected: list[str]) -> None:
    assert events_of(code) == expected


def test_unknown_calls_pass_origins_on_with_less_certainty() -> None:
    unit = read_unit(
        Path("job.py"), "job.py", b"from learn import *\nX = tidy(Scaler().fit_transform(load('a')))\nsplit(X)\n"
    )
    parse_unit(unit)
    events = SemanticModel(unit, Knowledge([LEARN])).events
    assert [event.kind for event in events] == ["fit", "split"]
    assert events[1].data[0].events == {events[0]}
    assert events[0].certain
    assert not events[1].certain


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("X_test", Part.TEST),
        ("test_df", Part.TEST),
        ("xtest", Part.TEST),
        ("dfTest", Part.TEST),
        ("y_te", Part.TEST),
        ("X_train", Part.TRAIN),
        ("train_ds", Part.TRAIN),
        ("trainSet", Part.UNKNOWN),
        ("X_tr", Part.TRAIN),
        ("X_val", Part.VALIDATION),
        ("valid_loader", Part.VALIDATION),
        ("dev_set", Part.VALIDATION),
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
