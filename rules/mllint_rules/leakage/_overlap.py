"""What the rules about overlap share: how the rows that a model is evaluated on relate to those it was trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from weakref import WeakKeyDictionary

import libcst as cst

from mllint import CallSite, Confidence, Context, Event, Overlap, Part, Rows, Selection, SemanticModel, Value
from mllint_rules.leakage._evaluations import Evaluation, evaluations, place_of


class Meeting(NamedTuple):
    """Rows of a training set and of an evaluation that share some.

    Attributes:
        trained: the rows that the model was trained on.
        held_out: the rows that it is evaluated on.
        overlap: how the training rows lie to the others.
    """

    trained: Rows
    held_out: Rows
    overlap: Overlap

    @property
    def parting(self) -> Selection | None:
        """The selection that takes the smaller rows out of the larger ones."""
        mine, theirs = self.selections
        return mine or theirs if self.overlap in (Overlap.CONTAINS, Overlap.INSIDE) else None

    @property
    def selections(self) -> tuple[Selection | None, Selection | None]:
        """The first selections in which the two differ, of the training rows and of the others."""
        mine, theirs = self.trained.together().path, self.held_out.together().path
        shared = 0
        while shared < min(len(mine), len(theirs)) and mine[shared] == theirs[shared]:
            shared += 1
        return (
            mine[shared] if shared < len(mine) else None,
            theirs[shared] if shared < len(theirs) else None,
        )


class Sharing(NamedTuple):
    """A score of a model all of whose rows meet rows that the model was trained on."""

    evaluation: Evaluation
    meetings: tuple[Meeting, ...]

    @property
    def overlaps(self) -> frozenset[Overlap]:
        """How the training rows lie to each of the rows that are scored."""
        return frozenset(meeting.overlap for meeting in self.meetings)

    @property
    def sure(self) -> bool:
        """Whether nothing on the way of the rows went through code that could not be looked into."""
        evaluation = self.evaluation
        return evaluation.trained.certain and evaluation.held_out.certain


_SCORES: WeakKeyDictionary[SemanticModel, dict[Event, list[Evaluation]]] = WeakKeyDictionary()


def scores(ctx: Context) -> dict[Event, list[Evaluation]]:
    """Return the scores of models that learn to predict, with the evaluations in each."""
    known = _SCORES.get(ctx.model)
    if known is None:
        found = (each for each in evaluations(ctx) if each.event.kind == "score" and not each.on_folds)
        grouped = {event: list(several) for event, several in groupby(found, key=lambda each: each.event)}
        known = _SCORES[ctx.model] = {
            event: several for event, several in grouped.items() if all(each.fit.trains_model for each in several)
        }
    return known


def sharing(ctx: Context) -> Iterator[Sharing]:
    """Yield every score all of whose rows meet the training rows, whichever way the program took."""
    for several in scores(ctx).values():
        met = [Sharing(each, tuple(meetings(each.trained, each.held_out))) for each in several]
        if all(each.meetings for each in met) and not any(_foretells(each) for each in several):
            yield from met


def _foretells(evaluation: Evaluation) -> bool:
    """Tell whether predictions from a slice of training rows are compared with others: with what comes after them."""
    trained = evaluation.trained
    if not all(rows.path and rows.path[-1].key == "slices" for rows in evaluation.held_out.rows):
        return False
    truths = (value for value in evaluation.event.data[1:] if value.sources & trained.sources)
    return any(trained.compare(truth) is Overlap.NONE for truth in truths)


def meetings(trained: Value, held_out: Value) -> list[Meeting]:
    """Return where rows meet training rows; nothing unless all of them do."""
    found: list[Meeting] = []
    for theirs in held_out.ordered_rows:
        answers = [Meeting(mine, theirs, mine.compare(theirs)) for mine in trained.ordered_rows]
        shared = [each for each in answers if each.overlap.shares]
        if not shared:
            return []
        found.append(min(shared, key=lambda each: each.overlap.rank))
    return found


_PARTS = {Part.TRAIN, Part.VALIDATION, Part.TEST}


def beyond(trained: Value, held_out: Value) -> bool:
    """Tell whether a model was also trained on rows that it is not evaluated on."""
    return any(all(not mine.compare(theirs).shares for theirs in held_out.rows) for mine in trained.rows)


def is_held_out(value: Value) -> bool:
    """Tell whether rows are what a split has held out."""
    return bool(value.splits) and value.part in (Part.TEST, Part.VALIDATION)


def contradicted(trained: Value, held_out: Value) -> bool:
    """Tell whether names say that two values are different parts, and the way of the rows does not surely deny it.

    What the flow takes for the same rows may be several things that one helper has made in different ways.
    """
    if trained.part is held_out.part or not {trained.part, held_out.part} <= _PARTS:
        return False
    return not (trained.certain and held_out.certain) or trained.compare(held_out) is Overlap.SAME


def follows(fit: Event, ctx: Context, *values: Value) -> bool:
    """Tell whether rows that went through unknown code surely are those of a fit: they are given in the same words."""
    if all(value.certain for value in (fit.rows, *values)):
        return True
    call = fit.call
    if call is None or not call.node.args:
        return False
    given = ctx.model.text(call.node.args[0].value)
    others = [arg.value for arg in call.node.args[1:]]
    for event in ctx.model.events:
        if fit in event.fits and event.call is not None:
            others += [arg.value for arg in event.call.node.args]
    return any(ctx.model.text(each) == given for other in others for each in ctx.model.descendants(other))


def confidence(values: Iterable[Value]) -> Confidence | None:
    """Return the confidence in a finding about rows: less where some went through unknown code."""
    return None if all(value.certain for value in values) else Confidence.MEDIUM


def blamed(event: Event, other: Event) -> cst.CSTNode | CallSite:
    """Return where to point for an event that is wrong together with another.

    Where an own function does it with the rows that it is given, and the other happens outside of that function, the
    call of the function is meant.
    """
    for index, call in enumerate(event.calls):
        if other.calls[index : index + 1] == (call,):
            continue
        return call.func if call.args else place_of(event)
    return place_of(event)


def split_steps(value: Value) -> list[tuple[Event, str]]:
    """Return the splits that rows came out of as steps of a trace."""
    return [(event, "The rows are split here") for event in sorted(value.splits, key=lambda each: each.number)]


def steps(several: Iterable[tuple[Event, str]]) -> list[tuple[cst.CSTNode | CallSite, str]]:
    """Return events as a trace, in the order in which they happen."""
    return [(place_of(event), text) for event, text in sorted(several, key=lambda step: step[0].number)]
