"""Tables: calls that keep, select, sample, order, merge or reduce rows, or make tables and containers of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import libcst as cst

from mllint.semantic.flow.columns import TableColumns
from mllint.semantic.flow.estimators import Estimators
from mllint.semantic.flow.evaluation import Evaluation
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.own_code import MOST_APPLIED, OwnCode
from mllint.semantic.flow.places import Places
from mllint.semantic.flow.reductions import Reductions
from mllint.semantic.flow.rows import EACH, Rows, Selection, longest_path
from mllint.semantic.flow.slices import slice_between
from mllint.semantic.flow.sources import loaded
from mllint.semantic.flow.splits import list_of_folds
from mllint.semantic.flow.state import State
from mllint.semantic.flow.time_order import ordered_by
from mllint.semantic.flow.values import NOTHING, Columns, Function, Value, along, join, replace, with_learned
from mllint.semantic.literals import UNKNOWN

#: A rule for what a call does to rows: it gets the call, the rows it works on, and what else it is given. None stands
#: for nothing that the rule could say of this call.
RowRule: TypeAlias = "Callable[[KnownCall, Value, Value], Value | None]"

#: What libraries agree to call it to take so many rows from the top, or those below.
_FIRST, _AFTER_FIRST = frozenset({"head", "take", "limit"}), frozenset({"skip"})
_PLAIN_RESULTS = frozenset({"builtins.int", "builtins.float", "builtins.bool", "builtins.str"})


class Tables:
    """Applies the transfer rules of calls that work on rows.

    Args:
        state: the state of the interpretation.
        places: gives values to the targets of assignments.
        own: the unit's own functions and classes.
        estimators: makes estimators.
        evaluation: chooses by scores.
        reductions: computes statistics over rows.
        columns: changes columns of tables.
    """

    def __init__(
        self,
        state: State,
        places: Places,
        own: OwnCode,
        estimators: Estimators,
        evaluation: Evaluation,
        reductions: Reductions,
        columns: TableColumns,
    ) -> None:
        self._state = state
        self._model = state.model
        self._places = places
        self._own = own
        self._estimators = estimators
        self._reductions = reductions
        self._columns = columns
        #: In order of precedence, as an API may have several roles: the first rule that can say something is taken. A
        #: choice by scores is more than the statistic that it is, too; drawing rows is more than putting them together.
        #: Where none can say something, the same rows are kept.
        self._by_role: tuple[tuple[str, RowRule], ...] = (
            ("chooses", evaluation.choose),
            ("reduces-rows", reductions.reduce),
            ("loads-data", self._load),
            ("samples", self._sample),
            ("selects-rows", self._select),
            ("shuffles", self._shuffle),
            ("merges-rows", self._merge),
        )
        self._rules_of: dict[tuple[str, ...], tuple[RowRule, ...]] = {}
        #: What is done to rows that are kept; it is done in the order of the roles.
        self._changes: dict[str, Callable[[KnownCall, Value], Value]] = {
            "drops-columns": columns.drop,
            "selects-columns": columns.select,
            "renames-columns": columns.rename,
            "assigns-columns": columns.assign,
            "orders-rows": lambda call, held: ordered_by(state, call, held),
        }

    def apply(self, call: KnownCall) -> Value:
        """Return what a call gives by what it does to rows."""
        fact, receiver, data = call.fact, call.receiver, call.data
        roles = fact.roles
        if fact.returns in _PLAIN_RESULTS and not roles and not receiver.rows:
            sized = join(data)  # a length knows which rows it counts, and none of their content
            return Value(sized.rows, columns=Columns(known=False), indexes=True) if sized.rows else NOTHING
        if "keyed" in fact.tags:
            return kept_under_names(call.node, call.arguments)
        if receiver.objects and fact.returns == "self" and not data:
            return receiver  # ``model.to(device)``
        held = receiver if not receiver.objects or receiver.rows else NOTHING
        if data:
            held = join((held, *data))
        elif held.is_nothing:
            held = NOTHING
        others = NOTHING
        if len(call.arguments) > len(data):
            given = call.arguments.values()
            others = join([value for value in given if not any(value is each for each in data)] if data else given)
        rules = self._rules_of.get(roles)
        if rules is None:
            rules = self._rules_of[roles] = tuple(rule for role, rule in self._by_role if role in roles)
        if not held.rows and "expression" in call.result_tags:
            return self._expression(call, others)
        for rule in rules:
            value = rule(call, held, others)
            if value is not None:
                return value
        if not held.rows or not (roles or fact.data):
            return self._made(call, held, others)
        return self._keep(call, held, others)

    def _expression(self, call: KnownCall, others: Value) -> Value:
        """An expression over the columns of a table that is yet to come is built."""
        fact, receiver = call.fact, call.receiver
        if "reduces-rows" in fact.roles:
            event = self._state.event("statistic", call.node, (NOTHING,), call=call.site, tags=frozenset(fact.tags))
            return with_learned(join([receiver, others]), event)
        if "grouped" in fact.tags or ("per-group" in fact.tags and "broadcasts" in fact.tags):
            for event in receiver.learned:
                event.tags |= {"grouped"}
        return replace(join([receiver, *call.data, others]), elements={}, mask=None)

    def _made(self, call: KnownCall, held: Value, others: Value) -> Value:
        """Return what a call makes that does nothing to rows which is known."""
        fact = call.fact
        whole = self._estimators.make_of_parts(call)
        if whole is not None:
            return whole
        if fact.returns is not None and "array" in call.result_tags and not (fact.roles or fact.data):
            placeholder = join([held, others])  # ``np.zeros((len(frame), 3))`` has as many rows, not their content
            return replace(placeholder, indexes=True, columns=Columns(known=False), elements={}, mask=None)
        if others.objects:
            return Value(objects=others.objects | held.objects, learned=others.learned)
        result = join([held, others])
        return replace(result, elements={}, mask=result.mask if call.is_construction else None)

    def _load(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """Rows are loaded."""
        return loaded(self._state, call.site) if not held.rows else None

    # Some of the rows

    def _sample(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """Some rows are drawn at random, or some of their positions."""
        site, receiver = call.site, call.receiver
        if not receiver.rows:
            drawn = Selection(("sample", call.node), True, random=True, made=call.node)
            return held.select(drawn) if held.rows and held.indexes else None
        if site.literal("replace", default=False) is True:
            event = self._state.event("resample", site.node, (receiver,), call=site)
            return with_learned(receiver.plain(), event)
        if site.literal("frac", default=None) == 1 or site.literal("axis", default=0) in (1, "columns"):
            return receiver.plain()
        return receiver.select(Selection(("sample", site.node), True, random=True, made=site.node))

    def resample(self, call: KnownCall) -> Value | None:
        """Rows are drawn again, or made up."""
        site, data = call.site, call.data
        may_not = site.signature is not None and site.signature.default("replace") is not None
        if not data or (may_not and site.literal("replace", default=True) is not True):
            return None
        tags = call.receiver.tags | frozenset(site.tags)
        event = self._state.event(
            "resample", site.node, data, call=site, models=frozenset(call.receiver.instances), tags=tags
        )
        elements = [with_learned(value.plain(), event) for value in data]
        return replace(join(elements), elements=dict(enumerate(elements)) if len(elements) > 1 else {})

    def _select(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """Some rows stay: those of a mask, of indices, before or after a position, or some that cannot be told."""
        site, arguments = call.site, call.arguments
        if not held.rows or "drops-columns" in call.fact.roles:
            return None
        if call.goes_by_row:
            return replace(held.plain(), columns=held.columns.unknown(site.node), computed_from=frozenset())
        first = site.positional[0].value if site.positional else None
        indices = site.first("indices", "rindex", "used_indices").value
        if indices is not None and (chosen := arguments.get(indices, NOTHING)).rows:
            return along(held, chosen)
        mask = arguments[first].mask if first is not None else None
        if mask is not None:
            return held.select(mask.change(made=site.node))
        if first is not None and arguments[first].is_nothing:
            if site.last_name in _FIRST:
                return held.select(slice_between(self._model, None, first, site.node))
            if site.last_name in _AFTER_FIRST:
                return held.select(slice_between(self._model, first, None, site.node))
        learned = join([value for value in arguments.values() if value.learned]).learned
        return replace(held.select(Selection(("filter", site.node), True)), learned=held.learned | learned)

    def _shuffle(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """The positions of rows, or so many as there are, are put in an order by chance: where they are, or anew."""
        site, data = call.site, call.data
        if len(data) > 1 and held.rows:
            return replace(held, elements=dict(enumerate(value.plain() for value in data)))
        if len(data) != 1 or not (held.indexes or held.is_nothing) or not others.is_nothing:
            return None
        positions = held if held.rows else Value(frozenset([Rows(site.node)]), indexes=True)
        positions = positions.select(Selection(("order", site.node), True, made=site.node))
        if "in-place" not in call.fact.tags:
            return positions
        node = site.arguments_for(call.fact.data)[0]
        made = self._model.assigned_value(node)
        inside = (made, *self._model.descendants(made)) if made is not None else ()
        if any(type(each) is cst.Call and self._model.call(each).last_name.endswith("range") for each in inside):
            self._places.assign(node, positions, call.environment)
        return NOTHING

    # Rows of several tables

    def _merge(self, call: KnownCall, held: Value, others: Value) -> Value | None:
        """Rows of several tables: below one another they all are there, beside one another the first ones stay."""
        if not held.rows:
            return None
        site = call.site
        tables: list[Value] = [call.receiver] if call.receiver.rows else []
        for value in call.data:
            several = value.elements.values() if EACH not in value.elements else ()
            tables += [each for each in several if not each.is_nothing] or [value]
        if not tables:
            return NOTHING
        axis = site.literal("axis", default=0)
        turned = type(above := self._model.parent(site.node)) is cst.Attribute and above.attr.value in _TURNS
        if "beside" in call.fact.tags or axis in (1, "columns", -1) or axis is UNKNOWN or turned:
            result = self._beside(call, tables)
        else:
            result = join(tables)
            twice = tables[:1] if len(tables) == 1 and _repeats(call, tables[0]) else []
            lasting = [table for table in tables if not self._is_loaded_each_round(table)]
            twice = tables if _duplicates(lasting) else twice
            if twice:
                event = self._state.event("resample", site.node, tuple(twice), call=site)
                result = with_learned(result, event)
        return replace(result.plain(), computed_from=frozenset())

    def _is_loaded_each_round(self, table: Value) -> bool:
        """Tell whether a loop around loads other rows in each round, so that what it gathers holds none of them twice."""
        loops = (self._state.loaded_in.get(source, ()) for source in table.sources)
        return any(loop in self._state.loops for around in loops for loop in around)

    def _beside(self, call: KnownCall, tables: list[Value]) -> Value:
        """Return the rows of the first table with the columns of all."""
        result = join(tables)
        first = next((each for each in tables if each.rows), tables[0])
        columns = replace(
            result.columns, only=None if any(each.columns.only is None for each in tables) else result.columns.only
        )
        result = replace(result, rows=first.rows, columns=columns)
        for table in tables:
            if table.is_table and not first.is_table:
                base = replace(result, learned=result.learned - table.learned)
                result = self._state.applied(base, table, call.node)
        return result

    # The same rows

    def _keep(self, call: KnownCall, held: Value, others: Value) -> Value:
        """The same rows, maybe with other columns or content."""
        site, roles, receiver = call.site, call.fact.roles, call.receiver
        if "computes-columns" in roles:
            return self._columns.with_expressions(call, held)
        folds = list_of_folds(held) if site.receiver is None else None
        if folds is not None:
            return folds
        result = self._content(call, held, others)
        if "takes-column" in roles and receiver.rows:
            return self._columns.pop(call)
        for role in roles:
            change = self._changes.get(role)
            if change is not None:
                result = change(call, result)
        if site.literal("inplace", default=False) is True and site.receiver is not None:
            self._places.update(site.receiver, lambda old: result, call.environment)
            return NOTHING
        if receiver.elements and receiver.rows and not result.elements:
            # What is done to several parts that are kept together is done to each of them.
            reached = result.learned - receiver.learned
            elements = {
                key: replace(part, learned=part.learned | reached, columns=part.columns.unknown(site.node))
                for key, part in receiver.elements.items()
            }
            return replace(result, elements=elements)
        if "in-place" in call.fact.tags and not receiver.rows:
            return NOTHING
        return result

    def _content(self, call: KnownCall, held: Value, others: Value) -> Value:
        """Return rows with what a call puts into them, or computes of each of them."""
        site, fact = call.site, call.fact
        result = held.plain() if not held.indexes else replace(held, elements={}, mask=None)
        if "counts" in fact.tags:
            result = replace(result, computed_from=frozenset())  # it says nothing of the values
        if "groups-rows" in fact.tags:
            result = replace(result, grouped=True)
        elif "windows-rows" in fact.tags:
            result = replace(result, windowed=True)
        called = call.functions
        for function in called[:MOST_APPLIED]:
            result = self._apply_to(call, function, result)
        for event in others.learned:
            if event.kind == "statistic" and not event.rows.rows:
                event.data = (held,)  # an expression computed over the columns of this frame
        if "drops-columns" in fact.roles and not others.rows:
            pass  # what it is chosen by is not put in
        elif others.is_table:
            result = self._state.applied(result, others, site.node)
        elif others.learned:
            result = replace(result, learned=result.learned | others.learned)
        if others.scores:
            result = replace(result, scores=result.scores | others.scores)
        if "missing-mask" in fact.tags:
            result = replace(result, mask=Selection("missing", True))
        elif "membership-mask" in fact.tags:
            result = replace(result, mask=_membership(others) or Selection(("in", site.node), True))
        elif "learns-edges" in fact.tags and isinstance(site.literal("bins", 1), int):
            result = self._reductions.edges(call, held, result)
        elif "broadcasts" in fact.tags and not called:
            result = self._reductions.broadcast(call, held, result)
        return result

    def _apply_to(self, call: KnownCall, function: Function, result: Value) -> Value:
        """A function is applied to the rows, one by one or as columns."""
        site, receiver = call.site, call.receiver
        by_row = (
            site.literal("axis", default=0) in (1, "columns")
            or bool(receiver.computed_from)
            or "one-by-one" in call.fact.tags
        )
        given = receiver.plain()
        if receiver.grouped:
            given = replace(given, grouped=True)
        elif by_row:
            given = given.each(site.node)
        applied = self._own.enter(function, site.node, [given], {})
        return replace(
            result,
            learned=result.learned | applied.learned,
            computed_from=result.computed_from | applied.computed_from,
        )


def kept_under_names(node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
    """Return a container that keeps values under names: ``dict(train=first, test=second)``."""
    elements: dict[Any, Value] = {}
    for arg in node.args:
        value = arguments[arg.value]
        if arg.keyword is not None:
            elements[arg.keyword.value] = value
        else:
            elements.update(value.elements)
    return replace(join(arguments.values()), elements=elements)


#: What makes columns of rows.
_TURNS = frozenset({"T", "transpose"})


def _duplicates(tables: list[Value]) -> bool:
    """Tell whether the same rows are put below one another twice."""
    if any(table.is_each or not table.certain for table in tables):
        return False  # several things that are known of one row, or what one helper made of different rows
    for index, first in enumerate(tables):
        for second in tables[index + 1 :]:
            for mine in first.rows:
                if any(mine.compare(theirs).value in ("same", "contains", "inside") for theirs in second.rows):
                    return first.computed_from == second.computed_from and not _differ(first.columns, second.columns)
    return False


def _differ(first: Columns, second: Columns) -> bool:
    """Tell whether columns of one name were made of different ones: a wide table that is made long."""
    shared = first.sources.keys() & second.sources.keys()
    return any(first.sources[name] != second.sources[name] for name in shared)


def _repeats(call: KnownCall, table: Value) -> bool:
    """Tell whether one table is put below itself: ``concat([frame] * 3)``, ``np.repeat``."""
    positional = call.site.positional
    first = positional[0].value if positional else None
    return type(first) is cst.BinaryOperation and isinstance(first.operator, cst.Multiply) and bool(table.rows)


def _membership(other: Value) -> Selection | None:
    """Return the mask of the rows that another selection of them has taken."""
    path = longest_path(other.rows)
    return path[-1] if path and not path[-1].is_each and not other.is_each else None
