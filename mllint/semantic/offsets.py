"""Offsets of nodes, computed only where something has to be pointed at."""

from __future__ import annotations

import libcst as cst
from libcst._nodes.internal import CodegenState

from mllint.text.ranges import Range


class _OffsetState(CodegenState):
    """A code generator state that counts characters.

    LibCST's position providers do the same with rows and columns at seven times the cost.
    """

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.offset = 0
        self.starts: list[int] = []
        # By identity: nodes live as long as the module, and LibCST hashes them in Python.
        self.whole: dict[int, Range] = {}
        self.code: dict[int, Range] = {}

    def add_indent_tokens(self) -> None:
        self.tokens += self.indent_tokens
        self.offset += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.offset -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.whole[id(node)] = Range(self.starts.pop(), self.offset)

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _CodeRange:
        return _CodeRange(self, node, start_node, end_node)


class _CodeRange:
    """Notes the range of a node's code, which is written inside the ``with`` block."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(
        self, state: _OffsetState, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.state, self.node, self.start_node, self.end_node = state, node, start_node, end_node

    def __enter__(self) -> None:
        self.start = self.state.offset

    def __exit__(self, *_: object) -> None:
        state = self.state
        first = state.whole.get(id(self.start_node)) if self.start_node is not None else None
        last = state.whole.get(id(self.end_node)) if self.end_node is not None else None
        state.code[id(self.node)] = Range(first.start if first else self.start, last.end if last else state.offset)


class Offsets:
    """The offsets of all nodes of a module, or of one statement at its top level.

    Args:
        part: the module or the statement.
        module: the module.
        base: what to count from.
    """

    def __init__(self, part: cst.Module | cst.BaseStatement, module: cst.Module, base: int = 0) -> None:
        state = _OffsetState(module.default_indent, module.default_newline)
        part._codegen(state)
        self._whole = state.whole
        self._code = state.code
        self._base = base
        self._tokens = state.tokens

    @classmethod
    def of_statement(cls, statement: cst.BaseStatement, module: cst.Module, text: str, base: int = 0) -> Offsets | None:
        """Return the offsets of a statement, or None if its lines stand several times in the text of the module.

        Most stand there once, and to find them costs much less than to write all that is before them.
        """
        offsets = cls(statement, module)
        is_end = statement is module.body[-1] and not module.footer and not module.has_trailing_newline
        code = "".join(offsets._tokens[: -1 if is_end else None])
        start = text.find(code)
        if start < 0 or text.find(code, start + 1) >= 0:
            return None
        offsets._base = base + start
        return offsets

    def range(self, node: cst.CSTNode) -> Range:
        """Return the range of a node's code: without the comments before a statement and without parentheses."""
        found = self._code.get(id(node)) or self._whole[id(node)]
        return Range(found.start + self._base, found.end + self._base)

    def outer_range(self, node: cst.CSTNode) -> Range:
        """Return the range of an expression with the parentheses around it."""
        found = self._whole[id(node)]
        return Range(found.start + self._base, found.end + self._base)

    def __contains__(self, node: cst.CSTNode) -> bool:
        return id(node) in self._whole
