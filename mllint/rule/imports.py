"""Imports that fixes rely on: which hold at a place, and where and in what form new ones are added."""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from mllint.rule.layout import FixError, Layout, Statement, is_string_statement
from mllint.semantic.scopes import Binding, BindingKind, Scope, ScopeKind
from mllint.text.edits import Edit

if TYPE_CHECKING:
    from mllint.semantic.model import SemanticModel

_IDENTIFIER = re.compile(r"[^\W\d]\w*")


class _Form(NamedTuple):
    """One way to import something: the statement, the name it binds, what that name denotes, and how it is used."""

    statement: str
    bound: str
    target: str
    expression: str


class _Top(NamedTuple):
    """What stands at the top of a script or cell before its other code."""

    #: The last of the imports there.
    last_import: cst.CSTNode | None
    #: The end of the docstring or of the magics above the code.
    opening_end: int | None
    #: The first statement after them.
    code: Statement


class Imports:
    """Finds and adds imports in one unit."""

    def __init__(self, model: SemanticModel, layout: Layout) -> None:
        self._model = model
        self._layout = layout

    def ensure(self, module: str, name: str | None, near: cst.CSTNode, *, at_top: bool) -> tuple[str, list[Edit]]:
        """Return the expression for ``module`` or its ``name`` at ``near``, and the edits that bring the import."""
        near = self._top_level(near) if at_top else near
        present = next(self._present(module, name, near), None)
        if present is not None:
            return present, []
        top = self._top(near)
        for form in self._forms(module, name):
            edit = self._import_edit(form.statement, top)
            if self._is_free(form, near, edit.start):
                return form.expression, [edit]
        raise FixError(f"`{module}` cannot be imported here: the names it would have mean something else")

    def lines_after(self, lines: str, near: cst.CSTNode, imports: Sequence[Edit]) -> Edit:
        """Insert lines after the imports at the top, and after the statements that bind the names they use.

        Args:
            lines: the lines.
            near: the code that they stand before.
            imports: edits inserted with them; what they import need not be bound already.
        """
        top = self._top(near)
        limit = self._top_level(near)
        brought = {name for edit in imports for name in _IDENTIFIER.findall(edit.content)}
        binders = [self._binder(name, near) for name in sorted(set(_IDENTIFIER.findall(lines)) - brought)]
        anchors = [node for node in (top.last_import, *binders) if node is not None]
        if any(self._position(node) >= self._position(limit) for node in anchors):
            raise FixError("the names that the lines use are bound only further down")
        last = max(anchors, key=self._position, default=None)
        end = self._code_end(last) if last is not None else top.opening_end
        if self._model.unit.is_notebook:
            return self._insert(end, lines, top)
        return self._insert(end, f"\n{lines}" if end is not None else lines, top, blank_below=True)

    # Imports that are there

    def _present(self, module: str, name: str | None, near: cst.CSTNode) -> Iterator[str]:
        """Yield the expressions by which ``module`` or its ``name`` is known at ``near``."""
        own = self._model.scope(near)
        for scope in own.chain():
            if scope is not own and scope.kind is not ScopeKind.MODULE:
                continue
            for bindings in list(scope.bindings.values()):
                for binding in bindings:
                    expression = _expression(binding, module, name)
                    if expression is not None and self._holds(binding, bindings, own, near):
                        yield expression

    def _holds(self, binding: Binding, rivals: list[Binding], own: Scope, near: cst.CSTNode) -> bool:
        """Tell whether an import has surely run before ``near`` and its name still means it there."""
        line = self._model.parent(binding.owner)
        block = self._model.parent(line) if isinstance(line, cst.SimpleStatementLine) else None
        home = binding.scope.node
        if not isinstance(block, cst.Module) and (home is None or self._model.parent(block or home) is not home):
            return False
        if own.lookup(binding.name) is not binding.scope or self._position(binding.node) >= self._position(near):
            return False
        target = _target(binding)
        if any(_target(rival) != target for rival in rivals):
            return False
        return not self._star_between(binding.name, self._position(binding.node), near)

    def _star_between(self, name: str, start: int, near: cst.CSTNode) -> bool:
        """Tell whether a star import between ``start`` and ``near`` may bind ``name`` to something else.

        A usual short name of a library means that library in star imports too.
        """
        if name in self._model.knowledge.import_names and self._model.knowledge.import_names[name] != name:
            return False
        end = self._position(near)
        return any(start < self._position(star) < end for star in self._model.module_scope.star_imports)

    # New imports

    def _forms(self, module: str, name: str | None) -> Iterator[_Form]:
        """Yield the ways to import ``module`` or its ``name``, the usual one first."""
        if name is not None:
            yield _Form(f"from {module} import {name}", name, f"{module}.{name}", name)
        suffix = f".{name}" if name is not None else ""
        usual = self._model.knowledge.import_names
        for alias in sorted(alias for alias in usual if usual[alias] == module != alias):
            yield _Form(f"import {module} as {alias}", alias, module, alias + suffix)
        root, _, _ = module.partition(".")
        yield _Form(f"import {module}", root, root, module + suffix)
        parent, _, last = module.rpartition(".")
        if parent:
            yield _Form(f"from {parent} import {last}", last, module, last + suffix)

    def _is_free(self, form: _Form, near: cst.CSTNode, place: int) -> bool:
        """Tell whether the name that an import binds has no other meaning in the unit or at ``near``."""
        name = form.bound
        if hasattr(builtins, name):
            return False
        for cell in self._model.unit.cells:
            if name in cell.salvaged_names or any(name in magic.binds for magic in cell.magics):
                return False
        module_scope = self._model.module_scope
        rivals = module_scope.bindings.get(name, [])
        if any(_target(rival) != form.target for rival in rivals):
            return False
        home = self._model.scope(near).lookup(name)
        if home is not None and home is not module_scope:
            return False
        if not module_scope.star_imports:
            return True
        # A name that nothing else binds comes from a star import.
        is_read = any(reference.value == name for reference in self._model.walk.references)
        return (bool(rivals) or not is_read) and not self._star_between(name, place, near)

    # Places

    def _top(self, near: cst.CSTNode) -> _Top:
        """Look at the top of the script, or of the cell of ``near``, up to the statement of ``near``."""
        cell = self._model.cell(near)
        assert cell.module is not None  # near is in it
        limit = self._top_level(near)
        last_import: cst.CSTNode | None = None
        opening: int | None = None
        for index, statement in enumerate(cell.module.body):
            if statement is limit:
                break
            place = self._model.range(statement)
            magic = self._layout.magic_at(place)
            if magic is not None and isinstance(statement, cst.SimpleStatementLine):
                opening = magic.range.end
            elif _is_import_line(statement):
                last_import = statement
            elif index == 0 and not self._model.unit.is_notebook and is_string_statement(statement):
                opening = place.end
            elif not _may_stand_between_imports(statement):
                break
        else:
            raise FixError("there is no statement to import for")
        return _Top(last_import, opening if last_import is None else None, statement)

    def _import_edit(self, statement: str, top: _Top) -> Edit:
        """Insert an import after the others, or where the first one goes."""
        if top.last_import is not None:
            return self._insert(self._code_end(top.last_import), statement, top)
        if self._model.unit.is_notebook:
            return self._insert(top.opening_end, statement, top)
        return self._insert(
            top.opening_end, f"\n{statement}" if top.opening_end is not None else statement, top, blank_below=True
        )

    def _insert(self, end: int | None, lines: str, top: _Top, *, blank_below: bool = False) -> Edit:
        """Insert lines below the line of ``end``, or above the first code.

        Args:
            end: where the code ends that the lines follow; None if they come first.
            lines: the lines.
            top: what stands at the top.
            blank_below: whether a blank line has to separate them from what follows.
        """
        layout = self._layout
        if end is None:
            place = layout.before_statement(top.code)
        else:
            place = layout.next_line(end)
        if blank_below and place < len(layout.text) and layout.text[place : layout.line_end(place)].strip():
            lines += "\n\n"
        if end is None:
            return Edit.insert(place, layout.block(lines, "", layout.newline(place)))
        return layout.after_line(end, lines)

    def _binder(self, name: str, near: cst.CSTNode) -> cst.CSTNode | None:
        """Return the statement that first binds ``name`` at the top level, or None if it is above the cell of ``near``."""
        bindings = self._model.module_scope.bindings.get(name)
        if not bindings:
            return None
        binders = [self._top_level(binding.node) for binding in bindings if self._surely_binds(binding)]
        if not binders:
            raise FixError(f"`{name}` is bound only under a condition")
        first = min(binders, key=self._position)
        return first if self._position(first) >= self._model.cell(near).start else None

    def _surely_binds(self, binding: Binding) -> bool:
        """Tell whether a binding is made whenever the code at the top level runs."""
        statement = self._top_level(binding.node)
        if isinstance(statement, cst.Try):
            line = self._model.parent(binding.owner)
            return line in statement.body.body and all(_leaves(handler) for handler in statement.handlers)
        return isinstance(statement, cst.SimpleStatementLine) or binding.owner is statement

    def _top_level(self, node: cst.CSTNode) -> Statement:
        """Return the statement directly in the module that a node is in."""
        current = node
        for above in self._model.ancestors(node):
            if isinstance(above, cst.Module):
                assert isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
                return current
            current = above
        raise FixError(f"{type(node).__name__} is not in a statement")

    def _position(self, node: cst.CSTNode) -> int:
        return self._model.range(node).start

    def _code_end(self, node: cst.CSTNode) -> int:
        """Return the end of a statement, before the line end that a compound one includes."""
        start, end = self._model.range(node)
        return start + len(self._layout.text[start:end].rstrip())


def _target(binding: Binding) -> str | None:
    """Return the absolute dotted name of what an import binds, or None for any other binding."""
    alias, statement = binding.node, binding.owner
    if binding.kind is not BindingKind.IMPORT or not isinstance(alias, cst.ImportAlias):
        return None
    name = alias.evaluated_name
    if isinstance(statement, cst.ImportFrom):
        if statement.module is None or statement.relative:
            return None
        return f"{_dotted(statement.module)}.{name}"
    return name if alias.asname is not None else name.partition(".")[0]


def _expression(binding: Binding, module: str, name: str | None) -> str | None:
    """Return how ``module``, or its ``name``, is written by means of an import, or None if it does not help."""
    target = _target(binding)
    wanted = f"{module}.{name}" if name is not None else module
    if target is None:
        return None
    if target == wanted:
        return binding.name
    if target == module:
        return f"{binding.name}.{name}"
    alias = binding.node
    assert isinstance(alias, cst.ImportAlias)
    if isinstance(binding.owner, cst.Import) and alias.asname is None:
        loaded = alias.evaluated_name  # `import a.b.c` makes a, a.b and a.b.c usable
        if loaded == module or loaded.startswith(f"{module}."):
            return wanted
    return None


def _dotted(node: cst.BaseExpression) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    assert isinstance(node, cst.Name)
    return ".".join([node.value, *reversed(parts)])


def _leaves(handler: cst.ExceptHandler) -> bool:
    """Tell whether the code below does not run after an exception."""
    last = handler.body.body[-1] if handler.body.body else None
    return isinstance(last, cst.SimpleStatementLine) and isinstance(last.body[-1], cst.Raise)


def _is_import_line(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.SimpleStatementLine) and all(
        isinstance(small, (cst.Import, cst.ImportFrom)) for small in node.body
    )


def _may_stand_between_imports(node: cst.CSTNode) -> bool:
    """Tell whether a statement is one that people write among imports: guarded imports, ``__version__ = ...``."""
    if isinstance(node, cst.SimpleStatementLine):
        return all(
            isinstance(small, cst.Assign)
            and all(
                isinstance(target.target, cst.Name) and target.target.value.startswith("__") for target in small.targets
            )
            for small in node.body
        )
    if isinstance(node, (cst.If, cst.Try)):
        return any(_is_import_line(statement) for statement in node.body.body)
    return False
