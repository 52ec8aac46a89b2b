"""Edits that rules need again and again, made so that comments, formatting and meaning stay."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from mllint.rule.imports import Imports
from mllint.rule.layout import FixError, Layout, Statement, is_string_statement
from mllint.text.edits import Edit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel

SmallStatementHolder = cst.SimpleStatementLine | cst.SimpleStatementSuite


class FixBuilder:
    """Makes edits on the text of one unit; none of its edits crosses a cell.

    Where an edit cannot be made soundly a method raises FixError, which a rule need not catch: the diagnostic is then
    reported without its fix. Several edits that belong together go into one Fix; where two of them insert at one
    place, the first one in the list comes first in the text.

    Args:
        model: the semantic model of the unit.
    """

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._layout = Layout(model)

    # Expressions

    def replace(self, node: cst.CSTNode, text: str) -> Edit:
        """Replace the code of a node (parentheses around it stay)."""
        return Edit.replace(self._model.range(node), text)

    def wrap(self, node: cst.BaseExpression, before: str, after: str) -> list[Edit]:
        """Put text before and after an expression."""
        start, end = self._model.outer_range(node)
        return [Edit.insert(start, before), Edit.insert(end, after)]

    def rename_callee(self, call: cst.Call, name: str) -> Edit:
        """Replace the last name of what is called: ``scaler.fit_transform`` becomes ``scaler.transform``.

        Raises:
            FixError: what is called has no name, as in ``models[0](x)``.
        """
        func = call.func
        if not isinstance(func, (cst.Name, cst.Attribute)):
            raise FixError(f"`{self._model.text(func)}` is not a name")
        return self.replace(func.attr if isinstance(func, cst.Attribute) else func, name)

    # Arguments

    def set_keyword(self, call: cst.Call, name: str, value: str) -> list[Edit]:
        """Replace the value of the keyword argument ``name``, or add it.

        Raises:
            FixError: see ``add_keyword``.
        """
        for arg in call.args:
            if arg.keyword is not None and arg.keyword.value == name:
                self._check_quotes(call, value)
                return [Edit.replace(self._model.outer_range(arg.value), value)]
        return self.add_keyword(call, name, value)

    def add_keyword(self, call: cst.Call, name: str, value: str) -> list[Edit]:
        """Add ``name=value`` as the last argument of a call, before ``**kwargs``.

        The layout of the call is kept: one argument a line, a trailing comma, comments behind arguments.

        Raises:
            FixError: the call has the keyword, or stands in an f-string whose quotes the value contains.
        """
        if any(arg.keyword is not None and arg.keyword.value == name for arg in call.args):
            raise FixError(f"the call has the argument `{name}`")
        self._check_quotes(call, value)
        keyword = f"{name}={value}"
        unpacked = next((index for index, arg in enumerate(call.args) if arg.star == "**"), len(call.args))
        if unpacked > 0:
            return self._append_argument(call, unpacked - 1, keyword)
        return [self._prepend_argument(call, keyword)]

    def _prepend_argument(self, call: cst.Call, keyword: str) -> Edit:
        """Add an argument to a call that has none, or none that it could follow."""
        layout = self._layout
        inside = layout.next_token(self._model.outer_range(call.func).end) + 1
        first = layout.next_token(inside)  # the first argument or the closing parenthesis
        newline = layout.newline(inside)
        if not call.args:
            if "#" not in layout.text[inside:first]:
                return Edit.insert(inside, keyword)
            start = layout.line_start(first)
            indent = layout.indent(first) + self._module(call).default_indent
            return Edit.insert(start, f"{indent}{keyword},{newline}")
        if layout.starts_line(first):
            return Edit.insert(layout.next_line(inside), f"{layout.indent(first)}{keyword},{newline}")
        return Edit.insert(first, f"{keyword}, ")

    def _append_argument(self, call: cst.Call, index: int, keyword: str) -> list[Edit]:
        """Add an argument after the one at ``index``."""
        layout = self._layout
        last = call.args[index]
        start, end = self._model.range(last)
        newline = layout.newline(start)
        own_line = layout.starts_line(start)
        indent = layout.indent(start)
        if isinstance(last.comma, cst.Comma):
            comma_end = layout.next_token(end) + 1
            follower = layout.next_token(comma_end)
            if not own_line or not layout.starts_line(follower):
                return [Edit.insert(comma_end, f" {keyword},")]
            is_last = index == len(call.args) - 1
            place = layout.line_start(follower) if is_last else layout.next_line(comma_end)
            return [Edit.insert(place, f"{indent}{keyword},{newline}")]
        edits: list[Edit] = []
        closing = ""
        if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
            edits.append(Edit.insert(start, "("))
            closing = ")"
        parenthesis = layout.next_token(end)
        if not own_line:
            edits.append(Edit.insert(end, f"{closing}, {keyword}"))
        elif "#" not in layout.text[end:parenthesis]:
            edits.append(Edit.insert(end, f"{closing},{newline}{indent}{keyword}"))
        else:
            edits.append(Edit.insert(end, f"{closing},"))
            edits.append(Edit.insert(layout.line_start(parenthesis), f"{indent}{keyword}{newline}"))
        return edits

    def remove_argument(self, call: cst.Call, arg: cst.Arg) -> Edit:
        """Remove an argument and one comma; comments around it stay, on a line of their own if need be.

        Raises:
            FixError: a comment stands between the argument and its comma.
        """
        layout = self._layout
        text = layout.text
        index = list(call.args).index(arg)
        start, end = self._model.range(arg)
        has_comma = isinstance(arg.comma, cst.Comma)
        own_end = layout.next_token(end) + 1 if has_comma else end
        follower = layout.next_token(own_end)
        before = self._after_previous(call, index)
        is_last = index == len(call.args) - 1
        if "#" in text[end:own_end]:  # a comment between the argument and its comma
            raise FixError("a comment stands before the comma")
        if "#" in text[own_end:follower] and "\n" not in text[own_end : text.index("#", own_end)]:
            # A comment behind the argument: it gets the place of the argument.
            return Edit.delete(Range(start, text.index("#", own_end)))
        if len(call.args) == 1 and "#" not in text[before:follower]:
            return Edit.delete(Range(before, follower))
        if is_last and not has_comma and index > 0 and "#" not in text[before:start]:
            return Edit.delete(Range(self._model.range(call.args[index - 1]).end, end))
        if layout.starts_line(start) and layout.next_line(own_end) <= follower:
            return Edit.delete(Range(layout.line_start(start), layout.next_line(own_end)))
        if is_last or (index > 0 and "#" not in text[before:start]):
            return Edit.delete(Range(start if "#" in text[before:start] else before, own_end))
        return Edit.delete(Range(start, follower))

    def _after_previous(self, call: cst.Call, index: int) -> int:
        """Return the end of the comma, or opening parenthesis, before an argument."""
        previous = self._model.range(call.args[index - 1]) if index else self._model.outer_range(call.func)
        return self._layout.next_token(previous.end) + 1

    def _check_quotes(self, call: cst.Call, value: str) -> None:
        """Raise if code inside an f-string would contain the quotes of the f-string."""
        for node in self._model.ancestors(call):
            if isinstance(node, cst.FormattedString) and node.end[0] in value:
                raise FixError("the call stands in an f-string with the same quotes")

    # Statements

    def insert_before(self, node: cst.CSTNode, lines: str) -> Edit:
        """Insert whole lines before the statement that ``node`` is in, indented as it is.

        They go above the decorators of the statement and the comments directly above it, and for the test of an
        ``elif`` before the whole ``if``. Behind a semicolon, or on the line of an ``if x:``, they are put in front of
        the statement on its line.

        Raises:
            FixError: the statement is a docstring or a ``from __future__`` import, which must come first; it is on
                the line of a magic; or the lines would have to share a line with it but are no simple statements.
        """
        statement, small = self._statement(node)
        place = Range(self._layout.code_start(small or statement), self._model.range(small or statement).end)
        if self._is_docstring(statement) or _is_future_import(small):
            raise FixError("the statement must stay the first one")
        if isinstance(statement, cst.SimpleStatementSuite) or self._follows_another(statement, small):
            return Edit.insert(place.start, _on_one_line(lines))
        newline = self._layout.newline(place.start)
        content = self._layout.block(lines, self._layout.indent(place.start), newline)
        return Edit.insert(self._layout.before_statement(statement), content)

    def _follows_another(self, statement: Statement, small: cst.BaseSmallStatement | None) -> bool:
        """Tell whether a statement stands behind others on a line."""
        if small is None or not isinstance(statement, cst.SimpleStatementLine):
            return False
        index = list(statement.body).index(small)
        if self._layout.magic_at(self._model.range(small)) is None:
            return index > 0
        # In the code of a magic, such as `%timeit f(x)`, whose word is read as the first statement.
        if index > 1:
            raise FixError("the statement is on the line of a magic")
        return False

    def insert_after(self, node: cst.CSTNode, lines: str) -> Edit:
        """Insert whole lines after the simple statement that ``node`` is in, indented as it is.

        Raises:
            FixError: the statement shares its line with others or with a magic, or is a compound one.
        """
        line = self._own_line(node)
        place = self._model.range(line)
        indent = self._layout.indent(place.start)
        return self._layout.after_line(place.end, self._layout.block(lines, indent, "\n"))

    def cut_statement(self, node: cst.CSTNode) -> tuple[Edit, list[str], str]:
        """Remove the simple statement that ``node`` is in with the comments directly above it and behind it.

        Returns:
            The edit, the comments above, and the one behind or an empty text, so that they can go elsewhere.

        Raises:
            FixError: see ``insert_after``; or comments stand inside the statement.
        """
        line = self._own_line(node)
        layout = self._layout
        place = self._model.range(line)
        if _has_comment(self._model.text(line)):
            raise FixError("a comment stands inside the statement")
        start = layout.before_statement(line)
        above = [text.strip() for text in layout.text[start : layout.line_start(place.start)].splitlines()]
        behind = layout.text[place.end : layout.line_end(place.end)].strip()
        lines = layout.whole_lines(place)
        return Edit(min(start, lines.start), lines.end, ""), [text for text in above if text], behind

    def _own_line(self, node: cst.CSTNode) -> cst.SimpleStatementLine:
        """Return the line of a statement that has it for itself."""
        statement, _ = self._statement(node)
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            raise FixError("the statement does not have a line of its own")
        if self._layout.magic_at(self._model.range(statement)) is not None:
            raise FixError("the statement holds a magic")
        return statement

    def delete_statement(self, node: cst.CSTNode) -> Edit:
        """Remove the statement that ``node`` is in, its line and the comment on it; leave ``pass`` in an empty block.

        Raises:
            FixError: the statement is an ``elif``, or holds a magic.
        """
        statement, small = self._statement(node, whole_if=False)
        parent = self._model.parent(statement)
        if isinstance(parent, cst.If) and parent.orelse is statement:
            raise FixError("an `elif` cannot be removed alone")
        start, end = self._layout.code_start(statement), self._model.range(statement).end
        if self._layout.magic_at(Range(start, end)) is not None:
            raise FixError("the statement holds a magic")
        if small is not None and isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            if len(statement.body) > 1:
                return Edit.delete(self._between_semicolons(statement, small))
            start, end = self._model.range(small)
        end = start + len(self._layout.text[start:end].rstrip())
        if isinstance(statement, cst.SimpleStatementSuite):
            return Edit(start, end, "pass")
        if isinstance(parent, cst.IndentedBlock) and len(parent.body) == 1:
            return Edit(start, self._layout.line_end(end), "pass")
        return Edit.delete(self._layout.whole_lines(Range(start, end)))

    def _between_semicolons(self, line: SmallStatementHolder, small: cst.BaseSmallStatement) -> Range:
        """Return the range of one of several statements on a line, with one of the semicolons beside it."""
        index = list(line.body).index(small)
        if index + 1 < len(line.body):
            return Range(self._model.range(small).start, self._model.range(line.body[index + 1]).start)
        return Range(self._model.range(line.body[index - 1]).end, self._model.range(small).end)

    def _statement(
        self, node: cst.CSTNode, *, whole_if: bool = True
    ) -> tuple[Statement | cst.SimpleStatementSuite, cst.BaseSmallStatement | None]:
        """Return the statement that a node is in; for one on a line its line too, in front."""
        small: cst.BaseSmallStatement | None = None
        for current in (node, *self._model.ancestors(node)):
            if isinstance(current, cst.BaseSmallStatement):
                small = current
            elif isinstance(current, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
                return current, small or current.body[0]
            elif isinstance(current, cst.BaseCompoundStatement):
                parent = self._model.parent(current)
                if whole_if and isinstance(parent, cst.If) and parent.orelse is current:
                    continue
                return current, None
        raise FixError(f"{type(node).__name__} is not in a statement")

    def _is_docstring(self, statement: cst.CSTNode) -> bool:
        """Tell whether a statement is the docstring of a file, class or function."""
        above = self._model.parent(statement)
        if isinstance(above, (cst.Module, cst.IndentedBlock)) and above.body[0] is not statement:
            return False
        owner = self._model.parent(above) if isinstance(above, cst.IndentedBlock) else above
        documented = isinstance(owner, (cst.ClassDef, cst.FunctionDef)) or (
            isinstance(owner, cst.Module) and not self._model.unit.is_notebook
        )
        return documented and is_string_statement(statement)

    def _module(self, node: cst.CSTNode) -> cst.Module:
        module = self._model.cell(node).module
        assert module is not None  # the node is in it
        return module

    # Imports

    def insert_after_imports(self, lines: str, near: cst.CSTNode, imports: Sequence[Edit] = ()) -> Edit:
        """Insert whole lines after the imports at the top of the file, or of the cell of ``near``.

        Where the lines use a name that is bound only further down, they go after the statement that binds it.

        Args:
            lines: the lines.
            near: the code that they stand before.
            imports: the edits of ``import_name`` that bring what the lines use.

        Raises:
            FixError: there is no such place before ``near``.
        """
        return self._imports.lines_after(lines, near, imports)

    def import_name(
        self, module: str, name: str | None, near: cst.CSTNode, *, at_top: bool = False
    ) -> tuple[str, list[Edit]]:
        """Make ``module`` (or ``name`` of it) usable at ``near``.

        An import counts as present only if it has surely run before ``near``: at the top level of the unit, or of the
        function of ``near``; not under ``if TYPE_CHECKING`` or in ``try``. A new import goes after the last import at
        the top of the script or of the cell, and is the same for every rule that asks for it.

        Args:
            module: its absolute dotted name.
            name: what is imported from it, or None for the module itself.
            near: the code that needs it.
            at_top: it is needed not at ``near`` itself but right before the statement at the top level that ``near`` is
                in, where what a function imports means nothing; for lines that ``insert_after_imports`` inserts.

        Returns:
            The expression that denotes it there, and the edits that bring the import; none if it is imported already.

        Raises:
            FixError: every name that the import could bind has another meaning there.
        """
        return self._imports.ensure(module, name, near, at_top=at_top)

    @property
    def _imports(self) -> Imports:
        return Imports(self._model, self._layout)


def _on_one_line(lines: str) -> str:
    """Return simple statements with a semicolon behind each."""
    code = [line.strip() for line in lines.splitlines() if line.strip()]
    for line in code:
        try:
            statements = ast.parse(line).body
        except SyntaxError:
            statements = []
        if not statements or "#" in line or any(hasattr(statement, "body") for statement in statements):
            raise FixError(f"`{line}` cannot share a line with the statement behind it")
    return "".join(f"{line.rstrip(';')}; " for line in code)


def _has_comment(code: str) -> bool:
    """Tell whether a comment stands in the code of a statement."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return "#" in code and any(token.type == tokenize.COMMENT for token in tokens)


def _is_future_import(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.ImportFrom) and isinstance(node.module, cst.Name) and node.module.value == "__future__"


__all__ = ["FixBuilder", "FixError"]
