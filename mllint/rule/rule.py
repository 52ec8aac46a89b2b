"""What a rule is: a class with metadata, a docstring that is its page, typed options and hooks."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

import msgspec

from mllint.diagnostics.diagnostic import Confidence, Severity
from mllint.diagnostics.fix import Applicability

if TYPE_CHECKING:
    import libcst as cst

Check = TypeVar("Check", bound="Callable[..., None]")
HookKind = Literal["call", "node", "event", "unit", "notebook", "project"]

#: Categories in the order of documentation; a pack may not invent others.
CATEGORIES = (
    "reproducibility",
    "data",
    "leakage",
    "evaluation",
    "correctness",
    "deprecated",
    "security",
    "portability",
    "notebook",
    "documentation",
    "operations",
    "generative",
    "responsibility",
    "performance",
    "project",
)

#: Headings of a rule's page in order; those with a True value must be present.
SECTIONS: Mapping[str, bool] = {
    "What it does": True,
    "Why is this bad": True,
    "Example": True,
    "Use instead": True,
    "Fix safety": False,
    "Options": False,
    "Notebook behaviour": False,
    "References": True,
}


class Tier(str, Enum):
    """Which audience a rule is for; *recommended* is on by default."""

    RECOMMENDED = "recommended"
    PEDANTIC = "pedantic"
    AUDIT = "audit"


class RuleOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab", kw_only=True):
    """Base of a rule's typed options; each field has a default and a docstring line in the page's Options section."""


@dataclass(frozen=True, slots=True)
class Hook:
    """When a method of a rule is called.

    ``names`` are qualified names for calls, event kinds for events; ``roles`` are roles of the callee, ``types`` node
    classes. A call hook fires where any name or role matches; one without both fires for every call.
    """

    kind: HookKind
    names: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    types: tuple[type[cst.CSTNode], ...] = ()


class Rule:
    """Base of all rules.

    A subclass states its metadata in class attributes, documents itself in its docstring (the first line says what a
    diagnostic of it means; the sections are those of ``SECTIONS``), and reports from methods decorated with hooks.
    It keeps no state: one instance serves a whole run, and may be called for units in any order.

    Attributes:
        name: kebab-case, reads after "allow".
        category: one of ``CATEGORIES``.
        tier: who should see it.
        severity: how bad a right finding is.
        confidence: how often a finding is right; ``Context.report`` can lower it for one diagnostic.
        fixes: the applicabilities that its fixes can have; empty if it has none.
        libraries: names of libraries in knowledge; the rule wakes only where one of them is imported or depended on.
        kinds: kinds of units it is for: ``script``, ``notebook``, ``stub``, ``test``; what is noise in a notebook
            leaves it out. Tests, notebooks among them included, are of the last kind only; the settings say which files
            are tests.
        triggers: words one of which a file must contain for the rule to fire at all; empty means any file. Call hooks
            with names need none: the last parts of the names are used.
        aliases: older names, still understood in configuration and suppressions.
        sources: equivalents in other tools, tool name to rule.
        since: the version of mllint (or of the pack) that brought the rule.
    """

    name: ClassVar[str]
    category: ClassVar[str]
    tier: ClassVar[Tier] = Tier.RECOMMENDED
    severity: ClassVar[Severity] = Severity.WARNING
    confidence: ClassVar[Confidence] = Confidence.HIGH
    fixes: ClassVar[tuple[Applicability, ...]] = ()
    libraries: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = ("script", "notebook")
    triggers: ClassVar[tuple[str, ...]] = ()
    aliases: ClassVar[tuple[str, ...]] = ()
    sources: ClassVar[Mapping[str, str]] = {}
    since: ClassVar[str] = "0.1.0"
    Options: ClassVar[type[RuleOptions]] = RuleOptions

    def __init__(self, options: RuleOptions | None = None) -> None:
        self.options: Any = options if options is not None else self.Options()

    @classmethod
    def hooks(cls) -> list[tuple[Hook, str]]:
        """Return the hooks of the class with the names of their methods, in order of definition."""
        found: list[tuple[Hook, str]] = []
        for name, member in inspect.getmembers(cls, inspect.isfunction):
            found.extend((hook, name) for hook in getattr(member, "__mllint_hooks__", ()))
        return found

    @classmethod
    def page(cls) -> str:
        """Return the rule's documentation as Markdown: the docstring without its indentation."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def summary(cls) -> str:
        """Return the first paragraph of the page as one line."""
        return " ".join(cls.page().partition("\n\n")[0].split())


def page_sections(page: str) -> dict[str, str]:
    """Split a rule's page into its sections; the text before the first heading is under the empty string."""
    parts = re.split(r"^## +(.+?)\s*$", page, flags=re.MULTILINE)
    sections = {"": parts[0].strip()}
    sections.update({title: body.strip() for title, body in zip(parts[1::2], parts[2::2], strict=True)})
    return sections


def _hook(hook: Hook) -> Callable[[Check], Check]:
    def decorate(check: Check) -> Check:
        hooks = (*getattr(check, "__mllint_hooks__", ()), hook)
        check.__mllint_hooks__ = hooks  # type: ignore[attr-defined]
        return check

    return decorate


def on_call(*names: str, role: str | tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Call the method as ``check(self, call: CallSite, ctx: Context)`` for calls of ``names`` or with a role.

    Args:
        names: canonical qualified names; methods are named after a class of the receiver or one of its bases.
        role: a role or several; any of them is enough.
    """
    roles = (role,) if isinstance(role, str) else role
    return _hook(Hook("call", names=names, roles=roles))


def on_node(*types: type[cst.CSTNode]) -> Callable[[Check], Check]:
    """Call the method as ``check(self, node, ctx: Context)`` for every node of the given classes."""
    return _hook(Hook("node", types=types))


def on_event(*kinds: str) -> Callable[[Check], Check]:
    """Call the method as ``check(self, event, ctx: Context)`` for events of the flow of origins."""
    return _hook(Hook("event", names=kinds))


def on_unit(check: Check) -> Check:
    """Call the method as ``check(self, ctx: Context)`` once per unit."""
    return _hook(Hook("unit"))(check)


def on_notebook(check: Check) -> Check:
    """Call the method as ``check(self, ctx: Context)`` once per notebook."""
    return _hook(Hook("notebook"))(check)


def on_project(check: Check) -> Check:
    """Call the method as ``check(self, ctx: ProjectContext)`` once per project root, after all units."""
    return _hook(Hook("project"))(check)
