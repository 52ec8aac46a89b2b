"""Lists of columns as values: what ``frame.columns`` and lists made of it name."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.flow.values import Columns, Value, replace
from mllint.semantic.literals import UNKNOWN

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel

#: Methods and functions that list the same columns again.
SAME = frozenset(
    {
        "tolist",
        "to_list",
        "copy",
        "list",
        "tuple",
        "set",
        "sorted",
        "array",
        "unique",
        "sort_values",
        "frozenset",
        "Index",
    }
)
#: Kinds of columns that make up a table between them.
_KINDS = {
    "number": "number",
    "int64": "number",
    "float64": "number",
    "int": "number",
    "float": "number",
    "object": "object",
    "category": "object",
    "string": "object",
    "bool": "object",
    "O": "object",
}
_BOTH = frozenset({"number", "object"})


def list_of(table: Value) -> Columns:
    """Return the list of the columns of a table."""
    return replace(table.columns, of=table.sources)


def less(columns: Columns, names: Iterable[str]) -> Columns:
    """Return columns some of which are left out."""
    gone = frozenset(names)
    return replace(
        columns,
        only=columns.only - gone if columns.only is not None else None,
        without=columns.without | gone,
        made={name: made for name, made in columns.made.items() if name not in gone},
        sources={name: source for name, source in columns.sources.items() if name not in gone},
    )


def more(columns: Columns, names: Iterable[str]) -> Columns:
    """Return columns and some others."""
    new = frozenset(names)
    return replace(
        columns, only=columns.only | new if columns.only is not None else None, without=columns.without - new
    )


def picked(held: Columns, listed: Columns, of: frozenset[Hashable]) -> Columns:
    """Return the columns that a table, with rows of some sources, holds once it is indexed by a list of columns."""
    if listed.only is None and listed.of.isdisjoint(of):
        return held.unknown("other table")
    only = listed.only if listed.only is not None else held.only
    without = held.without | listed.without
    made = {name: events for name, events in held.made.items() if listed.holds(name) is not False}
    sources = {name: names for name, names in held.sources.items() if listed.holds(name) is not False}
    # A column that was made after the list may be new, or have replaced one that was on the list.
    later = listed.only is None and not (made.keys() | sources.keys()) <= (listed.made.keys() | listed.sources.keys())
    result = Columns(only, without, made, sources, held.known and listed.known, held.unread | listed.unread)
    return result.unknown("later") if later else result


def both(first: Columns, second: Columns) -> Columns:
    """Return the columns of two lists that were put together."""
    if first.known and second.known:
        if first.only is not None and second.only is not None:
            return Columns(first.only | second.only)
        if first.only is not None or second.only is not None:
            named, rest = (first, second) if first.only is not None else (second, first)
            return more(rest, named.only or ())
        return replace(first, without=first.without & second.without, of=first.of | second.of)
    kinds = _kinds_of(first), _kinds_of(second)
    if None not in kinds and kinds[0] | kinds[1] == _BOTH:  # type: ignore[operator]
        # The numbers and the texts are all there is; what was taken off either list is on neither.
        columns = less(first, second.without)
        return replace(columns, known=True, unread=frozenset())
    return replace(first, only=None, without=first.without & second.without).unknown((first.unread, second.unread))


def of_kinds(columns: Columns, include: Any, place: Hashable) -> Columns:
    """Return the columns of some kinds, ``select_dtypes(include="number")``."""
    names = include if isinstance(include, (list, tuple)) else [include]
    kinds = frozenset(_KINDS.get(str(name).removeprefix("np."), "") for name in names)
    return columns.unknown(("kinds", kinds, place) if "" not in kinds else place)


def _kinds_of(columns: Columns) -> frozenset[str] | None:
    if len(columns.unread) != 1:
        return None
    (place,) = columns.unread
    return place[1] if isinstance(place, tuple) and place[0] == "kinds" else None


def filtered(
    columns: Columns, name: str, conditions: Iterable[cst.BaseExpression], literal: Callable[[cst.CSTNode], Any]
) -> Columns:
    """Return the columns that fulfil the conditions of a comprehension, ``[c for c in frame if c != "price"]``."""
    for condition in conditions:
        gone = _excluded(condition, name, literal)
        columns = less(columns, gone) if gone is not None else columns.unknown(condition)
    return columns


def _excluded(condition: cst.BaseExpression, name: str, literal: Callable[[cst.CSTNode], Any]) -> set[str] | None:
    """Return the columns that a condition leaves out, or None if that cannot be told."""
    if type(condition) is cst.BooleanOperation and isinstance(condition.operator, cst.And):
        left, right = _excluded(condition.left, name, literal), _excluded(condition.right, name, literal)
        return left | right if left is not None and right is not None else None
    if type(condition) is cst.UnaryOperation and type(condition.operator) is cst.Not:
        other = _compared(condition.expression, name, cst.In)
    else:
        other = _compared(condition, name, cst.NotEqual, cst.NotIn)
    return _names(literal(other)) if other is not None else None


def _compared(condition: cst.BaseExpression, name: str, *operators: type[cst.BaseCompOp]) -> cst.BaseExpression | None:
    """Return what a name is compared with by one of some operators."""
    if type(condition) is not cst.Comparison or len(condition.comparisons) != 1:
        return None
    target = condition.comparisons[0]
    if not isinstance(target.operator, operators) or type(condition.left) is not cst.Name:
        return None
    return target.comparator if condition.left.value == name else None


def _names(value: Any) -> set[str] | None:
    names = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple, set)) else None
    return set(names) if names is not None and all(isinstance(each, str) for each in names) else None


def key_of(node: cst.CSTNode, model: SemanticModel) -> Any:
    """Return the literal value of a key, also where it is read out of a dict of settings: ``SETTINGS["target"]``."""
    value = model.literal(node)
    if value is not UNKNOWN or type(node) is not cst.Subscript or type(node.value) is not cst.Name:
        return value
    settings = model.literal(node.value)
    index = node.slice[0].slice
    key = model.literal(index.value) if type(index) is cst.Index and len(node.slice) == 1 else UNKNOWN
    if not isinstance(settings, dict) or not isinstance(key, (str, int)) or key not in settings:
        return value
    for mention in model.mentions(node.value.value):
        around = model.parent(mention)
        if type(around) is cst.Subscript and isinstance(model.parent(around), cst.AssignTarget):
            return value  # settings that change
    return settings[key]


def names_of(value: Any) -> list[str] | None:
    """Return the column names in a literal: one, or a list of them."""
    names = _names(value)
    return sorted(names) if names is not None else None
