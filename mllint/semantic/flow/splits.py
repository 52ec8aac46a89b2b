"""Splits: parts of the data, splitters that give the indices of their parts, and lists of folds."""

from __future__ import annotations

import libcst as cst

from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.rows import Part, Rows, Selection
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import NOTHING, Value, join, replace

_PARTS = (Part.TRAIN, Part.TEST)


class Splits:
    """Divides rows into parts.

    Args:
        state: the state of the interpretation.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def split(self, call: KnownCall) -> Value:
        """Return the parts of the rows that a call is given, or of the indices that stand for them."""
        data, receiver, node = call.rows, call.receiver, call.node
        tags = frozenset(call.fact.tags) | receiver.tags
        event = self._state.event("split", node, data, call=call.site, models=frozenset(receiver.instances), tags=tags)
        selections = [Selection(event, part, part, made=node) for part in _PARTS]
        if call.is_on_value and not (receiver.rows and not receiver.objects):
            # A splitter yields the indices of the training and of the test rows.
            rows = join(data).rows or frozenset([Rows(node)])
            elements = [Value(rows, indexes=True).select(selection) for selection in selections]
        elif not any(value.rows for value in data):
            elements = [
                Value(frozenset([Rows(node)]), indexes=True).select(selection)
                for _ in (data or (NOTHING,))
                for selection in selections
            ]
        else:
            elements = [value.select(selection) for value in data for selection in selections]
            if "part-major" in tags:
                elements = [*elements[::2], *elements[1::2]]
        return replace(join(elements), elements=dict(enumerate(elements)))

    def split_by(self, splitter: Value, node: cst.CSTNode) -> Value:
        """A splitter of old is run through itself: ``for train, test in KFold(len(X))``."""
        call = self._state.model.call(node) if type(node) is cst.Call else None
        models = frozenset(splitter.instances)
        event = self._state.event("split", node, (), call=call, models=models, tags=splitter.tags)
        rows = splitter.rows or frozenset([Rows(node)])
        elements = [Value(rows, indexes=True).select(Selection(event, part, part, made=node)) for part in _PARTS]
        return replace(join(elements), elements=dict(enumerate(elements)))


def list_of_folds(value: Value) -> Value | None:
    """Return what ``list(splitter.split(rows))`` gives: something whose elements are the indices of each fold."""
    if value.are_folds:
        return replace(value, elements={0: value})
    return value if value.elements.keys() == {0} and value.elements[0].are_folds else None
