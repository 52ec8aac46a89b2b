"""Builds the facts of a project from its files, without running or importing any of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from mllint.project.facts import ProjectFacts, ProjectProblem
from mllint.source.globs import path_globs

#: What is looked at in a project; the rest of a larger one does not count.
_MAX_PYTHON_FILES = 20_000
_MAX_ENTRIES = 400_000

_SKIPPED_DIRECTORIES = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages", "venv"})

#: Files in the root that tell how a project is run, described and kept.
_ROOT_FILES = (
    *("readme*", "license*", "citation.cff", "changelog*", "contributing*", "makefile", "justfile"),
    *("pyproject.toml", "setup.py", "setup.cfg", "requirements*.txt", "environment*.yml", "environment*.yaml"),
    *("pipfile", "*.lock", "pipfile.lock", "pylock*.toml", "conda-lock.yml", "pixi.toml", "constraints*.txt"),
    *("dockerfile*", "docker-compose*.y*ml", "compose*.y*ml", ".dockerignore"),
    *("dvc.yaml", "params.yaml", "mlproject", "config.y*ml"),
    *(".pre-commit-config.yaml", ".gitattributes", ".gitignore", ".gitlab-ci.yml", "azure-pipelines.yml"),
    *("jenkinsfile", "tox.ini", "noxfile.py", ".python-version", ".env", ".env.example"),
)
#: Documents about models and data, wherever they lie.
_CARDS = ("*model*card*", "*data*card*", "*dataset*card*", "*datasheet*", "*system*card*")
_DOCUMENTS = (".md", ".markdown", ".rst", "readme", "readme.txt")
_DATA_WORDS = (
    "csv tsv txt data dat json jsonl parquet feather arrow xls xlsx npy npz h5 hdf5 pkl zip gz tgz bz2 xz names"
)
_DATA = tuple(f".{word}" for word in _DATA_WORDS.split())
#: A directory with more files of data holds one item in each; their names say nothing.
_MANY_DATA_FILES = 500
_CARD_SUFFIXES = (".md", ".rst", ".txt", ".html", ".json", ".yaml", ".yml")


def project_facts(
    root: Path,
    seeders: frozenset[str] = frozenset(),
    exclude: tuple[str, ...] = (),
    aliases: Mapping[str, str] | None = None,
    cache_file: Path | None = None,
) -> ProjectFacts:
    """Return the facts of a project; asked again in one process, the same object.

    Args:
        root: the root of the project.
        seeders: qualified names of the calls that seed a generator.
        exclude: globs of files and directories to pass over, by name or by path from the root.
        aliases: names under which conda knows distributions, with their names on the package index.
        cache_file: where to keep what was read from Python files between runs of one version of mllint.
    """
    return _cached_facts(root, seeders, exclude, tuple(sorted((aliases or {}).items())), cache_file)


def forget_project_facts() -> None:
    """Let the next call look at the files again, as a server must when they have changed."""
    _cached_facts.cache_clear()


@lru_cache(maxsize=256)
def _cached_facts(
    root: Path,
    seeders: frozenset[str],
    exclude: tuple[str, ...],
    aliases: tuple[tuple[str, str], ...],
    cache_file: Path | None,
) -> ProjectFacts:
    from mllint.project.dependencies import read_dependencies
    from mllint.project.documents import introduced_notebooks, read_topics
    from mllint.project.imports import summarize_modules
    from mllint.project.scan_cache import ScanCache

    found = _find_files(root, exclude)
    dependencies = read_dependencies(root, dict(aliases))
    cache = ScanCache(cache_file, seeders)
    modules = summarize_modules(root, found.python, seeders, dependencies.scripts, cache)
    cache.save()
    problems = dependencies.problems
    if found.is_cut:
        problems += (
            ProjectProblem(".", 0, f"only {len(found.python):,} Python files were looked at for project facts"),
        )
    return ProjectFacts(
        root=root,
        dependencies=dependencies.dependencies,
        modules=modules,
        files=frozenset(found.well_known),
        topics=read_topics(root, found.well_known),
        data_files=frozenset(found.data),
        introduced=introduced_notebooks(root, found.notebooks, found.documents),
        requires_python=dependencies.requires_python,
        is_library=dependencies.is_package and _has_package(found.python),
        problems=problems,
    )


class _Files(NamedTuple):
    python: list[str]
    well_known: list[str]
    notebooks: list[str]
    documents: list[str]
    data: set[str]
    is_cut: bool


def _find_files(root: Path, exclude: tuple[str, ...]) -> _Files:
    """Walk the project, what lies near the root first; names are relative, with forward slashes."""
    files = _Files([], [*_workflows(root)], [], [], set(), False)
    entries = 0
    level = [""]
    excluded = path_globs(exclude)
    while level:
        below: list[str] = []
        for directory in level:
            data: list[str] = []
            for entry in _entries(root, directory):
                entries += 1
                if entries > _MAX_ENTRIES or len(files.python) > _MAX_PYTHON_FILES:
                    del files.python[_MAX_PYTHON_FILES:]
                    return files._replace(is_cut=True)
                name = f"{directory}{entry.name}"
                if excluded.match(name):
                    continue
                if _is_directory(entry):
                    if not entry.name.startswith(".") and entry.name not in _SKIPPED_DIRECTORIES:
                        below.append(f"{name}/")
                elif entry.name.endswith(".py"):
                    files.python.append(name)
                    if not directory and _is_well_known(entry.name, directory):
                        files.well_known.append(name)
                else:
                    lowered = entry.name.lower()
                    if _is_well_known(entry.name, directory):
                        files.well_known.append(name)
                    if lowered.endswith(".ipynb"):
                        files.notebooks.append(name)
                    elif lowered.endswith(_DOCUMENTS):
                        files.documents.append(name)
                    elif lowered.endswith(_DATA):
                        data.append(name)
            if len(data) <= _MANY_DATA_FILES:
                files.data.update(data)
        level = below
    return files


def _entries(root: Path, directory: str) -> list[os.DirEntry[str]]:
    """Return what a directory holds by name, and nothing for an environment with installed packages."""
    try:
        with os.scandir(root / directory) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError:
        return []
    is_environment = any(entry.name in ("pyvenv.cfg", "conda-meta") for entry in entries)
    return [] if is_environment and directory else entries


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_well_known(name: str, directory: str) -> bool:
    lowered = name.lower()
    if not directory and any(fnmatch(lowered, glob) for glob in _ROOT_FILES):
        return True
    return lowered.endswith(_CARD_SUFFIXES) and any(fnmatch(lowered, glob) for glob in _CARDS)


def _workflows(root: Path) -> Iterator[str]:
    """Yield what runs in CI and what versions data, which lie in hidden directories."""
    for directory in (".github/workflows", ".circleci", ".dvc"):
        for entry in _entries(root, f"{directory}/"):
            if entry.name.endswith((".yml", ".yaml")) or entry.name == "config":
                yield f"{directory}/{entry.name}"


def _has_package(python: list[str]) -> bool:
    """Tell whether the root or ``src`` holds a package to import."""
    ignored = ("tests", "test", "docs", "examples", "scripts")
    for name in python:
        parts = name.removeprefix("src/").split("/")
        if len(parts) == 2 and parts[1] == "__init__.py" and parts[0] not in ignored:
            return True
    return False
