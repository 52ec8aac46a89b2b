"""Finds the configuration of a file, as ruff does: the nearest one decides, and none is merged with those above it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import UNSET

from mllint.config.errors import ConfigError, ConfigProblem, shown_path
from mllint.config.merging import combine, settings_of, with_absolute_paths
from mllint.config.schema import Options
from mllint.config.settings import Settings
from mllint.config.sources import Source, absolute_path, as_clause, read_source
from mllint.config.validation import validate
from mllint.project.root import ProjectRoots
from mllint.text.toml import TomlError, parse_toml

#: Names of configuration files, the one that wins first.
CONFIG_FILES = (".mllint.toml", "mllint.toml", "pyproject.toml")

_SECTION_HEADER = re.compile(r"""^[ \t]*\[[ \t]*tool[ \t]*\.[ \t]*["']?mllint\b""", re.MULTILINE)


class SettingsResolver:
    """Gives the settings of any path; each configuration file is read once.

    Args:
        cwd: the working directory, from which relative paths on the command line count.
        cli_overrides: options given as flags, by name with dashes or underscores; None stands for a flag not given.
        config_args: the values of ``--config``: a configuration file, or TOML such as ``seed = 7``.
        isolated: whether all configuration files are left alone.

    Raises:
        ConfigError: what the command line says is wrong, or a file that it names is.
    """

    def __init__(
        self,
        cwd: Path,
        cli_overrides: Mapping[str, object] | None = None,
        config_args: Sequence[str] = (),
        isolated: bool = False,
    ) -> None:
        self._cwd = cwd
        self._isolated = isolated
        self._warnings: dict[ConfigProblem, None] = {}
        self._nearest: dict[Path, Path | None] = {}
        self._project_roots = ProjectRoots()
        self._by_directory: dict[Path, Settings] = {}
        self._by_root: dict[tuple[Path | None, Path, Path], Settings | ConfigError] = {}
        self._named_file: Path | None = None
        self._command_line = self._read_command_line(cli_overrides or {}, config_args)
        if self._named_file is not None:
            self._load(self._named_file, cwd, cwd)

    @property
    def warnings(self) -> tuple[ConfigProblem, ...]:
        """What the configuration files read so far hold that is odd but harmless."""
        return tuple(self._warnings)

    def for_path(self, path: Path) -> Settings:
        """Return the settings for a file or directory, which need not exist.

        A directory that is asked for before what lies in it stands for one project, unless parts of it look like
        projects of their own.

        Raises:
            ConfigError: the configuration that holds for ``path`` is wrong.
        """
        path = Path(os.path.normpath(self._cwd / path))
        directory = path
        if path.is_dir():
            self._project_roots.add_whole(path)
        else:
            directory = path.parent
        settings = self._by_directory.get(directory)
        if settings is None:
            settings = self._by_directory[directory] = self._resolve(directory)
        return settings

    def project_root(self, path: Path) -> Path:
        """Return the directory that project facts for ``path`` are about."""
        return self.for_path(path).project_root

    def _resolve(self, directory: Path) -> Settings:
        nearest = None if self._isolated else self._nearest_config(directory)
        project = nearest.parent if nearest is not None else self._project_roots.root_of(directory)
        if self._named_file is not None:
            return self._load(self._named_file, self._cwd, project)
        if nearest is not None:
            return self._load(nearest, project, project)
        user_file = None if self._isolated else user_config_file()
        return self._load(user_file, project, project)

    def _nearest_config(self, directory: Path) -> Path | None:
        if directory not in self._nearest:
            found = _config_in(directory)
            if found is None and directory != directory.parent:
                found = self._nearest_config(directory.parent)
            self._nearest[directory] = found
        return self._nearest[directory]

    def _load(self, file: Path | None, root: Path, project: Path) -> Settings:
        key = (file, root, project)
        if key not in self._by_root:
            try:
                self._by_root[key] = self._build(file, root, project)
            except ConfigError as error:
                self._by_root[key] = error
        loaded = self._by_root[key]
        if isinstance(loaded, ConfigError):
            raise loaded
        return loaded

    def _build(self, file: Path | None, root: Path, project: Path) -> Settings:
        user_file = None if self._isolated else user_config_file()
        layers: list[Options] = []
        problems: list[ConfigProblem] = []
        if user_file is not None and user_file != file:
            # Whatever the tree says, rules that a user trusts run in it.
            trusted = [layer.python_rules for layer in self._read_chain(user_file, problems, is_trusted=True)]
            layers += [Options(python_rules=rules) for rules in trusted]
        if file is not None:
            layers += self._read_chain(file, problems, is_trusted=file == user_file)
        if problems:
            raise ConfigError(problems)
        options = Options()
        for layer in (*layers, *self._command_line):
            options = combine(options, layer)
        return settings_of(options, root, project, file)

    def _read_chain(self, file: Path, problems: list[ConfigProblem], *, is_trusted: bool) -> list[Options]:
        """Read a file and those it extends, the base first."""
        chain: list[Options] = []
        seen = {file}
        while True:
            try:
                source = read_source(file)
            except ConfigError as error:
                problems += error.problems
                return chain
            options = self._validated(source, problems, is_trusted=is_trusted)
            chain.insert(0, options)
            if options.extend is UNSET:
                return chain
            base = absolute_path(options.extend, file.parent)
            row = source.row_of(("extend",))
            if base in seen:
                problems.append(ConfigProblem(file, row, f'"extend" goes round in a circle through {shown_path(base)}'))
                return chain
            if not base.is_file():
                problems.append(ConfigProblem(file, row, f'"extend" names {shown_path(base)}, which is not a file'))
                return chain
            seen.add(base)
            file = base

    def _read_command_line(self, overrides: Mapping[str, object], config_args: Sequence[str]) -> list[Options]:
        problems: list[ConfigProblem] = []
        layers: list[Options] = []
        for argument in config_args:
            file = absolute_path(argument, self._cwd)
            if file.is_file():
                if self._isolated:
                    problems.append(ConfigProblem("--config", 0, "no configuration file can be given with --isolated"))
                elif self._named_file is not None:
                    problems.append(ConfigProblem("--config", 0, "only one configuration file can be given"))
                self._named_file = file
                continue
            source = _inline_source(argument, self._cwd, problems)
            if source is not None:
                layers.append(self._validated(source, problems, is_trusted=True))
        for name, value in overrides.items():
            if value is not None:
                option = name.replace("_", "-")
                source = Source(f"--{option}", self._cwd, {option: _plain(value)}, {}, ())
                layers.append(self._validated(source, problems, is_trusted=True))
        if problems:
            raise ConfigError(problems)
        return layers

    def _validated(self, source: Source, problems: list[ConfigProblem], *, is_trusted: bool) -> Options:
        options, errors, warnings = validate(source.table, may_run_python=is_trusted)
        problems += [ConfigProblem(source.file, source.row_of(path), message) for path, message in errors]
        if options.required_version is not UNSET:
            reason = _version_mismatch(options.required_version)
            if reason is not None:
                problems.append(ConfigProblem(source.file, source.row_of(("required-version",)), reason))
        for path, message in warnings:
            self._warnings[ConfigProblem(source.file, source.row_of(path), message)] = None
        return with_absolute_paths(options, source.directory)


def user_config_file() -> Path | None:
    """Return the user-level configuration file, if there is one."""
    import platformdirs

    file = Path(platformdirs.user_config_dir("mllint", appauthor=False)) / "mllint.toml"
    return file if file.is_file() else None


def _config_in(directory: Path) -> Path | None:
    for name in CONFIG_FILES:
        file = directory / name
        if file.is_file() and (name != "pyproject.toml" or _mentions_mllint(file)):
            return file
    return None


def _mentions_mllint(pyproject: Path) -> bool:
    """Tell whether a ``pyproject.toml`` has ``[tool.mllint]``; one that is broken elsewhere is not our concern."""
    try:
        content = pyproject.read_bytes()
    except OSError:
        return False
    if b"mllint" not in content:  # most have not, and parsing TOML takes its time
        return False
    text = content.decode("utf-8", errors="replace")
    try:
        tool = parse_toml(text.removeprefix("\ufeff")).get("tool")
    except TomlError:
        return _SECTION_HEADER.search(text) is not None
    return isinstance(tool, dict) and "mllint" in tool


def _inline_source(argument: str, cwd: Path, problems: list[ConfigProblem]) -> Source | None:
    place = f"--config '{argument}'"
    try:
        table = parse_toml(argument)
    except TomlError as error:
        looks_like_path = "=" not in argument
        reason = "is neither a file nor TOML" if looks_like_path else f"is not valid TOML: {as_clause(error.message)}"
        problems.append(ConfigProblem(place, 0, reason))
        return None
    if "extend" in table:
        problems.append(ConfigProblem(place, 0, '"extend" can be set in configuration files only'))
        return None
    return Source(place, cwd, table, {}, ())


def _plain(value: object) -> object:
    """Turn the values that a command line has into those that TOML has."""
    match value:
        case Path():
            return str(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case str():
            return value
        case Iterable():
            return [_plain(item) for item in value]
    return value


def _version_mismatch(required: str) -> str | None:
    from importlib.metadata import version

    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        specifiers = SpecifierSet(required)
    except InvalidSpecifier:
        return f'"required-version" must be a version specifier such as ">=0.1", not "{required}"'
    current = version("ml-codelint")
    if specifiers.contains(current, prereleases=True):
        return None
    return f"mllint {required} is required, but this is {current}"
