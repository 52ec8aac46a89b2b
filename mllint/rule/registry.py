"""The registry: every rule of every pack by name, loaded only when asked for."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mllint.config.settings import Settings
from mllint.rule.manifest import RuleInfo, fingerprint, load_manifest, rules_in_file
from mllint.rule.pack import Pack
from mllint.text.atomic import write_atomically

if TYPE_CHECKING:
    from mllint.rule.rule import Rule
    from mllint.semantic.knowledge import Knowledge, LibraryFacts

ENTRY_POINT_GROUP = "mllint.rules"


class OptionsError(Exception):
    """The options configured for a rule do not fit it."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class Registry:
    """Rules of all packs.

    Attributes:
        packs: the packs, the built-in one first.
        rules: metadata by rule name, sorted by category and name.
        errors: one line for each pack or rule that could not be loaded; a run goes on without it and exits with 2.
    """

    def __init__(self, packs: Sequence[Pack], errors: Iterable[str] = (), cache_dir: Path | None = None) -> None:
        from mllint.rule.rule import CATEGORIES

        self.packs = list(packs)
        self.errors = list(errors)
        self._cache_dir = cache_dir
        self._classes: dict[str, type[Rule]] = {}
        self._knowledge: dict[tuple[tuple[str, tuple[str, ...]], ...], Knowledge] = {}
        self._pack_of: dict[str, Pack] = {}
        found: list[RuleInfo] = []
        for pack in self.packs:
            manifest = load_manifest(pack, cache_dir)
            self.errors.extend(manifest.errors)
            for info in manifest.rules:
                if info.name in self._pack_of:
                    other = self._pack_of[info.name].name
                    self.errors.append(f"pack {pack.name!r}: rule {info.name!r} is already defined by pack {other!r}")
                elif info.category not in CATEGORIES:
                    self.errors.append(f"pack {pack.name!r}: rule {info.name!r} has unknown category {info.category!r}")
                else:
                    self._pack_of[info.name] = pack
                    found.append(info)
        found.sort(key=lambda info: (CATEGORIES.index(info.category), info.name))
        self.rules: dict[str, RuleInfo] = {info.name: info for info in found}
        self._aliases = {alias: info.name for info in found for alias in info.aliases}

    def find(self, name: str) -> RuleInfo | None:
        """Return the rule with a name or a former name."""
        return self.rules.get(self._aliases.get(name, name))

    def suggest(self, name: str, also: Iterable[str] = ()) -> str | None:
        """Return the known name most like ``name``, or None."""
        matches = difflib.get_close_matches(name, [*self.rules, *self._aliases, *also], n=1)
        return matches[0] if matches else None

    def load(self, name: str, options: Mapping[str, Any] | None = None) -> Rule:
        """Import a rule and make its instance.

        Args:
            name: name of a rule of this registry.
            options: its raw option table.

        Raises:
            OptionsError: the options do not fit the rule.
        """
        rule = self.load_class(name)
        try:
            return rule(msgspec.convert(dict(options or {}), rule.Options))
        except msgspec.ValidationError as error:
            raise OptionsError(name, str(error)) from None

    def load_class(self, name: str) -> type[Rule]:
        """Import the class of a rule."""
        known = self._classes.get(name)
        if known is not None:
            return known
        info, pack = self.rules[name], self._pack_of[name]
        if info.location.endswith(".toml"):
            path = Path(info.location)
        else:
            path = self._module_path(info.location, pack)
        for rule, _ in rules_in_file(pack, path):
            self._classes[rule.name] = rule
        return self._classes[name]

    @staticmethod
    def _module_path(location: str, pack: Pack) -> Path:
        module = location.rpartition(":")[0]
        if not pack.package:
            return Path(module)
        parts = module[len(pack.package) + 1 :].split(".")
        return pack.root.joinpath(*parts).with_suffix(".py")

    def knowledge(self, user_roles: Mapping[str, tuple[str, ...]] | None = None) -> Knowledge:
        """Return the facts of all packs with the user's roles added; the same object for the same roles."""
        from mllint.semantic.knowledge import Knowledge

        key = tuple(sorted((user_roles or {}).items()))
        if key not in self._knowledge:
            self._knowledge[key] = Knowledge(self._facts, user_roles)
        return self._knowledge[key]

    @property
    def fingerprint(self) -> str:
        """A hash of the state of all rule files, for cache keys."""
        return hashlib.sha256("\0".join(fingerprint(pack) for pack in self.packs).encode()).hexdigest()[:20]

    @cached_property
    def knowledge_fingerprint(self) -> str:
        """A hash of the state of all knowledge files, for cache keys."""
        digest = hashlib.sha256()
        for path in self._knowledge_files():
            status = path.stat()
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:20]

    def _knowledge_files(self) -> list[Path]:
        return [
            path for pack in self.packs for directory in pack.knowledge for path in sorted(directory.glob("*.toml"))
        ]

    @cached_property
    def _facts(self) -> list[LibraryFacts]:
        from mllint.semantic.knowledge import KnowledgeError, LibraryFacts, load_knowledge_file

        cached = (
            self._cache_dir / f"knowledge-{self.knowledge_fingerprint}.msgpack" if self._cache_dir is not None else None
        )
        if cached is not None:
            try:
                return msgspec.msgpack.decode(cached.read_bytes(), type=list[LibraryFacts])
            except (OSError, msgspec.MsgspecError):
                pass
        facts: list[LibraryFacts] = []
        broken = False
        for path in self._knowledge_files():
            try:
                facts.append(load_knowledge_file(path))
            except KnowledgeError as error:
                self.errors.append(str(error))
                broken = True
        if cached is not None and not broken:
            try:
                cached.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(cached, msgspec.msgpack.encode(facts))
            except OSError:
                pass  # a read-only cache only costs time
        return facts


class Registries:
    """The registries of one run or of one worker process: directories with the same local rules share one.

    Args:
        cache_dir: where manifests are kept; None for no cache.
    """

    def __init__(self, cache_dir: Path | None) -> None:
        self._cache_dir = cache_dir
        self._loaded: dict[tuple[tuple[Path, ...], tuple[Path, ...]], Registry] = {}

    def get(self, settings: Settings, python_rules: Iterable[Path] = ()) -> Registry:
        """Return the registry that some settings choose rules from.

        Args:
            settings: they name TOML rules of the repository, and Python rules of the user.
            python_rules: Python rules from the command line.
        """
        rule_paths = (settings.root / path for path in settings.rule_paths)
        key = (tuple(path for path in rule_paths if path.exists()), (*settings.python_rules, *python_rules))
        if key not in self._loaded:
            self._loaded[key] = load_registry(*key, self._cache_dir)
        return self._loaded[key]


def load_registry(
    rule_paths: Sequence[Path] = (), python_rules: Sequence[Path] = (), cache_dir: Path | None = None
) -> Registry:
    """Find all packs.

    Args:
        rule_paths: TOML rules of the repository, files or directories; those that do not exist are passed over.
        python_rules: files or directories with Python rules, which must lie outside the analysed tree or be named on
            the command line: their code is run.
        cache_dir: where manifests are kept; None for no cache.
    """
    packs: list[Pack] = []
    errors: list[str] = []
    _add_installed(packs, errors)
    for path in rule_paths:
        if path.exists():
            knowledge = path / "knowledge"
            packs.append(
                Pack(
                    name=f"local:{path.name}",
                    package="",
                    root=path,
                    runs_code=False,
                    knowledge=(knowledge,) if knowledge.is_dir() else (),
                )
            )
    for path in python_rules:
        if path.exists():
            packs.append(Pack(name=f"python:{path.name}", package="", root=path))
        else:
            errors.append(f"--python-rules {path}: no such file or directory")
    return Registry(packs, errors, cache_dir)


def _add_installed(packs: list[Pack], errors: list[str]) -> None:
    from importlib.metadata import entry_points

    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda e: (e.name != "builtin", e.name)):
        try:
            pack = entry_point.load()
        except Exception as error:  # a pack is foreign code: whatever it raises costs one line
            message = " ".join(str(error).split())
            errors.append(
                f"pack {entry_point.name!r} ({entry_point.value}) cannot be loaded: {type(error).__name__}: {message}"
            )
            continue
        if not isinstance(pack, Pack):
            errors.append(f"pack {entry_point.name!r} ({entry_point.value}) is not a mllint.Pack")
        elif all(pack.name != other.name for other in packs):
            packs.append(pack)
