"""Scopes and the bindings in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst


class ScopeKind(Enum):
    """What opens a scope."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    COMPREHENSION = "comprehension"


class BindingKind(Enum):
    """What gives a name its value."""

    ASSIGNMENT = "assignment"
    AUGMENTED = "augmented assignment"
    DECLARATION = "declaration"
    WALRUS = "walrus"
    LOOP = "loop"
    COMPREHENSION = "comprehension"
    WITH = "with"
    EXCEPTION = "exception"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    PARAMETER = "parameter"
    MATCH = "match"
    DELETION = "deletion"


@dataclass(slots=True, eq=False)
class Binding:
    """One place that gives a name a value.

    ``node`` is the narrowest node of the binding (the target name, the import alias), ``owner`` the statement or
    clause that does it (Assign, For, WithItem, Param, FunctionDef …), ``order`` its number in evaluation order.
    """

    name: str
    kind: BindingKind
    node: cst.CSTNode
    owner: cst.CSTNode
    scope: Scope
    order: int


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace: the unit's own (shared by all cells), a class's, a function's or a comprehension's."""

    kind: ScopeKind
    node: cst.CSTNode | None
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    global_names: set[str] = field(default_factory=set)
    nonlocal_names: set[str] = field(default_factory=set)
    star_imports: list[cst.CSTNode] = field(default_factory=list)

    def home_of(self, name: str) -> Scope:
        """Return the scope that an assignment to ``name`` in this scope binds it in."""
        if name in self.global_names:
            scope = self
            while scope.parent is not None:
                scope = scope.parent
            return scope
        if name in self.nonlocal_names and self.parent is not None:
            outer = self.parent
            while outer.parent is not None and (outer.kind is not ScopeKind.FUNCTION or name not in outer.bindings):
                outer = outer.parent
            return outer
        return self

    def lookup(self, name: str) -> Scope | None:
        """Return the scope whose binding of ``name`` code in this scope sees, or None if nothing binds it."""
        for scope in self.chain():
            if name in scope.bindings:
                return scope
        return None

    def chain(self) -> Iterator[Scope]:
        """Yield this scope and the enclosing ones that code in it can see: class bodies are not seen from methods."""
        scope: Scope | None = self
        while scope is not None:
            if scope is self or scope.kind is not ScopeKind.CLASS:
                yield scope
            scope = scope.parent
