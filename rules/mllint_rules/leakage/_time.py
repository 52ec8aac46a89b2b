"""What the rules about time share: which other rows reached the features of a model, and how rows are parted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Selection
from mllint_rules.leakage._evaluations import Evaluation, evaluations, place_of

#: Names of columns that say when.
TIME_NAME = re.compile(
    r"(?i)(?:^|_|\b)(?:date|datetime|time|timestamp|tstamp|ts|day|week|month|quarter|year|period|hour|minute|second)s?"
    r"(?:$|_|\b)|(?:[a-z](?:Date|Time|Day)\b)|(?:^|_)(?:date|time)|(?:date|time|timestamp|_at)$"
)


class Reach(NamedTuple):
    """An event that reached the features of a model which is evaluated.

    Attributes:
        event: the event.
        evaluation: the evaluation of the model.
        column: the column that it reached the features by, None where it reached all of them.
    """

    event: Event
    evaluation: Evaluation
    column: str | None


def reaching_features(ctx: Context, kind: str, wanted: Callable[[Reach], bool]) -> Iterator[Reach]:
    """Yield every wanted event of a kind that surely reached features of an evaluated model, each piece of code once.

    What reached nothing but the columns that the model learns to predict is not among them.
    """
    found: set[cst.CSTNode] = set()
    for evaluation in evaluations(ctx):
        if not trains_to_predict(evaluation.fit):
            continue
        for reach in sorted(_reaching(evaluation), key=lambda each: (each.event.number, each.column or "")):
            if reach.event.kind == kind and reach.event.node not in found and wanted(reach):
                found.add(reach.event.node)
                yield reach


def trains_to_predict(fit: Event) -> bool:
    """Tell whether a fit, or a cross-validation, makes a model that learns to predict something."""
    return fit.kind == "cross-validate" or fit.trains_model


def _reaching(evaluation: Evaluation) -> Iterator[Reach]:
    fit = evaluation.fit
    held = fit.rows
    target = fit.target
    known = bool(target.rows)
    for event in held.learned:
        # A shift that reached the target as well may be there for its sake alone: the frame was widened and then cut.
        if "shifts" not in event.tags or (known and event not in target.reached_by):
            yield Reach(event, evaluation, None)
    named = target.columns.only or frozenset()
    for name, events in held.columns.made.items():
        if name not in named and held.columns.holds(name):
            for event in events - held.learned:
                yield Reach(event, evaluation, name)


def partings(evaluation: Evaluation) -> Iterator[Selection]:
    """Yield the selections that took the training rows to one side and the held-out rows to another."""
    for mine in evaluation.trained.ordered_rows:
        for theirs in evaluation.held_out.ordered_rows:
            if mine.source == theirs.source:
                for step in mine.path:
                    if any(step.key == other.key and step.side != other.side for other in theirs.path):
                        yield step


def random_parting(evaluation: Evaluation, ctx: Context) -> Selection | None:
    """Return the selection by chance that parts the training rows from the held-out ones, if nothing else does."""
    found: Selection | None = None
    for step in partings(evaluation):
        if not (is_random(step.key, ctx) if isinstance(step.key, Event) else step.random):
            return None
        found = step
    return found


def is_random(split: Event, ctx: Context) -> bool:
    """Tell whether chance decides which rows a split takes to which side."""
    if not split.tags.isdisjoint(("time-aware", "group-aware")):
        return False
    makers = [ctx.model.call(each.made) for each in split.models if isinstance(each.made, cst.Call)]
    calls = makers or ([split.call] if split.call is not None else [])
    return any(call.draws_with() is not None for call in calls)


def is_in_order(event: Event) -> bool:
    """Tell whether an event says that rows are in the order of time, not only that a column is a date."""
    call = event.call
    if event.kind != "time-order" or call is None:
        return False
    if "loads-data" in call.roles:
        return _indexes_by_date(call)
    return call.last_name != "sort_values" and call.last_name != "sort"


def _indexes_by_date(call: CallSite) -> bool:
    index, parsed = call.literal("index_col", default=None), call.literal("parse_dates", default=None)
    if index in (None, False) or not call.argument("index_col").present:
        return False
    names = parsed if isinstance(parsed, list) else [parsed]
    return parsed is True or index in names


def is_series(reach: Reach, ctx: Context) -> bool:
    """Tell whether the rows of an evaluation are parted at a point in time, or in an order that is that of time.

    Rows that are kept together by group, such as the samples of one recording, are no series as a whole.
    """
    evaluation = reach.evaluation
    if evaluation.on_folds:
        return "time-aware" in evaluation.event.tags
    steps = list(partings(evaluation))
    for step in steps:
        if isinstance(step.key, Event) and (is_random(step.key, ctx) or "group-aware" in step.key.tags):
            return False
        if step.random:
            return False
    if any(isinstance(step.key, Event) or step.is_slice for step in steps):
        return True
    return any(isinstance(step.key, tuple) and _BY_TIME.search(_text(step.key)) for step in steps)


#: What rows are compared by where they are parted at a point in time: ``frame.index < cut``, ``frame["date"] < cut``.
_BY_TIME = re.compile(rf"\bindex\b|{TIME_NAME.pattern.removeprefix('(?i)')}", re.IGNORECASE)


def _text(key: tuple[object, ...]) -> str:
    """Return the code that a mask was made by."""
    return " ".join(each for each in key if isinstance(each, str))


def is_lag(event: Event) -> bool:
    """Tell whether an event gives rows values of earlier rows on purpose: a lag, a moving window."""
    return event.kind == "look-back" and not event.tags.isdisjoint(("shifts", "windows-rows"))


def trace(reach: Reach, what: str) -> list[tuple[cst.CSTNode | CallSite, str]]:
    """Return the way the data went."""
    fit, scored = reach.evaluation.fit, reach.evaluation.event
    steps = [(reach.event, what)]
    if fit is scored:
        steps.append((fit, "The model is trained and evaluated on folds of them here"))
    else:
        verb = "scored" if scored.kind == "score" else "applied to the held-out rows"
        steps += [(fit, "The model is trained on them here"), (scored, f"It is {verb} here")]
    return [(place_of(event), text) for event, text in sorted(steps, key=lambda step: step[0].number)]


def confidence(reach: Reach) -> Confidence | None:
    """Return the confidence in a finding: less where data went through code that could not be looked into."""
    return None if reach.event.certain and reach.evaluation.fit.certain else Confidence.MEDIUM


def into(reach: Reach) -> str:
    """Return where the values of other rows arrive, for a message."""
    return f"the feature `{reach.column}`" if reach.column is not None else "the features"


def is_along_rows(reach: Reach) -> bool:
    """Tell whether a filter surely goes along the rows and not along each row.

    It is given the axis, or one column, or windows are cut out of the result afterwards.
    """
    event, call = reach.event, reach.event.call
    if call is None or call.signature is None or call.signature.default("axis") != "-1":
        return True
    axis = call.literal("axis", default=None)
    columns = event.rows.columns
    if axis == 0 or (columns.known and columns.only is not None and len(columns.only) == 1):
        return True
    held = reach.evaluation.fit.rows
    return any(each.kind == "window" and event in each.rows.reached_by for each in held.reached_by)
