"""The root of a project: the directory that project facts are about."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

#: Files that make a directory a root wherever they lie.
_STRONG_MARKERS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", ".git"})

#: Directories whose requirements are those of a task beside the project, not of a project of its own.
_TASK_DIRECTORIES = frozenset({"ci", "doc", "docs", "requirements", "test", "tests", ".github", ".circleci"})


def project_root(directory: Path, above: Container[Path] = ()) -> Path:
    """Return the nearest directory from ``directory`` upward that looks like the root of a project.

    That is one with a packaging file, an environment or requirements file, or a ``.git``. A requirements file does not
    make a package, tests or docs directory a root. Without any of them it is the nearest of ``above``, or ``directory``
    itself, or the one that it holds the tests or docs of.

    Args:
        directory: where to begin.
        above: directories that are being checked as a whole.
    """
    for candidate in (directory, *directory.parents):
        if _is_root(candidate):
            return candidate
    for candidate in (directory, *directory.parents):
        if candidate in above:
            return candidate
    places = (directory, *directory.parents)
    return next((place for place in places if place.name.lower() not in _TASK_DIRECTORIES), directory)


def _is_root(directory: Path) -> bool:
    try:
        names = {path.name for path in directory.iterdir()}
    except OSError:
        return False
    if not names.isdisjoint(_STRONG_MARKERS):
        return True
    if "__init__.py" in names or directory.name.lower() in _TASK_DIRECTORIES:
        return False
    return any(_is_weak_marker(name) for name in names)


def _is_weak_marker(name: str) -> bool:
    if name.startswith("requirements"):
        return name.endswith(".txt")
    return name in ("environment.yml", "environment.yaml", "Pipfile", "pixi.toml")
