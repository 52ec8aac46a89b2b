"""Runs rules on pieces of code, as a check of a repository would."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec

from mllint.config.errors import ConfigError, ConfigProblem
from mllint.config.merging import settings_of
from mllint.config.settings import Settings
from mllint.config.validation import validate
from mllint.diagnostics.diagnostic import Diagnostic, LocatedDiagnostic
from mllint.diagnostics.fix import Applicability
from mllint.engine.check import Checker
from mllint.engine.locate import locate
from mllint.project.facts import Dependency, ProjectFacts
from mllint.project.requirements import parse_requirement
from mllint.rule.manifest import describe
from mllint.rule.registry import Registry, load_registry
from mllint.rule.rule import Rule
from mllint.source.parse import read_unit
from mllint.source.unit import Unit
from mllint.testing.notebooks import CellText, notebook_bytes

#: Rules by name or class; None stands for every rule of every installed pack.
Rules = str | type[Rule] | Iterable[str | type[Rule]] | None

_ROOT = Path("/project")


class Fixed(NamedTuple):
    """The outcome of applying fixes.

    ``cells`` are the sources of all cells, a single one for a script; ``applied`` counts fixes by rule, ``remaining`` is what
    a check of the new text finds, ``failures`` what went wrong.
    """

    text: str
    cells: list[str]
    data: bytes | None
    applied: Mapping[str, int]
    remaining: list[LocatedDiagnostic]
    failures: list[str]


class RuleTester:
    """Checks and fixes pieces of code with chosen rules, whatever their tier.

    Args:
        rules: the rules to run, by name or class; classes need not belong to a pack.
        settings: a table as in ``[tool.mllint]``.
        dependencies: requirements of the project that the code belongs to, such as ``torch>=2.6``.
        files: other files of that project, by name; they are written to a temporary directory, so that everything
            that is read from a project is read.
        registry: the rules to choose from; by default those of all installed packs.

    Raises:
        ConfigError: the settings are wrong.
        KeyError: there is no rule of a given name.
        ValueError: a dependency is no requirement.
    """

    def __init__(
        self,
        rules: Rules = None,
        *,
        settings: Mapping[str, Any] | None = None,
        dependencies: Sequence[str] = (),
        files: Mapping[str, str] | None = None,
        registry: Registry | None = None,
    ) -> None:
        registry = registry if registry is not None else installed_rules()
        names, classes = _split(rules, registry)
        self.registry = _with_classes(registry, classes)
        self._knowledge = registry.knowledge()
        self._names = names
        self._classes = classes
        self._table = dict(settings or {})
        self._dependencies = tuple(dependencies)
        self._files = dict(files or {})
        # Wrong settings and dependencies are said at once, not at the first check.
        self._checker_for(self._project(_ROOT))

    def check(self, text: str, filename: str = "example.py") -> list[LocatedDiagnostic]:
        """Return the diagnostics of a Python file with the given text, in document order."""
        return self.check_bytes(text.encode(), filename)

    def check_cells(self, cells: Sequence[str | CellText], filename: str = "example.ipynb") -> list[LocatedDiagnostic]:
        """Return the diagnostics of a notebook with the given cells; a string is the source of a code cell."""
        return self.check_bytes(notebook_bytes(cells), filename)

    def check_bytes(self, data: bytes, filename: str) -> list[LocatedDiagnostic]:
        """Return the diagnostics of a file with the given content."""
        with self._in_project(filename, data) as place:
            return locate(place.unit, place.checker.check(place.unit), self.registry)

    def fix(self, text: str, filename: str = "example.py", *, unsafe: bool = False) -> Fixed:
        """Apply the safe fixes, and the unsafe ones if asked to, to a Python file."""
        return self.fix_bytes(text.encode(), filename, unsafe=unsafe)

    def fix_cells(
        self, cells: Sequence[str | CellText], filename: str = "example.ipynb", *, unsafe: bool = False
    ) -> Fixed:
        """Apply fixes to a notebook."""
        return self.fix_bytes(notebook_bytes(cells), filename, unsafe=unsafe)

    def fix_bytes(self, data: bytes, filename: str, *, unsafe: bool = False) -> Fixed:
        """Apply fixes to a file with the given content."""
        from mllint.engine.fixes import fix_unit

        least = Applicability.UNSAFE if unsafe else Applicability.SAFE

        def allowed(diagnostic: Diagnostic) -> bool:
            return diagnostic.fix is not None and diagnostic.fix.applicability >= least

        with self._in_project(filename, data) as place:
            result = fix_unit(place.unit, place.checker.check, allowed=allowed)
            unit = result.unit
            return Fixed(
                text=unit.text,
                cells=[unit.text[cell.start : cell.end] for cell in unit.cells],
                data=result.data,
                applied=dict(result.applied),
                remaining=locate(unit, result.remaining, self.registry),
                failures=[problem.message for problem in result.problems],
            )

    def _in_project(self, filename: str, data: bytes) -> _Place:
        return _Place(self, filename, data)

    def _checker_for(self, project: ProjectFacts) -> Checker:
        settings = _settings(self._table, project.root)
        rules = [self.registry.load(name, settings.rule_options.get(name)) for name in self._names]
        for rule in self._classes:
            options = settings.rule_options.get(rule.name)
            rules.append(rule(msgspec.convert(options, rule.Options) if options else None))
        knowledge = self.registry.knowledge(settings.roles) if settings.roles else self._knowledge
        return Checker(rules, self.registry, knowledge, settings, project)

    def _project(self, root: Path) -> ProjectFacts:
        dependencies: dict[str, Dependency] = {}
        for text in self._dependencies:
            declared = parse_requirement(text)
            if declared is None:
                raise ValueError(f"{text!r} names no distribution")
            dependencies[declared.name] = Dependency(
                declared.name, declared.specifier, declared.pinned, "pyproject.toml"
            )
        return ProjectFacts(root, dependencies)


class _Place:
    """A unit in its project; the project is written to disk where the test gives it files."""

    def __init__(self, tester: RuleTester, filename: str, data: bytes) -> None:
        self._tester = tester
        self._filename = filename
        self._data = data
        self._directory: TemporaryDirectory[str] | None = None

    def __enter__(self) -> _Place:
        tester = self._tester
        root = _ROOT
        project = tester._project(root)
        if tester._files:
            self._directory = TemporaryDirectory(prefix="mllint-")
            root = Path(self._directory.name).resolve()
            project = self._written(root)
        self.checker = tester._checker_for(project)
        self.unit: Unit = read_unit(root / self._filename, self._filename, self._data)
        return self

    def __exit__(self, *error: object) -> None:
        if self._directory is not None:
            self._directory.cleanup()

    def _written(self, root: Path) -> ProjectFacts:
        from mllint.project.build import project_facts

        tester = self._tester
        for name, content in tester._files.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
        if tester._dependencies:
            (root / "requirements.txt").write_text("\n".join(tester._dependencies) + "\n", encoding="utf-8")
        target = root / self._filename
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self._data)
        return project_facts(root, tester._knowledge.names_with_role("seeds"))


def check_text(text: str, rules: Rules = None, filename: str = "example.py", **setup: Any) -> list[LocatedDiagnostic]:
    """Return the diagnostics of a Python file; ``setup`` is what ``RuleTester`` takes."""
    return RuleTester(rules, **setup).check(text, filename)


def check_cells(
    cells: Sequence[str | CellText], rules: Rules = None, filename: str = "example.ipynb", **setup: Any
) -> list[LocatedDiagnostic]:
    """Return the diagnostics of a notebook; ``setup`` is what ``RuleTester`` takes."""
    return RuleTester(rules, **setup).check_cells(cells, filename)


def fix_text(
    text: str, rules: Rules = None, filename: str = "example.py", *, unsafe: bool = False, **setup: Any
) -> str:
    """Return a Python file with fixes applied; ``setup`` is what ``RuleTester`` takes."""
    return RuleTester(rules, **setup).fix(text, filename, unsafe=unsafe).text


def fix_cells(
    cells: Sequence[str | CellText],
    rules: Rules = None,
    filename: str = "example.ipynb",
    *,
    unsafe: bool = False,
    **setup: Any,
) -> list[str]:
    """Return the cells of a notebook with fixes applied; ``setup`` is what ``RuleTester`` takes."""
    return RuleTester(rules, **setup).fix_cells(cells, filename, unsafe=unsafe).cells


@lru_cache(maxsize=1)
def installed_rules() -> Registry:
    """Return the registry of all installed packs, the same one for a whole test run."""
    return load_registry()


def _split(rules: Rules, registry: Registry) -> tuple[list[str], list[type[Rule]]]:
    if rules is None:
        return list(registry.rules), []
    given = [rules] if isinstance(rules, (str, type)) else list(rules)
    names = []
    for name in (item for item in given if isinstance(item, str)):
        info = registry.find(name)
        if info is None:
            closest = registry.suggest(name)
            raise KeyError(f"there is no rule {name!r}" + (f"; did you mean {closest!r}?" if closest else ""))
        names.append(info.name)
    return names, [item for item in given if not isinstance(item, str)]


def _with_classes(registry: Registry, classes: Sequence[type[Rule]]) -> Registry:
    """Return a registry that also knows rules which belong to no pack."""
    if not classes:
        return registry
    extended = copy.copy(registry)
    extended.rules = {**registry.rules, **{rule.name: describe(rule, "test", rule.__qualname__) for rule in classes}}
    return extended


def _settings(table: Mapping[str, Any], root: Path) -> Settings:
    options, errors, _ = validate(table, may_run_python=True)
    if errors:
        raise ConfigError(ConfigProblem("settings", 0, message) for _, message in errors)
    return settings_of(options, root, root, None)


__all__ = ["Fixed", "RuleTester", "Rules", "check_cells", "check_text", "fix_cells", "fix_text", "installed_rules"]
