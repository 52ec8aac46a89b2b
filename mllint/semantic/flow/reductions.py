"""Reductions: statistics that are computed over rows, and what they say about them."""

from __future__ import annotations

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.evaluation import Evaluation
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.places import Evaluate
from mllint.semantic.flow.rows import Rows, Selection
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import Value, replace, with_learned
from mllint.semantic.literals import UNKNOWN

#: Statistics of comparisons with predictions that say nothing about how good they are.
_NO_SCORES = frozenset({"max", "min", "amax", "amin", "argmax", "argmin", "topk", "any", "all", "unique"})


class Reductions:
    """Computes statistics over rows.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
        evaluation: scores what models predict.
    """

    def __init__(self, state: State, evaluate: Evaluate, evaluation: Evaluation) -> None:
        self._state = state
        self._model = state.model
        self._evaluate = evaluate
        self._evaluation = evaluation

    def reduce(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """A statistic is computed over rows; a function of the unit that is computed instead is applied elsewhere."""
        if not held.rows:
            return None
        if self._joins_tables(call):
            return held.plain()
        if "broadcasts" in call.fact.tags and call.functions:
            return None
        return self._statistic(call, held, others)

    def _statistic(self, call: KnownCall, held: Value, others: Value) -> Value:
        """A statistic holds no rows, but it knows about them."""
        site, fact = call.site, call.fact
        if call.goes_by_row:
            tells = site.last_name in ("all", "any")
            across = held.computed_from | (held.columns.only or frozenset()) if held.columns.known else frozenset()
            result = replace(held.plain(), computed_from=across)
            return replace(result, mask=Selection(("mask", site.node), True)) if tells else result
        if held.windowed:
            return held.plain()
        if held.predicted and site.last_name not in _NO_SCORES and self._compares(site):
            return self._evaluation.compare(call, held)
        if held.predicted or held.is_each:
            return held.plain()  # classes of probabilities, a statistic of one row
        tags = frozenset(fact.tags) | self._tags_of_named(call, held)
        if held.mask is not None and held.mask.key == "missing":
            tags |= {"counts"}
        if held.grouped:
            tags |= {"grouped"}
        data = (held, others) if others.rows else (held,)
        event = self._state.event("statistic", site.node, data, call=site, tags=tags)
        reached = held.learned | others.learned | {event}
        if "broadcasts" in tags:
            return replace(held.plain(), learned=reached)
        groups = frozenset([Rows(site.node, derived=True)]) if "grouped" in tags else frozenset()
        return Value(
            rows=groups, learned=reached, computed_from=held.computed_from, scores=held.scores, certain=held.certain
        )

    def broadcast(self, call: KnownCall, held: Value, result: Value) -> Value:
        """Return rows that were given a statistic of them all, or of their group, each."""
        tags = frozenset(call.fact.tags) | self._tags_of_named(call, held) | ({"grouped"} if held.grouped else set())
        event = self._state.event("statistic", call.node, (held,), call=call.site, tags=tags)
        return with_learned(result, event)

    def edges(self, call: KnownCall, held: Value, result: Value) -> Value:
        """Return rows whose values were put into bins, the edges of which were learned from them."""
        event = self._state.event("statistic", call.node, (held,), call=call.site, tags=frozenset(call.fact.tags))
        return with_learned(result, event)

    def _tags_of_named(self, call: KnownCall, held: Value) -> frozenset[str]:
        """Return whether a statistic that is asked for by its name only counts: ``transform("count")``."""
        name = call.site.literal("func", default=None)
        fact = self._model.knowledge.data_method(name, grouped=held.grouped) if isinstance(name, str) else None
        return frozenset(fact.tags) & {"counts"} if fact is not None else frozenset()

    def _joins_tables(self, call: KnownCall) -> bool:
        """Tell whether tables are put together row by row: ``sum(weights[name] * table[name] for name in weights)``."""
        site = call.site
        if site.name is None or not site.name.startswith("builtins.") or not site.positional:
            return False
        if len(site.positional) > 1:
            return site.last_name in ("max", "min")  # the larger of several numbers
        node = site.positional[0].value
        if isinstance(node, (cst.GeneratorExp, cst.ListComp)):
            iterated = node.for_in.iter
            if type(iterated) is cst.Call and type(iterated.func) is cst.Attribute and not iterated.args:
                iterated = iterated.func.value  # ``tables.items()``
            held = self._evaluate(iterated, call.environment)
            return not held.rows or bool(held.elements)
        if not isinstance(node, (cst.List, cst.Tuple)):
            return False
        return any(each.rows for each in call.arguments[node].elements.values())

    def _compares(self, site: CallSite) -> bool:
        """Tell whether what is reduced is a comparison of predictions with something, or their difference."""
        node = self._subject(site)
        for _ in range(3):
            if type(node) is cst.Name:
                node = self._model.assigned_value(node)
            elif type(node) is cst.Call:
                node = self._subject(self._model.call(node))
        return node is not None and any(self._is_difference(each) for each in self._model.descendants(node))

    def _is_difference(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression says where, or how much, two values differ."""
        if type(node) is cst.Comparison and len(node.comparisons) == 1:
            operator = node.comparisons[0].operator
            sides = (node.left, node.comparisons[0].comparator)
            differs = isinstance(operator, (cst.Equal, cst.NotEqual))
        elif type(node) is cst.BinaryOperation:
            sides = (node.left, node.right)
            differs = isinstance(node.operator, cst.Subtract)
        else:
            return False
        return differs and all(self._model.literal(side) is UNKNOWN for side in sides)

    def _subject(self, site: CallSite) -> cst.BaseExpression | None:
        """Return what a call works on: the receiver of a method, the first argument of a function."""
        if site.receiver is not None and self._model.qualified_name(site.receiver) is None:
            return site.receiver
        return site.positional[0].value if site.positional else None
