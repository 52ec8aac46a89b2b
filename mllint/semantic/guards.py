"""Guards: tests of what is installed, behind which code may use names that other versions of a library lack."""

from __future__ import annotations

import re

import libcst as cst

from mllint.semantic.names import Resolver, assigned_value
from mllint.semantic.walk import descendants

#: Exceptions that say a name, or a parameter, is not there.
_ABSENCE = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "TypeError"})
_CATCH_ALL = frozenset({"Exception", "BaseException"})
#: Names that stand for what is installed.
_TESTS = re.compile(r"(?i:version|_available$|^signature$)|^(hasattr|getattr|find_spec)$|^_?(HAS|HAVE|WITH)_")
_LEAVES = (cst.Return, cst.Raise, cst.Continue, cst.Break)


def is_guarded(node: cst.CSTNode, resolver: Resolver) -> bool:
    """Tell whether code runs only after, or as the alternative of, a test of what is installed.

    That is: in a ``try`` that expects an import or a name to be missing, in any branch of a test of a version or of
    ``hasattr``, or after such a test that left the block.
    """
    parents = resolver.walk.parents
    is_import = isinstance(node, (cst.Import, cst.ImportFrom, cst.ImportAlias))
    current: cst.CSTNode = node
    above = parents.get(id(current))
    while above is not None and not isinstance(above, (cst.FunctionDef, cst.ClassDef)):
        if isinstance(above, (cst.Try, cst.TryStar)):
            if current is not above.finalbody and _expects_absence(above, is_import):
                return True
        elif isinstance(above, (cst.If, cst.IfExp)):
            if current is not above.test and _tests_installation(above.test, resolver):
                return True
        elif isinstance(above, cst.BooleanOperation):
            if current is above.right and _tests_installation(above.left, resolver):
                return True
        elif isinstance(above, (cst.IndentedBlock, cst.Module)) and _after_leaving_test(current, above, resolver):
            return True
        current, above = above, parents.get(id(above))
    return False


def _expects_absence(node: cst.Try | cst.TryStar, is_import: bool) -> bool:
    for handler in node.handlers:
        if handler.type is None:
            if is_import:
                return True
            continue
        names = {name.value for name in descendants(handler.type) if isinstance(name, cst.Name)}
        if names & _ABSENCE or (is_import and names & _CATCH_ALL):
            return True
    return False


def _tests_installation(test: cst.BaseExpression, resolver: Resolver, follow: bool = True) -> bool:
    for node in descendants(test):
        name = (
            node.value if isinstance(node, cst.Name) else node.attr.value if isinstance(node, cst.Attribute) else None
        )
        if name is None:
            continue
        if _TESTS.search(name):
            return True
        if follow and isinstance(node, cst.Name):
            bindings = resolver.reaching(node)
            value = assigned_value(bindings[0]) if len(bindings) == 1 else None
            if value is not None and _tests_installation(value, resolver, follow=False):
                return True
    return False


def _after_leaving_test(statement: cst.CSTNode, block: cst.CSTNode, resolver: Resolver) -> bool:
    """Tell whether an earlier statement of the same block leaves it after a test."""
    if not isinstance(block, (cst.IndentedBlock, cst.Module)):
        return False
    for earlier in block.body:
        if earlier is statement:
            return False
        if isinstance(earlier, cst.If) and _leaves(earlier) and _tests_installation(earlier.test, resolver):
            return True
    return False


def _leaves(node: cst.If) -> bool:
    body = node.body.body
    last = body[-1] if body else None
    if isinstance(last, cst.SimpleStatementLine):
        last = last.body[-1]
    return isinstance(last, _LEAVES)
