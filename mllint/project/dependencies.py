"""What a project depends on, put together from every file that says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from mllint.project.facts import Dependency, ProjectProblem
from mllint.project.files import ProblemLog
from mllint.project.locks import LOCK_FILES, read_lock_file
from mllint.project.manifests import MANIFESTS, Manifest, read_manifest
from mllint.project.requirements import Declaration, most_permissive, read_requirements_file

#: Directories beside the root that hold requirements and environments by convention.
_REQUIREMENT_DIRECTORIES = ("requirements", "binder", ".binder", "conda", "envs")

_REQUIREMENT_PATTERNS = ("requirements*.txt", "*[-_.]requirements.txt", "requirements*.in")
_ENVIRONMENT_PATTERNS = ("environment*.yml", "environment*.yaml")


class DependencyFacts(NamedTuple):
    """The dependencies of a project, and what else the files that name them tell."""

    dependencies: dict[str, Dependency]
    requires_python: str | None
    #: Modules that installed commands start.
    scripts: frozenset[str]
    #: Whether the project is made to be installed.
    is_package: bool
    problems: tuple[ProjectProblem, ...]


class _Stated(NamedTuple):
    """A declaration with the file that holds it; lower ranks are asked first."""

    rank: int
    source: str
    declaration: Declaration


def read_dependencies(root: Path, aliases: Mapping[str, str] | None = None) -> DependencyFacts:
    """Read all manifests, requirements and lock files of a project; nothing in them is run, and none makes it fail.

    Args:
        root: the root of the project.
        aliases: names under which conda knows distributions, with their names on the package index.
    """
    problems = ProblemLog(root)
    manifests = [read_manifest(path, problems) for path in _manifest_files(root)]
    stated, constraints, locked = _read_requirements(root, manifests, problems)
    for manifest in manifests:
        source = problems.name_of(manifest.path)
        is_environment = manifest.path.name not in MANIFESTS
        stated += [_Stated(2 if is_environment else 0, source, declaration) for declaration in manifest.needed]
        stated += [_Stated(3, source, declaration) for declaration in manifest.optional]
    for name in LOCK_FILES:
        path = root / name
        if path.is_file():
            locked += [(name, declaration) for declaration in read_lock_file(path, problems)]
    requires_python = next((manifest.requires_python for manifest in manifests if manifest.requires_python), None)
    # A project may ask for extras of itself, and lists for other tools name the interpreter.
    own = {"python", *(str(canonicalize_name(manifest.name)) for manifest in manifests if manifest.name)}
    renamed = {str(canonicalize_name(name)): str(canonicalize_name(value)) for name, value in (aliases or {}).items()}
    return DependencyFacts(
        dependencies=_merged(
            [item._replace(declaration=_renamed(item.declaration, renamed)) for item in stated],
            [(source, _renamed(declaration, renamed)) for source, declaration in constraints],
            [(source, _renamed(declaration, renamed)) for source, declaration in locked],
            own,
            requires_python,
        ),
        requires_python=requires_python,
        scripts=frozenset(script for manifest in manifests for script in manifest.scripts),
        is_package=any(manifest.is_package for manifest in manifests),
        problems=tuple(problems.problems),
    )


def _manifest_files(root: Path) -> Iterator[Path]:
    for name in MANIFESTS:
        if (root / name).is_file():
            yield root / name
    for directory in _directories(root):
        yield from _matching(directory, _ENVIRONMENT_PATTERNS)


_Sourced = list[tuple[str, Declaration]]


def _read_requirements(
    root: Path, manifests: Iterable[Manifest], problems: ProblemLog
) -> tuple[list[_Stated], _Sourced, _Sourced]:
    """Read the requirements files: what is asked for, what only constrains it, and what a tool has locked."""
    stated: list[_Stated] = []
    constraints: _Sourced = []
    locked: _Sourced = []
    seen: set[Path] = set()
    for path in _constraints_files(root):
        constraints += read_requirements_file(path, root, problems, seen).declarations
    named = [manifest.path.parent / name for manifest in manifests for name in manifest.requirement_files]
    inside = [path for path in named if path.resolve().is_relative_to(root.resolve()) and path.is_file()]
    files = [*inside, *(path for directory in _directories(root) for path in _requirements_files(directory))]
    for path in files:
        found = read_requirements_file(path, root, problems, seen)
        constraints += found.constraints
        if found.is_compiled:
            locked += found.declarations
        else:
            stated += [_Stated(1, source, declaration) for source, declaration in found.declarations]
    return stated, constraints, locked


def _directories(root: Path) -> list[Path]:
    return [root, *(root / name for name in _REQUIREMENT_DIRECTORIES if (root / name).is_dir())]


def _requirements_files(directory: Path) -> list[Path]:
    """Return the requirements files of a directory, the plainest name first."""
    patterns = ("*.txt", "*.in") if directory.name == "requirements" else _REQUIREMENT_PATTERNS
    return sorted(_matching(directory, patterns), key=lambda path: (len(path.stem), path.name))


def _constraints_files(root: Path) -> list[Path]:
    return [
        path
        for directory in _directories(root)
        for path in _matching(directory, ("constraints*.txt", "*[-_.]constraints.txt"))
    ]


def _matching(directory: Path, patterns: Iterable[str]) -> list[Path]:
    try:
        names = sorted(path.name for path in directory.iterdir())
    except OSError:
        return []
    return [
        directory / name
        for name in names
        if any(fnmatch(name.lower(), pattern) for pattern in patterns) and (directory / name).is_file()
    ]


def _merged(
    stated: list[_Stated],
    constraints: _Sourced,
    locked: _Sourced,
    own: set[str],
    requires_python: str | None,
) -> dict[str, Dependency]:
    by_name: dict[str, list[_Stated]] = {}
    for item in stated:
        by_name.setdefault(item.declaration.name, []).append(item)
    constrained: dict[str, Declaration] = {}
    for _, declaration in constraints:
        constrained.setdefault(declaration.name, declaration)
    versions: dict[str, tuple[str, Declaration]] = {}
    for source, declaration in locked:
        versions.setdefault(declaration.name, (source, declaration))

    dependencies: dict[str, Dependency] = {}
    for name, items in by_name.items():
        if name in own:
            continue
        items.sort(key=lambda item: item.rank)
        first = items[0]
        same = [item.declaration for item in items if (item.rank, item.source) == (first.rank, first.source)]
        chosen = most_permissive(same, requires_python)
        specifier = chosen.specifier
        if not specifier and name in constrained:
            specifier = constrained[name].specifier
        pins = [chosen.pinned, *(item.declaration.pinned for item in items if item.rank > first.rank)]
        if name in constrained:
            pins.append(constrained[name].pinned)
        if name in versions:
            pins.insert(1, versions[name][1].pinned)
        pinned = next((pin for pin in pins if pin and _allows(specifier, pin)), None)
        dependencies[name] = Dependency(name, specifier, pinned, first.source, chosen.row, chosen.url)
    for name, (source, declaration) in versions.items():
        if name not in dependencies and name not in own:
            # Where nothing but a lock file exists, it is what the project asks for.
            dependencies[name] = Dependency(
                name, declaration.specifier, declaration.pinned, source, declaration.row, declaration.url, not by_name
            )
    return dict(sorted(dependencies.items()))


def _allows(specifier: str, version: str) -> bool:
    try:
        return SpecifierSet(specifier).contains(version, prereleases=True)
    except (InvalidSpecifier, ValueError):
        return True


def _renamed(declaration: Declaration, names: Mapping[str, str]) -> Declaration:
    name = names.get(declaration.name)
    return declaration._replace(name=name) if name is not None else declaration
