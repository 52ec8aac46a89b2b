"""A small made-up library, and short ways to write down what happens to data in a program that uses it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from mllint.rule.registry import load_registry
from mllint.semantic.flow import Event, Overlap, Value
from mllint.semantic.knowledge import ClassFact, FunctionFact, Knowledge, LibraryFacts
from mllint.semantic.model import SemanticModel
from mllint.source.parse import parse_unit, read_unit


def _fact(
    role: str = "",
    parameters: str | None = None,
    data: str = "",
    *,
    tags: str = "",
    returns: str | None = None,
    validation: tuple[str, ...] = (),
    selects_when: tuple[str, ...] = (),
    ahead_when: tuple[str, ...] = (),
    behind_when: tuple[str, ...] = (),
    ordered_when: tuple[str, ...] = (),
) -> FunctionFact:
    return FunctionFact(
        roles=tuple(role.split()),
        parameters=parameters,
        data=tuple(data.split()),
        tags=tuple(tags.split()),
        returns=returns,
        validation=validation,
        selects_when=selects_when,
        ahead_when=ahead_when,
        behind_when=behind_when,
        ordered_when=ordered_when,
    )


_FIT = _fact("fits", "X, y=None", "X y", returns="self")
_PREDICT = _fact("predicts", "X", "X")
_SCORE = _fact("scores", "X, y=None", "X y")
_TRANSFORMER = {
    "fit": _FIT,
    "transform": _fact("transforms", "X", "X"),
    "fit_transform": _fact("fits-and-transforms", "X, y=None", "X y"),
}
_MODEL = {
    "fit": _FIT,
    "partial_fit": _fact("fits fits-further", "X, y=None", "X y", returns="self"),
    "predict": _PREDICT,
    "score": _SCORE,
}
_ROWS = {
    "mean": _fact("reduces-rows", "axis=0"),
    "max": _fact("reduces-rows chooses", "axis=0"),
    "count": _fact("reduces-rows", "", tags="counts"),
    "rank": _fact("reduces-rows keeps-rows", "", tags="broadcasts"),
    "isna": _fact("keeps-rows", "", tags="missing-mask"),
    "isin": _fact("keeps-rows", "values", tags="membership-mask"),
    "copy": _fact("keeps-rows", ""),
    "astype": _fact("keeps-rows", "dtype"),
    "sum": _fact("reduces-rows", "axis=0"),
    "map": _fact("keeps-rows", "func", tags="one-by-one"),
    "apply": _fact("keeps-rows", "func, axis=0"),
    "fillna": _fact(
        "keeps-rows", "value=None, method=None, inplace=False", tags="fills-gaps", ahead_when=("method=back",)
    ),
    "shift": _fact("keeps-rows", "periods=1", tags="shifts", ahead_when=("periods<0",), behind_when=("periods>0",)),
    "rolling": _fact("keeps-rows", "window", tags="windows-rows", behind_when=("always",)),
    "sample": _fact("samples draws-random", "n=None, frac=None, replace=False"),
    "head": _fact("selects-rows", "n=5"),
    "query": _fact("selects-rows", "expr"),
    "sort_values": _fact("keeps-rows orders-rows", "by"),
    "drop": _fact("selects-rows drops-columns", "labels=None, axis=0, index=None, columns=None, inplace=False"),
    "dropna": _fact("selects-rows", "inplace=False"),
    "pop": _fact("keeps-rows takes-column", "item"),
    "assign": _fact("keeps-rows assigns-columns", "**kwargs"),
    "rename": _fact("keeps-rows renames-columns", "columns=None, inplace=False"),
    "merge": _fact("merges-rows", "right, on=None", "right", tags="beside"),
    "groupby": _fact("keeps-rows", "by", tags="groups-rows", returns="lab.Groups"),
}

#: A made-up library that has an API for every role and every tag that the flow of data goes by.
LAB = LibraryFacts(
    library="Lab",
    modules=("lab",),
    functions={
        "lab.load": _fact("loads-data", "path, train=None, split=None", returns="lab.Frame"),
        "lab.load_times": _fact("loads-data", "path, dates=None", returns="lab.Frame", ordered_when=("dates!=None",)),
        "lab.split": _fact("splits", "*arrays, seed=None", "*arrays"),
        "lab.split_pairs": _fact("splits", "*arrays, seed=None", "*arrays", tags="part-major"),
        "lab.stack": _fact("merges-rows", "parts, axis=0", "parts"),
        "lab.resample": _fact("resamples", "*arrays, replace=True", "*arrays"),
        "lab.cut": _fact("keeps-rows", "x, bins", "x", tags="learns-edges"),
        "lab.codes": _fact("fits-and-transforms", "values", "values", tags="learns-vocabulary"),
        "lab.average": _fact("reduces-rows", "values, axis=0", "values"),
        "lab.accuracy": _fact("scores", "truth, predicted", "truth predicted"),
        "lab.curve": _fact("scores", "truth, predicted", "truth predicted", tags="threshold-curve"),
        "lab.best": _fact("chooses", "values", "values"),
        "lab.cross_scores": _fact("cross-validates", "model, X, y=None", "X y"),
        "lab.cross_predict": _fact("cross-validates predicts", "model, X, y=None", "X y"),
        "lab.maximize": _fact("searches", "objective"),
        "lab.draw": _fact("draws-random", "size"),
        "lab.train": _fact(
            "trains",
            "options, data, watch=None, patience=None",
            "data",
            returns="lab.Forest",
            validation=("watch",),
            selects_when=("patience!=None",),
        ),
        "lab.windows": _fact("keeps-rows", "rows, length", "rows", tags="windows"),
        "lab.to_array": _fact("keeps-rows", "rows", "rows"),
        "lab.subset": _fact("selects-rows", "rows, indices", "rows"),
    },
    classes={
        "lab.Frame": ClassFact(
            tags=("dataframe",), item="lab.Series", selection="lab.Frame", arithmetic=True, methods=_ROWS
        ),
        "lab.Series": ClassFact(tags=("series",), selection="lab.Series", arithmetic=True, methods=_ROWS),
        "lab.Tensor": ClassFact(tags=("tensor",), methods={"backward": _fact("trains", "")}),
        "lab.Groups": ClassFact(
            tags=("groups",),
            item="lab.Groups",
            methods={
                "mean": _fact("reduces-rows", "", returns="lab.Frame"),
                "agg": _fact("reduces-rows", "func", returns="lab.Frame"),
                "transform": _fact("reduces-rows keeps-rows", "func", tags="broadcasts", returns="lab.Frame"),
            },
        ),
        "lab.Scaler": ClassFact(
            tags=("estimator", "learns-statistics"),
            parameters="kind='mean'",
            stateless_when=("kind=constant",),
            methods=_TRANSFORMER,
        ),
        "lab.Picker": ClassFact(tags=("estimator", "selects-features", "supervised"), methods=_TRANSFORMER),
        "lab.Oversampler": ClassFact(
            tags=("resampler", "oversampler"),
            methods={"fit_resample": _fact("resamples", "X, y", "X y")},
        ),
        "lab.Folds": ClassFact(tags=("splitter",), methods={"split": _fact("splits", "X, y=None", "X y")}),
        "lab.Forest": ClassFact(tags=("estimator", "classifier"), parameters="size=10", methods=_MODEL),
        "lab.Boost": ClassFact(
            tags=("estimator", "classifier"),
            parameters="size=10, patience=None",
            selects_when=("patience!=None",),
            methods={
                **_MODEL,
                "fit": _fact(
                    "fits",
                    "X, y=None, watch=None, calls=None",
                    "X y",
                    returns="self",
                    validation=("watch",),
                ),
            },
        ),
        "lab.Early": ClassFact(tags=("selects-epoch",), parameters="keep=True", selects_when=("keep=True",)),
        "lab.Chain": ClassFact(tags=("estimator", "pipeline"), parameters="*steps", methods=_MODEL | _TRANSFORMER),
        "lab.Columns": ClassFact(tags=("estimator", "pipeline"), parameters="steps", methods=_TRANSFORMER),
        "lab.Grid": ClassFact(tags=("estimator", "search"), parameters="model, grid", methods=_MODEL),
        "lab.Net": ClassFact(tags=("module",), methods={"to": _fact("", "device", returns="self")}),
        "lab.Loss": ClassFact(tags=("module",)),
        "lab.Batches": ClassFact(tags=("dataset",), parameters="rows, size=1", roles=("keeps-rows",), data=("rows",)),
        "lab.Subset": ClassFact(tags=("dataset",), parameters="rows, indices", roles=("selects-rows",), data=("rows",)),
    },
    methods={
        "fit": _FIT,
        "predict": _PREDICT,
        "score": _SCORE,
        "fit_transform": _TRANSFORMER["fit_transform"],
        "transform": _TRANSFORMER["transform"],
        "backward": _fact("trains", ""),
    },
)

_SMALL = Knowledge([LAB])


@cache
def real_knowledge() -> Knowledge:
    """What the rules that come with the linter know of real libraries."""
    return load_registry().knowledge()


def model_of(code: str, knowledge: Knowledge = _SMALL) -> SemanticModel:
    """Return the model of a program."""
    text = f"from lab import *\n{code}\n" if knowledge is _SMALL else f"{code}\n"
    unit = read_unit(Path("job.py"), "job.py", text.encode())
    parse_unit(unit)
    return SemanticModel(unit, knowledge)


def notebook_of(*cells: str) -> SemanticModel:
    """Return the model of a notebook with some cells of code."""
    made: list[dict[str, object]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "execution_count": None, "outputs": []}
        for source in ("from lab import *", *cells)
    ]
    data = json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    unit = read_unit(Path("job.ipynb"), "job.ipynb", data.encode())
    parse_unit(unit)
    return SemanticModel(unit, _SMALL)


def events_of(code: str, *kinds: str, knowledge: Knowledge = _SMALL) -> list[str]:
    """Return what happens in a program, each event as a line, of all kinds or of some.

    A line is the number of the event, its kind, and the parts of the data it works on, followed by what applies of:
    ``<- 0 1`` the events that had reached the first of these; ``of 0`` what was put in, or what the models had been
    fitted by before; ``by 0`` what the models are fitted by; ``from 0`` the scores that a choice rests on; ``watching
    test`` and ``selecting test``; ``?`` where something went through code that could not be looked into.
    """
    return lines(model_of(code, knowledge), *kinds)


def lines(model: SemanticModel, *kinds: str) -> list[str]:
    """Return what happens in a model, as lines."""
    return [_told(event) for event in model.events if not kinds or event.kind in kinds]


def _told(event: Event) -> str:
    words = [f"{event.number} {event.kind}", " ".join(_part(value) for value in event.data)]
    marks = {
        "<-": event.rows.reached_by,
        "of": event.earlier,
        "by": event.fits,
        "from": event.scores,
    }
    words += [f"{mark} {_numbers(events)}" for mark, events in marks.items() if events]
    if event.validation:
        verb = "selecting" if event.selects else "watching"
        words.append(f"{verb} {' '.join(_part(value) for value in event.validation)}")
    if not event.certain:
        words.append("?")
    return " ".join(word for word in words if word)


def _part(value: Value) -> str:
    return value.part.value if value.rows else "-"


def _numbers(events: frozenset[Event]) -> str:
    return " ".join(str(number) for number in sorted(event.number for event in events))


def last_event(code: str, kind: str, knowledge: Knowledge = _SMALL) -> Event:
    """Return the last event of a kind in a program."""
    return [event for event in model_of(code, knowledge).events if event.kind == kind][-1]


def held(code: str, *expressions: str, knowledge: Knowledge = _SMALL) -> Sequence[Value]:
    """Return the values that expressions have after a program."""
    probes = [f"_probe.fit({expression})" for expression in expressions]
    model = model_of("\n".join([code, *probes]), knowledge)
    found = [event for event in model.events if event.kind == "fit"][-len(probes) :]
    assert [event.call.last_name for event in found if event.call] == ["fit"] * len(probes)
    return [event.data[0] for event in found]


def overlap(code: str, first: str, second: str, knowledge: Knowledge = _SMALL) -> Overlap:
    """Return which rows two expressions share after a program."""
    mine, theirs = held(code, first, second, knowledge=knowledge)
    return mine.compare(theirs)
