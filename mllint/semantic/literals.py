"""Values that can be read off the code: literals, constants bound once, and the known beginning of built strings."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Any, Final

import libcst as cst

from mllint.semantic.names import Resolver, assigned_value
from mllint.semantic.scopes import BindingKind


class _Unknown:
    """The type of UNKNOWN."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> bool:
        return False


#: The value of an expression that cannot be read off the code.
UNKNOWN: Final = _Unknown()

_CONSTANTS = {"None": None, "True": True, "False": False}
_DEPTH = 8
_PLAIN = frozenset({cst.SimpleString, cst.Integer, cst.Float, cst.Imaginary})
#: The other expressions whose value can be read off the code.
_READABLE = frozenset(
    {
        cst.Name,
        cst.UnaryOperation,
        cst.BinaryOperation,
        cst.ConcatenatedString,
        cst.FormattedString,
        cst.Tuple,
        cst.List,
        cst.Set,
        cst.Dict,
    }
)


def literal(node: cst.CSTNode, resolver: Resolver, depth: int = _DEPTH) -> Any:
    """Return the Python value of an expression, or UNKNOWN.

    Reads constants, strings, tuples, lists, sets and dicts of them, and names bound once to such a value.
    """
    if depth == 0:
        return UNKNOWN
    kind = type(node)
    if kind in _PLAIN:
        return _constant(node.value)  # type: ignore[attr-defined]
    if kind not in _READABLE:
        return UNKNOWN
    if isinstance(node, cst.Name):
        if node.value in _CONSTANTS:
            return _CONSTANTS[node.value]
        bindings = resolver.reaching(node)
        if len(bindings) != 1 or bindings[0].kind not in (BindingKind.ASSIGNMENT, BindingKind.WALRUS):
            return UNKNOWN
        value = assigned_value(bindings[0])
        return literal(value, resolver, depth - 1) if value is not None else UNKNOWN
    if isinstance(node, cst.UnaryOperation):
        value = literal(node.expression, resolver, depth - 1)
        if isinstance(value, (int, float)) and isinstance(node.operator, cst.Minus):
            return -value
        return (not value) if isinstance(node.operator, cst.Not) and value is not UNKNOWN else UNKNOWN
    if isinstance(node, cst.ConcatenatedString):
        left, right = literal(node.left, resolver, depth - 1), literal(node.right, resolver, depth - 1)
        return left + right if isinstance(left, str) and isinstance(right, str) else UNKNOWN
    if isinstance(node, cst.FormattedString):
        parts = [part.value for part in node.parts if isinstance(part, cst.FormattedStringText)]
        return "".join(parts) if len(parts) == len(node.parts) else UNKNOWN
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
        left, right = literal(node.left, resolver, depth - 1), literal(node.right, resolver, depth - 1)
        return left + right if isinstance(left, str) and isinstance(right, str) else UNKNOWN
    if isinstance(node, (cst.Tuple, cst.List, cst.Set)):
        return _collection(node, resolver, depth)
    if isinstance(node, cst.Dict):
        return _dict(node, resolver, depth)
    return UNKNOWN


@lru_cache(maxsize=8192)
def _constant(text: str) -> Any:
    if text[0] in "\"'" and "\\" not in text:  # most strings say what they are
        quotes = 3 if text[:3] in ('"""', "'''") else 1
        return text[quotes:-quotes].replace("\r\n", "\n").replace("\r", "\n")
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError):
        return UNKNOWN


def _collection(node: cst.Tuple | cst.List | cst.Set, resolver: Resolver, depth: int) -> Any:
    values = []
    for element in node.elements:
        value = UNKNOWN if isinstance(element, cst.StarredElement) else literal(element.value, resolver, depth - 1)
        if value is UNKNOWN:
            return UNKNOWN
        values.append(value)
    if isinstance(node, cst.Tuple):
        return tuple(values)
    if isinstance(node, cst.List):
        return values
    try:
        return set(values)
    except TypeError:
        return UNKNOWN


def _dict(node: cst.Dict, resolver: Resolver, depth: int) -> Any:
    result = {}
    for element in node.elements:
        if not isinstance(element, cst.DictElement):
            return UNKNOWN
        key = literal(element.key, resolver, depth - 1)
        value = literal(element.value, resolver, depth - 1)
        if key is UNKNOWN or value is UNKNOWN:
            return UNKNOWN
        try:
            result[key] = value
        except TypeError:
            return UNKNOWN
    return result


def string_prefix(node: cst.CSTNode, resolver: Resolver, depth: int = _DEPTH) -> str | None:
    """Return the beginning of a string (or path) expression as far as it can be read, or None.

    ``"/data/" + name``, ``f"/data/{name}"``, ``os.path.join("/data", name)``, ``Path("/data") / name`` and
    ``"/data/%s" % name`` all begin with ``/data``.
    """
    if depth == 0:
        return None
    value = literal(node, resolver)
    if isinstance(value, str):
        return value
    if isinstance(node, cst.FormattedString):
        prefix = ""
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                prefix += part.value
                continue
            inner = literal(part.expression, resolver) if isinstance(part, cst.FormattedStringExpression) else UNKNOWN
            if not isinstance(inner, str):
                break
            prefix += inner
        return prefix or None
    first = _beginning(node, resolver)
    known = string_prefix(first, resolver, depth - 1) if first is not None else None
    if known is None:
        return None
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Modulo):
        return known.partition("%")[0] or None
    if isinstance(node, cst.Call) and _method(node) in ("format", "joinpath"):
        return known.partition("{")[0] or None
    return known


def string_source(node: cst.CSTNode, resolver: Resolver, depth: int = _DEPTH) -> cst.BaseExpression | None:
    """Return the literal that a string or path expression begins with, or None if it begins with anything else.

    Of ``ROOT + name``, with ``ROOT = "/data"``, that is ``"/data"`` where it is assigned.
    """
    if depth == 0:
        return None
    if isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
        return node
    if isinstance(node, cst.FormattedString):
        first = node.parts[0] if node.parts else None
        if isinstance(first, cst.FormattedStringExpression):
            return string_source(first.expression, resolver, depth - 1)
        return node
    inner = _beginning(node, resolver)
    return string_source(inner, resolver, depth - 1) if inner is not None else None


def _beginning(node: cst.CSTNode, resolver: Resolver) -> cst.BaseExpression | None:
    """Return the expression that the text of a built string or path begins with, or None."""
    if isinstance(node, cst.BinaryOperation) and isinstance(node.operator, (cst.Add, cst.Divide, cst.Modulo)):
        return node.left
    if isinstance(node, cst.Call):
        resolved = resolver.resolve(node.func)
        if resolved is not None and resolved.name in _PATH_BUILDERS and node.args and not node.args[0].star:
            return node.args[0].value
        if isinstance(node.func, cst.Attribute) and _method(node) in ("format", "joinpath"):
            return node.func.value
    if isinstance(node, cst.Name):
        bindings = resolver.reaching(node)
        return assigned_value(bindings[0]) if len(bindings) == 1 else None
    return None


def _method(node: cst.Call) -> str | None:
    return node.func.attr.value if isinstance(node.func, cst.Attribute) else None


_PATH_BUILDERS = frozenset(
    {"os.path.join", "os.path.expanduser", "os.path.abspath", "os.path.normpath", "os.fspath", "builtins.str"}
    | {f"pathlib.{name}" for name in ("Path", "PurePath", "PosixPath", "PurePosixPath", "WindowsPath")}
)
