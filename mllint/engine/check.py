"""Checking one unit: parse, model, dispatch to rules, suppressions."""

from __future__ import annotations

import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from mllint.config.settings import Settings
from mllint.diagnostics.builtin import BUILTIN_RULES
from mllint.diagnostics.diagnostic import Confidence, Diagnostic, Severity
from mllint.diagnostics.fix import Applicability
from mllint.diagnostics.suppression import Suppressions, find_suppressions
from mllint.project.facts import ProjectFacts
from mllint.rule.context import Context, ProjectContext, ProjectReport
from mllint.rule.registry import Registry
from mllint.rule.rule import Hook, Rule
from mllint.rule.selector import covered
from mllint.semantic.knowledge import Knowledge
from mllint.semantic.model import SemanticModel
from mllint.semantic.stopwatch import Stopwatch
from mllint.source.globs import path_globs
from mllint.source.parse import parse_unit
from mllint.source.unit import Problem, Unit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    import libcst as cst

    from mllint.semantic.calls import CallSite

Check = Callable[..., None]

#: The parser accepts nesting that the walks over its trees, which are recursive in places, need this much room for.
_RECURSION_LIMIT = 6000
_HOOKS: WeakKeyDictionary[type[Rule], list[tuple[Hook, str]]] = WeakKeyDictionary()
_CONFIDENCES = [Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH]


class Dispatch:
    """Tables from what a unit contains to the rules' methods that want to see it; built once per set of rules."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.by_name: defaultdict[str, list[tuple[Rule, Check]]] = defaultdict(list)
        self.by_role: defaultdict[str, list[tuple[Rule, Check]]] = defaultdict(list)
        self.every_call: list[tuple[Rule, Check]] = []
        self.by_type: defaultdict[type[cst.CSTNode], list[tuple[Rule, Check]]] = defaultdict(list)
        self.by_event: defaultdict[str, list[tuple[Rule, Check]]] = defaultdict(list)
        self.unit: list[tuple[Rule, Check]] = []
        self.notebook: list[tuple[Rule, Check]] = []
        self.project: list[tuple[Rule, Check]] = []
        for rule in rules:
            for hook, method in _hooks(type(rule)):
                entry = (rule, getattr(rule, method))
                if hook.kind == "call":
                    for name in hook.names:
                        self.by_name[name].append(entry)
                    for role in hook.roles:
                        self.by_role[role].append(entry)
                    if not hook.names and not hook.roles:
                        self.every_call.append(entry)
                elif hook.kind == "node":
                    for node_type in hook.types:
                        self.by_type[node_type].append(entry)
                elif hook.kind == "event":
                    for kind in hook.names:
                        self.by_event[kind].append(entry)
                else:
                    getattr(self, hook.kind).append(entry)

    @property
    def wants_calls(self) -> bool:
        """Whether any rule looks at calls."""
        return bool(self.by_name or self.by_role or self.every_call)


def _hooks(rule: type[Rule]) -> list[tuple[Hook, str]]:
    """Return the hooks of a rule class, found once: every directory with settings of its own asks for all of them."""
    known = _HOOKS.get(rule)
    if known is None:
        known = _HOOKS[rule] = rule.hooks()
    return known


class Checker:
    """Rules, knowledge, settings and project facts bound together to check units one by one.

    Args:
        rules: the selected rules with their options.
        registry: knows all rules, for suppressions that name one which is not selected.
        knowledge: facts about libraries.
        settings: the settings of the files to be checked.
        project: facts of their project.
        honour_suppressions: False to report what suppressions would silence.
        times_rules: whether each rule's time is booked, which takes some itself.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        registry: Registry,
        knowledge: Knowledge,
        settings: Settings,
        project: ProjectFacts,
        *,
        honour_suppressions: bool = True,
        times_rules: bool = False,
    ) -> None:
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
        self.rules = list(rules)
        self.settings = settings
        self.project = project
        self.knowledge = knowledge
        self.dispatch = Dispatch(rules)
        self.stopwatch = Stopwatch()
        #: The functions of the last unit in which the flow of data hit a bound; None stands for its top level.
        self.stopped: list[str | None] = []
        self._registry = registry
        self._honour_suppressions = honour_suppressions
        self._times_rules = times_rules
        self._ignores = [(pattern, covered(registry, names)) for pattern, names in settings.per_file_ignores]
        self._minimum = _CONFIDENCES.index(Confidence(settings.min_confidence))
        self._fixable = covered(registry, settings.fixable) - covered(registry, settings.unfixable)
        self._made_safe = covered(registry, settings.extend_safe_fixes)
        self._made_unsafe = covered(registry, settings.extend_unsafe_fixes)
        self._gates = {rule.name: _gate(rule, knowledge) for rule in rules}

    def check(self, unit: Unit) -> list[Diagnostic]:
        """Return the diagnostics of a unit in document order; the unit is parsed if it is not yet."""
        with self.stopwatch("parse"):
            if all(cell.module is None for cell in unit.cells):
                parse_unit(unit)
        with self.stopwatch("model"):
            model = SemanticModel(unit, self.knowledge, self._module_name(unit), self.stopwatch)
            context = Context(unit, model, self.project, self.settings, is_test=self._is_test(unit))
        with self.stopwatch("rules"):
            failures = self._run_rules(unit, model, context)
            self.stopped = model.flow_stopped()
            found = self._settled(unit, context.diagnostics, failures)
        model.close()
        return found

    def _settled(self, unit: Unit, reported: list[Diagnostic], failures: list[Diagnostic]) -> list[Diagnostic]:
        """Return what is left of the diagnostics of a unit by the settings and suppressions, in document order."""
        found = [d for d in reported if _CONFIDENCES.index(d.confidence) >= self._minimum]
        read_only = unit.notebook is not None and unit.notebook.version < 4
        for diagnostic in found:
            if read_only:
                diagnostic.fix = None  # a notebook of the old format is read, never written
            if diagnostic.fix is not None and any(
                cell.mended and cell.start <= diagnostic.range.start < cell.end for cell in unit.cells
            ):
                diagnostic.fix = None  # no edit can be checked in a cell that does not parse
            self._adjust_fix(diagnostic)
        found += failures
        found += [from_problem(problem) for problem in unit.problems]
        if self._honour_suppressions:
            found = self._suppress(unit, found)
        found.sort(key=lambda d: (d.range, d.rule, d.message))
        return found

    def check_project(self, errors: list[str]) -> list[ProjectReport]:
        """Return what the rules about whole projects report.

        A rule that raises costs one line in ``errors`` and nothing else.
        """
        context = ProjectContext(self.project, self.settings)
        for rule, check in self.dispatch.project:
            try:
                context.run(rule, check)
            except Exception as error:  # one broken rule must not cost the others
                errors.append(f"rule `{rule.name}` failed on the project: {_one_line(error)}")
        return context.reports

    def _module_name(self, unit: Unit) -> str | None:
        try:
            relative = unit.path.absolute().relative_to(self.project.root)
        except ValueError:
            return None
        parts = list(relative.with_suffix("").parts)
        if parts[:1] == ["src"]:
            parts = parts[1:]
        if parts[-1:] == ["__init__"] and len(parts) > 1:
            parts = parts[:-1]
        return ".".join(parts)

    def active_rules(self, unit: Unit, imported: frozenset[str] | None = None) -> frozenset[str]:
        """Return the names of the rules that look at a unit: by its kind, per-file ignores and imported libraries.

        Args:
            unit: the unit.
            imported: absolute names of the modules it imports; None leaves the library gates open.
        """
        kind = "test" if self._is_test(unit) else unit.kind
        ignored: set[str] = set()
        for pattern, names in self._ignores:
            if self._pattern_matches(pattern, unit):
                ignored |= names
        return frozenset(
            rule.name
            for rule in self.rules
            if kind in rule.kinds
            and rule.name not in ignored
            and (imported is None or self._gate_open(rule, unit, imported))
        )

    def _gate_open(self, rule: Rule, unit: Unit, imported: frozenset[str]) -> bool:
        modules, distributions = self._gates[rule.name]
        if not rule.libraries or self.project.depends_on(*distributions):
            return True
        if any(name.partition(".")[0] in modules for name in imported):
            return True
        # Notebooks and snippets often lack the import; names are then believed with lower confidence.
        return unit.is_notebook or not imported

    def _is_test(self, unit: Unit) -> bool:
        path = unit.path.absolute()
        inside = path.is_relative_to(self.settings.root)  # a directory above the project says nothing about its files
        relative = path.relative_to(self.settings.root).as_posix() if inside else path.name
        return path_globs(self.settings.test_files).match_with_parents(relative)

    def _pattern_matches(self, pattern: str, unit: Unit) -> bool:
        negated = pattern.startswith("!")
        pattern = pattern.removeprefix("!")
        path = unit.path.absolute()
        try:
            relative = path.relative_to(self.settings.root).as_posix()
        except ValueError:
            relative = path.as_posix()
        return path_globs((pattern,)).match_with_parents(relative) is not negated

    def _run_rules(self, unit: Unit, model: SemanticModel, context: Context) -> list[Diagnostic]:
        active = self.active_rules(unit, model.imported_modules)
        failed: dict[str, Diagnostic] = {}

        def call(entries: Sequence[tuple[Rule, Check]], *arguments: Any) -> None:
            for rule, check in entries:
                if rule.name in active and rule.name not in failed:
                    try:
                        if self._times_rules:
                            with self.stopwatch(rule.name):
                                context.run(rule, check, *arguments)
                        else:
                            context.run(rule, check, *arguments)
                    except Exception as error:  # one broken rule must not cost the others
                        failed[rule.name] = _from_failure(rule, error, model, arguments)

        dispatch = self.dispatch
        call(dispatch.unit)
        if unit.is_notebook:
            call(dispatch.notebook)
        for node_type, entries in dispatch.by_type.items():
            for node in model.nodes(node_type):
                call(entries, node)
        if dispatch.wants_calls:
            for site in model.calls:
                entries = self._entries_for(site)
                if entries:
                    call(entries, site)
        if dispatch.by_event:
            for event in model.events:
                call(dispatch.by_event.get(event.kind, ()), event)
        return list(failed.values())

    def _entries_for(self, site: CallSite) -> list[tuple[Rule, Check]]:
        dispatch = self.dispatch
        entries = list(dispatch.every_call)
        if site.name is not None:
            for name in site.names:
                if name in dispatch.by_name:
                    entries += [entry for entry in dispatch.by_name[name] if entry not in entries]
            for role in site.roles:
                if role in dispatch.by_role:
                    entries += [entry for entry in dispatch.by_role[role] if entry not in entries]
        return entries

    def _adjust_fix(self, diagnostic: Diagnostic) -> None:
        """Give a fix the applicability that the settings ask for."""
        fix, rule = diagnostic.fix, diagnostic.rule
        if fix is None or fix.applicability is Applicability.DISPLAY:
            return
        if rule not in self._fixable:
            diagnostic.fix = None
        elif rule in self._made_unsafe:
            fix.applicability = Applicability.UNSAFE
        elif rule in self._made_safe:
            fix.applicability = Applicability.SAFE

    def _suppress(self, unit: Unit, found: list[Diagnostic]) -> list[Diagnostic]:
        if "mllint" not in unit.text and not any(cell.tags for cell in unit.cells):
            return found
        suppressions: Suppressions = find_suppressions(unit, self._resolve, self._registry.suggest)
        active = self.active_rules(unit) | BUILTIN_RULES.keys()
        kept = suppressions.apply(found, unit)
        return kept + suppressions.invalid + suppressions.unused(unit, active.__contains__)

    def _resolve(self, name: str) -> str | None:
        info = self._registry.find(name)
        if info is not None:
            return info.name
        return name if name in BUILTIN_RULES else None


def _gate(rule: Rule, knowledge: Knowledge) -> tuple[frozenset[str], tuple[str, ...]]:
    modules: set[str] = set()
    distributions: list[str] = []
    for name in rule.libraries:
        facts = knowledge.libraries.get(name)
        if facts is not None:
            modules.update(module.partition(".")[0] for module in facts.modules)
            distributions += facts.distributions
    return frozenset(modules), tuple(distributions)


def from_problem(problem: Problem) -> Diagnostic:
    """Make the diagnostic of a problem that the lower layers found."""
    rule = BUILTIN_RULES[problem.kind]
    return Diagnostic(rule.name, problem.message, problem.range or Range(0, 0), severity=Severity(rule.severity))


def _from_failure(rule: Rule, error: BaseException, model: SemanticModel, arguments: Sequence[Any]) -> Diagnostic:
    place = Range(0, 0)
    try:
        if arguments:
            place = model.range(getattr(arguments[0], "node", arguments[0]))
    except Exception:  # the place is a courtesy; the failure itself must be reported
        place = Range(0, 0)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno})" if frames else ""
    message = f"Rule `{rule.name}` failed: {_one_line(error)}{where}"
    return Diagnostic("rule-failure", message, place, severity=Severity.ERROR)


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def load_rules(registry: Registry, names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> list[Rule]:
    """Load the named rules with their options, in the registry's order."""
    wanted = set(names)
    by_rule = {info.name: table for name, table in options.items() if (info := registry.find(name)) is not None}
    return [registry.load(name, by_rule.get(name)) for name in registry.rules if name in wanted]
