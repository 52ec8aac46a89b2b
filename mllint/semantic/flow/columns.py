"""Columns: calls that choose, drop, rename or make columns of a table, or change a list of columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.labels import SAME, both, less, more, names_of, of_kinds, picked
from mllint.semantic.flow.own_code import OwnCode
from mllint.semantic.flow.places import Places
from mllint.semantic.flow.rows import Selection, flipped, longest_path
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import (
    NOTHING,
    Columns,
    Environment,
    Value,
    replace,
    with_learned,
)
from mllint.semantic.literals import UNKNOWN


class TableColumns:
    """Changes the columns of tables, and lists of columns.

    Args:
        state: the state of the interpretation.
        places: gives values to the targets of assignments.
        own: the unit's own functions and classes.
    """

    def __init__(self, state: State, places: Places, own: OwnCode) -> None:
        self._state = state
        self._model = state.model
        self._places = places
        self._own = own

    # Lists of columns

    def of_labels(self, site: CallSite, receiver: Value, labels: Columns, environment: Environment) -> Value:
        """A method of a list of columns: some are left out, one more is put in, or they are listed in another way."""
        name = site.last_name
        given = names_of(self._model.literal(site.positional[0].value)) if site.positional else None
        if name in ("drop", "difference", "isin"):
            changed = labels.unknown(site.node) if given is None else less(labels, given)
            return replace(receiver, labels=Columns(frozenset(given)) if name == "isin" and given else changed)
        if name in SAME:
            return receiver
        if name in ("remove", "append", "extend", "insert", "pop", "union") and site.receiver is not None:
            if name == "remove" and given is not None:
                changed = less(labels, given)
            elif name in ("append", "extend", "union") and given is not None:
                changed = more(labels, given)
            else:
                changed = labels.unknown(site.node)
            if name == "union":
                return replace(receiver, labels=changed)
            learned = receiver.learned
            self._places.update(
                site.receiver, lambda held: replace(held, labels=changed, learned=held.learned | learned), environment
            )
        return Value(learned=receiver.learned)

    # Fewer columns

    def drop(self, call: KnownCall, held: Value) -> Value:
        """``drop`` takes away columns, or the rows that another selection has taken."""
        site = call.site
        labels = site.first("labels", "columns", "index")
        if labels.value is None:
            several = [names_of(self._model.literal(arg.value)) for arg in site.positional]
            if not several or None in several:
                return replace(held, columns=held.columns.unknown(site.node)) if site.node.args else held
            return replace(held, columns=less(held.columns, [name for names in several for name in names or ()]))
        given = call.arguments.get(labels.value, NOTHING)
        literal = self._model.literal(labels.value)
        by_column = site.argument("columns").present or site.literal("axis", default=0) in (1, "columns")
        if given.rows and not by_column:
            return held.select(_complement(given).change(made=site.node))
        names = [literal] if isinstance(literal, str) else literal
        if by_column and isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names):
            return replace(held, columns=less(held.columns, names), computed_from=frozenset())
        if by_column or literal is UNKNOWN:
            named = given.labels.only if given.labels is not None and given.labels.known else None
            columns = less(held.columns, named) if named is not None else held.columns.unknown(site.node)
            rest = replace(held, columns=columns, computed_from=frozenset())
            if not given.learned - held.learned:
                return rest
            chosen = self._state.event("select-columns", site.node, (held,), call=site, earlier=given.learned)
            return with_learned(replace(rest, learned=rest.learned - given.learned), chosen)
        return held.select(Selection(("filter", site.node), True))

    def pop(self, call: KnownCall) -> Value:
        """``pop`` takes a column out of a table and gives it back."""
        site, receiver = call.site, call.receiver
        name = site.literal("item", 0)
        if not isinstance(name, str) or site.receiver is None:
            return receiver.plain()
        columns = receiver.columns
        reached = columns.made.get(name, frozenset())
        rest = less(columns, [name])
        self._places.update(site.receiver, lambda held: replace(held, columns=rest), call.environment)
        return replace(
            receiver.plain(),
            learned=receiver.learned | reached,
            columns=Columns(only=frozenset([name]), unread=columns.unread),
            computed_from=frozenset([name]) | columns.sources.get(name, frozenset()),
        )

    def select(self, call: KnownCall, held: Value) -> Value:
        """``select("a", "b")``, ``select(columns)``, or ``include=`` some kinds of columns: some of them stay."""
        kinds = call.site.literal("include", default=None)
        if kinds:
            columns = of_kinds(held.columns, kinds, call.node)
            return replace(held, columns=columns, computed_from=frozenset())
        columns = Columns(frozenset())
        for arg in call.node.args:
            names, labels = names_of(self._model.literal(arg.value)), call.arguments[arg.value].labels
            if arg.keyword is not None or (names is None and labels is None):
                return replace(held, columns=held.columns.unknown(call.node), computed_from=frozenset())
            columns = both(columns, labels) if labels is not None else more(columns, names or ())
        return replace(held, columns=picked(held.columns, columns, held.sources), computed_from=frozenset())

    # New columns

    def assign(self, call: KnownCall, held: Value) -> Value:
        """``assign(name=value)`` makes columns, also by functions of the table."""
        made, sources = dict(held.columns.made), dict(held.columns.sources)
        names: list[str] = []
        for arg in call.node.args:
            if arg.keyword is None:
                continue
            name, value = arg.keyword.value, call.arguments[arg.value]
            names.append(name)
            for function in value.functions:
                value = self._own.enter(function, call.node, [held], {})
            made[name] = value.learned
            sources[name] = value.computed_from - {name}
        only = held.columns.only
        return replace(
            held,
            columns=Columns(
                only | set(names) if only is not None else None,
                held.columns.without.difference(names),
                made,
                sources,
                held.columns.known,
                held.columns.unread,
            ),
        )

    def with_expressions(self, call: KnownCall, held: Value) -> Value:
        """Expressions over the columns of a table become columns of it: ``with_columns(col("a").alias("b"))``."""
        result = held = held.plain()
        for arg in call.node.args:
            value = call.arguments[arg.value]
            for event in value.learned:
                if event.kind in ("statistic", "look-ahead", "look-back") and not event.rows.rows:
                    event.data = (held,)
            name = arg.keyword.value if arg.keyword is not None else self._alias(arg.value)
            put = self._state.applied(held, value, call.node) if value.is_table else value
            if name is not None:
                result = self._places.with_column(result, name, replace(put, computed_from=value.computed_from))
            elif put.learned:
                result = replace(result, learned=result.learned | put.learned)
        return result

    def _alias(self, node: cst.CSTNode) -> str | None:
        call = self._model.call(node) if type(node) is cst.Call else None
        name = call.literal("name", 0) if call is not None and call.last_name == "alias" else None
        return name if isinstance(name, str) else None

    def rename(self, call: KnownCall, held: Value) -> Value:
        """Some columns get other names."""
        computed = any(event.kind == "statistic" for event in held.learned)
        return replace(held, columns=_renamed(held.columns, call.site, self._model.literal, computed=computed))


def _renamed(
    columns: Columns, site: CallSite, literal: Callable[[cst.CSTNode], object], *, computed: bool = False
) -> Columns:
    """Return columns some of which got other names; what they hold may be computed from those of the old names."""
    node = site.first("columns", "mapping", "mapper").value
    if node is None and site.argument("index").present:
        return columns
    names = literal(node) if node is not None else None
    if not isinstance(names, dict) or not all(isinstance(each, str) for pair in names.items() for each in pair):
        return columns.unknown(site.node)

    def new(several: Iterable[str]) -> frozenset[str]:
        return frozenset(names.get(name, name) for name in several)

    return replace(
        columns,
        only=new(columns.only) if columns.only is not None else None,
        without=(columns.without | names.keys()) - frozenset(names.values()),
        made={names.get(name, name): made for name, made in columns.made.items()},
        sources={
            **{names.get(name, name): new(sources) for name, sources in columns.sources.items()},
            # An old name that now is another column's says nothing any more.
            **{
                other: new(columns.sources.get(name, frozenset()))
                | ({name} - frozenset(names.values()) if not computed else frozenset())
                for name, other in names.items()
            },
        },
    )


def _complement(taken: Value) -> Selection:
    """Return the selection of the rows that another has left."""
    path = longest_path(taken.rows)
    return flipped(path[-1]) if path else Selection(("filter", "none"), True)
