"""Checking files of one group: the same code in the main process and in worker processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from time import process_time
from typing import TYPE_CHECKING

import msgspec

from mllint.config.settings import Settings
from mllint.engine.cache import ResultCache, cache_directory
from mllint.engine.result import AppliedFix, FileResult, Skipped, Stopped
from mllint.project.facts import ProjectFacts
from mllint.rule.registry import Registry
from mllint.rule.selector import select

if TYPE_CHECKING:
    from mllint.diagnostics.diagnostic import Diagnostic
    from mllint.engine.check import Checker
    from mllint.source.parse import ParseBurst
    from mllint.source.unit import Problem, Unit


class GroupSpec(msgspec.Struct, frozen=True):
    """What a process needs to know to check files of one group; it travels to worker processes.

    Attributes:
        settings: the settings of the group.
        project: facts of its project.
        python_rules: directories with Python rules that the command line names.
        use_cache: whether results are looked up and stored.
        fix: whether fixes are applied to the files.
        diff: whether fixes are shown instead of applied.
        honour_suppressions: False to report what suppressions would silence.
        times_rules: whether the time of each rule is booked.
    """

    settings: Settings
    project: ProjectFacts
    python_rules: tuple[Path, ...] = ()
    use_cache: bool = True
    fix: bool = False
    diff: bool = False
    honour_suppressions: bool = True
    times_rules: bool = False


class Worker:
    """Checks files of one group. Rules and parser are loaded when the first file is not found in the cache.

    Args:
        spec: the group.
        registry: the rules that its settings choose from.
    """

    def __init__(self, spec: GroupSpec, registry: Registry) -> None:
        self.spec = spec
        self.registry = registry
        self._selected = select(registry, spec.settings)
        self._burst: ParseBurst | None = None

    @cached_property
    def _cache(self) -> ResultCache | None:
        if not self.spec.use_cache:
            return None
        settings = self.spec.settings
        context = "\0".join(
            (
                repr(settings),
                self.spec.project.content_key,
                self.registry.knowledge_fingerprint,
                self.registry.fingerprint,
                repr(sorted(self._selected)),
                str(self.spec.honour_suppressions),
            )
        )
        return ResultCache(cache_directory(settings), context)

    @cached_property
    def _checker(self) -> Checker:
        from mllint.engine.check import Checker, load_rules

        settings = self.spec.settings
        rules = load_rules(self.registry, sorted(self._selected), settings.rule_options)
        return Checker(
            rules,
            self.registry,
            self.registry.knowledge(settings.roles),
            settings,
            self.spec.project,
            honour_suppressions=self.spec.honour_suppressions,
            times_rules=self.spec.times_rules,
        )

    def check_files(self, files: Iterable[tuple[Path, str]]) -> list[FileResult]:
        """Check files, given with how they are shown, in turn."""
        from mllint.source.parse import ParseBurst

        with ParseBurst() as self._burst:
            return [self.check_file(path, name) for path, name in files]

    def check_file(self, path: Path, name: str, data: bytes | None = None) -> FileResult:
        """Check one file, and fix it where the group asks for that.

        Args:
            path: the file.
            name: how it is shown.
            data: its content where it is not read from disk; such a file is never written, only its diff is given.
        """
        from_disk = data is None
        started = process_time()
        if data is None:
            try:
                data = path.read_bytes()
            except OSError as error:
                from mllint.source.parse import unreadable
                from mllint.source.unit import Problem

                return self.report_problem(path, name, Problem("unreadable-file", unreadable(error)))
        read = process_time() - started
        fixing = self.spec.fix or self.spec.diff
        key = self._cache.key(name, data) if self._cache is not None and not fixing else ""
        if self._cache is not None and key:
            known = self._cache.get(key)
            if known is not None:
                known.timing, known.rule_timing = {"read": read, "cached": 1.0}, {}
                return known
        result = self._check(path, name, data, may_write=from_disk)
        result.timing["read"] = result.timing.get("read", 0.0) + read
        if self._cache is not None and key and all(d.rule != "rule-failure" for d in result.diagnostics):
            self._cache.put(key, result)
        return result

    def check_project(self, shown: Callable[[str], str], errors: list[str]) -> FileResult | None:
        """Run the selected rules about whole projects; returns None if there are none."""
        if not any(self.registry.rules[name].is_project_rule for name in self._selected):
            return None
        from mllint.engine.locate import locate_project

        return locate_project(self._checker.check_project(errors), self.registry, shown)

    def report_problem(self, path: Path, name: str, problem: Problem) -> FileResult:
        """Return the result of a file that cannot be checked at all."""
        from mllint.source.unit import Unit

        return self._finish(Unit(path, name, "script", "", [], [problem]), None)

    def _check(self, path: Path, name: str, data: bytes, *, may_write: bool) -> FileResult:
        from mllint.source.parse import read_unit

        if self._burst is not None:
            self._burst.begin()
        stopwatch = self._checker.stopwatch
        stopwatch.seconds.clear()
        with stopwatch("read"):
            unit = read_unit(path, name, data)
        if not (self.spec.fix or self.spec.diff):
            return self._finish(unit, self._checker.check(unit))
        return self._fix(unit, path, may_write=may_write)

    def _fix(self, unit: Unit, path: Path, *, may_write: bool) -> FileResult:
        from mllint.engine.fixes import fix_unit, unified_diffs
        from mllint.source.unit import Problem
        from mllint.text.atomic import write_atomically

        outcome = fix_unit(unit, self._checker.check, allowed=self._may_apply)
        new = outcome.unit
        new.problems.extend(outcome.problems)
        applied = [AppliedFix(unit.name, rule, count) for rule, count in sorted(outcome.applied.items())]
        diffs = unified_diffs(unit, new) if self.spec.diff else []
        if outcome.data is not None and self.spec.fix and not self.spec.diff and may_write:
            try:
                write_atomically(path, outcome.data)
            except OSError as error:
                # Nothing was written: what the user has is still the old text with its findings.
                unit.problems.append(Problem("unreadable-file", f"Fixes cannot be written: {error.strerror or error}"))
                return self._finish(unit, self._checker.check(unit))
        from mllint.engine.check import from_problem

        remaining = [*outcome.remaining, *(from_problem(problem) for problem in outcome.problems)]
        result = self._finish(new, remaining)
        result.applied = applied
        result.diffs = diffs
        if not may_write and self.spec.fix:
            result.output = outcome.data
        return result

    def _may_apply(self, diagnostic: Diagnostic) -> bool:
        from mllint.diagnostics.fix import Applicability

        least = Applicability.UNSAFE if self.spec.settings.unsafe_fixes else Applicability.SAFE
        return diagnostic.fix is not None and diagnostic.fix.applicability >= least

    def _finish(self, unit: Unit, diagnostics: Sequence[Diagnostic] | None) -> FileResult:
        from mllint.engine.check import from_problem
        from mllint.engine.locate import locate

        if diagnostics is None:
            diagnostics = [from_problem(problem) for problem in unit.problems]
        started = process_time()
        result = FileResult(unit.name, locate(unit, diagnostics, self.registry))
        for cell in unit.cells:
            if cell.module is not None:
                result.cells += unit.is_notebook
                result.lines += len(unit.text[cell.start : cell.end].splitlines())
            elif cell.kind == "code":
                reason = cell.skipped or self._reason(unit, cell.start, cell.end)
                result.skipped.append(Skipped(unit.name, reason, cell.index if unit.is_notebook else None))
        if not unit.cells and unit.problems:
            result.skipped.append(Skipped(unit.name, unit.problems[0].kind.replace("-", " ")))
        if "_checker" in self.__dict__:
            for name, seconds in self._checker.stopwatch.seconds.items():
                (result.rule_timing if name in self.registry.rules else result.timing)[name] = seconds
            result.stopped = [Stopped(unit.name, function) for function in self._checker.stopped]
        result.timing["locate"] = process_time() - started
        return result

    @staticmethod
    def _reason(unit: Unit, start: int, end: int) -> str:
        for problem in unit.problems:
            if problem.range is None or start <= problem.range.start <= end:
                return problem.kind.replace("-", " ")
        return "not parsed"
