"""What a rule works with: the unit and its model on one side, the place to report to on the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import libcst as cst

from mllint.config.settings import Settings
from mllint.diagnostics.diagnostic import Confidence, Diagnostic, Related, Severity
from mllint.diagnostics.fix import Applicability, Fix
from mllint.project.facts import ModuleSummary, ProjectFacts
from mllint.rule.fixing import FixBuilder
from mllint.rule.layout import FixError
from mllint.rule.rule import Rule
from mllint.semantic.calls import CallSite
from mllint.semantic.model import SemanticModel
from mllint.source.unit import Unit
from mllint.text.edits import Edit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    from mllint.semantic.knowledge import Knowledge

#: What a diagnostic can point at: a node, a call (its callee's last name), or a range of the unit's text.
Place = cst.CSTNode | CallSite | Range
FixSource = Fix | Callable[[], Fix | None] | None

_SEEDING_NAME = re.compile(
    r"(?i:(?:^|_)(?:re)?seed(?:s|ed|ing)?(?:_|$)|seed_?everything|reproducib|determinis)"
    r"|[a-z]Seed|(?i:(?:^|_)(?:set|fix|init|setup)_?(?:random|rng))"
)
_LOWER = {Confidence.HIGH: Confidence.MEDIUM, Confidence.MEDIUM: Confidence.LOW, Confidence.LOW: Confidence.LOW}


class Context:
    """One unit as rules see it.

    Attributes:
        unit: the file: text, cells, notebook metadata.
        model: the semantic model of the unit.
        project: facts of the project root the unit belongs to.
        settings: the settings that hold for the unit.
        is_test: whether the unit is a test, as the settings tell them.
        diagnostics: what has been reported so far, in order of reporting.
    """

    def __init__(
        self, unit: Unit, model: SemanticModel, project: ProjectFacts, settings: Settings, *, is_test: bool = False
    ) -> None:
        self.unit = unit
        self.model = model
        self.project = project
        self.settings = settings
        self.is_test = is_test
        self.diagnostics: list[Diagnostic] = []
        self._rule: Rule | None = None
        self._certain = True

    @property
    def knowledge(self) -> Knowledge:
        """Facts about libraries."""
        return self.model.knowledge

    @cached_property
    def fix(self) -> FixBuilder:
        """Makes edits: add a keyword argument, wrap an expression, bring an import."""
        return FixBuilder(self.model)

    def run(self, rule: Rule, check: Callable[..., None], *arguments: object) -> None:
        """Call one hook of a rule; the engine does this. Calls known only by convention lower the confidence."""
        self._rule = rule
        self._certain = all(argument.certain for argument in arguments if isinstance(argument, CallSite))
        check(*arguments, self)

    def report(
        self,
        place: Place,
        message: str,
        *,
        help: str | None = None,
        trace: Sequence[tuple[Place, str]] = (),
        fix: FixSource = None,
        confidence: Confidence | None = None,
        severity: Severity | None = None,
        certain: bool = True,
    ) -> None:
        """Report a finding of the running rule.

        Args:
            place: the primary range, as narrow as possible; a call stands for the name that is called.
            message: what is wrong and why it matters here, one sentence without a final period.
            help: what to do, if the message does not say it; one sentence without a final period.
            trace: related places in order, each with what happened there.
            fix: the fix, or a function that makes it; where the function raises FixError there is no fix.
            confidence: lower or higher than the rule's own, where this finding is less or more certain.
            severity: other than the rule's own.
            certain: False where the finding rests on a name that is known only by convention; lowers the confidence.
        """
        rule = self._rule
        assert rule is not None, "report is only possible while a rule runs"
        sure = confidence or rule.confidence
        self.diagnostics.append(
            Diagnostic(
                rule=rule.name,
                message=message,
                range=self.range_of(place),
                help=help,
                severity=severity or Severity(self.settings.severity.get(rule.name, rule.severity)),
                confidence=sure if self._certain and certain else _LOWER[sure],
                trace=[Related(self.range_of(step), text) for step, text in trace],
                fix=_made(fix),
            )
        )

    @cached_property
    def seeded_generators(self) -> frozenset[str]:
        """The global generators that the program seeds somewhere; ``*`` stands for all of them.

        Counted are seeding calls in the unit, in the project modules that it imports and in those that import it, and
        calls of functions that nobody here can look into but that are named after seeding.
        """
        return self._seeded_on_purpose.union(*map(self._seeded_by, self._seeding_constructors))

    @cached_property
    def _seeded_on_purpose(self) -> frozenset[str]:
        """The generators seeded by calls that are there to seed."""
        found: set[str] = set()
        for call in self.model.calls:
            if not call.constructs:
                found |= self._seeded_by(call)
        read: set[str] = set(self._seeding_functions())
        for module in self._modules_of_program():
            for function, names in module.seeds.items():
                read.add(function.rpartition(".")[2])
                for name in names:
                    found |= self.knowledge.generators_seeded_by(name)
        for call in self.model.calls:
            if call.fact is None and call.last_name not in read and _SEEDING_NAME.search(call.last_name):
                found.add("*")
        return frozenset(found)

    @cached_property
    def _seeding_constructors(self) -> list[CallSite]:
        """The calls of the unit that make an object which seeds while it is made."""
        return [call for call in self.model.calls if call.constructs and self._seeded_by(call)]

    def _seeded_by(self, call: CallSite) -> frozenset[str]:
        names = call.constructs or call.names
        return frozenset().union(*(self.knowledge.generators_seeded_by(name) for name in names))

    def _seeding_functions(self) -> Iterator[str]:
        """Yield the names of the functions of the unit that call what seeds."""
        for call in self.model.calls_with_role("seeds"):
            for node in self.model.ancestors(call.node):
                if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
                    yield node.name.value

    def _modules_of_program(self) -> list[ModuleSummary]:
        """Return the project's modules that may run in one process with the unit, besides itself."""
        if self.summary is None:
            return self.project.reachable(self._imports_from_its_directory())
        importers = self.project.importing(self.summary.name)
        imports = [name for module in (self.summary, *importers) for name in module.imports]
        return [*importers, *self.project.reachable(imports)]

    def _imports_from_its_directory(self) -> Iterator[str]:
        """Yield what the unit imports, also as names that start at its own directory and at those above it."""
        yield from self.model.imported_modules
        package = self.model.module_name.rpartition(".")[0]
        while package:
            yield from (f"{package}.{name}" for name in self.model.imported_modules)
            package = package.rpartition(".")[0]

    @cached_property
    def summary(self) -> ModuleSummary | None:
        """What the project knows of the unit as a module, if it is one."""
        try:
            relative = self.unit.path.absolute().relative_to(self.project.root)
        except ValueError:
            return None
        return self.project.module_at(relative.as_posix())

    @cached_property
    def is_entry_point(self) -> bool:
        """Whether the unit is run rather than imported, as far as it and the imports of the project show."""
        return self.model.is_entry_point and (self.summary is None or self.summary.is_entry_point)

    def is_seeded(self, generator: str, at: cst.CSTNode | None = None) -> bool:
        """Tell whether the program seeds a global generator, for example ``numpy``, anywhere.

        Args:
            generator: its name in knowledge.
            at: code that draws. Objects that seed as a side effect of being made do not count where they are made
                further down, both at the top level of the unit.
        """
        if self.seeded_generators.isdisjoint((generator, "*")):
            return False
        on_purpose = not self._seeded_on_purpose.isdisjoint((generator, "*"))
        if at is None or on_purpose or self.model.function(at) is not None:
            return True
        return any(
            self.model.function(call.node) is not None or self.model.order(call.node) < self.model.order(at)
            for call in self._seeding_constructors
        )

    def draws_unseeded(self, call: CallSite) -> bool:
        """Tell whether a call surely draws random numbers that differ from run to run.

        It is given no seed or None, the seed matters under its arguments, and the program does not seed the global
        generator that it draws from instead.
        """
        seed = call.draws_with()
        if seed is None or not (seed.absent or _is_none(seed.value)) or call.name is None:
            return False
        generator = self.knowledge.generator_behind(call.name)
        return generator is None or not self.is_seeded(generator, call.node)

    def seed_fix(self, call: CallSite, value: str | None = None) -> Fix | None:
        """Return the fix that gives a drawing call a seed.

        It is safe only where the call runs at most once per process and no seeding call can reach it: elsewhere draws
        that are independent now would become equal, or a seed chosen elsewhere would lose its effect. The
        same holds for an estimator that cross-validation or a search copies.

        Args:
            call: a call whose callee has a known seed parameter.
            value: the seed as source text; the configured seed by default.
        """
        fact = call.fact
        if fact is None or fact.seed is None:
            return None
        text = value if value is not None else str(self.settings.seed)
        generator = self.knowledge.generator_behind(call.name) if call.name is not None else None
        reachable = generator is not None and self.is_seeded(generator, call.node)
        return Fix(
            f"Add `{fact.seed}={text}`",
            self._seed_edits(call, fact.seed, text),
            Applicability.SAFE
            if self.runs_once(call.node) and not reachable and not self._is_copied(call)
            else Applicability.UNSAFE,
        )

    def _is_copied(self, call: CallSite) -> bool:
        """Tell whether what a call makes goes into a cross-validation or search, whose copies would all share a seed."""
        if call.name is not None and "splitter" in self.knowledge.tags(call.name):
            return False  # it is asked for the same folds again, not copied
        places: list[cst.CSTNode] = [call.node]
        statement = self.model.parent(call.node)
        if isinstance(statement, cst.Assign):
            names = [target.target for target in statement.targets if isinstance(target.target, cst.Name)]
            bindings = [self.model.walk.bindings[name] for name in names if name in self.model.walk.bindings]
            places += [use for binding in bindings for use in self.model.uses(binding)]
        copying = {"cross-validates", "searches", "search"}
        return any(
            isinstance(outer, cst.Call)
            and copying.intersection((*self.model.call(outer).roles, *self.model.call(outer).tags))
            for place in places
            for outer in self.model.ancestors(place)
        )

    def _seed_edits(self, call: CallSite, name: str, text: str) -> list[Edit]:
        given = call.argument(name)
        if given.node is not None and given.node.keyword is None and given.value is not None:
            return [self.fix.replace(given.value, text)]
        return self.fix.set_keyword(call.node, name, text)

    def runs_once(self, node: cst.CSTNode) -> bool:
        """Tell whether code surely runs at most once per process, whoever imports the unit."""
        if not self.model.runs_once(node):
            return False
        if self.model.function(node) is None or self.summary is None:
            return True
        return not self.project.importing(self.summary.name)

    def range_of(self, place: Place) -> Range:
        """Return the range that a place stands for."""
        if isinstance(place, Range):
            return place
        if isinstance(place, CallSite):
            return self.model.range(place.node.func)
        return self.model.range(place)


def _is_none(node: cst.BaseExpression | None) -> bool:
    return getattr(node, "value", "") == "None"


class ProjectContext:
    """A whole project as rules with ``on_project`` hooks see it, after all units have been checked.

    Attributes:
        project: facts of the project root.
        settings: the settings that hold for the root.
        reports: what has been reported: rule, file, row, message and help.
    """

    def __init__(self, project: ProjectFacts, settings: Settings) -> None:
        self.project = project
        self.settings = settings
        self.reports: list[ProjectReport] = []
        self._rule: Rule | None = None

    def run(self, rule: Rule, check: Callable[..., None]) -> None:
        """Call one hook of a rule; the engine does this."""
        self._rule = rule
        check(self)

    def report(self, filename: str, row: int, message: str, *, help: str | None = None) -> None:
        """Report a finding of the running rule.

        Args:
            filename: the file that should change, relative to the project root with forward slashes.
            row: its row, from 1; 1 where the file as a whole, or its absence, is the matter.
            message: as for ``Context.report``.
            help: as for ``Context.report``.
        """
        assert self._rule is not None, "report is only possible while a rule runs"
        self.reports.append(ProjectReport(self._rule, filename, row, message, help))


class ProjectReport(NamedTuple):
    """One finding about a project."""

    rule: Rule
    filename: str
    row: int
    message: str
    help: str | None


def _made(fix: FixSource) -> Fix | None:
    try:
        return fix() if callable(fix) else fix
    except FixError:
        return None


__all__ = ["Applicability", "Context", "Fix", "Place", "ProjectContext", "ProjectReport"]
