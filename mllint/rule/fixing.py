"""Edits that rules need again and again, made so that comments, formatting and meaning stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from mllint.text.edits import Edit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel


class FixBuilder:
    """Makes edits on the text of one unit; none of its edits crosses a cell.

    Args:
        model: the semantic model of the unit.
    """

    def __init__(self, model: SemanticModel) -> None:
        self._model = model

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """Replace the code of a node (parentheses around it stay)."""
        return Edit.replace(self._model.range(node), text)

    def wrap(self, node: cst.CSTNode, before: str, after: str) -> list[Edit]:
        """Put text before and after an expression."""
        start, end = self._model.outer_range(node)
        return [Edit.insert(start, before), Edit.insert(end, after)]

    def add_keyword(self, call: cst.Call, name: str, value: str) -> Edit:
        """Add ``name=value`` as the last argument of a call, before ``**kwargs``."""
        raise NotImplementedError

    def set_keyword(self, call: cst.Call, name: str, value: str) -> Edit:
        """Replace the value of the keyword argument ``name``, or add it."""
        for arg in call.args:
            if arg.keyword is not None and arg.keyword.value == name:
                return Edit.replace(self._model.outer_range(arg.value), value)
        return self.add_keyword(call, name, value)

    def rename_callee(self, call: cst.Call, name: str) -> Edit:
        """Replace the last name of what is called: ``scaler.fit_transform`` becomes ``scaler.transform``."""
        func = call.func
        return self.replace(func.attr if isinstance(func, cst.Attribute) else func, name)

    def insert_before(self, node: cst.CSTNode, lines: str) -> Edit:
        """Insert whole lines before the statement that ``node`` is in, indented as it is."""
        raise NotImplementedError

    def insert_after_imports(self, lines: str, near: cst.CSTNode) -> Edit:
        """Insert whole lines after the imports at the top of the file, or of the cell of ``near``."""
        raise NotImplementedError

    def delete_statement(self, node: cst.CSTNode) -> Edit:
        """Remove the statement that ``node`` is in, its line and the comment on it; leave ``pass`` in an empty block."""
        raise NotImplementedError

    def import_name(self, module: str, name: str | None, near: cst.CSTNode) -> tuple[str, list[Edit]]:
        """Make ``module`` (or ``name`` of it) usable at ``near``.

        Returns:
            The expression that denotes it there, and the edits that bring the import; none if it is imported already.
        """
        raise NotImplementedError


def line_range(text: str, place: Range) -> Range:
    """Return the range of the whole lines that ``place`` touches, the last line end included."""
    start = text.rfind("\n", 0, place.start) + 1
    end = text.find("\n", place.end)
    return Range(start, len(text) if end == -1 else end + 1)
