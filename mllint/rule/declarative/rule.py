"""The one rule class behind all declarative rules: it matches calls, names and imports, and reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import libcst as cst

from mllint.rule.context import Context, Place
from mllint.rule.declarative import schema
from mllint.rule.declarative.fixes import Target, fill, make_fix
from mllint.rule.rule import Hook, Rule
from mllint.semantic.calls import Argument, CallSite
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.model import ImportedName, SemanticModel
from mllint.semantic.scopes import BindingKind

if TYPE_CHECKING:
    from mllint.project.facts import ProjectFacts
    from mllint.semantic.knowledge import Knowledge

_LONGEST_CALLEE = 60
#: By knowledge and rule: the names of calls that knowledge keeps under newer ones.
_OLD_CALLS: WeakKeyDictionary[Knowledge, dict[type[Rule], tuple[str, ...]]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Expectation:
    """What an argument must be: one of the words of ``is``, or one of the keys of its tables."""

    word: str
    operand: Any = None

    def holds(self, argument: Argument, model: SemanticModel) -> bool:
        """Tell whether the test surely holds; what is unknown never does."""
        if self.word == "absent":
            return argument.absent
        if not argument.present or argument.value is None:
            return False
        if self.word == "present":
            return True
        if self.word == "kind":
            return model.is_kind(argument.value, *self.operand)
        if self.word in ("written", "not-written"):
            found = re.search(self.operand, model.text(argument.value)) is not None
            return found is (self.word == "written")
        value = model.literal(argument.value)
        if self.word == "matches":
            text = value if isinstance(value, str) else model.string_prefix(argument.value)
            return text is not None and re.search(self.operand, text) is not None
        if value is UNKNOWN:
            return False
        if self.word == "literal":
            return True
        if self.word == "none":
            return value is None
        return _same(value, self.operand) is (self.word == "equals")


@dataclass(frozen=True)
class Condition:
    """An argument, or the first of several that is passed, and the tests of which one must hold."""

    arguments: tuple[str, ...]
    position: int | None
    tests: tuple[Expectation, ...]

    def holds(self, call: CallSite, model: SemanticModel) -> bool:
        """Tell whether the condition surely holds for a call."""
        argument = self.of(call)
        return any(test.holds(argument, model) for test in self.tests)

    def of(self, call: CallSite) -> Argument:
        """Return the argument that the condition is about."""
        if self.position is not None:
            return call.argument(self.arguments[0], self.position)
        return call.first(*self.arguments)


@dataclass(frozen=True)
class Match:
    """One thing that a rule reports."""

    calls: tuple[str, ...]
    roles: tuple[str, ...]
    attributes: tuple[str, ...]
    imports: tuple[str, ...]
    conditions: tuple[Condition, ...]
    version: schema.VersionSpec | None
    unless_guarded: bool
    message: str
    help: str | None
    fix: schema.AnyFix | None

    def argument(self, call: CallSite, name: str) -> Argument:
        """Return an argument of a call, at the position that a condition gives for it."""
        for condition in self.conditions:
            if name in condition.arguments and condition.position is not None:
                return call.argument(name, condition.position)
        return call.argument(name)

    def fits_versions(self, project: ProjectFacts) -> bool:
        """Tell whether the versions that the project may run with are those that the match is about."""
        if self.version is None:
            return True
        distribution = re.sub(r"[-_.]+", "-", self.version.distribution).lower()
        answer = project.runs_with(distribution, self.version.range)
        return answer if answer is not None else self.version.when_unknown == "report"


class DeclarativeRule(Rule):
    """Base of the classes that rule files are turned into.

    Attributes:
        path: the file that the rule comes from.
        matches: what it reports; the first entry that matches decides.
        examples: code with which the tester tries it.
    """

    path: ClassVar[Path]
    matches: ClassVar[tuple[Match, ...]]
    examples: ClassVar[tuple[schema.ExampleSpec, ...]]

    @classmethod
    def hooks(cls) -> list[tuple[Hook, str]]:
        """Return a hook for the calls that are matched, and one for all other names."""
        calls = tuple(dict.fromkeys(name for match in cls.matches for name in match.calls))
        roles = tuple(dict.fromkeys(role for match in cls.matches for role in match.roles))
        found = [(Hook("call", names=calls, roles=roles), "check_call")] if calls or roles else []
        if calls or any(match.attributes or match.imports for match in cls.matches):
            found.append((Hook("unit"), "check_names"))
        return found

    def check_call(self, call: CallSite, ctx: Context) -> None:
        """Report a call that matches by its canonical name or its role."""
        self._check_call(call, ctx, lambda match: _canonical_name(match, call, ctx))

    def check_names(self, ctx: Context) -> None:
        """Report uses of names, imports, and calls under names that knowledge keeps under newer ones."""
        for name in self._old_calls(ctx.knowledge):
            self._check_old_calls(name, ctx)
        for match in self.matches:
            for name in match.attributes:
                self._check_attribute(match, name, ctx)
            for name in match.imports:
                self._check_import(match, name, ctx)

    def _old_calls(self, knowledge: Knowledge) -> tuple[str, ...]:
        """Return the matched names of calls that knowledge keeps under newer ones."""
        known = _OLD_CALLS.setdefault(knowledge, {}).get(type(self))
        if known is None:
            names = dict.fromkeys(name for match in self.matches for name in match.calls)
            known = tuple(name for name in names if knowledge.canonical(name) != name)
            _OLD_CALLS[knowledge][type(self)] = known
        return known

    def _check_old_calls(self, name: str, ctx: Context) -> None:
        for node in ctx.model.mentions(name.rpartition(".")[2]):
            parent = ctx.model.parent(node)
            if isinstance(parent, cst.Call) and parent.func is node and _denotes(node, name, ctx):
                call = ctx.model.call(parent)
                self._check_call(call, ctx, lambda match: name if name in match.calls else None)

    def _check_call(self, call: CallSite, ctx: Context, name_of: Callable[[Match], str | None]) -> None:
        for match in self.matches:
            name = name_of(match)
            if name is None or not match.fits_versions(ctx.project):
                continue
            if not all(condition.holds(call, ctx.model) for condition in match.conditions):
                continue
            if not match.unless_guarded or not ctx.model.is_guarded(call.node):
                self._report(match, Target(name, call.node, call=call), call, ctx, certain=call.certain)
            return

    def _check_attribute(self, match: Match, name: str, ctx: Context) -> None:
        module, _, last = name.rpartition(".")
        if module in ctx.model.imported_modules:
            for imported in ctx.model.imports:
                if imported.name is not None and imported.target == name and imported.alias is not None:
                    self._report_name(match, Target(name, imported.alias, imported=imported), ctx)
        for node in ctx.model.mentions(last):
            if isinstance(node, cst.Name) and ctx.model.bindings(node):
                continue  # reported where it is imported
            if not _is_assigned(node, ctx.model) and _denotes(node, name, ctx):
                self._report_name(match, Target(name, node), ctx)

    def _check_import(self, match: Match, name: str, ctx: Context) -> None:
        seen: set[cst.CSTNode] = set()
        for imported in ctx.model.imports:
            if imported.target != name and not imported.target.startswith(name + "."):
                continue
            place = _place_in_import(imported, name)
            if place not in seen:
                seen.add(place)
                self._report_name(match, Target(name, place, imported=imported), ctx)
        if seen:
            return
        for node in ctx.model.mentions(name.rpartition(".")[2]):
            if isinstance(node, cst.Attribute) and written_name(node, ctx.model) == name:
                self._report_name(match, Target(name, node), ctx)

    def _report_name(self, match: Match, target: Target, ctx: Context) -> None:
        code = target.imported.statement if target.imported is not None else target.node
        if not match.fits_versions(ctx.project) or (match.unless_guarded and ctx.model.is_guarded(code)):
            return
        certain = not isinstance(target.node, (cst.Name, cst.Attribute)) or target.imported is not None
        self._report(match, target, target.node, ctx, certain=certain or ctx.model.is_certain(target.node))

    def _report(self, match: Match, target: Target, place: Place, ctx: Context, *, certain: bool) -> None:
        def word(field: str, detail: str) -> str:
            return _message_word(field, detail, match, target, ctx)

        ctx.report(
            place,
            fill(match.message, word) or "",
            help=fill(match.help, word) if match.help is not None else None,
            fix=(lambda: make_fix(match.fix, target, match.argument, ctx)) if match.fix is not None else None,
            certain=certain,
        )


def _canonical_name(match: Match, call: CallSite, ctx: Context) -> str | None:
    for name in match.calls:
        if name in call.names and ctx.knowledge.canonical(name) == name:
            return name
    return next((call.name or role for role in match.roles if role in call.roles), None)


def _message_word(field: str, detail: str, match: Match, target: Target, ctx: Context) -> str:
    """Return what a placeholder of a message stands for."""
    if field == "name":
        return target.name
    call = target.call
    if field == "call":
        node = call.node.func if call is not None else target.node
        text = ctx.model.text(node.name if isinstance(node, cst.ImportAlias) else node)
        is_short = len(text) <= _LONGEST_CALLEE and "\n" not in text
        return text if is_short else ".".join(target.name.split(".")[-2:])
    if call is None:
        return target.name
    first = match.conditions[0] if field == "value" and match.conditions else None
    argument = first.of(call) if first is not None else match.argument(call, detail)
    if argument.value is not None:
        return ctx.model.text(argument.value)
    return first.arguments[0] if first is not None else detail


def _denotes(node: cst.CSTNode, name: str, ctx: Context) -> bool:
    """Tell whether an expression denotes a declared name; an old name must be the one that is written."""
    if ctx.knowledge.canonical(name) == name:
        return ctx.model.qualified_name(node) == name
    return written_name(node, ctx.model) == name


def written_name(node: cst.CSTNode, model: SemanticModel) -> str | None:
    """Return the qualified name of an expression as the imports spell it, without regard to newer names."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    if not isinstance(node, cst.Name):
        return None
    roots = {root for binding in model.bindings(node) for root in _imported_as(binding.node, binding.kind, model)}
    return ".".join([roots.pop(), *reversed(parts)]) if len(roots) == 1 else None


def _imported_as(node: cst.CSTNode, kind: BindingKind, model: SemanticModel) -> Iterator[str]:
    if kind is not BindingKind.IMPORT:
        yield ""
        return
    for imported in model.imports:
        if imported.alias is node:
            binds_root = imported.name is None and imported.alias is not None and imported.alias.asname is None
            yield imported.target.partition(".")[0] if binds_root else imported.target


def _place_in_import(imported: ImportedName, name: str) -> cst.CSTNode:
    """Return what of an import statement shows the name: its module for all that it imports, or one alias."""
    statement = imported.statement
    from_module = imported.module == name or imported.module.startswith(name + ".")
    if isinstance(statement, cst.ImportFrom) and statement.module is not None and from_module:
        return statement.module
    return imported.alias if imported.alias is not None else statement


def _is_assigned(node: cst.CSTNode, model: SemanticModel) -> bool:
    parent = model.parent(node)
    if isinstance(parent, (cst.AnnAssign, cst.AugAssign)):
        return parent.target is node
    return isinstance(parent, (cst.AssignTarget, cst.Del))


def _same(value: object, other: object) -> bool:
    """Tell whether two literals are equal and of one type; TOML has lists for tuples."""
    if isinstance(value, tuple):
        value = list(value)
    return type(value) is type(other) and value == other


__all__ = ["Condition", "DeclarativeRule", "Expectation", "Match", "written_name"]
