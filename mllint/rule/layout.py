"""Lines, indentation, line ends and comments around a place, for edits that insert or remove whole lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from mllint.text.edits import Edit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel
    from mllint.source.unit import Magic

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

_SPACE = re.compile(r"(?:[ \t\f\r\n]|\\(?=[\r\n])|#[^\r\n]*)*")
#: A comment that is about the next statement even at the top of a file.
_OWN_LINE_IGNORE = re.compile(r"#\s*mllint\s*:\s*ignore\s*\[")
#: Comments that tools want to find at the top of a cell, or that begin one.
_DIRECTIVE = re.compile(r"#\s*(?:[@|!]|%%|-\*-|In\s?\[|.*coding[:=]|mllint\s*:\s*ignore-)")


class FixError(ValueError):
    """An edit cannot be made soundly at this place; the diagnostic is then reported without a fix."""


class Layout:
    """The text of a unit seen as lines; no line reaches beyond its cell."""

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._unit = model.unit
        self.text = model.unit.text

    def line_start(self, offset: int) -> int:
        """Return where the line of ``offset`` starts."""
        lines = self._unit.lines
        return max(lines.offset(lines.row(offset)), self._unit.cell_at(offset).start)

    def line_end(self, offset: int) -> int:
        """Return where the line of ``offset`` ends, before its line end."""
        lines = self._unit.lines
        return min(lines.line_range(lines.row(offset)).end, self._unit.cell_at(offset).end)

    def next_line(self, offset: int) -> int:
        """Return where the line after that of ``offset`` starts, or the end of the cell."""
        lines = self._unit.lines
        row = lines.row(offset)
        end = self._unit.cell_at(offset).end
        return min(lines.offset(row + 1), end) if row < len(lines) else end

    def indent(self, offset: int) -> str:
        """Return the white space that the line of ``offset`` starts with."""
        start = self.line_start(offset)
        end = start
        while end < len(self.text) and self.text[end] in " \t\f":
            end += 1
        return self.text[start:end]

    def starts_line(self, offset: int) -> bool:
        """Tell whether nothing but white space stands before ``offset`` on its line."""
        return not self.text[self.line_start(offset) : offset].strip()

    def next_token(self, offset: int) -> int:
        """Return where the next code stands at or after ``offset``, which is not inside a token."""
        match = _SPACE.match(self.text, offset)
        assert match is not None  # the pattern matches the empty string
        return match.end()

    def newline(self, offset: int) -> str:
        """Return the line end that is used around ``offset``."""
        lines = self._unit.lines
        cell = self._unit.cell_at(offset)
        row = lines.row(offset)
        first = lines.row(cell.start)
        for candidate in (row, row - 1, first):
            if first <= candidate < len(lines):
                end = self.text[lines.line_range(candidate).end : min(lines.offset(candidate + 1), cell.end)]
                if end:
                    return end
        return "\n"

    def block(self, lines: str, indent: str, newline: str) -> str:
        """Return whole lines with an indent and line ends."""
        return "".join((indent + line if line.strip() else "") + newline for line in lines.splitlines())

    def after_line(self, offset: int, lines: str) -> Edit:
        """Insert whole, unindented lines after the line of ``offset``."""
        newline = self.newline(offset)
        start = self.next_line(offset)
        content = self.block(lines, "", newline)
        if start == self.line_end(offset):  # the last line has no line end, and gets none
            content = newline + content.removesuffix(newline)
        return Edit.insert(start, content)

    def whole_lines(self, place: Range) -> Range:
        """Return the lines that ``place`` touches with one line end: the last one, or at the end the one before."""
        start = self.line_start(place.start)
        end = self.next_line(place.end)
        if end == self.line_end(place.end) and start > self._unit.cell_at(start).start:
            start = self.line_end(start - 1)
        return Range(start, end)

    # Statements

    def code_start(self, statement: cst.CSTNode) -> int:
        """Return where a statement starts, its decorators included."""
        decorators = getattr(statement, "decorators", ())
        if not decorators:
            return self._model.range(statement).start
        return min(self._model.range(node).start for node in (*decorators, statement))

    def before_statement(self, statement: Statement) -> int:
        """Return where lines are inserted before a statement: above the comments that belong to it.

        Comments that begin a script, and those that tools look for at the top of a cell, stay at the top.

        Raises:
            FixError: the statement is on the line of a cell magic.
        """
        first = self.code_start(statement)
        start = self.line_start(first)
        magic = self.magic_at(Range(first, first + 1))
        if magic is not None and magic.text.startswith("%%"):
            raise FixError("nothing can stand before a cell magic")
        comments = self._comments_above(statement)
        cell = self._unit.cell_at(start)
        lines = self._unit.lines
        row = lines.row(start)
        opens_script = not self._unit.is_notebook and row - len(comments) <= lines.row(cell.start)
        for comment in reversed(comments):
            if _DIRECTIVE.match(comment) or (opens_script and not _OWN_LINE_IGNORE.match(comment)):
                break
            row -= 1
        return max(lines.offset(row), cell.start)

    def _comments_above(self, statement: Statement) -> list[str]:
        """Return the comments on the lines directly above a statement."""
        above = list(statement.leading_lines)
        module = self._model.parent(statement)
        if isinstance(module, cst.Module) and module.body[0] is statement:
            above = [*module.header, *above]
        comments: list[str] = []
        for line in reversed(above):
            if line.comment is None:
                break
            comments.append(line.comment.value)
        return comments[::-1]

    def magic_at(self, place: Range) -> Magic | None:
        """Return the first magic that shares text with a range."""
        magics = self._unit.cell_at(place.start).magics
        return next((magic for magic in magics if magic.range.overlaps(place)), None)


def is_string_statement(node: cst.CSTNode) -> bool:
    """Tell whether the first statement on a line is nothing but a string, as docstrings are."""
    return (
        isinstance(node, (cst.SimpleStatementLine, cst.SimpleStatementSuite))
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )
