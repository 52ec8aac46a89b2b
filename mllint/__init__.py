"""The facade of mllint for authors of rules and for programs that embed it.

Everything that is not named here is private. Names are imported when they are first used, so that importing mllint,
or its command line, loads no parser.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOMES = {
    "mllint.diagnostics.diagnostic": ("Confidence", "Diagnostic", "LocatedDiagnostic", "Related", "Severity"),
    "mllint.diagnostics.fix": ("Applicability", "Fix"),
    "mllint.project.facts": ("Dependency", "ModuleSummary", "ProjectFacts"),
    "mllint.rule.context": ("Context", "ProjectContext"),
    "mllint.rule.fixing": ("FixBuilder",),
    "mllint.rule.pack": ("Pack",),
    "mllint.rule.rule": (
        "Rule",
        "RuleOptions",
        "Tier",
        "on_call",
        "on_event",
        "on_node",
        "on_notebook",
        "on_project",
        "on_unit",
    ),
    "mllint.semantic.calls": ("Argument", "CallSite"),
    "mllint.semantic.flow": (
        "Columns",
        "Event",
        "Instance",
        "Overlap",
        "Part",
        "Rows",
        "Selection",
        "Value",
        "part_named",
    ),
    "mllint.semantic.literals": ("UNKNOWN",),
    "mllint.semantic.model": ("SemanticModel", "is_main_guard"),
    "mllint.semantic.scopes": ("Binding", "BindingKind", "Scope", "ScopeKind"),
    "mllint.source.unit": ("Cell", "Magic", "Unit"),
    "mllint.text.edits": ("Edit",),
    "mllint.text.ranges": ("Position", "Range"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

if TYPE_CHECKING:
    from mllint.diagnostics.diagnostic import Confidence, Diagnostic, LocatedDiagnostic, Related, Severity
    from mllint.diagnostics.fix import Applicability, Fix
    from mllint.project.facts import Dependency, ModuleSummary, ProjectFacts
    from mllint.rule.context import Context, ProjectContext
    from mllint.rule.fixing import FixBuilder
    from mllint.rule.pack import Pack
    from mllint.rule.rule import (
        Rule,
        RuleOptions,
        Tier,
        on_call,
        on_event,
        on_node,
        on_notebook,
        on_project,
        on_unit,
    )
    from mllint.semantic.calls import Argument, CallSite
    from mllint.semantic.flow import Columns, Event, Instance, Overlap, Part, Rows, Selection, Value, part_named
    from mllint.semantic.literals import UNKNOWN
    from mllint.semantic.model import SemanticModel, is_main_guard
    from mllint.semantic.scopes import Binding, BindingKind, Scope, ScopeKind
    from mllint.source.unit import Cell, Magic, Unit
    from mllint.text.edits import Edit
    from mllint.text.ranges import Position, Range

__all__ = [
    "UNKNOWN",
    "Applicability",
    "Argument",
    "Binding",
    "BindingKind",
    "CallSite",
    "Cell",
    "Columns",
    "Confidence",
    "Context",
    "Dependency",
    "Diagnostic",
    "Edit",
    "Event",
    "Fix",
    "FixBuilder",
    "Instance",
    "LocatedDiagnostic",
    "Magic",
    "ModuleSummary",
    "Overlap",
    "Pack",
    "Part",
    "Position",
    "ProjectContext",
    "ProjectFacts",
    "Range",
    "Related",
    "Rows",
    "Rule",
    "RuleOptions",
    "Scope",
    "ScopeKind",
    "Selection",
    "SemanticModel",
    "Severity",
    "Tier",
    "Unit",
    "Value",
    "__version__",
    "is_main_guard",
    "on_call",
    "on_event",
    "on_node",
    "on_notebook",
    "on_project",
    "on_unit",
    "part_named",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
