"""Calls of which nothing is known: what they are given passes through them, less certain than before."""

from __future__ import annotations

import sys

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.evaluation import Evaluation
from mllint.semantic.flow.labels import SAME
from mllint.semantic.flow.own_code import MOST_APPLIED, OwnCode
from mllint.semantic.flow.places import Evaluate
from mllint.semantic.flow.sources import gives_settings, loaded
from mllint.semantic.flow.splits import list_of_folds
from mllint.semantic.flow.state import State
from mllint.semantic.flow.tables import kept_under_names
from mllint.semantic.flow.values import NOTHING, Environment, Function, Instance, Value, join, replace


class UnknownCalls:
    """Gives calls their values of which nothing is known.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
        own: the unit's own functions and classes.
        evaluation: what is predicted and scored by models that are called.
    """

    def __init__(self, state: State, evaluate: Evaluate, own: OwnCode, evaluation: Evaluation) -> None:
        self._state = state
        self._evaluate = evaluate
        self._own = own
        self._evaluation = evaluation

    def call(
        self,
        site: CallSite,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        """Return what a call gives of which nothing is known but what it is given."""
        if site.name == "builtins.dict":
            return kept_under_names(site.node, arguments)
        values = list(arguments.values())
        called = [each for value in values for each in value.functions]
        values += [self._called_back(function, site.node, receiver) for function in called[:MOST_APPLIED]]
        applied = self._apply_model(site, receiver, arguments, environment)
        if applied is not None:
            return applied
        folds = list_of_folds(values[0]) if values and site.receiver is None else None
        if folds is not None:
            return folds  # ``tqdm(folds)``
        result = join([receiver if not receiver.objects else replace(receiver, objects=frozenset()), *values])
        known = site.name is not None and site.name.startswith("builtins.")
        if result.labels is not None and not (known and site.last_name in SAME):
            result = replace(result, labels=None)
        if result.is_nothing:
            if receiver.fits:
                return Value(learned=receiver.fits)  # ``selector.get_support()``
            return loaded(self._state, site, certain=False) if self._may_load(site, receiver) else NOTHING
        objects = frozenset(each for each in result.objects if isinstance(each, Instance))
        if receiver.objects and not result.rows:
            objects = objects | frozenset(receiver.instances)
        mask = result.mask if known else None
        return replace(
            result,
            elements={},
            mask=mask,
            objects=objects,
            indexes=result.indexes and known,
            columns=result.columns if known else result.columns.unknown(site.node),
            certain=known and result.certain,
        )

    @staticmethod
    def _may_load(site: CallSite, receiver: Value) -> bool:
        """Tell whether a function that is given no rows and returns something may well load them."""
        if (site.receiver is not None and not receiver.is_nothing) or gives_settings(site.last_name):
            return False
        return site.name is None or site.name.partition(".")[0] not in sys.stdlib_module_names

    def _called_back(self, function: Function, node: cst.Call, receiver: Value) -> Value:
        """Return what a function gives that is handed to another call, which applies it to the receiver's rows."""
        given = receiver.plain() if receiver.rows else NOTHING
        return self._own.enter(function, node, [given], {})

    def _apply_model(
        self,
        site: CallSite,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value | None:
        """Return the prediction where what is called is a model: ``model(x)``."""
        func = site.node.func
        if type(func) is cst.Attribute and not receiver.objects:
            return None
        forward = type(func) is cst.Attribute and func.attr.value == "forward"
        model = receiver if forward else self._evaluate(func, environment)
        if not any("module" in instance.tags for instance in model.instances):
            return None
        given = [value for value in arguments.values() if value.rows]
        rows = join(given)
        if len(given) > 1 and rows.predicted:
            return self._evaluation.scored(site, tuple(given), NOTHING, arguments)  # a loss, made as an object
        return self._evaluation.predicted(site, (rows,), model) if rows.rows else None
