"""The semantic model of a unit: everything a rule may ask, computed when it is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeVar, cast

import libcst as cst

from mllint.semantic import guards, literals
from mllint.semantic.calls import CallSite
from mllint.semantic.flow import Event, Flow
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.names import Resolver, assigned_value
from mllint.semantic.offsets import Offsets
from mllint.semantic.scopes import Binding, BindingKind, Scope, ScopeKind
from mllint.semantic.stopwatch import Stopwatch
from mllint.semantic.walk import Walk, children, descendants
from mllint.source.unit import Cell, Unit
from mllint.text.ranges import Range

Node = TypeVar("Node", bound=cst.CSTNode)

_LOOPS = (cst.For, cst.While, cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp, cst.Lambda)
#: Roles of calls that only a program makes at its top level.
_WORK = frozenset({"loads-data", "splits", "fits", "fits-and-transforms", "trains", "predicts", "scores"})
#: Names of calls that modules make on import too: they configure something, or put themselves on a list.
_CONFIGURES = re.compile(
    r"(?i)_*(?:set|use|filter|simplefilter|append|insert|extend|update|add|include|mount|patch|config|basicconfig|"
    r"dictconfig|register|disable|enable|ignore|init|install|download|load_dotenv|seed|manual_seed|run_line_magic|"
    r"rebuild|model_rebuild|warn|mkdir|makedirs|require|export|setattr|getlogger|capturewarnings)"
)


class ImportedName(NamedTuple):
    """One name that an import statement brings, as it is written: old module names are not replaced.

    ``import a.b`` has the module ``a.b`` and no name, ``from a import b`` the module ``a`` and the name ``b``, ``from a
    import *`` neither a name nor an alias. Relative modules are made absolute.
    """

    module: str
    name: str | None
    alias: cst.ImportAlias | None
    statement: cst.Import | cst.ImportFrom

    @property
    def target(self) -> str:
        """The absolute dotted name of what is imported."""
        return f"{self.module}.{self.name}" if self.name is not None else self.module


class SemanticModel:
    """Facts about one parsed unit.

    Args:
        unit: the unit, already parsed.
        knowledge: facts about libraries, from packs and from the user's roles.
        module_name: dotted import name of the unit from the project root.
    """

    def __init__(
        self, unit: Unit, knowledge: Knowledge, module_name: str | None = None, stopwatch: Stopwatch | None = None
    ) -> None:
        self.unit = unit
        self.knowledge = knowledge
        self.module_name = module_name or _module_name(unit)
        self.walk = Walk()
        for cell in unit.cells:
            if cell.module is not None:
                self.walk.visit(cell.module)
        self._resolver = Resolver(
            self.walk,
            knowledge,
            self.module_name,
            is_package=unit.path.stem == "__init__",
            is_notebook=unit.is_notebook,
        )
        self._stopwatch = stopwatch or Stopwatch()
        self._literals: dict[int, Any] = {}
        self._call_sites: dict[int, CallSite] = {}
        #: By the identity of a module, or of a statement at the top level of one.
        self._offsets: dict[int, Offsets] = {}

    def close(self) -> None:
        """Let go of everything: the trees are freed at once then, and not by a collection of garbage at some time."""
        for scope in self.walk.scopes.values():
            scope.bindings.clear()
        if "flow" in vars(self):
            self.flow.close()
        for part in (self._resolver, self.walk, self):
            vars(part).clear()

    # Nodes

    def nodes(self, *types: type[Node]) -> Iterator[Node]:
        """Yield all nodes of the given classes in evaluation order within each class."""
        for node_type in types:
            yield from cast("list[Node]", self.walk.by_type.get(node_type, []))

    def children(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the direct children of a node that are code, not white space."""
        return children(node)

    def descendants(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield a node and all code below it, parents first."""
        return descendants(node)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the node above, or None for a module."""
        return self.walk.parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes above ``node``, nearest first."""
        current = self.walk.parents.get(id(node))
        while current is not None:
            yield current
            current = self.walk.parents.get(id(current))

    def order(self, node: cst.CSTNode) -> int:
        """Return the number of a node in evaluation order over all cells."""
        return self.walk.order.get(id(node), -1)

    def statement(self, node: cst.CSTNode) -> cst.SimpleStatementLine | cst.BaseCompoundStatement | None:
        """Return the statement line or compound statement that ``node`` belongs to."""
        for current in (node, *self.ancestors(node)):
            if isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return current
        return None

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | cst.Lambda | None:
        """Return the innermost function or lambda whose body ``node`` is in, or None at module level."""
        parents = self.walk.parents
        current = parents.get(id(node))
        while current is not None:
            kind = type(current)
            if kind is cst.FunctionDef or kind is cst.Lambda:
                return cast("cst.FunctionDef | cst.Lambda", current)
            current = parents.get(id(current))
        return None

    def class_around(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the innermost class that ``node`` is in."""
        return self._resolver.class_around(node)

    # Places

    def cell(self, node: cst.CSTNode) -> Cell:
        """Return the cell a node is in."""
        module = self._module(node)
        return next(cell for cell in self.unit.cells if cell.module is module)

    def range(self, node: cst.CSTNode) -> Range:
        """Return where a node's code is in the unit's text, parentheses around an expression not included."""
        return self._offsets_of(node).range(node)

    def outer_range(self, node: cst.CSTNode) -> Range:
        """Return where an expression is, with the parentheses around it."""
        return self._offsets_of(node).outer_range(node)

    def text(self, node: cst.CSTNode) -> str:
        """Return the source of a node as written, without parentheses around an expression."""
        if isinstance(node, cst.BaseExpression) and not node.lpar:  # offsets would cost writing the whole module
            if isinstance(node, cst.Name):
                return node.value
            if id(node) in self.walk.order:
                return self._module(node).code_for_node(node)
        start, end = self.range(node)
        return self.unit.text[start:end]

    def _module(self, node: cst.CSTNode) -> cst.Module:
        current = node
        while not isinstance(current, cst.Module):
            above = self.walk.parents.get(id(current))
            if above is None:
                return self._module_by_search(node)
            current = above
        return current

    def _module_by_search(self, node: cst.CSTNode) -> cst.Module:
        """Find the module of a node that the walk leaves out: an operator, a keyword name, punctuation."""
        for cell in self.unit.cells:
            if cell.module is not None and node in self._offsets_in(cell.module, cell):
                return cell.module
        raise LookupError(f"{type(node).__name__} is not part of {self.unit.name}")

    def _offsets_of(self, node: cst.CSTNode) -> Offsets:
        module = self._module(node)
        known = self._offsets.get(id(module))
        if known is not None or node is module:
            return known or self._offsets_in(module, self.cell(module))
        statement = next((each for each in (node, *self.ancestors(node)) if self.parent(each) is module), None)
        known = self._offsets.get(id(statement))
        if known is None and isinstance(statement, cst.BaseStatement):
            cell = self.cell(module)
            with self._stopwatch("places"):
                known = Offsets.of_statement(statement, module, cell.code or "", cell.start)
            if known is not None:
                self._offsets[id(statement)] = known
        return known or self._offsets_in(module, self.cell(module))

    def _offsets_in(self, module: cst.Module, cell: Cell) -> Offsets:
        known = self._offsets.get(id(module))
        if known is None:
            with self._stopwatch("places"):
                known = self._offsets[id(module)] = Offsets(module, module, cell.start)
        return known

    # Names and values

    def qualified_name(self, node: cst.CSTNode) -> str | None:
        """Return the canonical qualified name that an expression denotes (not of its value), or None."""
        resolved = self._resolver.resolve(node)
        return resolved.name if resolved is not None else None

    def kind(self, node: cst.CSTNode) -> str | None:
        """Return the qualified name of the class of an expression's value, or None if it is unknown."""
        return self._resolver.kind(node)

    def is_kind(self, node: cst.CSTNode, *bases: str) -> bool:
        """Tell whether an expression's value surely is an instance of one of ``bases``."""
        kind = self._resolver.kind(node)
        return kind is not None and any(base in bases for base in self._resolver.mro(kind))

    def class_bases(self, node: cst.ClassDef) -> tuple[str, ...]:
        """Return the qualified names of a class's known bases, direct and inherited, nearest first."""
        names: list[str] = []
        for base in self._resolver.base_names(node):
            names.extend(name for name in self._resolver.mro(base) if name not in names)
        return tuple(names)

    def literal(self, node: cst.CSTNode) -> Any:
        """Return the Python value of an expression that can be read off the code, or UNKNOWN."""
        known = self._literals.get(id(node), self)
        if known is self:
            known = self._literals[id(node)] = literals.literal(node, self._resolver)
        return known

    def string_prefix(self, node: cst.CSTNode) -> str | None:
        """Return the known beginning of a string or path expression, or None."""
        return literals.string_prefix(node, self._resolver)

    def string_source(self, node: cst.CSTNode) -> cst.BaseExpression | None:
        """Return the literal that a string or path expression begins with, wherever it is written, or None."""
        return literals.string_source(node, self._resolver)

    def bindings(self, name: cst.Name) -> list[Binding]:
        """Return the bindings that may give a name its value where it is read, the nearest first."""
        return self._resolver.reaching(name)

    def assigned_value(self, node: cst.CSTNode) -> cst.BaseExpression | None:
        """Return the expression that the value of a Name certainly comes from, or None."""
        if not isinstance(node, cst.Name):
            return None
        bindings = self._resolver.reaching(node)
        return assigned_value(bindings[0]) if len(bindings) == 1 else None

    def uses(self, binding: Binding) -> list[cst.Name]:
        """Return the names that may read the value of ``binding``, in evaluation order."""
        return [name for name in self._references_by_name.get(binding.name, []) if binding in self.bindings(name)]

    @cached_property
    def _references_by_name(self) -> dict[str, list[cst.Name]]:
        found: dict[str, list[cst.Name]] = {}
        for name in self.walk.references:
            found.setdefault(name.value, []).append(name)
        return found

    @property
    def module_scope(self) -> Scope:
        """The namespace of the unit, shared by all cells."""
        return self.walk.module_scope

    def scope(self, node: cst.CSTNode) -> Scope:
        """Return the scope that the code of ``node`` runs in."""
        for current in self.ancestors(node):
            if current in self.walk.scopes:
                return self.walk.scopes[current]
        return self.walk.module_scope

    @cached_property
    def imports(self) -> Sequence[ImportedName]:
        """Every name that the unit imports, anywhere in it, under the names that are written."""
        found: list[ImportedName] = []
        for statement in self.nodes(cst.ImportFrom):
            module = self._resolver.absolute_module(statement)
            if isinstance(statement.names, cst.ImportStar):
                found.append(ImportedName(module, None, None, statement))
            else:
                found += [ImportedName(module, _dotted_name(a.name), a, statement) for a in statement.names]
        for plain in self.nodes(cst.Import):
            found += [ImportedName(_dotted_name(alias.name), None, alias, plain) for alias in plain.names]
        return found

    @cached_property
    def imported_modules(self) -> frozenset[str]:
        """The absolute names of all modules the unit imports, anywhere in it."""
        found = {name for imported in self.imports for name in (imported.module, imported.target) if imported.module}
        return frozenset(found)

    def is_certain(self, node: cst.CSTNode) -> bool:
        """Tell whether the qualified name of an expression is known from bindings, not from convention."""
        resolved = self._resolver.resolve(node)
        return resolved is not None and resolved.certain

    def is_guarded(self, node: cst.CSTNode) -> bool:
        """Tell whether code runs only after a test of what is installed: ``except ImportError``, ``hasattr``, versions."""
        return guards.is_guarded(node, self._resolver)

    def mentions(self, name: str) -> Sequence[cst.Name | cst.Attribute]:
        """Return the expressions whose last name is ``name``, or a name that an import gives to it instead."""
        return self._mentions.get(name, ())

    @cached_property
    def _mentions(self) -> dict[str, list[cst.Name | cst.Attribute]]:
        found: dict[str, list[cst.Name | cst.Attribute]] = {}
        for attribute in self.nodes(cst.Attribute):
            found.setdefault(attribute.attr.value, []).append(attribute)
        renamed: dict[str, set[str]] = {}
        for imported in self.imports:
            if imported.alias is not None and imported.alias.asname is not None:
                bound = cast("cst.Name", imported.alias.asname.name).value
                renamed.setdefault(bound, set()).add(imported.target.rpartition(".")[2])
        for reference in self.walk.references:
            for name in {reference.value, *renamed.get(reference.value, ())}:
                found.setdefault(name, []).append(reference)
        return found

    # Calls

    @cached_property
    def calls(self) -> Sequence[CallSite]:
        """All calls of the unit in evaluation order of their beginning."""
        with self._stopwatch("calls"):
            return [self.call(node) for node in self.nodes(cst.Call)]

    def call(self, node: cst.Call) -> CallSite:
        """Return the call site of a Call node."""
        known = self._call_sites.get(id(node))
        if known is None:
            known = self._call_sites[id(node)] = CallSite(node, self._resolver)
        return known

    def calls_with_role(self, *roles: str) -> list[CallSite]:
        """Return the calls whose callee has one of ``roles``."""
        wanted = set(roles)
        return [call for call in self.calls if wanted.intersection(call.roles)]

    @cached_property
    def flow(self) -> Flow:
        """The flow of origins through the unit."""
        with self._stopwatch("flow"):
            return Flow(self)

    def flow_stopped(self) -> list[str | None]:
        """Return the names of the functions in which the flow hit a bound; None is the top level, "" a lambda."""
        if "flow" not in self.__dict__:  # nobody has asked for it, so nothing was interpreted
            return []
        names = {
            None if node is None else getattr(getattr(node, "name", None), "value", "") for node in self.flow.stopped
        }
        return sorted(names, key=lambda name: name or "")

    @property
    def events(self) -> Sequence[Event]:
        """What happens to data in the unit, in the order in which it happens: fits, splits, evaluations …."""
        return self.flow.events

    # How often code runs

    def in_loop(self, node: cst.CSTNode) -> bool:
        """Tell whether code may run several times for one run of the function or module it is in."""
        for current in self.ancestors(node):
            if isinstance(current, _LOOPS):
                return True
            if isinstance(current, cst.FunctionDef):
                return False
        return False

    def runs_once(self, node: cst.CSTNode) -> bool:
        """Tell whether code surely runs at most once per process.

        True at module level and in functions of a script that are called at one place which itself runs once; False
        in loops, comprehensions, lambdas, methods, callbacks and wherever it cannot be known.
        """
        return self._runs_once(node, frozenset())

    def _runs_once(self, node: cst.CSTNode, visited: frozenset[cst.CSTNode]) -> bool:
        if self.in_loop(node):
            return False
        function = self.function(node)
        if function is None:
            return self.class_around(node) is None or not self._class_body_repeats(node)
        if not isinstance(function, cst.FunctionDef) or function in visited:
            return False
        binding = self.walk.bindings.get(function.name)
        if function.decorators or binding is None or binding.scope.kind is not ScopeKind.MODULE:
            return False
        if len(binding.scope.bindings[binding.name]) != 1 or not self.is_entry_point:
            return False
        readers = [name for name in self._references_by_name.get(binding.name, []) if self.bindings(name) == [binding]]
        if len(readers) != 1 or len(self._references_by_name.get(binding.name, [])) != 1:
            return False
        call = self.parent(readers[0])
        if not isinstance(call, cst.Call) or call.func is not readers[0]:
            return False
        return self._runs_once(call, visited | {function})

    def _class_body_repeats(self, node: cst.CSTNode) -> bool:
        owner = self.class_around(node)
        return owner is not None and self.function(owner) is not None

    @cached_property
    def is_entry_point(self) -> bool:
        """Whether the unit is run rather than imported: a notebook, or a script that does work at its top level."""
        if self.unit.is_notebook:
            return True
        return any(
            self._starts_work(statement) for cell in self.unit.cells if cell.module for statement in cell.module.body
        )

    def _starts_work(self, statement: cst.CSTNode) -> bool:
        if isinstance(statement, cst.If):
            return is_main_guard(statement)
        if isinstance(statement, (cst.For, cst.While, cst.With)):
            return True
        if not isinstance(statement, cst.SimpleStatementLine):
            return False
        for small in statement.body:
            call = small.value if isinstance(small, (cst.Expr, cst.Assign)) else None
            if not isinstance(call, cst.Call):
                continue
            site = self.call(call)
            if site.last_name == "parse_args" or not _WORK.isdisjoint(site.roles):
                return True
            if isinstance(small, cst.Expr) and not _CONFIGURES.match(site.last_name):
                return True
        return False


def is_main_guard(node: cst.If) -> bool:
    """Tell whether an ``if`` is ``if __name__ == "__main__":``."""
    test = node.test
    if not isinstance(test, cst.Comparison) or len(test.comparisons) != 1:
        return False
    sides = (test.left, test.comparisons[0].comparator)
    return any(isinstance(side, cst.Name) and side.value == "__name__" for side in sides)


def _dotted_name(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([cast("cst.Name", node).value, *reversed(parts)])


def _module_name(unit: Unit) -> str:
    """Return the dotted name a unit would be imported under if its shown path starts at the import root."""
    path = unit.name.rsplit(".", 1)[0].strip("./").replace("/", ".") or "__main__"
    return path.removeprefix("src.").removesuffix(".__init__")


__all__ = ["Binding", "BindingKind", "CallSite", "ImportedName", "SemanticModel", "is_main_guard"]
