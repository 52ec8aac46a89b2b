"""Slices as they are written: the selection that ``rows[low:high]``, ``head(n)`` or ``take(n)`` makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.rows import SLICES, Bound, Interval, Selection, Share
from mllint.semantic.walk import code_key

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel


def slice_between(
    model: SemanticModel, low: cst.BaseExpression | None, high: cst.BaseExpression | None, made: cst.CSTNode
) -> Selection:
    """Return the selection of the rows from ``low`` up to ``high``, as far as both can be read off the code."""
    return Selection(SLICES, Interval(_bound(model, low), _bound(model, high)), made=made)


def _bound(model: SemanticModel, node: cst.BaseExpression | None) -> Bound:
    if node is None:
        return None
    literal = model.literal(node)
    if isinstance(literal, int) and not isinstance(literal, bool):
        return literal or None
    share = _share(model, node)
    if share is not None and 0 < abs(share.share) < 1:
        return share if share.share > 0 else Share(1 + share.share, share.of)
    if type(node) is cst.Name:
        value = model.assigned_value(node)
        if value is not None and type(value) is not cst.Name:
            return _told(model, value)
    return _told(model, node)


def _told(model: SemanticModel, node: cst.BaseExpression) -> Bound:
    """Return what tells a bound from others: its text, with the code itself where it may come out otherwise elsewhere."""
    inside = (node, *model.descendants(node))
    text = (code_key(node), *versions(model, [each for each in inside if type(each) is cst.Name]))
    calls = [model.call(each) for each in inside if type(each) is cst.Call]
    if all(call.fact is not None or (call.name or "").startswith("builtins.") for call in calls):
        return text
    return (*text, node)


def versions(model: SemanticModel, names: Iterable[cst.Name]) -> Iterator[tuple[str, int]]:
    """Yield the names with the numbers of the bindings that give them their values where they are read."""
    for name in names:
        for binding in model.bindings(name):
            yield name.value, binding.order


#: Functions that round what they are given.
_ROUNDS = frozenset({"int", "round", "floor", "ceil"})


def _share(model: SemanticModel, node: cst.BaseExpression, depth: int = 6) -> Share | None:
    """Return a number as a share of the number of some rows: ``int(0.8 * len(frame))``, ``-n // 5``."""
    if depth == 0:
        return None
    if type(node) is cst.UnaryOperation and type(node.operator) is cst.Minus:
        share = _share(model, node.expression, depth - 1)
        return Share(-share.share, share.of) if share is not None else None
    if type(node) is cst.BinaryOperation:
        return _share_of_operation(model, node, depth)
    if type(node) is cst.Call:
        call = model.call(node)
        inside = call.positional[0].value if call.positional else None
        if call.last_name in _ROUNDS and inside is not None:
            return _share(model, inside, depth - 1)
        if call.name == "builtins.len" and isinstance(inside, (cst.Name, cst.Attribute)):
            return Share(1.0, code_key(inside))
    elif type(node) is cst.Name:
        value = model.assigned_value(node)
        return _share(model, value, depth - 1) if value is not None else None
    elif type(node) is cst.Subscript and type(node.value) is cst.Attribute:
        index = node.slice[0].slice
        if node.value.attr.value == "shape" and type(index) is cst.Index and model.literal(index.value) == 0:
            return Share(1.0, code_key(node.value.value))
    return None


def _share_of_operation(model: SemanticModel, node: cst.BinaryOperation, depth: int) -> Share | None:
    left, right = model.literal(node.left), model.literal(node.right)
    if isinstance(node.operator, cst.Multiply):
        factor, other = (left, node.right) if isinstance(left, (int, float)) else (right, node.left)
        share = _share(model, other, depth - 1)
        if share is not None and isinstance(factor, (int, float)):
            return Share(share.share * factor, share.of)
    elif isinstance(node.operator, (cst.Divide, cst.FloorDivide)) and isinstance(right, (int, float)) and right:
        share = _share(model, node.left, depth - 1)
        if share is not None:
            return Share(share.share / right, share.of)
    return None
