"""Assignments: what names, attributes, columns and elements hold afterwards."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from mllint.semantic.flow.labels import key_of
from mllint.semantic.flow.rows import EACH, PIECE, Part, Selection, part_named
from mllint.semantic.flow.values import Columns, Environment, Instance, Value, join, mapped, replace

if TYPE_CHECKING:
    from mllint.semantic.flow.state import State

Evaluate: TypeAlias = "Callable[[cst.CSTNode, Environment], Value]"

#: Methods of containers that put their arguments in, and those that take their argument out.
ADDS = frozenset({"append", "extend", "add", "insert", "update", "put", "setdefault", "appendleft"})
TAKES = frozenset({"remove", "discard"})
#: All methods by which containers change.
CHANGES = ADDS | TAKES | {"pop", "clear"}
#: The indexers through which rows and columns are chosen together.
INDEXERS = frozenset({"loc", "iloc", "at", "iat", "ix"})


class Places:
    """Gives values to the targets of assignments.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
    """

    def __init__(self, state: State, evaluate: Evaluate) -> None:
        self._model = state.model
        self._put_in = state.applied
        self._evaluate = evaluate

    def assign(self, target: cst.CSTNode, value: Value, environment: Environment) -> None:
        """Give a value to a target; what a name held before is forgotten."""
        if type(target) is cst.Name:
            environment.set(target.value, _as_named(value, target.value))
        elif isinstance(target, (cst.Tuple, cst.List)):
            self._unpack(target, value, environment)
        elif type(target) is cst.StarredElement:
            self.assign(target.value, value, environment)
        elif type(target) is cst.Attribute:
            self._attribute(target, value, environment)
        elif type(target) is cst.Subscript:
            self._subscript(target, value, environment)

    def with_column(self, held: Value, name: str, value: Value) -> Value:
        """Return rows one column of which was given a value."""
        return _with_columns(held, [name], value, whole=True)

    def update(self, target: cst.CSTNode, change: Callable[[Value], Value], environment: Environment) -> None:
        """Change what a place holds where it is: a method that works in place was called on it."""
        if type(target) is cst.Subscript and target.slice:
            self.assign(target, change(self._evaluate(target, environment)), environment)
        elif isinstance(target, (cst.Name, cst.Attribute)):
            held = self._evaluate(target, environment)
            changed = change(held)
            if isinstance(target, cst.Name):
                environment.set(target.value, changed)
            else:
                self._attribute(target, changed, environment)

    def _applied(self, statistic: Value, held: Value, target: cst.CSTNode) -> Value:
        """Return a statistic that becomes a column: it is put into rows where it is assigned."""
        put = self._put_in(replace(held, learned=frozenset()), statistic, target)
        return replace(statistic, learned=put.learned)

    def _unpack(self, target: cst.Tuple | cst.List, value: Value, environment: Environment) -> None:
        count = len(target.elements)
        starred = any(type(element) is cst.StarredElement for element in target.elements)
        elements = (_in_three(value) if count == 3 and not starred else None) or value.elements
        for index, element in enumerate(target.elements):
            if index in elements and not starred:
                part = elements[index]
            elif value.rows and count > 1 and not value.elements:
                # What a call returns in several pieces may be anything of the rows it got.
                part = value.plain().select(Selection((PIECE, self._pieces(target)), index))
            else:
                part = value.plain()
            self.assign(element.value, part, environment)

    def _pieces(self, target: cst.Tuple | cst.List) -> Hashable:
        """Return what tells one unpacking from another: a call may divide anew, what is held falls into equal pieces."""
        statement = self._model.parent(self._model.parent(target) or target)
        if type(statement) is cst.Assign and type(statement.value) is cst.Call:
            return target
        return len(target.elements)

    def _attribute(self, target: cst.Attribute, value: Value, environment: Environment) -> None:
        holder = self._evaluate(target.value, environment)
        for instance in holder.objects:
            if isinstance(instance, Instance):
                instance.attributes[target.attr.value] = value
        if holder.rows and target.attr.value == "columns" and type(target.value) is cst.Name:
            environment.set(target.value.value, self._relabelled(target, holder, value))
        elif type(target.value) is cst.Name and not holder.objects and _is_column_of(holder, value):
            put = self._applied(value, holder, target) if value.is_table else value
            environment.set(target.value.value, self.with_column(holder, target.attr.value, put))
        elif not holder.objects:
            key = dotted(target)
            if key:
                environment.set(key, value)

    def _relabelled(self, target: cst.Attribute, holder: Value, value: Value) -> Value:
        """Return a table whose columns were given other names: ``frame.columns = […]``."""
        statement = self._model.parent(self._model.parent(target) or target)
        given = statement.value if type(statement) is cst.Assign else None
        names = self._model.literal(given) if given is not None else None
        if isinstance(names, list) and all(isinstance(each, str) for each in names):
            columns = Columns(frozenset(names))
        elif given is not None and self._mentions_own_columns(given, target):
            columns = Columns()  # the same ones, each spelt in another way
        else:
            columns = replace(value.labels, of=frozenset()) if value.labels is not None else Columns(known=False)
        return replace(holder, learned=holder.reached_by, columns=columns)

    def _mentions_own_columns(self, given: cst.CSTNode, target: cst.Attribute) -> bool:
        return any(
            type(each) is cst.Attribute and each.attr.value == "columns" and dotted(each) == dotted(target)
            for each in (given, *self._model.descendants(given))
        )

    def _subscript(self, target: cst.Subscript, value: Value, environment: Environment) -> None:
        place: cst.CSTNode = target.value
        through_indexer = type(place) is cst.Attribute and place.attr.value in INDEXERS
        if through_indexer:
            assert type(place) is cst.Attribute
            place = place.value
        held = self._evaluate(place, environment)
        chosen = target.slice[-1].slice
        key = key_of(chosen.value, self._model) if type(chosen) is cst.Index else None
        is_table = held.rows and not (not through_indexer and _keeps(held, key))
        if is_table and value.is_table:
            value = self._applied(replace(value, rows=frozenset()), held, target)
        whole = not through_indexer or _is_everything(target.slice[0].slice)
        if is_table and (len(target.slice) > 1 or not through_indexer):
            names = [key] if isinstance(key, str) else key if isinstance(key, list) else []
            names = [name for name in names if isinstance(name, str)]
            changed = _with_columns(held, names, value, whole=whole) if names else _with_some(held, value)
        elif is_table:
            changed = _with_some(held, value)
        elif isinstance(key, (str, int)):
            elements = {**held.elements, key: value}
            changed = replace(join([held, value]), elements=elements)
        else:
            # One of many things in a container: a picture, a text, the result of a model.
            many = value.rows and not through_indexer and held.elements.keys() <= {EACH}
            changed = replace(join([held, value]), elements={EACH: value.each(target)} if many else {})
        if type(place) is cst.Name:
            environment.set(place.value, changed)
        elif type(place) is cst.Attribute:
            self._attribute(place, changed, environment)


def _in_three(value: Value) -> dict[int, Value] | None:
    """Return the parts of rows that were split in two as far as is known, but are taken as three."""
    if len(value.elements) != 2 or any(not part.rows for part in value.elements.values()):
        return None
    last = {rows.path[-1].key for part in value.elements.values() for rows in part.rows if rows.path}
    if len(last) != 1 or value.elements[0].splits != value.elements[1].splits or not last <= value.splits:
        return None
    test = value.elements[1]
    middle = frozenset(
        replace(rows, path=(*rows.path[:-1], rows.path[-1].change(side=Part.VALIDATION, part=Part.VALIDATION)))
        for rows in test.rows
    )
    return {0: value.elements[0], 1: replace(test, rows=middle), 2: test}


def _as_named(value: Value, name: str) -> Value:
    """Believe the name that rows are given where no split says which part they are."""
    part = part_named(name)
    if part is Part.UNKNOWN or not value.rows or value.elements:
        return value
    if all(rows.named is part or rows.part not in (Part.WHOLE, Part.UNKNOWN) for rows in value.rows):
        return value
    return replace(
        value,
        rows=mapped(value.rows, lambda r: replace(r, named=part) if r.named is Part.UNKNOWN else r),
    )


def _with_columns(held: Value, names: list[str], value: Value, *, whole: bool) -> Value:
    """Return rows some of whose columns were given a value; only some of their rows unless ``whole``."""
    columns = held.columns
    made, sources = dict(columns.made), dict(columns.sources)
    for name in names:
        origin = set(value.computed_from)
        for part in value.computed_from:
            origin |= columns.sources.get(part, frozenset())
        made[name] = value.learned if whole else made.get(name, frozenset()) | value.learned
        sources[name] = frozenset(origin - {name}) if whole else sources.get(name, frozenset()) | (origin - {name})
        if not made[name]:
            del made[name]
        if not sources[name]:
            del sources[name]
    return replace(
        held,
        columns=Columns(
            columns.only | set(names) if columns.only is not None else None,
            columns.without.difference(names),
            made,
            sources,
            columns.known,
            columns.unread,
        ),
        predicted=held.predicted,
        certain=held.certain and value.certain,
    )


def _with_some(held: Value, value: Value) -> Value:
    """Return rows of which something that cannot be told was given a value."""
    return replace(held, learned=held.learned | value.learned, certain=held.certain and value.certain, elements={})


def _keeps(held: Value, key: object) -> bool:
    """Tell whether a value is a container that keeps values under keys such as this one."""
    if EACH in held.elements:
        return not isinstance(key, str)
    return isinstance(key, (str, int)) and any(type(each) is type(key) for each in held.elements)


def _is_column_of(held: Value, value: Value) -> bool:
    """Tell whether what an attribute of rows is given is a column of them: it has the same rows, or was learned."""
    return bool(held.rows) and (value.rows == held.rows or (not value.rows and value.is_table))


def _is_everything(index: cst.CSTNode) -> bool:
    return type(index) is cst.Slice and index.lower is None and index.upper is None


def joined(first: Value, second: Value) -> Value:
    """Return what a list or another container holds once something was added to it."""
    return replace(join([first, second]), elements={}) if not first.is_nothing else replace(second, elements={})


def dotted(node: cst.CSTNode) -> str:
    """Return the dotted text of a chain of names, or nothing for other expressions."""
    if type(node) is cst.Name:
        return node.value
    if type(node) is cst.Attribute:
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""
