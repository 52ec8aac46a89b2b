"""A run: from paths to one result, over all files, settings and processes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from time import perf_counter, process_time
from typing import NamedTuple

import msgspec

import mllint
from mllint.config.errors import ConfigError, ConfigProblem, did_you_mean
from mllint.config.loading import SettingsResolver
from mllint.config.settings import Settings
from mllint.config.sources import place_of
from mllint.diagnostics.builtin import BUILTIN_RULES
from mllint.engine.cache import cache_directory, prepare_cache
from mllint.engine.processes import check_in_processes
from mllint.engine.result import FileResult, RunResult, Summary
from mllint.engine.worker import GroupSpec, Worker
from mllint.project.build import project_facts
from mllint.rule.manifest import manifest_dir
from mllint.rule.registry import OptionsError, Registries, Registry
from mllint.rule.selector import validate
from mllint.source.discovery import Discovery, DiscoveryOptions, discover, is_excluded

#: Worker processes cost their start; below this many bytes of code for each they do not pay.
_BYTES_PER_PROCESS = 400_000


class RunRequest(msgspec.Struct, kw_only=True):
    """What is to be run.

    Attributes:
        paths: files and directories; the working directory if empty.
        stdin: the content to check instead of files; its file name is ``stdin_filename``.
        stdin_filename: decides kind, settings and shown name of standard input.
        fix: apply fixes (settings say whether unsafe ones too).
        diff: show what fixes would change, write nothing.
        jobs: number of processes; 0 chooses by the amount of work.
        use_cache: look up and store results.
        honour_suppressions: False to report what suppressions would silence.
        times_rules: whether the time of each rule is booked.
        python_rules: directories with Python rules, whose code is run.
        cwd: the directory that shown paths are relative to.
    """

    paths: Sequence[Path] = ()
    stdin: bytes | None = None
    stdin_filename: str | None = None
    fix: bool | None = None
    diff: bool = False
    jobs: int = 0
    use_cache: bool = True
    honour_suppressions: bool = True
    times_rules: bool = False
    python_rules: tuple[Path, ...] = ()
    cwd: Path


class Job(NamedTuple):
    """One file to check: its path and how it is shown."""

    path: Path
    name: str


class Group(NamedTuple):
    """Files that share settings, and what checks them."""

    spec: GroupSpec
    worker: Worker
    jobs: list[Job]


def run(request: RunRequest, resolver: SettingsResolver) -> RunResult:
    """Check files, fix them where asked, and gather the result.

    Raises:
        ConfigError: a configuration is wrong; nothing has been checked then.
    """
    started = perf_counter()
    result = RunResult()
    files: list[FileResult] = []
    if request.stdin is not None:
        path = Path(os.path.normpath(request.cwd / (request.stdin_filename or "stdin.py")))
        name = request.stdin_filename or "-"
        groups = plan(request, resolver, [path] if _wanted(path, resolver) else [])
        for group in groups:
            files += [group.worker.check_file(job.path, name, request.stdin) for job in group.jobs]
            if group.spec.fix and not request.diff:
                result.output = next((file.output for file in files if file.output is not None), request.stdin)
    else:
        found = find_files(request.paths or [request.cwd], resolver, request.cwd)
        began = process_time()
        groups = plan(request, resolver, [file.path for file in found.files])
        result.summary.timing["project"] = process_time() - began
        files += _unreadable(found, groups, request)
        files += _check_all(groups, request.jobs)
        files += _check_projects(groups, request.cwd, result.errors)
    for group in groups:
        result.errors += [error for error in group.worker.registry.errors if error not in result.errors]
    result.warnings = [str(warning) for warning in resolver.warnings] + _namesakes()
    _gather(files, result)
    result.summary.seconds = perf_counter() - started
    result.exit_code = _exit_code(result)
    return result


def _namesakes() -> list[str]:
    """Warn of the other project called mllint: its distribution has the same import package and command."""
    try:
        version = metadata.version("mllint")
    except metadata.PackageNotFoundError:
        return []
    return [
        f"the distribution mllint {version}, another project of that name, is installed beside ml-codelint; "
        "both bring a package and a command `mllint`, so one of them should go"
    ]


def find_files(paths: Iterable[Path], resolver: SettingsResolver, cwd: Path) -> Discovery:
    """Return the files below ``paths`` that are to be checked, and what could not be read, both in order."""
    files, problems = {}, {}
    for path in sorted(cwd / path for path in paths):  # what lies above comes first
        settings = resolver.for_path(path)
        options = DiscoveryOptions(
            root=settings.root,
            include=settings.include,
            exclude=settings.exclude,
            respect_gitignore=settings.respect_gitignore,
            force_exclude=settings.force_exclude,
        )
        found = discover([path], options)
        files.update({file.path: file for file in found.files})
        problems.update(dict(found.problems))
    return Discovery(
        files=[files[path] for path in sorted(files)], problems=[(path, problems[path]) for path in sorted(problems)]
    )


def _wanted(path: Path, resolver: SettingsResolver) -> bool:
    """Tell whether standard input, which may be named after an excluded file, is to be checked."""
    settings = resolver.for_path(path)
    if not settings.force_exclude:
        return True
    return not is_excluded(path, DiscoveryOptions(root=settings.root, exclude=settings.exclude))


def plan(request: RunRequest, resolver: SettingsResolver, paths: Iterable[Path]) -> list[Group]:
    """Sort files into groups by their settings, and prepare what each group needs.

    Raises:
        ConfigError: the settings of a group name rules that do not exist, or options that do not fit.
    """
    by_settings: dict[int, tuple[Settings, list[Job]]] = {}
    for path in paths:
        settings = resolver.for_path(path)
        by_settings.setdefault(id(settings), (settings, []))[1].append(Job(path, shown_name(path, request.cwd)))
    if not by_settings:
        settings = resolver.for_path(request.cwd)
        by_settings[id(settings)] = (settings, [])
    registries = Registries(manifest_dir())
    groups = []
    for settings, jobs in by_settings.values():
        registry = registries.get(settings, request.python_rules)
        check_settings(registry, settings)
        cache = cache_directory(settings)
        if request.use_cache:
            prepare_cache(cache)
        spec = GroupSpec(
            settings=settings,
            project=project_facts(
                settings.project_root,
                registry.knowledge().names_with_role("seeds"),
                exclude=settings.exclude,
                cache_file=cache / mllint.__version__ / "project.msgpack" if request.use_cache else None,
            ),
            python_rules=request.python_rules,
            use_cache=request.use_cache,
            fix=settings.fix if request.fix is None else request.fix,
            diff=request.diff,
            honour_suppressions=request.honour_suppressions,
            times_rules=request.times_rules,
        )
        groups.append(Group(spec, Worker(spec, registry), jobs))
    return groups


def check_settings(registry: Registry, settings: Settings) -> None:
    """Check everything in the settings that names rules.

    Raises:
        ConfigError: a name is unknown, or the options of a rule do not fit it.
    """
    problems = [
        ConfigProblem(*_place(settings, error.option, error.selector), str(error))
        for error in validate(registry, settings)
    ]
    known_roles = registry.knowledge().roles if settings.roles else frozenset()
    for name, roles in settings.roles.items():
        for role in roles:
            if role not in known_roles:
                message = f'unknown role "{role}" of {name}{did_you_mean(role, known_roles)}'
                problems.append(ConfigProblem(*_place(settings, "roles", name), message))
    if not problems:
        for name, table in settings.rule_options.items():
            info = registry.find(name)
            try:
                if info is not None:
                    registry.load(info.name, table)
            except OptionsError as error:
                problems.append(ConfigProblem(*_place(settings, "rules", name), f"options of rule {name!r}: {error}"))
    if problems:
        raise ConfigError(problems)


def _place(settings: Settings, option: str, value: str) -> tuple[Path | str, int]:
    if settings.config_file is not None:
        path = option.split(".", 1) if option.startswith("per-file-ignores") else [option]
        if option in ("roles", "rules", "severity"):
            file, row = place_of(settings.config_file, [option, value])
        else:
            file, row = place_of(settings.config_file, [part.strip("'") for part in path], value)
        if row:
            return file, row
    return "command line", 0


def shown_name(path: Path, cwd: Path) -> str:
    """Return how a file is shown: relative to the working directory if it is below it, with forward slashes."""
    try:
        return path.relative_to(cwd).as_posix()
    except ValueError:
        return path.as_posix()


def _unreadable(found: Discovery, groups: Sequence[Group], request: RunRequest) -> list[FileResult]:
    """Report the paths that discovery could not read."""
    if not found.problems:
        return []
    worker = groups[0].worker
    return [worker.report_problem(path, shown_name(path, request.cwd), problem) for path, problem in found.problems]


def _check_all(groups: Sequence[Group], jobs: int) -> list[FileResult]:
    """Check all files of all groups, in processes where that pays; the order of results is that of the files."""
    processes = jobs or min(os.cpu_count() or 1, 1 + _size(groups) // _BYTES_PER_PROCESS)
    if processes > 1 and sum(len(group.jobs) for group in groups) > 1:
        return check_in_processes([(group.spec, group.jobs) for group in groups], processes)
    return [result for group in groups for result in group.worker.check_files(group.jobs)]


def _check_projects(groups: Sequence[Group], cwd: Path, errors: list[str]) -> list[FileResult]:
    """Run the rules about whole projects, once for each project root."""
    results = []
    seen: set[Path] = set()
    for group in groups:
        root = group.spec.settings.project_root
        if root in seen or not group.jobs:
            continue
        seen.add(root)
        result = group.worker.check_project(lambda name, root=root: shown_name(root / name, cwd), errors)  # type: ignore[misc]
        if result is not None:
            results.append(result)
    return results


def _size(groups: Sequence[Group]) -> int:
    total = 0
    for group in groups:
        for job in group.jobs:
            try:
                total += job.path.stat().st_size
            except OSError:
                continue
    return total


def _gather(files: Iterable[FileResult], result: RunResult) -> None:
    summary: Summary = result.summary
    for file in files:
        result.diagnostics += file.diagnostics
        result.diffs += file.diffs
        result.applied += file.applied
        summary.files += bool(file.filename)
        summary.cells += file.cells
        summary.lines += file.lines
        summary.skipped += file.skipped
        summary.stopped += file.stopped
        for total, own in ((summary.timing, file.timing), (summary.rule_timing, file.rule_timing)):
            for name, seconds in own.items():
                total[name] = total.get(name, 0.0) + seconds
    summary.cached = int(summary.timing.pop("cached", 0))
    result.diagnostics.sort(key=lambda diagnostic: diagnostic.sort_key)
    summary.skipped.sort(key=lambda skipped: (skipped.filename, skipped.cell or 0))
    summary.stopped.sort(key=lambda stopped: (stopped.filename, stopped.function or ""))


def _exit_code(result: RunResult) -> int:
    if result.errors:
        return 2
    codes = [BUILTIN_RULES[d.rule].exit_code if d.rule in BUILTIN_RULES else 1 for d in result.diagnostics]
    return max(codes, default=0)


__all__ = ["Job", "RunRequest", "check_settings", "find_files", "plan", "run", "shown_name"]
