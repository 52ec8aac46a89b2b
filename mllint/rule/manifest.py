"""Manifests: what is known of a pack's rules without importing them.

A manifest is compiled once, by importing every rule, and cached by the state of the pack's files. Selection,
configuration checks, ``mllint rules`` and warm runs read only manifests; a rule's module is imported when a file is
really checked.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec
from platformdirs import user_cache_path

from mllint.config.errors import ConfigError
from mllint.rule.pack import Pack
from mllint.text.atomic import write_atomically

if TYPE_CHECKING:
    from mllint.rule.rule import Rule

_FORMAT = 4
#: An entry of the Options section of a page: the name and what is said of it, up to the next entry.
_OPTION = re.compile(r"^[-*] `([^`]+)`:\s*(.+?)(?=^[-*] |\Z)", re.MULTILINE | re.DOTALL)


class RuleInfo(msgspec.Struct, frozen=True):
    """Everything about one rule that can be said without importing it.

    ``location`` is ``package.module:Class`` for Python rules, and the path of the TOML file for declarative ones.
    ``fixes`` holds applicability labels. ``triggers`` are words one of which a file must contain for the rule to fire;
    ``roles`` are the roles its call hooks wait for.
    """

    name: str
    pack: str
    category: str
    tier: str
    severity: str
    confidence: str
    summary: str
    page: str
    location: str
    fixes: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    sources: dict[str, str] = {}
    since: str = ""
    options_schema: dict[str, Any] = {}
    url: str | None = None
    is_project_rule: bool = False


class Manifest(msgspec.Struct):
    """The rules of one pack, and one line for each rule file that could not be loaded."""

    rules: list[RuleInfo] = []
    errors: list[str] = []


def manifest_dir() -> Path:
    """Return where manifests and compiled knowledge are kept, the same for all projects of a user."""
    return user_cache_path("mllint", appauthor=False)


def load_manifest(pack: Pack, cache_dir: Path | None) -> Manifest:
    """Return the manifest of a pack, from the cache if its files have not changed since."""
    path = cache_dir / f"manifest-{pack.name}-{fingerprint(pack)}.msgpack" if cache_dir is not None else None
    if path is not None:
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=Manifest)
        except (OSError, msgspec.MsgspecError):
            pass
    manifest = _compile(pack)
    if path is not None and not manifest.errors:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, msgspec.msgpack.encode(manifest))
        except OSError:
            pass  # a read-only cache only costs time
    return manifest


def fingerprint(pack: Pack) -> str:
    """Return a hash of everything the pack's rules depend on: versions and the state of the files."""
    digest = hashlib.sha256(f"{_FORMAT} {_own_state()} {sys.version_info} {pack.name} {pack.version}".encode())
    files = (
        _rule_files(pack) if not pack.package else sorted(pack.root.rglob("*.py")) + sorted(pack.root.glob("*/*.toml"))
    )
    for path in files:
        status = path.stat()
        digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:20]


@cache
def _own_state() -> str:
    """Return the version and, for a source tree that people work on, the state of mllint's own files."""
    import mllint

    root = Path(mllint.__file__).parent
    states = [(str(path), path.stat().st_mtime_ns) for path in sorted(root.rglob("*.py"))]
    return f"{mllint.__version__} {hashlib.sha256(repr(states).encode()).hexdigest()}"


def _rule_files(pack: Pack) -> Iterator[Path]:
    """Yield the rule files of a pack: ``<category>/<rule>.py`` and ``.toml``; of one without package any in its root."""
    if pack.root.is_file():
        yield pack.root
        return
    knowledge = {Path(directory) for directory in pack.knowledge}
    suffixes = (".py", ".toml") if pack.runs_code else (".toml",)
    if not pack.package:
        yield from (path for path in sorted(pack.root.iterdir()) if path.suffix in suffixes)
    for directory in sorted(path for path in pack.root.iterdir() if path.is_dir() and path not in knowledge):
        if directory.name.startswith(("_", ".")):
            continue
        for path in sorted(directory.iterdir()):
            if path.suffix in suffixes and not path.name.startswith("_"):
                yield path


def _compile(pack: Pack) -> Manifest:
    manifest = Manifest()
    for path in _rule_files(pack):
        _compile_file(pack, path, manifest)
    return manifest


def _compile_file(pack: Pack, path: Path, manifest: Manifest) -> None:
    try:
        for rule, location in rules_in_file(pack, path):
            manifest.rules.append(describe(rule, pack.name, location))
    except ConfigError as error:  # a rule file that is not as it should be; each line says where
        manifest.errors.extend(map(str, error.problems))
    except Exception as error:  # a pack is foreign code: whatever it raises costs one line
        manifest.errors.append(f"pack {pack.name!r}: {path}: {_one_line(error)}")


def rules_in_file(pack: Pack, path: Path) -> list[tuple[type[Rule], str]]:
    """Import the rules of one file; returns them with their locations."""
    if path.suffix == ".toml":
        from mllint.rule.declarative import load_rules

        return [(rule, str(path)) for rule in load_rules(path)]
    if pack.package:
        module_name = f"{pack.package}.{'.'.join(path.relative_to(pack.root).with_suffix('').parts)}"
        module = importlib.import_module(module_name)
        return [(rule, f"{module_name}:{rule.__name__}") for rule in _rules_of(module)]
    return [(rule, f"{path}:{rule.__name__}") for rule in _rules_of(import_file(path))]


def import_file(path: Path) -> ModuleType:
    """Import a Python file that is not part of a package, without touching ``sys.path``."""
    name = f"mllint_local_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}_{path.stem}"
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _rules_of(module: ModuleType) -> list[type[Rule]]:
    from mllint.rule.rule import Rule

    return [
        member
        for member in vars(module).values()
        if isinstance(member, type)
        and issubclass(member, Rule)
        and member.__module__ == module.__name__
        and "name" in vars(member)
    ]


def describe(rule: type[Rule], pack: str, location: str) -> RuleInfo:
    """Compile the metadata of one rule."""
    hooks = [hook for hook, _ in rule.hooks()]
    call_hooks = [hook for hook in hooks if hook.kind == "call"]
    triggers = rule.triggers
    if not triggers and len(call_hooks) == len(hooks) and all(hook.names and not hook.roles for hook in call_hooks):
        triggers = tuple(sorted({name.rpartition(".")[2] for hook in call_hooks for name in hook.names}))
    return RuleInfo(
        name=rule.name,
        pack=pack,
        category=rule.category,
        tier=rule.tier.value,
        severity=rule.severity.value,
        confidence=rule.confidence.value,
        summary=rule.summary(),
        page=rule.page(),
        location=location,
        fixes=tuple(applicability.label for applicability in sorted(rule.fixes, reverse=True)),
        libraries=rule.libraries,
        kinds=rule.kinds,
        triggers=triggers,
        roles=tuple(sorted({role for hook in call_hooks for role in hook.roles})),
        aliases=rule.aliases,
        sources=dict(rule.sources),
        since=rule.since,
        options_schema=_options_schema(rule),
        is_project_rule=any(hook.kind == "project" for hook in hooks),
    )


def _options_schema(rule: type[Rule]) -> dict[str, Any]:
    """Return the JSON Schema of a rule's options, with what its page says of each."""
    from mllint.rule.rule import page_sections

    schema = msgspec.json.schema(rule.Options)
    options = dict(schema.get("$defs", {}).get(rule.Options.__name__, schema))
    said = dict(_OPTION.findall(page_sections(rule.page()).get("Options", "")))
    options["properties"] = {
        name: {**about, "description": " ".join(said[name].split())} if name in said else about
        for name, about in options.get("properties", {}).items()
    }
    return options


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
