"""Discovery: from paths to the files that are to be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from pathspec import GitIgnoreSpec

from mllint.source.unit import Problem

_IGNORE_FILES = (".gitignore", ".ignore")


@dataclass(frozen=True, slots=True)
class DiscoveryOptions:
    """What decides which files below a directory are checked.

    Attributes:
        root: the directory that patterns with a slash are relative to.
        include: globs of files to check; one without a slash is matched against the file's name.
        exclude: globs of files and directories to leave out; one without a slash is matched against every name on the
            way from ``root``.
        respect_gitignore: leave out what ``.gitignore``, ``.ignore`` and ``.git/info/exclude`` leave out.
        force_exclude: apply ``exclude`` to files that are named explicitly too.
    """

    root: Path
    include: Sequence[str] = ("*.py", "*.pyi", "*.ipynb")
    exclude: Sequence[str] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to check; ``explicit`` if it was named itself, not found below a directory."""

    path: Path
    explicit: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to check, and the paths that could not be read with what is wrong with them."""

    files: list[SourceFile] = field(default_factory=list)
    problems: list[tuple[Path, Problem]] = field(default_factory=list)


def discover(paths: Iterable[Path], options: DiscoveryOptions) -> Discovery:
    """Find the files to check below ``paths``, sorted and without duplicates.

    Directories are searched; links to directories inside them are not followed, and a file reached by several names is
    checked once. A path that does not exist or cannot be read is a problem, and the search goes on.
    """
    walk = _Walk(options)
    for path in paths:
        walk.start(Path(os.path.abspath(path)))  # noqa: PTH100 - links in the path stay as the user wrote them
    return walk.result()


def is_excluded(path: Path, options: DiscoveryOptions) -> bool:
    """Tell whether a path or a directory on the way to it from the root matches ``exclude``."""
    try:
        relative = path.relative_to(options.root)
    except ValueError:
        return any(_matches(pattern, path.name, path.as_posix()) for pattern in options.exclude)
    parts = relative.parts
    return any(
        _matches(pattern, parts[depth], "/".join(parts[: depth + 1]))
        for depth in range(len(parts))
        for pattern in options.exclude
    )


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The ignore rules of one directory; those of the directories above are behind ``above``."""

    directory: str
    spec: GitIgnoreSpec
    above: _Ignores | None

    def ignores(self, path: str, *, is_directory: bool) -> bool:
        """Tell whether a path below the directory is ignored; the nearest directory that says something decides."""
        relative = path[len(self.directory) :].lstrip("/")
        result = self.spec.check_file(f"{relative}/" if is_directory else relative)
        if result.include is not None and not (is_directory and self._speaks_of_contents(result.index)):
            return result.include
        return self.above is not None and self.above.ignores(path, is_directory=is_directory)

    def _speaks_of_contents(self, index: int | None) -> bool:
        """Tell whether a pattern is like ``data/**``, which ignores what is in a directory but not the directory."""
        pattern = self.spec.patterns[index].pattern if index is not None else ""
        return isinstance(pattern, str) and pattern.rstrip().endswith("/**")


class _Walk:
    def __init__(self, options: DiscoveryOptions) -> None:
        self._options = options
        self._found: dict[str, SourceFile] = {}
        self._real: dict[str, str] = {}
        self._problems: dict[str, Problem] = {}

    def result(self) -> Discovery:
        return Discovery(
            files=[self._found[path] for path in sorted(self._found)],
            problems=[(Path(path), self._problems[path]) for path in sorted(self._problems)],
        )

    def start(self, path: Path) -> None:
        """Take a path that the user named."""
        if path.is_dir():
            if not (self._options.force_exclude and is_excluded(path, self._options)):
                self._directory(str(path), self._ignores_above(path) if self._options.respect_gitignore else None)
        elif path.is_file():
            if not (self._options.force_exclude and is_excluded(path, self._options)):
                self._add(str(path), explicit=True)
        elif path.is_symlink():
            self._problems[str(path)] = Problem("unreadable-file", f"The link leads nowhere: {os.readlink(path)}")
        else:
            self._problems[str(path)] = Problem("unreadable-file", "No such file or directory")

    def _ignores_above(self, directory: Path) -> _Ignores | None:
        """Return the ignore rules of the directories above, from the root of the git repository down."""
        chain = [directory]
        while not (chain[-1] / ".git").exists() and chain[-1].parent != chain[-1]:
            chain.append(chain[-1].parent)
        top = chain[-1]
        if not (top / ".git").exists():
            return None
        ignores = None
        exclude = top / ".git" / "info" / "exclude"
        lines = _read_lines(exclude)
        if lines:
            ignores = _Ignores(str(top), GitIgnoreSpec.from_lines(lines), None)
        for above in reversed(chain[1:]):
            ignores = self._with_rules_of(str(above), ignores)
        return ignores

    @staticmethod
    def _with_rules_of(directory: str, above: _Ignores | None) -> _Ignores | None:
        lines = [line for name in _IGNORE_FILES for line in _read_lines(Path(directory, name))]
        return _Ignores(directory, GitIgnoreSpec.from_lines(lines), above) if lines else above

    def _directory(self, directory: str, ignores: _Ignores | None) -> None:
        """Search a directory and those below it."""
        try:
            with os.scandir(directory) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self._problems[directory] = Problem("unreadable-file", f"Cannot be read: {error.strerror or error}")
            return
        if self._options.respect_gitignore and any(entry.name in _IGNORE_FILES for entry in found):
            ignores = self._with_rules_of(directory, ignores)
        for entry in found:
            is_directory = entry.is_dir(follow_symlinks=False)
            if not is_directory and not self._is_included(entry):
                continue
            if self._is_excluded(entry) or (ignores and ignores.ignores(entry.path, is_directory=is_directory)):
                continue
            if is_directory:
                self._directory(entry.path, ignores)
            elif entry.is_file():
                self._add(entry.path, explicit=False)
            elif entry.is_symlink() and not entry.is_dir():
                self._problems[entry.path] = Problem(
                    "unreadable-file", f"The link leads nowhere: {os.readlink(entry.path)}"
                )

    def _is_included(self, entry: os.DirEntry[str]) -> bool:
        return any(_matches(pattern, entry.name, self._relative(entry.path)) for pattern in self._options.include)

    def _is_excluded(self, entry: os.DirEntry[str]) -> bool:
        return any(_matches(pattern, entry.name, self._relative(entry.path)) for pattern in self._options.exclude)

    def _relative(self, path: str) -> str:
        root = f"{self._options.root}{os.sep}"
        return path[len(root) :].replace(os.sep, "/") if path.startswith(root) else path.replace(os.sep, "/")

    def _add(self, path: str, *, explicit: bool) -> None:
        real = os.path.realpath(path)
        known = self._real.get(real)
        if known is not None and known != path:
            if not explicit:
                return
            del self._found[known]
        self._real[real] = path
        self._found[path] = SourceFile(Path(path), explicit or (path in self._found and self._found[path].explicit))


@lru_cache(maxsize=4096)
def _matches(pattern: str, name: str, relative: str) -> bool:
    pattern = pattern.rstrip("/")
    if "/" not in pattern:
        return fnmatchcase(name, pattern)
    pattern = pattern.removeprefix("./")
    return fnmatchcase(relative, pattern) or fnmatchcase(relative, pattern.replace("**/", ""))


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
