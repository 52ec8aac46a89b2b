"""Fits that see the test set: watched on it, searched over it, or on its rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Overlap, Part, Value, part_named
from mllint_rules.leakage._evaluations import evaluations, place_of
from mllint_rules.leakage._loops import rows_vary
from mllint_rules.leakage._trials import first_name, is_one_set, is_test, named_validation, parted, trials


class Watched(NamedTuple):
    """A fit that is watched on rows which are scored afterwards as the test.

    Attributes:
        fit: the fit.
        rows: the rows that it is watched on.
        final: the score of the fitted model on them.
        place: where the rows are handed to the fit.
    """

    fit: Event
    rows: Value
    final: Event
    place: cst.CSTNode | CallSite

    @property
    def trace(self) -> list[tuple[cst.CSTNode | CallSite, str]]:
        """The way: split here, watched here, scored here."""
        splits = sorted(self.rows.splits, key=lambda event: event.number)[:1]
        return [
            *((place_of(split), "The test rows are split off here") for split in splits),
            (place_of(self.fit), "The training is watched on them here"),
            (place_of(self.final), "The model is scored on them here"),
        ]

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.rows.splits and self.rows.certain and self.fit.certain else Confidence.MEDIUM


def watched_tests(ctx: Context) -> Iterator[Watched]:
    """Yield the fits that are watched on rows which are scored afterwards as the test."""
    for fit in ctx.model.events:
        if fit.kind != "fit" or not fit.validation:
            continue
        for value in fit.validation:
            rows = parted(value)
            trained = parted(fit.rows)
            if not rows.rows or not is_one_set(rows) or rows.compare(trained).shares:
                continue
            if any("splitter" in split.tags and _is_fold(rows, fit, ctx) for split in rows.splits):
                continue
            final = _scored_later(fit, rows, ctx)
            if final is not None and is_test(rows, (trained,), fit.number, ctx) and not named_validation(final, ctx):
                yield Watched(fit, rows, final, place_of_validation(fit))
                break


def _is_fold(rows: Value, fit: Event, ctx: Context) -> bool:
    return any(rows_vary(rows, loop, ctx) for loop in fit.loops)


def _scored_later(fit: Event, rows: Value, ctx: Context) -> Event | None:
    for event in ctx.model.events:
        other = bool(event.fits) and fit not in event.fits and "search" not in fit.tags
        if event.kind != "score" or event.number < fit.number or other:
            continue
        if parted(event.rows).compare(rows).shares:
            return event
    return None


def place_of_validation(fit: Event) -> cst.CSTNode | CallSite:
    """Return where a fit is handed the rows that it is watched on, or the fit itself if that cannot be told."""
    call = fit.call
    if call is None or call.fact is None:
        return place_of(fit)
    for name in call.fact.validation:
        node = call.argument(name).value
        if node is not None:
            return node
    return place_of(fit)


class OnTest(NamedTuple):
    """An event that saw the test rows.

    Attributes:
        event: the search, the choice or the fit.
        final: the score on rows that it saw.
        rows: these rows.
    """

    event: Event
    final: Event | None
    rows: Value

    @property
    def sure(self) -> bool:
        """Whether a split, and not names alone, say that the rows were held out."""
        return bool(self.rows.splits) and self.rows.certain and self.event.certain

    @property
    def confidence(self) -> Confidence | None:
        """The confidence of a finding."""
        return None if self.sure else Confidence.MEDIUM

    @property
    def trace(self) -> list[tuple[cst.CSTNode | CallSite, str]]:
        """The way: split here, seen here, scored here."""
        steps = [(split, "The test rows are split off here") for split in self.rows.splits]
        what = {"choose": "Models are compared here", "fit": "They are learned from here"}[self.event.kind]
        steps.append((self.event, what))
        if self.final is not None:
            steps.append((self.final, "They are scored here"))
        return [(place_of(event), text) for event, text in sorted(steps, key=lambda step: step[0].number)]


def searches_on_test(ctx: Context) -> Iterator[OnTest]:
    """Yield searches, and choices by cross-validation, that saw rows on which their result is scored later."""
    events = ctx.model.events
    for event in events:
        if event.kind == "fit" and "search" in event.tags and event.rows.rows:
            for later in events:
                if later.kind == "score" and later.number > event.number and _comes_from(event, later):
                    rows = later.rows
                    if any("splitter" in split.tags for split in rows.splits):
                        continue  # a cross-validation of what was found by one
                    if _is_held_out_part(rows) and _contains(event.rows, rows):
                        found = OnTest(event, later, rows)
                        if found.sure or not is_named_train(event.call):
                            yield found
                        break
        elif event.kind == "choose":
            compared = [score for score in event.scores if score.kind == "cross-validate" and score.rows.rows]
            kinds = {model.kind for score in compared for model in score.models} - {None}
            several = len({model for score in compared for model in score.models}) > 1
            if not compared or not (several or any(score.loops for score in compared)):
                continue
            for later in events:
                if later.kind != "score" or later.number <= event.number or not _is_held_out_part(later.rows):
                    continue
                if any("splitter" in split.tags for split in later.rows.splits):
                    continue  # another cross-validation of what was chosen by one
                same_kind = kinds & {model.kind for fit in later.fits for model in fit.models}
                if same_kind and any(_contains(parted(score.rows), later.rows) for score in compared):
                    yield OnTest(event, later, later.rows)
                    break


def is_named_train(call: CallSite | None) -> bool:
    """Tell whether the rows that a call is given are called training rows where it is written."""
    return part_named(first_name(call)) is Part.TRAIN


def _comes_from(search: Event, score: Event) -> bool:
    """Tell whether the scored model is what a search found, or is built from what it found."""
    pending = list(score.fits)
    seen: set[Event] = set()
    while pending:
        fit = pending.pop()
        if fit in seen:
            continue
        seen.add(fit)
        if fit is search:
            return True
        pending += fit.earlier
        for model in (*fit.models, *(part for whole in fit.models for part in whole.parts)):
            pending += [event for value in model.given.values() for event in value.learned if event.kind == "fit"]
    return False


def _is_held_out_part(rows: Value) -> bool:
    return bool(rows.rows) and all(held.part in (Part.TEST, Part.VALIDATION) for held in rows.rows)


def _contains(larger: Value, smaller: Value) -> bool:
    return any(mine.compare(theirs).value in ("same", "contains") for mine in larger.rows for theirs in smaller.rows)


def fits_on_test(ctx: Context) -> Iterator[OnTest]:
    """Yield the fits of models on rows that are the test set: a split says so, and they are scored as such."""
    events = ctx.model.events
    for fit in events:
        if fit.kind != "fit" or fit.call is None or "search" in fit.tags or not _is_model(fit, ctx):
            continue
        labelled = [event for event in fit.target.predicted if event.kind == "predict"]
        if labelled:
            yield from _pseudo_labelled(fit, labelled, ctx)
            continue
        rows = fit.rows
        if not rows.rows or not (rows.part is Part.TEST or _was_held_out(fit, ctx)) or not is_one_set(rows):
            continue
        if _is_tested_before(fit, rows, ctx):
            continue
        if (
            not rows.splits
            and not _was_held_out(fit, ctx)
            and not any(parted(each.rows).part is Part.TRAIN for each in fit.earlier)
        ):
            continue
        tested = [trial for trial in trials(ctx) if trial.rows.compare(rows).shares]
        scored = [e for e in events if e.kind == "score" and fit in e.fits and parted(e.rows).compare(rows).shares]
        if not tested and not scored and not fit.earlier:
            continue
        if rows.predicted and not scored:
            continue  # a stack or a calibration of models, tested on other rows
        others = [e for e in events if e.kind == "score" and fit in e.fits and not parted(e.rows).compare(rows).shares]
        if others and not scored:
            continue  # what was split off last is tested on: these rows are for something else
        yield OnTest(fit, scored[0] if scored else tested[0].event if tested else None, rows)


def _was_held_out(fit: Event, ctx: Context) -> bool:
    """Tell whether a model is trained on the rows that another one, trained on other rows, was tested on before."""
    return any(
        evaluation.event.number < fit.number
        and not evaluation.event.loops
        and evaluation.held_out.compare(fit.rows) is Overlap.SAME
        and evaluation.trained.compare(fit.rows) is Overlap.NONE
        and not evaluation.held_out.sources.isdisjoint(evaluation.trained.sources)
        for evaluation in evaluations(ctx)
    )


def _is_tested_before(fit: Event, rows: Value, ctx: Context) -> bool:
    """Tell whether each batch is predicted before it is learned from, in the same loop."""
    return any(
        rows_vary(rows, loop, ctx)
        and any(
            event.kind in ("predict", "score") and loop in event.loops and parted(event.rows).compare(rows).shares
            for event in ctx.model.events
        )
        for loop in fit.loops
    )


def _pseudo_labelled(fit: Event, labelled: list[Event], ctx: Context) -> Iterator[OnTest]:
    """Yield a fit on rows labelled by predictions where these rows are scored afterwards."""
    for label in sorted(labelled, key=lambda event: event.number):
        rows = label.rows
        if not _is_held_out_part(rows) or not fit.rows.compare(rows).shares:
            continue
        for later in ctx.model.events:
            if later.kind == "score" and fit in later.fits and later.rows.compare(rows).shares:
                yield OnTest(fit, later, rows)
                return


def _is_model(fit: Event, ctx: Context) -> bool:
    """Tell whether a fit trains a model, and not an unknown thing that was made from one, such as an explanation."""
    receiver = fit.call.receiver if fit.call is not None else None
    made = ctx.model.assigned_value(receiver) if receiver is not None else None
    for node in (receiver, made):
        if isinstance(node, cst.Call) and ctx.model.call(node).fact is None:
            return False
    if fit.call is not None and "fits-and-transforms" in fit.call.roles:
        return False  # it may classify too, but serves to transform
    return fit.trains_model and (bool(fit.tags) or len(fit.data) > 1)
