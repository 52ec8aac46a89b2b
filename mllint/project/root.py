"""The roots of projects: the directories that project facts are about."""

from __future__ import annotations

from pathlib import Path

#: Files that make a directory a root wherever they lie.
_STRONG_MARKERS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", ".git"})

#: Directories whose requirements are those of a task beside the project, not of a project of its own.
_TASK_DIRECTORIES = frozenset({"ci", "doc", "docs", "requirements", "test", "tests", ".github", ".circleci"})


class ProjectRoots:
    """Finds the roots of projects; what a directory looks like is found out once."""

    def __init__(self) -> None:
        self._found: dict[Path, Path] = {}
        self._looks_like_one: dict[Path, bool] = {}
        self._wholes: set[Path] = set()

    def add_whole(self, directory: Path) -> None:
        """Note a directory that is checked as a whole: without any marker it is the project."""
        self._wholes.add(directory)

    def root_of(self, directory: Path) -> Path:
        """Return the nearest directory from ``directory`` upward that looks like the root of a project.

        That is one with a packaging file, an environment or requirements file, or a ``.git``. A requirements file does
        not make a package, tests or docs directory a root. Without any of them it is the nearest that is checked as a
        whole, or ``directory`` itself, or the one that it holds the tests or docs of.
        """
        root = self._found.get(directory)
        if root is None:
            root = self._found[directory] = self._root_of(directory)
        return root

    def _root_of(self, directory: Path) -> Path:
        places = (directory, *directory.parents)
        for place in places:
            if place not in self._looks_like_one:
                self._looks_like_one[place] = _looks_like_root(place)
            if self._looks_like_one[place]:
                return place
        whole = next((place for place in places if place in self._wholes), None)
        return whole or next((place for place in places if place.name.lower() not in _TASK_DIRECTORIES), directory)


def _looks_like_root(directory: Path) -> bool:
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
