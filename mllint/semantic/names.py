"""Qualified names and value kinds: what an expression denotes, and the class of the value it gives.

Both look through aliases, imports, re-binding and calls. Where bindings disagree the answer is None: unknown.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from mllint.semantic.knowledge import FunctionFact, Knowledge
from mllint.semantic.scopes import Binding, BindingKind, Scope, ScopeKind
from mllint.semantic.walk import Walk

_BUILTINS = frozenset(dir(builtins))
_CERTAIN_KINDS: dict[type[cst.CSTNode], str] = {
    cst.List: "builtins.list",
    cst.ListComp: "builtins.list",
    cst.Dict: "builtins.dict",
    cst.DictComp: "builtins.dict",
    cst.Set: "builtins.set",
    cst.SetComp: "builtins.set",
    cst.Tuple: "builtins.tuple",
    cst.SimpleString: "builtins.str",
    cst.FormattedString: "builtins.str",
    cst.ConcatenatedString: "builtins.str",
    cst.Integer: "builtins.int",
    cst.Float: "builtins.float",
    cst.GeneratorExp: "builtins.generator",
    cst.Lambda: "builtins.function",
}

#: Kinds of values that, as an index, take several rows or columns.
_SELECTIONS = frozenset(
    {"builtins.list", "pandas.Series", "pandas.Index", "numpy.ndarray", "torch.Tensor", "polars.Series"}
)

#: Functions that give the elements of their argument, in whatever order.
_SAME_ELEMENTS = frozenset(
    {"builtins.list", "builtins.tuple", "builtins.set", "builtins.sorted", "builtins.reversed", "tqdm.tqdm"}
)


class Resolved(NamedTuple):
    """A canonical qualified name; ``certain`` is False where it rests on a usual alias or a distinctive last name."""

    name: str
    certain: bool = True


class Resolver:
    """Answers what names and expressions of one unit denote.

    Args:
        walk: the walked unit.
        knowledge: facts about libraries.
        module_name: dotted import name of the unit, the prefix of what it defines itself.
        is_package: whether the unit is an ``__init__`` file, which matters for relative imports.
        is_notebook: in notebooks a name that is bound only further down counts as bound.
    """

    def __init__(
        self, walk: Walk, knowledge: Knowledge, module_name: str, *, is_package: bool = False, is_notebook: bool = False
    ) -> None:
        self.walk = walk
        self.knowledge = knowledge
        self.module_name = module_name
        self._is_package = is_package
        self._is_notebook = is_notebook
        self._names: dict[int, Resolved | None] = {}
        self._kinds: dict[int, str | None] = {}
        self._parsed: list[cst.BaseExpression] = []
        self._suites: dict[cst.CSTNode, cst.CSTNode | None] = {}
        self._classes: dict[str, cst.ClassDef] | None = None
        self._self_attributes: dict[cst.ClassDef, dict[str, list[cst.BaseExpression]]] = {}
        self._stars: list[str] | None = None

    # Names

    def resolve(self, node: cst.CSTNode) -> Resolved | None:
        """Return the qualified name that a Name or Attribute denotes, or None if it is unknown or a plain value."""
        key = id(node)
        if key in self._names:
            return self._names[key]
        self._names[key] = None  # cuts cycles
        result: Resolved | None = None
        if isinstance(node, cst.Name):
            result = self._resolve_name(node)
        elif isinstance(node, cst.Attribute):
            result = self._resolve_attribute(node)
        self._names[key] = result
        return result

    def _resolve_name(self, node: cst.Name) -> Resolved | None:
        bindings = self.reaching(node)
        if bindings:
            rebound = self._rebound_by_star(node, bindings) if self.walk.module_scope.star_imports else None
            if rebound is not None:
                return Resolved(rebound, certain=False)
            return self._agree([self._name_of(binding) for binding in bindings if not _is_fallback(binding, bindings)])
        scope = self.walk.references.get(node)
        if scope is None or scope.lookup(node.value) is not None:
            return None
        for module in self._star_modules():
            known = self.knowledge.canonical(f"{module}.{node.value}")
            if known in self.knowledge.functions or known in self.knowledge.classes:
                return Resolved(known)
        if node.value in _BUILTINS:
            return Resolved(f"builtins.{node.value}")
        usual = self.knowledge.import_names.get(node.value)
        if usual is not None:
            return Resolved(usual, certain=False)
        distinctive = self.knowledge.distinctive.get(node.value)
        return Resolved(distinctive, certain=False) if distinctive is not None else None

    def _resolve_attribute(self, node: cst.Attribute) -> Resolved | None:
        attribute = node.attr.value
        base = self.resolve(node.value)
        if base is not None:
            held = self._kind_of_attribute(node.value) if isinstance(node.value, cst.Attribute) else None
            if held is not None:  # ``client.chat.completions``: named after what the attribute holds
                return Resolved(f"{held}.{attribute}", base.certain)
            return Resolved(self.knowledge.canonical(f"{base.name}.{attribute}"), base.certain)
        kind = self.kind(node.value)
        if kind is not None:
            return Resolved(f"{kind}.{attribute}", self.is_certain_value(node.value))
        distinctive = self.knowledge.distinctive.get(attribute)
        if distinctive is not None and self.knowledge.method(*_split(distinctive)) is not None:
            return Resolved(distinctive, certain=False)
        return None

    @staticmethod
    def _agree(names: list[Resolved | None]) -> Resolved | None:
        if not names or any(name is None for name in names):
            return None
        first = names[0]
        assert first is not None
        if all(name is not None and name.name == first.name for name in names):
            return Resolved(first.name, all(name is not None and name.certain for name in names))
        return None

    def _name_of(self, binding: Binding) -> Resolved | None:
        kind = binding.kind
        if kind is BindingKind.IMPORT:
            name = self.imported_name(binding)
            return Resolved(self.knowledge.canonical(name)) if name else None
        if kind in (BindingKind.FUNCTION, BindingKind.CLASS):
            return Resolved(self.local_name(binding))
        if kind is BindingKind.ASSIGNMENT:
            value = assigned_value(binding)
            if isinstance(value, (cst.Name, cst.Attribute)):
                return self.resolve(value)
        return None

    def imported_name(self, binding: Binding) -> str | None:
        """Return the absolute dotted name that an import binding stands for."""
        alias, statement = binding.node, binding.owner
        assert isinstance(alias, cst.ImportAlias)
        dotted = _dotted(alias.name)
        if isinstance(statement, cst.ImportFrom):
            module = self.absolute_module(statement)
            return f"{module}.{dotted}" if module else None
        return dotted if alias.asname is not None else dotted.partition(".")[0]

    def absolute_module(self, statement: cst.ImportFrom) -> str:
        """Return the module an ImportFrom names, relative ones made absolute."""
        module = _dotted(statement.module) if statement.module is not None else ""
        level = len(statement.relative)
        if not level:
            return module
        package = self.module_name.split(".")
        keep = len(package) - level + (1 if self._is_package else 0)
        return ".".join([*package[: max(keep, 0)], *([module] if module else [])])

    def local_name(self, binding: Binding) -> str:
        """Return the qualified name of a function or class that the unit defines."""
        parts = [binding.name]
        scope: Scope | None = binding.scope
        while scope is not None and scope.parent is not None:
            if isinstance(scope.node, (cst.FunctionDef, cst.ClassDef)):
                parts.append(scope.node.name.value)
            scope = scope.parent
        return ".".join([self.module_name, *reversed(parts)])

    def _rebound_by_star(self, node: cst.Name, bindings: list[Binding]) -> str | None:
        """Return what a star import further down makes of a name that was bound above: ``import random`` before NumPy's."""
        if any(binding.scope is not self.walk.module_scope for binding in bindings):
            return None
        order = self.walk.order
        bound = max(binding.order for binding in bindings)
        for statement in self.walk.module_scope.star_imports:
            if not isinstance(statement, cst.ImportFrom) or not bound < order.get(id(statement), -1) < order.get(
                id(node), 0
            ):
                continue
            name = f"{self.absolute_module(statement)}.{node.value}"
            if self.knowledge.canonical(name) in self.knowledge.functions or self.knowledge.has_module(name):
                return self.knowledge.canonical(name)
        return None

    def _star_modules(self) -> list[str]:
        if self._stars is None:
            self._stars = [
                self.absolute_module(statement)
                for statement in self.walk.module_scope.star_imports
                if isinstance(statement, cst.ImportFrom)
            ]
        return self._stars

    # Bindings

    def reaching(self, node: cst.Name) -> list[Binding]:
        """Return the bindings that may give a name its value where it is read, the nearest first.

        Within one scope that is every earlier binding back to one that must have happened, and in loops the later
        ones of the loop too; from a function, every binding of the enclosing scope.
        """
        scope = self.walk.references.get(node)
        home = scope.lookup(node.value) if scope is not None else None
        if scope is None or home is None:
            return []
        bindings = [
            binding
            for binding in home.bindings[node.value]
            if binding.kind not in (BindingKind.DELETION, BindingKind.DECLARATION)
        ]
        if len(bindings) < 2 and not (bindings and home is scope):
            return bindings
        if self._function_of(scope) is not self._function_of(home):
            return bindings[::-1]
        position = self.walk.order.get(id(node), 0)
        found: list[Binding] = []
        for binding in reversed(bindings):
            if binding.order > position or binding.node is node:
                continue
            found.append(binding)
            if self._must_happen(binding, node):
                break
        else:
            loops = self._loops(node)
            if loops:
                found += [b for b in bindings if b.order > position and loops & self._loops(b.node)]
            elif not found and self._is_notebook and home.kind is ScopeKind.MODULE:
                found = bindings[::-1]
        return found

    @staticmethod
    def _function_of(scope: Scope) -> Scope:
        while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
            scope = scope.parent
        return scope

    def _must_happen(self, binding: Binding, use: cst.CSTNode) -> bool:
        suite = self.suite(binding.owner if binding.kind is not BindingKind.PARAMETER else binding.node)
        if binding.kind is BindingKind.PARAMETER or suite is None:
            return True
        if binding.kind is BindingKind.LOOP and not self._inside(use, binding.owner):
            return False
        node: cst.CSTNode | None = use
        while node is not None:
            if node is suite:
                return True
            node = self.walk.parents.get(id(node))
        return False

    def suite(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the block whose execution implies that of ``node``; None for the unit's top level.

        ``with`` bodies count as part of the block around them.
        """
        current = self.walk.parents.get(id(node))
        while current is not None:
            if isinstance(current, (cst.IndentedBlock, cst.SimpleStatementSuite)):
                owner = self.walk.parents[id(current)]
                if not isinstance(owner, cst.With):
                    return current
            current = self.walk.parents.get(id(current))
        return None

    def _loops(self, node: cst.CSTNode) -> set[cst.CSTNode]:
        found: set[cst.CSTNode] = set()
        current = self.walk.parents.get(id(node))
        while current is not None and not isinstance(current, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            if isinstance(current, (cst.For, cst.While)):
                found.add(current)
            current = self.walk.parents.get(id(current))
        return found

    def _inside(self, node: cst.CSTNode, outer: cst.CSTNode) -> bool:
        current: cst.CSTNode | None = node
        while current is not None:
            if current is outer:
                return True
            current = self.walk.parents.get(id(current))
        return False

    # Kinds

    def kind(self, node: cst.CSTNode) -> str | None:
        """Return the qualified name of the class of an expression's value, or None if it is unknown."""
        key = id(node)
        if key in self._kinds:
            return self._kinds[key]
        self._kinds[key] = None  # cuts cycles
        result = self._kind(node)
        self._kinds[key] = result
        return result

    def _kind(self, node: cst.CSTNode) -> str | None:
        certain = _CERTAIN_KINDS.get(type(node))
        if certain is not None:
            return certain
        if isinstance(node, cst.Name):
            bindings = self.reaching(node)
            kinds = {self._kind_of(binding) for binding in bindings if not _is_fallback(binding, bindings)}
            return kinds.pop() if len(kinds) == 1 else None
        if isinstance(node, cst.Call):
            return self._kind_of_call(node)
        if isinstance(node, cst.Attribute):
            return self._kind_of_attribute(node)
        if isinstance(node, cst.Subscript):
            return self._kind_of_subscript(node)
        if isinstance(node, (cst.BinaryOperation, cst.UnaryOperation, cst.Comparison)):
            operands = (
                (node.left, node.right)
                if isinstance(node, cst.BinaryOperation)
                else (node.expression,)
                if isinstance(node, cst.UnaryOperation)
                else (node.left,)
            )
            for operand in operands:
                kind = self.kind(operand)
                fact = self.knowledge.classes.get(kind) if kind else None
                if fact is not None and fact.arithmetic:
                    return kind
            return None
        if isinstance(node, cst.NamedExpr):
            return self.kind(node.value)
        if isinstance(node, cst.IfExp):
            first, second = self.kind(node.body), self.kind(node.orelse)
            return first if first == second else None
        return None

    def _kind_of(self, binding: Binding) -> str | None:
        if binding.kind in (BindingKind.ASSIGNMENT, BindingKind.WALRUS):
            owner = binding.owner
            if isinstance(owner, cst.AnnAssign):
                annotated = self.annotated(owner.annotation.annotation)
                if annotated is not None:
                    return annotated
            value = assigned_value(binding)
            return self.kind(value) if value is not None else None
        if binding.kind is BindingKind.AUGMENTED:
            return None
        if binding.kind is BindingKind.WITH and isinstance(binding.owner, cst.WithItem):
            return self.kind(binding.owner.item) if isinstance(binding.node, cst.Name) else None
        if binding.kind is BindingKind.PARAMETER and isinstance(binding.owner, cst.Param):
            return self._kind_of_parameter(binding.owner)
        return None

    def _kind_of_parameter(self, param: cst.Param) -> str | None:
        if param.annotation is not None:
            return self.annotated(param.annotation.annotation)
        function = self.walk.parents.get(id(param))
        if not isinstance(function, cst.FunctionDef):
            return None
        owner = self.class_around(function)
        positional = (*function.params.posonly_params, *function.params.params)
        if owner is None or not positional or positional[0] is not param:
            return None
        decorators = {d.decorator.value for d in function.decorators if isinstance(d.decorator, cst.Name)}
        if decorators & {"staticmethod", "classmethod"}:
            return None
        binding = self.walk.bindings.get(owner.name)
        return self.local_name(binding) if binding is not None else None

    def annotated(self, annotation: cst.BaseExpression) -> str | None:
        """Return the class that an annotation names; ``X | None`` and ``Optional[X]`` count as X."""
        if isinstance(annotation, cst.SimpleString):
            text = annotation.raw_value
            try:
                parsed = cst.parse_expression(text)
            except cst.ParserSyntaxError:
                return None
            self._parsed.append(parsed)  # what is known by identity must live on
            return self._annotation_text(parsed)
        if isinstance(annotation, cst.BinaryOperation) and isinstance(annotation.operator, cst.BitOr):
            sides = [side for side in (annotation.left, annotation.right) if not _is_none(side)]
            return self.annotated(sides[0]) if len(sides) == 1 else None
        if isinstance(annotation, cst.Subscript):
            base = self.resolve(annotation.value)
            if base is not None and base.name in ("typing.Optional", "typing.Annotated", "typing.Final"):
                index = annotation.slice[0].slice
                return self.annotated(index.value) if isinstance(index, cst.Index) else None
            return base.name if base is not None else None
        resolved = self.resolve(annotation)
        return resolved.name if resolved is not None and resolved.certain else None

    def _annotation_text(self, parsed: cst.BaseExpression) -> str | None:
        """Resolve a quoted annotation, whose names are not part of the walk, against the unit's namespace."""
        dotted = _dotted(parsed) if isinstance(parsed, (cst.Name, cst.Attribute)) else ""
        first, _, rest = dotted.partition(".")
        bindings = self.walk.module_scope.bindings.get(first, [])
        base = self._agree([self._name_of(binding) for binding in bindings])
        if base is None:
            return None
        return self.knowledge.canonical(f"{base.name}.{rest}" if rest else base.name)

    def _kind_of_call(self, node: cst.Call) -> str | None:
        resolved = self.resolve(node.func)
        if resolved is None:
            return None
        name = resolved.name
        if name == "builtins.super":
            owner = self.class_around(node)
            bases = self.base_names(owner) if owner is not None else ()
            return bases[0] if bases else None
        if self.knowledge.is_class(name) or name in self.local_classes():
            return name
        fact = self.fact(name)
        if fact is not None and fact.returns is not None:
            if fact.returns == "self":
                return name.rpartition(".")[0]
            return fact.returns
        if name.startswith("builtins."):
            short = name[len("builtins.") :]
            if short in ("list", "dict", "set", "tuple", "str", "int", "float", "frozenset"):
                return name
            if short == "sorted":
                return "builtins.list"
        local = self.local_function(name)
        if local is not None and local.returns is not None:
            return self.annotated(local.returns.annotation)
        return None

    def _kind_of_attribute(self, node: cst.Attribute) -> str | None:
        kind = self.kind(node.value)
        if kind is None:
            return None
        attribute = node.attr.value
        for base in self.mro(kind):
            fact = self.knowledge.classes.get(base)
            if fact is not None and attribute in fact.attributes:
                result = fact.attributes[attribute]
                return kind if result == "self" else result
        local = self.local_classes().get(kind)
        if local is not None:
            values = self._attributes_of(local).get(attribute, [])
            kinds = {self.kind(value) for value in values}
            return kinds.pop() if len(kinds) == 1 else None
        return None

    def _kind_of_subscript(self, node: cst.Subscript) -> str | None:
        kind = self.kind(node.value)
        if kind is None or len(node.slice) != 1:
            return None
        index = node.slice[0].slice
        for base in self.mro(kind):
            fact = self.knowledge.classes.get(base)
            if fact is not None and (fact.item or fact.selection):
                if self._selects_several(index):
                    return fact.selection
                named = isinstance(index, cst.Index) and self._is_one_key(index.value)
                return fact.item if named else None
        return None

    def _is_one_key(self, value: cst.CSTNode) -> bool:
        """Tell whether an index is one string, or the variable of a loop over strings or over keys."""
        if self.kind(value) == "builtins.str":
            return True
        bindings = self.reaching(value) if isinstance(value, cst.Name) else []
        return bool(bindings) and all(
            binding.kind is BindingKind.LOOP
            and isinstance(binding.owner, (cst.For, cst.CompFor))
            and binding.owner.target is binding.node
            and self._holds_keys(binding.owner.iter)
            for binding in bindings
        )

    def _holds_keys(self, node: cst.CSTNode, depth: int = 4) -> bool:
        """Tell whether going over a value gives strings, or the keys under which something of one kind is kept."""
        if isinstance(node, (cst.List, cst.Tuple)):
            return bool(node.elements) and all(self.kind(each.value) == "builtins.str" for each in node.elements)
        if isinstance(node, cst.Name):
            values = [assigned_value(binding) for binding in self.reaching(node)]
            known = [value for value in values if value is not None]
            if depth and known and len(known) == len(values) and all(self._holds_keys(v, depth - 1) for v in known):
                return True
        if isinstance(node, cst.Call) and len(node.args) == 1 and not node.args[0].star:
            resolved = self.resolve(node.func)
            if resolved is not None and resolved.name in _SAME_ELEMENTS:
                return self._holds_keys(node.args[0].value, depth)
        keys = node.func if isinstance(node, cst.Call) and not node.args else node
        if not isinstance(keys, cst.Attribute) or keys.attr.value not in ("columns", "keys"):
            return False
        kind = self.kind(keys.value)
        facts = [self.knowledge.classes.get(base) for base in self.mro(kind)] if kind is not None else []
        return any(fact is not None and fact.item is not None for fact in facts)

    def _selects_several(self, index: cst.BaseSlice) -> bool:
        """Tell whether an index surely takes several of what is there: a slice, a list, a mask."""
        if not isinstance(index, cst.Index):
            return True
        value = index.value
        if isinstance(value, (cst.Comparison, cst.List, cst.ListComp)):
            return True
        if isinstance(value, cst.UnaryOperation):
            return isinstance(value.operator, cst.BitInvert)
        if isinstance(value, cst.BinaryOperation) and isinstance(value.operator, (cst.BitAnd, cst.BitOr)):
            return True
        return self.kind(value) in _SELECTIONS

    def is_certain_value(self, node: cst.CSTNode) -> bool:
        """Tell whether the kind of a value rests on certain names only (as far as its nearest call shows)."""
        if isinstance(node, cst.Call):
            resolved = self.resolve(node.func)
            return resolved is None or resolved.certain
        if isinstance(node, cst.Name):
            values = [assigned_value(binding) for binding in self.reaching(node)]
            return all(self.is_certain_value(v) for v in values if isinstance(v, cst.Call))
        if isinstance(node, (cst.Attribute, cst.Subscript)):
            return self.is_certain_value(node.value)
        return True

    # Classes and functions of the unit

    def local_classes(self) -> dict[str, cst.ClassDef]:
        """Return the classes that the unit defines, by qualified name."""
        if self._classes is None:
            self._classes = {}
            for node in self.walk.by_type[cst.ClassDef]:
                assert isinstance(node, cst.ClassDef)
                binding = self.walk.bindings.get(node.name)
                if binding is not None:
                    self._classes[self.local_name(binding)] = node
        return self._classes

    def local_function(self, name: str) -> cst.FunctionDef | None:
        """Return the function of the unit with a qualified name, if there is exactly one."""
        prefix = self.module_name + "."
        if not name.startswith(prefix):
            return None
        parts = name[len(prefix) :].split(".")
        scope = self.walk.module_scope
        for part in parts[:-1]:
            owners = [b.owner for b in scope.bindings.get(part, ()) if b.kind is BindingKind.CLASS]
            if len(owners) != 1 or owners[0] not in self.walk.scopes:
                return None
            scope = self.walk.scopes[owners[0]]
        found = scope.bindings.get(parts[-1], [])
        functions = [b.owner for b in found if b.kind is BindingKind.FUNCTION]
        if len(found) == 1 and len(functions) == 1 and isinstance(functions[0], cst.FunctionDef):
            return functions[0]
        return None

    def base_names(self, node: cst.ClassDef) -> tuple[str, ...]:
        """Return the qualified names of a class's bases, the unknown ones left out."""
        names = (self.resolve(base.value) for base in node.bases)
        return tuple(resolved.name for resolved in names if resolved is not None)

    def mro(self, class_name: str) -> tuple[str, ...]:
        """Return a class and its bases, whether the unit defines them or knowledge knows them."""
        chain: list[str] = []
        pending = [class_name]
        while pending:
            name = pending.pop(0)
            if name in chain:
                continue
            local = self.local_classes().get(name)
            if local is not None:
                chain.append(name)
                pending.extend(self.base_names(local))
            else:
                chain.extend(base for base in self.knowledge.mro(name) if base not in chain)
        return tuple(chain)

    def fact(self, name: str) -> FunctionFact | None:
        """Return what is known of calling ``name``, methods of the unit's own classes looked up in their bases."""
        fact = self.knowledge.function(name)
        if fact is not None:
            return fact
        owner, _, method = name.rpartition(".")
        if owner in self.local_classes() and self.local_function(name) is None:
            for base in self.mro(owner)[1:]:
                fact = self.knowledge.method(base, method)
                if fact is not None:
                    return fact
        return None

    def class_around(self, node: cst.CSTNode) -> cst.ClassDef | None:
        """Return the class whose method ``node`` is or lies in."""
        current = self.walk.parents.get(id(node))
        while current is not None:
            if isinstance(current, cst.ClassDef):
                return current
            current = self.walk.parents.get(id(current))
        return None

    def _attributes_of(self, owner: cst.ClassDef) -> dict[str, list[cst.BaseExpression]]:
        known = self._self_attributes.get(owner)
        if known is None:
            known = self._self_attributes[owner] = {}
            for node in self.walk.by_type[cst.Assign]:
                assert isinstance(node, cst.Assign)
                for name in _self_targets(node):
                    if self.class_around(node) is owner:
                        known.setdefault(name, []).append(node.value)
        return known


def assigned_value(binding: Binding) -> cst.BaseExpression | None:
    """Return the expression whose value a binding gives to its name as a whole, or None."""
    owner = binding.owner
    if isinstance(owner, cst.Assign):
        for target in owner.targets:
            if target.target is binding.node:
                return owner.value
            value = _unpacked(target.target, owner.value, binding.node)
            if value is not None:
                return value
        return None
    if isinstance(owner, (cst.AnnAssign, cst.NamedExpr)) and owner.target is binding.node:
        return owner.value
    return None


def _unpacked(target: cst.CSTNode, value: cst.CSTNode, name: cst.CSTNode) -> cst.BaseExpression | None:
    """Return the element that ``a, b = x, y`` gives to one of the names."""
    if not (isinstance(target, (cst.Tuple, cst.List)) and isinstance(value, (cst.Tuple, cst.List))):
        return None
    if len(target.elements) != len(value.elements):
        return None
    for left, right in zip(target.elements, value.elements, strict=True):
        if isinstance(left, cst.StarredElement) or isinstance(right, cst.StarredElement):
            return None
        if left.value is name:
            return right.value
    return None


def _self_targets(node: cst.Assign) -> Iterator[str]:
    for target in node.targets:
        place = target.target
        if isinstance(place, cst.Attribute) and isinstance(place.value, cst.Name) and place.value.value == "self":
            yield place.attr.value


def _is_fallback(binding: Binding, bindings: list[Binding]) -> bool:
    """Tell whether a binding is the ``name = None`` of a guarded import or initialisation."""
    value = assigned_value(binding) if binding.kind is BindingKind.ASSIGNMENT else None
    return value is not None and _is_none(value) and len(bindings) > 1


def _is_none(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _dotted(node: cst.CSTNode) -> str:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return ""
    parts.append(node.value)
    return ".".join(reversed(parts))


def _split(name: str) -> tuple[str, str]:
    owner, _, last = name.rpartition(".")
    return owner, last
