"""Scores of models on rows held out, and whether those rows are the test set."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from mllint import CallSite, Context, Event, Part, Rows, SemanticModel, Value, part_named
from mllint_rules.leakage._evaluations import place_of


class Trial(NamedTuple):
    """A score of models on rows that none of them was trained on.

    Attributes:
        event: the score.
        fits: what the models were fitted by.
        rows: the rows of the score.
    """

    event: Event
    fits: frozenset[Event]
    rows: Value

    @property
    def trained(self) -> Iterator[Value]:
        """The rows that the models were trained on."""
        return (parted(fit.rows) for fit in self.fits)


_TRIALS: WeakKeyDictionary[SemanticModel, list[Trial]] = WeakKeyDictionary()


def trials(ctx: Context) -> list[Trial]:
    """Return the scores of models on rows that they were not trained on, in order."""
    known = _TRIALS.get(ctx.model)
    if known is None:
        found = (_trial(event) for event in ctx.model.events if event.kind == "score")
        known = _TRIALS[ctx.model] = [trial for trial in found if trial is not None]
    return known


def is_test(rows: Value, trained: Iterable[Value], number: int, ctx: Context) -> bool:
    """Tell whether rows serve as the test set: no rows that stay untouched until later are scored or predicted.

    Args:
        rows: the rows.
        trained: the rows that the models scored on them were trained on.
        number: when they have been used to decide.
        ctx: the context of the rule.
    """
    if rows.part not in (Part.TEST, Part.VALIDATION, Part.UNKNOWN, Part.WHOLE):
        return False
    if any(held.part is Part.VALIDATION for held in rows.rows) or any(_divides_train(split) for split in rows.splits):
        return False
    used = list({each.rows: each for each in (rows, *trained)}.values())
    untouched: dict[frozenset[Rows], bool] = {}  # most scores and predictions work on the same few rows
    for event in ctx.model.events:
        if event.number <= number or event.kind not in ("score", "predict"):
            continue
        later = parted(event.rows)
        if later.rows not in untouched:
            untouched[later.rows] = bool(later.rows) and not any(later.compare(each).shares for each in used)
        if untouched[later.rows] and _reports(event, later, rows, used, ctx):
            return False
    return True


_TRAIN = re.compile(r"(?i)^x_?(?:train|tr)$")


def _divides_train(split: Event) -> bool:
    """Tell whether what is split are the features of a training part: what is held out of it is for validation."""
    return _TRAIN.match(first_name(split.call)) is not None


def first_name(call: CallSite | None) -> str:
    """Return the name that a call is given first, empty if it is given something else."""
    first = call.positional[0].value if call is not None and call.positional else None
    return first.value if isinstance(first, cst.Name) else ""


def named_validation(event: Event, ctx: Context) -> bool:
    """Tell whether the rows of a score, or of the prediction it judges, are called validation rows where it is written.

    That is in what is scored, or in what a loop around it goes over.
    """
    predictions = [
        each
        for each in ctx.model.events
        if each.kind == "predict" and each.number < event.number and parted(each.rows).compare(event.rows).shares
    ]
    judged = [each.call.node for each in (event, *predictions[-1:]) if each.call is not None]
    places = [arg.value for call in judged for arg in call.args]
    places += [loop.iter for loop in event.loops if isinstance(loop, (cst.For, cst.CompFor))]
    return any(
        part_named(name.value) is Part.VALIDATION
        for place in places
        for name in ctx.model.descendants(place)
        if isinstance(name, cst.Name)
    )


def place_of_score(trial: Trial, ctx: Context) -> cst.CSTNode | CallSite:
    """Return where a model is scored: not inside of a helper that knows nothing of the model."""
    for fit in sorted(trial.fits, key=lambda event: event.number):
        shared = 0
        for mine, theirs in zip(fit.calls, trial.event.calls, strict=False):
            if mine is not theirs:
                break
            shared += 1
        if shared == len(fit.calls) < len(trial.event.calls):
            return ctx.model.call(trial.event.calls[shared])
    return place_of(trial.event)


def _trial(event: Event) -> Trial | None:
    rows = parted(event.rows)
    fits = frozenset(fit for fit in event.fits if fit.kind == "fit" and fit.rows.rows and fit.trains_model)
    if not rows.rows or not fits or not is_one_set(rows):
        return None
    return Trial(event, fits, rows) if all(_held_out(parted(fit.rows), rows) for fit in fits) else None


def parted(value: Value) -> Value:
    """Return rows without those of no known part, such as settings, where others are a part of the data."""
    split = frozenset(rows for rows in value.rows if any(step.part is not Part.UNKNOWN for step in rows.path))
    named = frozenset(rows for rows in value.rows if rows.part not in (Part.WHOLE, Part.UNKNOWN))
    known = split or named
    return value.of(known) if known and known != value.rows else value


def is_one_set(rows: Value) -> bool:
    """Tell whether rows of several ways are the same part of the data."""
    ends = {
        (held.source, next((s for s in reversed(held.path) if s.part is not Part.UNKNOWN), None)) for held in rows.rows
    }
    return len(ends) == 1


def _held_out(trained: Value, rows: Value) -> bool:
    """Tell whether rows were held out from training: a selection parts them, or their names say so."""
    if trained.sources & rows.sources:
        return all(
            mine.compare(theirs).value == "none"
            for mine in trained.rows
            for theirs in rows.rows
            if mine.source == theirs.source
        )
    return trained.part is Part.TRAIN and rows.part in (Part.TEST, Part.VALIDATION)


def is_cut(trial: Trial) -> bool:
    return any(fit.rows.sources & trial.rows.sources for fit in trial.fits)


def _reports(event: Event, later: Value, rows: Value, used: list[Value], ctx: Context) -> bool:
    """Tell whether a later score or prediction on untouched rows is of a model that was trained on the rows used."""
    if not event.fits:  # a model that was loaded
        return event.kind == "predict" and later.part is Part.TEST and not later.sources & rows.sources
    if not any(fit.rows.sources & each.sources for fit in event.fits for each in used):
        return False
    if later.sources & rows.sources:
        return later.compare(rows).value == "none"
    return later.part in (Part.TEST, Part.VALIDATION) or all(_is_loaded(source, ctx) for source in later.sources)


def _is_loaded(source: Hashable, ctx: Context) -> bool:
    """Tell whether rows come from a file of their own."""
    return isinstance(source, cst.Call) and "loads-data" in ctx.model.call(source).roles
