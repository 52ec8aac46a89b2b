"""Learning: fits, training, searches, what a fit is watched on, and transforming rows by what was learned."""

from __future__ import annotations

from typing import Any

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.estimators import INSTANCE_TAGS, is_told
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.labels import picked
from mllint.semantic.flow.own_code import OwnCode
from mllint.semantic.flow.places import Evaluate, Places
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import (
    DEEPEST_CONTAINER,
    NOTHING,
    Columns,
    Environment,
    Instance,
    Value,
    in_order,
    join,
    replace,
    with_learned,
)
from mllint.semantic.literals import UNKNOWN

#: So many steps of a pipeline are looked at.
_MOST_STEPS = 24
#: What gives other columns than it was given.
_OTHER_COLUMNS = frozenset({"selects-features", "reduces-dimensions", "learns-vocabulary"})
_TRAINABLE = frozenset({"estimator", "model", "module", "classifier", "regressor", "forecaster"})
#: What something may be given when it is made, to be watched on later.
_WATCHED = ("eval_dataset", "validation_data", "eval_set")


class Learning:
    """Lets estimators learn from rows, and transforms rows by what they learned.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
        places: gives values to the targets of assignments.
        own: the unit's own functions and classes.
    """

    def __init__(self, state: State, evaluate: Evaluate, places: Places, own: OwnCode) -> None:
        self._state = state
        self._model = state.model
        self._evaluate = evaluate
        self._places = places
        self._own = own

    # Fitting

    def fit_or_train(self, call: KnownCall) -> Value | None:
        """An estimator learns from the rows that a call is given, or a function trains one."""
        data, receiver = call.data, call.receiver
        if not data and receiver.instances and receiver.rows and not {"fits", "trains"}.isdisjoint(call.fact.roles):
            data = (replace(receiver, objects=frozenset()),)  # ``OLS(y, X).fit()``
        if not data:
            return None
        return self._fit(call, data) if call.is_on_value else self._train(call)

    def fit_and_transform(self, call: KnownCall) -> Value | None:
        """What learns from rows gives them back, reached by what it learned; what is told it instead learns nothing."""
        rows, data = call.rows, call.data
        if not rows or (call.receiver.objects and not data):
            return None
        if is_told(call.site, self._model):
            told = join([value for value in call.arguments.values() if all(value is not each for each in data)])
            return with_learned(rows[0].plain(), *told.learned)
        return self._fit(call, rows, transforms=True)

    def fit_and_predict(self, call: KnownCall) -> Value | None:
        """What learns from rows gives something for each of them: ``fit_predict``."""
        if "fits" not in call.fact.roles or not call.data:
            return None
        fitted = self._fit(call, call.data, transforms=True)
        return replace(fitted, objects=frozenset(), computed_from=frozenset(), columns=Columns(known=False))

    def _fit(self, call: KnownCall, data: tuple[Value, ...], *, transforms: bool = False) -> Value:
        """An estimator learns from rows; what it had learned before is overwritten."""
        site, receiver = call.site, call.receiver
        if call.is_on_value and not receiver.instances and data[0] is not receiver:
            receiver = self._taken_for_estimator(call)
        models = frozenset(receiver.instances)
        if "module" in receiver.tags:
            adapted = frozenset(fit for model in models for part in model.parts for fit in part.fits)
            data = (replace(data[0], learned=data[0].learned | adapted), *data[1:])  # layers keep what they learned
        tags = receiver.tags or frozenset(call.fact.tags)
        validation, selects = self._watched(call, models, call.environment)
        event = self._state.event(
            "fit",
            site.node,
            data,
            call=site,
            models=models,
            tags=tags,
            earlier=receiver.fits,
            validation=validation,
            selects=selects,
        )
        keeps = "fits-further" in call.fact.roles or len(models) > 1
        for instance in models:
            self._state.fitted(instance, instance.fits | {event} if keeps else frozenset([event]))
        if transforms:
            row = data[0]
            return replace(with_learned(row.plain(), event), columns=self._let_through(row, receiver, site.node))
        return receiver if receiver.objects else NOTHING

    def _taken_for_estimator(self, call: KnownCall) -> Value:
        """Whatever it was taken for: what learns from rows is an estimator, and from now on its place holds one."""
        site, receiver = call.site, call.receiver
        assert site.receiver is not None
        kind = site.receiver_kind
        tags = self._model.knowledge.tags(kind) if kind is not None else frozenset()
        instance = Instance(site.receiver, kind, tags & INSTANCE_TAGS)
        estimator = Value(objects=receiver.objects | {instance}, learned=receiver.learned, certain=receiver.certain)
        if isinstance(site.receiver, (cst.Name, cst.Attribute)):
            self._places.assign(site.receiver, estimator, call.environment)
        return estimator

    def _train(self, call: KnownCall) -> Value:
        """A function trains a model that it returns, or one that it is given."""
        site, knowledge = call.site, self._model.knowledge
        given = frozenset(
            each
            for value in call.arguments.values()
            for each in value.instances
            if not value.rows and each.tags & _TRAINABLE
        )
        if not given:
            made = site.name if site.name is not None and knowledge.is_class(site.name) else call.fact.returns
            tags = knowledge.tags(made) if made is not None else frozenset({"estimator", "model"})
            given = frozenset([Instance(site.node, made, tags)])
        validation, selects = self._watched(call, given, None)
        event = self._state.event(
            "fit",
            site.node,
            call.data,
            call=site,
            models=given,
            tags=frozenset().union(*(each.tags for each in given)),
            validation=validation,
            selects=selects,
        )
        for instance in given:
            self._state.fitted(instance, frozenset([event]))
        return Value(objects=given)

    def go_back(self, call: KnownCall) -> Value | None:
        """A loss is propagated back: the models behind its predictions learn from the rows they predicted."""
        loss = call.receiver
        if not loss.predicted:
            return None
        models = frozenset(each for event in loss.predicted for each in event.models)
        events = loss.scores or loss.predicted  # a loss may be that of some of the predictions only
        seen = join([value for event in in_order(events) for value in event.data[:1]])
        data = (seen, replace(loss, predicted=frozenset()))
        event = self._state.event(
            "fit", call.node, data, call=call.site, models=models, tags=frozenset({"module"}), earlier=frozenset()
        )
        for instance in models:
            self._state.fitted(instance, frozenset([event]))
        for score in loss.scores:
            score.tags |= {"loss"}  # what is propagated back is no evaluation
        return NOTHING

    def search(self, call: KnownCall) -> None:
        """A search is given a function whose result it makes best: the scores in it choose."""
        for value in list(call.arguments.values()):
            methods = [self._own.method(each, "__call__") for each in value.instances]
            for function in (*value.functions, *(method for method in methods if method is not None)):
                if type(function.node) is cst.ClassDef:
                    continue
                result = self._own.enter(function, call.node, [], {})
                if result.scores:
                    self._state.event("choose", call.node, (result,), call=call.site, scores=result.scores)

    # What a fit is watched on

    def _watched(
        self, call: KnownCall, models: frozenset[Instance], environment: Environment | None
    ) -> tuple[tuple[Value, ...], bool]:
        """Return the rows that a fit is watched on, and whether the score on them decides what it returns."""
        site, fact, arguments = call.site, call.fact, call.arguments
        watched: list[Value] = []
        watched += [
            leaf for value in self._own.rows_of_methods(site, fact.validation, arguments) for leaf in _leaves(value)
        ]
        for name in fact.validation:
            node = site.argument(name).value
            if node is None:
                continue
            value = arguments.get(node)
            if value is None and environment is not None:
                value = self._evaluate(node, environment)
            listed = type(node) is cst.List or isinstance(self._model.assigned_value(node), cst.List)
            watched += _leaves(value, listed=listed) if value is not None else []
        for instance in in_order(models):
            watched += [
                instance.given[name] for name in _WATCHED if name in instance.given and instance.given[name].rows
            ]
        if not watched:
            return (), False
        selects = any(site.holds(condition) for condition in fact.selects_when)
        for instance in models:
            made = instance.made
            if type(made) is cst.Call:
                maker = self._model.call(made)
                if maker.fact is not None:
                    selects = selects or any(maker.holds(condition) for condition in maker.fact.selects_when)
        given = [value for instance in in_order(models) for value in instance.given.values()]
        handed = join([*arguments.values(), *given])
        if fact.rounds is not None and site.holds(f"{fact.rounds}=1"):
            return tuple(watched), selects
        rounds = site.literal(fact.rounds) if fact.rounds is not None else UNKNOWN
        for callback in handed.instances:
            if "selects-epoch" in callback.tags:
                selects = selects or self._callback_selects(callback, rounds)
        return tuple(watched), selects

    def _callback_selects(self, callback: Instance, rounds: Any) -> bool:
        """Return whether a callback can choose among the rounds of a fit, whose number may be unknown."""
        if type(callback.made) is not cst.Call:
            return True
        maker = self._model.call(callback.made)
        fact = maker.fact
        if fact is None:
            return True
        if "saves-model" in fact.roles and not self._loads_models(maker):
            return False  # the best round is on the disk, and the last one is used
        if fact.rounds is not None and all(maker.holds(condition) for condition in fact.rounds_when):
            passing = maker.literal(fact.rounds)
            if isinstance(passing, int) and isinstance(rounds, int) and rounds <= passing + 1:
                return False
        return not fact.selects_when or any(maker.holds(condition) for condition in fact.selects_when)

    def _loads_models(self, saver: CallSite) -> bool:
        """Tell whether the unit reads back a model of the library that saves it, or says where the best one is."""
        knowledge = self._model.knowledge
        library = knowledge.library_of(saver.name) if saver.name is not None else None
        return any(
            call.name is None or knowledge.library_of(call.name) in (None, library)
            for call in self._model.calls_with_role("loads-model")
        ) or any(
            call.last_name in ("load_weights", "load_model") or call.argument("ckpt_path").present
            for call in self._model.calls
        )

    # Applying what was learned

    def transform(self, call: KnownCall) -> Value | None:
        """An estimator transforms rows by what it has learned."""
        receiver, data = call.receiver, call.data
        if not data:
            return None
        self._state.event(
            "transform",
            call.node,
            data,
            call=call.site,
            models=frozenset(receiver.instances),
            tags=receiver.tags,
            fits=receiver.fits,
        )
        columns = self._let_through(data[0], receiver, call.node)
        return replace(data[0].plain(), learned=data[0].learned | receiver.fits | receiver.learned, columns=columns)

    def _let_through(self, rows: Value, receiver: Value, node: cst.CSTNode) -> Columns:
        """Return which columns of rows are in what an estimator makes of them."""
        columns, pending, met = rows.columns, list(receiver.instances), 0
        while pending and met < _MOST_STEPS:
            instance = pending.pop()
            met += 1
            if instance.picks is not None:
                columns = picked(columns, instance.picks, rows.sources)
            elif instance.definition is not None or not instance.tags.isdisjoint(_OTHER_COLUMNS):
                columns = columns.unknown(node)
            pending += in_order(instance.parts)
        return columns


def _leaves(value: Value, *, listed: bool = False, depth: int = DEEPEST_CONTAINER) -> list[Value]:
    """Return the values of rows in nested containers: the pairs of an ``eval_set``, what a list has one by one."""
    if not value.elements or not depth:
        return [value] if value.rows else []
    several = list(value.elements.values())
    if any(each.elements for each in several):
        return [leaf for each in several for leaf in _leaves(each, depth=depth - 1)]
    if listed:
        return [each for each in several if each.rows]
    return [next((each for each in several if each.rows), NOTHING)] if value.rows else []
