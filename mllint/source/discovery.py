"""Discovery: from paths to the files that are to be checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mllint.source.globs import IgnoreRules, PathGlobs, path_globs
from mllint.source.unit import Problem


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
    globs = path_globs(tuple(options.exclude))
    try:
        return globs.match_with_parents(path.relative_to(options.root).as_posix())
    except ValueError:
        return globs.match(path.as_posix())


#: What ignore files a directory may hold; where they differ, the later one decides.
_IGNORE_FILES = (".gitignore", ".ignore")


@dataclass(frozen=True, slots=True)
class _Ignores:
    """The rules of one ignore file; those of the files that give way to it are ``below``.

    ``prefix`` is the directory of the file with a slash at the end. The rules of a git repository do not reach into
    another repository inside it; those of an ``.ignore`` file do.
    """

    prefix: str
    rules: IgnoreRules
    of_git: bool
    below: _Ignores | None

    def ignores(self, path: str, *, is_directory: bool) -> bool:
        """Tell whether a path below the directory is ignored; the first file that says something decides."""
        level: _Ignores | None = self
        while level is not None:
            decision = level.rules.decide(path[len(level.prefix) :].replace(os.sep, "/"), is_directory=is_directory)
            if decision is not None:
                return decision
            level = level.below
        return False

    def without_git(self) -> _Ignores | None:
        """Return the rules that also hold in a git repository below the directory."""
        below = None if self.below is None else self.below.without_git()
        return below if self.of_git else _Ignores(self.prefix, self.rules, False, below)


class _Walk:
    """Collects files from the paths it is started with."""

    def __init__(self, options: DiscoveryOptions) -> None:
        self._options = options
        self._include: PathGlobs = path_globs(tuple(options.include))
        self._exclude: PathGlobs = path_globs(tuple(options.exclude))
        self._root = _with_separator(str(options.root))
        self._found: dict[str, SourceFile] = {}
        self._real: dict[str, str] = {}
        self._real_directories: dict[str, str] = {}
        self._problems: dict[str, Problem] = {}

    def result(self) -> Discovery:
        """Return what was found, sorted by path."""
        return Discovery(
            files=[self._found[path] for path in sorted(self._found)],
            problems=[(Path(path), self._problems[path]) for path in sorted(self._problems)],
        )

    def start(self, path: Path) -> None:
        """Take a path that the user named."""
        if self._options.force_exclude and is_excluded(path, self._options):
            return
        try:
            path.stat()
        except OSError as error:
            self._cannot_read(str(path), error)
            return
        if path.is_dir():
            self._directory(str(path), self._ignores_above(path) if self._options.respect_gitignore else None)
        else:
            self._add(str(path), explicit=True)

    def _ignores_above(self, directory: Path) -> _Ignores | None:
        """Return the ignore rules of the directories above, from the root of the git repository down."""
        chain = [directory, *directory.parents]
        top = next((number for number, above in enumerate(chain) if (above / ".git").exists()), 0)
        ignores = None
        for above in reversed(chain[1 : top + 1]):
            names = [name for name in (".git", *_IGNORE_FILES) if (above / name).exists()]
            ignores = self._with_rules_of(str(above), names, ignores)
        return ignores

    @staticmethod
    def _with_rules_of(directory: str, names: Iterable[str], ignores: _Ignores | None) -> _Ignores | None:
        """Add the rules that a directory brings: its own ignore files and, at the root of a repository, git's."""
        names = set(names)
        prefix = _with_separator(directory)
        if ".git" in names:
            ignores = None if ignores is None else ignores.without_git()
            rules = _read_rules(f"{prefix}.git/info/exclude")
            ignores = _Ignores(prefix, rules, True, ignores) if rules.rules else ignores
        for name in _IGNORE_FILES:
            if name in names:
                ignores = _Ignores(prefix, _read_rules(f"{prefix}{name}"), name == ".gitignore", ignores)
        return ignores

    def _directory(self, directory: str, ignores: _Ignores | None) -> None:
        """Search a directory and those below it."""
        pending = [(directory, ignores)]
        while pending:
            directory, ignores = pending.pop()
            try:
                with os.scandir(directory) as entries:
                    found = list(entries)
            except OSError as error:
                self._cannot_read(directory, error)
                continue
            if self._options.respect_gitignore:
                ignores = self._with_rules_of(directory, (entry.name for entry in found), ignores)
            for entry in found:
                is_directory = entry.is_dir(follow_symlinks=False)
                relative = self._relative(entry.path)
                if not is_directory and not self._include.match(relative):
                    continue
                if self._exclude.match(relative):
                    continue
                if ignores is not None and ignores.ignores(entry.path, is_directory=is_directory):
                    continue
                if is_directory:
                    pending.append((entry.path, ignores))
                else:
                    self._file(entry)

    def _file(self, entry: os.DirEntry[str]) -> None:
        """Take a file that the search came upon; links to directories, sockets and the like are left out."""
        try:
            if entry.is_file():
                self._add(entry.path, explicit=False, is_link=entry.is_symlink())
            elif entry.is_symlink():
                entry.stat()
        except OSError as error:
            self._cannot_read(entry.path, error)

    def _relative(self, path: str) -> str:
        """Return a path relative to the root, with forward slashes; a path elsewhere stays whole."""
        return path.removeprefix(self._root).replace(os.sep, "/")

    def _add(self, path: str, *, explicit: bool, is_link: bool = True) -> None:
        """Take a file unless it was taken under another name; a name that the user gave comes before a found one."""
        real = os.path.realpath(path) if is_link or explicit else self._real_name(path)
        known = self._real.get(real)
        if known is not None and known != path:
            if not explicit or self._found[known].explicit:
                return
            del self._found[known]
        self._real[real] = path
        self._found[path] = SourceFile(Path(path), explicit or (path in self._found and self._found[path].explicit))

    def _real_name(self, path: str) -> str:
        """Return the real path of a file that is no link itself; its directory is resolved once."""
        directory, name = os.path.split(path)
        real = self._real_directories.get(directory)
        if real is None:
            real = self._real_directories[directory] = os.path.realpath(directory)
        return os.path.join(real, name)  # noqa: PTH118 - a hot path, with strings throughout

    def _cannot_read(self, path: str, error: OSError) -> None:
        """Keep a path that cannot be read, with the reason."""
        if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114
            reason = f"the link leads nowhere: {os.readlink(path)}"  # noqa: PTH115
        elif isinstance(error, FileNotFoundError):
            reason = "no such file or directory"
        else:
            reason = f"it cannot be read: {(error.strerror or str(error)).lower()}"
        self._problems[path] = Problem("unreadable-file", reason)


def _with_separator(directory: str) -> str:
    return directory if directory.endswith(os.sep) else f"{directory}{os.sep}"


def _read_rules(path: str) -> IgnoreRules:
    """Read an ignore file; one that cannot be read ignores nothing."""
    try:
        return IgnoreRules.parse(Path(path).read_bytes())
    except OSError:
        return IgnoreRules(())
