"""The one walk over a unit's trees: order, parents, scopes, bindings and references in a single pass.

LibCST's own visitors and metadata providers cost several times the parse; this walk visits only the fields that hold
code (never white space or punctuation) with an explicit stack.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypeAlias

import libcst as cst

from mllint.semantic.scopes import Binding, BindingKind, Scope, ScopeKind

Child: TypeAlias = "tuple[cst.CSTNode, Scope]"
Handler: TypeAlias = "Callable[[Walk, cst.CSTNode, Scope], list[Child] | None]"

_TRIVIA = frozenset(
    "lpar rpar leading_lines header footer comma semicolon lbracket rbracket lbrace rbrace lines_after_decorators "
    "lines_after_module_docstring trailing_whitespace leading_whitespace equal dot colon first_colon second_colon "
    "first_line empty_lines last_line indent operator encoding default_indent default_newline has_trailing_newline "
    "asynchronous relative posonly_ind separator trailing_comma conversion start end newline comment".split()
)


@cache
def code_fields(node_type: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the fields of a node class that can hold code, in source order."""
    return tuple(
        name
        for name in node_type.__dataclass_fields__
        if name not in _TRIVIA and not name.startswith(("whitespace", "_"))
    )


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """Return the direct children of a node that are code."""
    found: list[cst.CSTNode] = []
    for name in code_fields(type(node)):
        value = getattr(node, name)
        kind = type(value)
        if kind in _SEQUENCES:
            found += [item for item in value if _CODE_TYPES[type(item)]]
        elif _CODE_TYPES[kind]:
            found.append(value)
    return found


_SEQUENCES = frozenset({list, tuple})


class _CodeTypes(dict[type, bool]):
    """Tells of classes whether their objects are nodes; LibCST's own answer is slow, so it is asked for once."""

    def __missing__(self, kind: type) -> bool:
        answer = self[kind] = issubclass(kind, cst.CSTNode)
        return answer


_CODE_TYPES = _CodeTypes()


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and all code below it, parents before children, in field order."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        below = children(current)
        if below:
            below.reverse()
            stack += below


def code_key(node: cst.CSTNode) -> str:
    """Return a text that two pieces of code share if they are written alike, white space and brackets apart."""
    if isinstance(node, (cst.Name, cst.Integer, cst.Float, cst.SimpleString)):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{code_key(node.value)}.{node.attr.value}"
    operator = type(getattr(node, "operator", None)).__name__
    return f"{type(node).__name__}({operator}, {', '.join([code_key(child) for child in children(node)])})"


class Walk:
    """The result of walking the modules of a unit in order.

    Attributes:
        order: the number of every visited node, by ``id(node)``, in evaluation order (a value before the names it is
            bound to). Nodes live as long as the walk, and hashing them, which LibCST does in Python, would double its cost.
        parents: the node above each node, by ``id(node)``; modules have none.
        by_type: the visited nodes by class, in evaluation order.
        scopes: the scope that each scope-opening node opens.
        references: every name that is read, with the scope that reads it.
        module_scope: the one namespace that all cells share.
        names_before: every statement and definition in order, with how many names were visited before it: the names in a
            simple statement, or in the head of a compound one, are those from there up to the next.
    """

    def __init__(self) -> None:
        self.order: dict[int, int] = {}
        self.parents: dict[int, cst.CSTNode] = {}
        self.by_type: defaultdict[type[cst.CSTNode], list[cst.CSTNode]] = defaultdict(list)
        self.scopes: dict[cst.CSTNode, Scope] = {}
        self.references: dict[cst.Name, Scope] = {}
        self.bindings: dict[cst.CSTNode, Binding] = {}
        self.module_scope = Scope(ScopeKind.MODULE, None, None)
        self.names_before: dict[cst.CSTNode, int] = {}
        self._targets: dict[cst.CSTNode, tuple[cst.CSTNode, BindingKind]] = {}

    def visit(self, module: cst.Module) -> None:
        """Walk one module; later modules share the namespace of the earlier ones."""
        order, parents, by_type = self.order, self.parents, self.by_type
        count = len(order)
        stack: list[Child] = [(module, self.module_scope)]
        while stack:
            node, scope = stack.pop()
            order[id(node)] = count
            node_type = type(node)
            by_type[node_type].append(node)
            handler = _HANDLERS.get(node_type)
            below = handler(self, node, scope) if handler is not None else None
            count = len(order)  # a handler may number nodes of its own
            if below is None:
                below = [(child, scope) for child in children(node)]
            for child, _ in below:
                parents[id(child)] = node
            below.reverse()
            stack.extend(below)
        self.scopes[module] = self.module_scope

    # Targets are marked when their statement is visited and bound when the walk comes to them, after the value.

    def mark_target(self, target: cst.CSTNode, owner: cst.CSTNode, kind: BindingKind) -> None:
        """Note that ``target`` is assigned to by ``owner``, once for every name in it."""
        stack = [target]
        while stack:
            node = stack.pop()
            if isinstance(node, cst.Name):
                self._targets[node] = (owner, kind)
            elif isinstance(node, (cst.Tuple, cst.List)):
                stack.extend(element.value for element in node.elements)

    def bind(self, name: str, node: cst.CSTNode, owner: cst.CSTNode, kind: BindingKind, scope: Scope) -> Binding:
        """Bind ``name`` in the scope that an assignment in ``scope`` reaches."""
        home = scope.home_of(name) if kind is not BindingKind.COMPREHENSION else scope
        binding = Binding(name, kind, node, owner, home, len(self.order))
        home.bindings.setdefault(name, []).append(binding)
        self.bindings[node] = binding
        return binding


def _name(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Name)
    target = walk._targets.pop(node, None)
    if target is None:
        walk.references[node] = scope
    else:
        owner, kind = target
        if kind is BindingKind.AUGMENTED:
            walk.references[node] = scope
        if kind is BindingKind.WALRUS:
            while scope.kind is ScopeKind.COMPREHENSION and scope.parent is not None:
                scope = scope.parent
        walk.bind(node.value, node, owner, kind, scope)
    return []


def _attribute(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Attribute)
    return [(node.value, scope)]


def _arg(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Arg)
    return [(node.value, scope)]


def _leaf(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    return []


def _assign(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Assign)
    for target in node.targets:
        walk.mark_target(target.target, node, BindingKind.ASSIGNMENT)
    return [(node.value, scope), *((target, scope) for target in node.targets)]


def _ann_assign(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.AnnAssign)
    kind = BindingKind.ASSIGNMENT if node.value is not None else BindingKind.DECLARATION
    walk.mark_target(node.target, node, kind)
    value: list[Child] = [(node.value, scope)] if node.value is not None else []
    return [(node.annotation, scope), *value, (node.target, scope)]


def _aug_assign(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.AugAssign)
    walk.mark_target(node.target, node, BindingKind.AUGMENTED)
    return [(node.value, scope), (node.target, scope)]


def _named_expr(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.NamedExpr)
    walk.mark_target(node.target, node, BindingKind.WALRUS)
    return [(node.value, scope), (node.target, scope)]


def _for(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.For)
    walk.mark_target(node.target, node, BindingKind.LOOP)
    below: list[Child] = [(node.iter, scope), (node.target, scope), (node.body, scope)]
    if node.orelse is not None:
        below.append((node.orelse, scope))
    return below


def _with_item(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.WithItem)
    below: list[Child] = [(node.item, scope)]
    if node.asname is not None:
        walk.mark_target(node.asname.name, node, BindingKind.WITH)
        below.append((node.asname.name, scope))
    return below


def _except_handler(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler))
    below: list[Child] = []
    if node.type is not None:
        below.append((node.type, scope))
    if node.name is not None:
        walk.mark_target(node.name.name, node, BindingKind.EXCEPTION)
        below.append((node.name.name, scope))
    below.append((node.body, scope))
    return below


def _comprehension(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp))
    inner = Scope(ScopeKind.COMPREHENSION, node, scope)
    walk.scopes[node] = inner
    # The first iterable is evaluated outside; CompFor hands each part its scope.
    below: list[Child] = [(node.for_in, inner)]
    if isinstance(node, cst.DictComp):
        below += [(node.key, inner), (node.value, inner)]
    else:
        below.append((node.elt, inner))
    return below


def _starred_dict_comprehension(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    inner = Scope(ScopeKind.COMPREHENSION, node, scope)
    walk.scopes[node] = inner
    return [(node.for_in, inner), (node.value, inner)]  # type: ignore[attr-defined]


def _comp_for(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.CompFor)
    walk.mark_target(node.target, node, BindingKind.COMPREHENSION)
    first = scope.node is not None and getattr(scope.node, "for_in", None) is node
    outer = scope.parent if first and scope.parent is not None else scope
    below: list[Child] = [(node.iter, outer), (node.target, scope), *((test, scope) for test in node.ifs)]
    if node.inner_for_in is not None:
        below.append((node.inner_for_in, scope))
    return below


def _function(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.FunctionDef)
    inner = Scope(ScopeKind.FUNCTION, node, scope)
    walk.scopes[node] = inner
    below: list[Child] = [(decorator, scope) for decorator in node.decorators]
    below += _parameters(node.params, scope, inner)
    if node.returns is not None:
        below.append((node.returns, scope))
    walk.mark_target(node.name, node, BindingKind.FUNCTION)
    below += [(node.name, scope), (node.body, inner)]
    return below


def _lambda(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Lambda)
    inner = Scope(ScopeKind.FUNCTION, node, scope)
    walk.scopes[node] = inner
    return [*_parameters(node.params, scope, inner), (node.body, inner)]


def _parameters(params: cst.Parameters, outer: Scope, inner: Scope) -> list[Child]:
    """Give each parameter to the inner scope; Param hands its default and annotation to the outer one."""
    below: list[Child] = [(param, inner) for param in (*params.posonly_params, *params.params)]
    if isinstance(params.star_arg, cst.Param):
        below.append((params.star_arg, inner))
    below += [(param, inner) for param in params.kwonly_params]
    if params.star_kwarg is not None:
        below.append((params.star_kwarg, inner))
    return below


def _param(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Param)
    outer = scope.parent or scope
    below: list[Child] = []
    if node.annotation is not None:
        below.append((node.annotation, outer))
    if node.default is not None:
        below.append((node.default, outer))
    walk.mark_target(node.name, node, BindingKind.PARAMETER)
    below.append((node.name, scope))
    return below


def _class(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.ClassDef)
    inner = Scope(ScopeKind.CLASS, node, scope)
    walk.scopes[node] = inner
    below: list[Child] = [(decorator, scope) for decorator in node.decorators]
    below += [(arg, scope) for arg in (*node.bases, *node.keywords)]
    walk.mark_target(node.name, node, BindingKind.CLASS)
    below += [(node.body, inner), (node.name, scope)]
    return below


def _import(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    for alias in node.names if not isinstance(node.names, cst.ImportStar) else ():  # type: ignore[attr-defined]
        if alias.asname is not None:
            bound = alias.asname.name
        else:
            bound = alias.name
            while isinstance(bound, cst.Attribute):
                bound = bound.value
        if isinstance(bound, cst.Name):
            walk.bind(bound.value, alias, node, BindingKind.IMPORT, scope)
        walk.order[id(alias)] = len(walk.order)
        walk.by_type[cst.ImportAlias].append(alias)
        walk.parents[id(alias)] = node
    if isinstance(getattr(node, "names", None), cst.ImportStar):
        walk.module_scope.star_imports.append(node)
    return []


def _global(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, (cst.Global, cst.Nonlocal))
    names = {item.name.value for item in node.names}
    if isinstance(node, cst.Global):
        scope.global_names |= names
    else:
        scope.nonlocal_names |= names
    return []


def _del(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.Del)
    walk.mark_target(node.target, node, BindingKind.DELETION)
    return [(node.target, scope)]


def _match_name(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    below: list[Child] = []
    pattern = getattr(node, "pattern", None)
    if pattern is not None:
        below.append((pattern, scope))
    elements = getattr(node, "elements", ())
    below += [(element, scope) for element in elements]
    name = getattr(node, "name", None) or getattr(node, "rest", None)
    if name is not None:
        walk.mark_target(name, node, BindingKind.MATCH)
        below.append((name, scope))
    return below


def _match_keyword(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.MatchKeywordElement)
    return [(node.pattern, scope)]


def _type_alias(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child]:
    assert isinstance(node, cst.TypeAlias)
    walk.mark_target(node.name, node, BindingKind.ASSIGNMENT)
    return [(node.value, scope), (node.name, scope)]


_HANDLERS: dict[type[cst.CSTNode], Handler] = {
    cst.Name: _name,
    cst.Attribute: _attribute,
    cst.Arg: _arg,
    cst.Assign: _assign,
    cst.AnnAssign: _ann_assign,
    cst.AugAssign: _aug_assign,
    cst.NamedExpr: _named_expr,
    cst.For: _for,
    cst.WithItem: _with_item,
    cst.ExceptHandler: _except_handler,
    cst.ExceptStarHandler: _except_handler,
    cst.ListComp: _comprehension,
    cst.SetComp: _comprehension,
    cst.DictComp: _comprehension,
    cst.GeneratorExp: _comprehension,
    cst.CompFor: _comp_for,
    cst.FunctionDef: _function,
    cst.Lambda: _lambda,
    cst.Param: _param,
    cst.ClassDef: _class,
    cst.Import: _import,
    cst.ImportFrom: _import,
    cst.Global: _global,
    cst.Nonlocal: _global,
    cst.Del: _del,
    cst.MatchAs: _match_name,
    cst.MatchStar: _match_name,
    cst.MatchMapping: _match_name,
    cst.MatchKeywordElement: _match_keyword,
    cst.TypeAlias: _type_alias,
    cst.TypeVar: _leaf,
    cst.TypeVarTuple: _leaf,
    cst.ParamSpec: _leaf,
    cst.SimpleString: _leaf,
    cst.Integer: _leaf,
    cst.Float: _leaf,
    cst.Imaginary: _leaf,
    cst.Pass: _leaf,
    cst.Break: _leaf,
    cst.Continue: _leaf,
    cst.FormattedStringText: _leaf,
}
for _name_of_class, _handler in (
    # Grammar of Python 3.15, which only newer releases of LibCST know.
    ("LazyImport", _import),
    ("LazyImportFrom", _import),
    ("StarredDictComp", _starred_dict_comprehension),
):
    if hasattr(cst, _name_of_class):
        _HANDLERS[getattr(cst, _name_of_class)] = _handler


def _noted(handler: Handler | None) -> Handler:
    """Return a handler that notes where the names of a statement begin."""

    def visit(walk: Walk, node: cst.CSTNode, scope: Scope) -> list[Child] | None:
        walk.names_before[node] = len(walk.by_type[cst.Name])
        return handler(walk, node, scope) if handler is not None else None

    return visit


#: Simple statements that may hold names, compound statements, and definitions.
SIMPLE = (cst.Expr, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Del, cst.Raise, cst.Assert)
COMPOUND = (cst.If, cst.For, cst.While, cst.With, cst.Try, cst.TryStar, cst.Match)
DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
_HANDLERS |= {kind: _noted(_HANDLERS.get(kind)) for kind in (*SIMPLE, *COMPOUND, *DEFINITIONS)}
