"""Evaluation: predictions, scores, cross-validation, and the choice of the best of several scores."""

from __future__ import annotations

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.events import Event
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import NOTHING, Columns, Value, in_order, join, replace


class Evaluation:
    """Applies models to rows and scores what they predict.

    Args:
        state: the state of the interpretation.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def predict(self, call: KnownCall) -> Value:
        """A model predicts something for rows."""
        return self.predicted(call.site, call.data, call.receiver)

    def predicted(self, site: CallSite, data: tuple[Value, ...], model: Value) -> Value:
        """Return what a model predicts for rows in a call."""
        models = frozenset(model.instances)
        event = self._state.event(
            "predict", site.node, data, call=site, models=models, tags=model.tags, fits=model.fits
        )
        rows = data[0] if data else NOTHING
        return Value(
            rows=rows.rows,
            learned=model.fits,  # what reached the rows has reached the model before; it is told of there
            columns=Columns(only=frozenset()),
            predicted=frozenset([event]),
            certain=rows.certain,
        )

    def score(self, call: KnownCall) -> Value:
        """A model is evaluated on rows, or predictions are compared with the truth."""
        return self.scored(call.site, call.data or call.rows, call.receiver, call.arguments)

    def scored(
        self,
        site: CallSite,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        """Return what a call gives that evaluates a model or predictions."""
        given = join(list(arguments.values()))
        # What a fitted model is scored on are features, also where another model has made them.
        predicted = frozenset() if receiver.fits else join(data).predicted or given.predicted
        models = frozenset(receiver.instances) or frozenset(m for event in predicted for m in event.models)
        fits = receiver.fits | frozenset(fit for event in predicted for fit in event.fits)
        if not receiver.objects and not predicted and given.objects:
            # ``plot_roc_curve(model, X, y)``, ``trainer.test(model, loader)``
            models, fits = frozenset(given.instances), given.fits
        seen = _seen(predicted, data or tuple(arguments.values()))
        truth = tuple(value for value in data if value.rows and not value.predicted)
        event = self._state.event(
            "score",
            site.node,
            (*seen, *truth) if predicted else data,
            call=site,
            models=models,
            tags=frozenset(site.tags),
            fits=fits,
        )
        curve = "threshold-curve" in site.tags
        return Value(
            scores=frozenset([event]), predicted=predicted, learned=frozenset([event]) if curve else frozenset()
        )

    def cross_validate(self, call: KnownCall) -> Value | None:
        """A model is fitted and evaluated on folds of rows."""
        data = call.data
        if not data:
            return None
        models = frozenset(each for value in (call.receiver, *call.arguments.values()) for each in value.instances)
        tags = frozenset().union(*(each.tags for each in models)) if models else frozenset()
        event = self._state.event("cross-validate", call.node, data, call=call.site, models=models, tags=tags)
        rows = [value for value in data if value.rows and not value.objects]
        if "predicts" in call.fact.roles and rows:
            return Value(rows=rows[0].rows, learned=rows[0].learned, predicted=frozenset([event]))
        return Value(scores=frozenset([event]))

    def choose(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """The best of several scores is taken, or what has it."""
        if not held.scores and not others.scores:
            return None
        scores = held.scores | others.scores
        event = self._state.event("choose", call.node, (held,), call=call.site, scores=scores)
        return replace(join([held, others]), learned=held.learned | {event}, scores=scores, elements={}, mask=None)

    def compare(self, call: KnownCall, held: Value) -> Value:
        """A comparison of predictions with something, or their difference, is averaged or counted."""
        seen = _seen_by(held.predicted)
        models = frozenset(m for event in held.predicted for m in event.models)
        fits = frozenset(fit for event in held.predicted for fit in event.fits)
        score = self._state.event("score", call.node, seen, call=call.site, models=models, fits=fits)
        return Value(scores=frozenset([score]))


def _seen_by(predicted: frozenset[Event]) -> tuple[Value, ...]:
    """Return the rows that predictions were made for."""
    return tuple(value for event in in_order(predicted) for value in event.data[:1])


def _seen(predicted: frozenset[Event], given: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the rows that predictions were made for, or those of them whose predictions are looked at."""
    seen = _seen_by(predicted)
    rows = frozenset(each.together() for value in given if value.predicted for each in value.ordered_rows)
    if len(seen) == 1 and rows and {each.source for each in rows} <= seen[0].sources:
        return (replace(seen[0], rows=rows),)
    return seen
