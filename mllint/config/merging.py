"""Lays the options of several places over each other, and resolves them to settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from mllint.config.schema import Options
from mllint.config.settings import Settings
from mllint.config.sources import absolute_path

#: Keys that add to what a base says instead of replacing it.
_ADDING = ("ignore", "unfixable")
#: Tables that are merged entry by entry.
_MERGED = ("roles", "severity")
#: Options that settings hold under the same name and in the same form.
_TAKEN_AS_THEY_ARE = (
    *("force_exclude", "respect_gitignore", "severity", "seed", "fix", "unsafe_fixes", "show_fixes"),
    *("output_format", "min_confidence"),
)


def combine(base: Options, top: Options) -> Options:
    """Lay ``top`` over ``base``."""
    merged = msgspec.structs.asdict(base)
    given = {name: value for name, value in msgspec.structs.asdict(top).items() if value is not UNSET}
    selected = {*(given.get("select") or ()), *(given.get("extend_select") or ())}
    for name in ("ignore", "extend_ignore"):  # the later word about the same selector holds
        if merged[name] is not UNSET:
            merged[name] = [selector for selector in merged[name] if selector not in selected]
    for name in given:
        if f"extend_{name}" in merged and name not in _ADDING:
            merged[f"extend_{name}"] = UNSET
    for name, value in given.items():
        below = merged[name]
        if below is not UNSET:
            if name == "rules":
                value = below | {rule: below.get(rule, {}) | table for rule, table in value.items()}
            elif name == "extend_per_file_ignores":
                value = below | {glob: [*below.get(glob, ()), *selectors] for glob, selectors in value.items()}
            elif name in _MERGED:
                value = below | value
            elif name in _ADDING or name.startswith("extend_"):
                value = [*below, *value]
        merged[name] = value
    return Options(**merged)


def settings_of(options: Options, root: Path, project: Path, file: Path | None) -> Settings:
    """Resolve options to settings: defaults filled in, ``extend-`` keys folded into what they extend."""
    given = {name: value for name, value in msgspec.structs.asdict(options).items() if value is not UNSET}
    defaults = {field.name: field.default for field in msgspec.structs.fields(Settings)}

    def strings(name: str) -> tuple[str, ...]:
        extra = given.get(f"extend_{name}", ()) if name != "select" else ()
        return tuple(dict.fromkeys((*given.get(name, defaults.get(name, ())), *extra)))

    def entries(name: str) -> list[tuple[str, tuple[str, ...]]]:
        return [(glob, tuple(selectors)) for glob, selectors in given.get(name, {}).items()]

    fields: dict[str, Any] = {
        name: strings(name)
        for name in (
            *("select", "extend_select", "ignore", "fixable", "unfixable", "extend_safe_fixes", "extend_unsafe_fixes"),
            *("include", "exclude", "test_files"),
        )
    }
    fields |= {name: given[name] for name in _TAKEN_AS_THEY_ARE if name in given}
    if "rule_paths" in given:
        fields["rule_paths"] = tuple(_relative(Path(path), root) for path in given["rule_paths"])
    return Settings(
        root=root,
        project_root=project,
        config_file=file,
        per_file_ignores=tuple(entries("per_file_ignores") + entries("extend_per_file_ignores")),
        python_rules=tuple(map(Path, given.get("python_rules", ()))),
        roles={
            name: (roles,) if isinstance(roles, str) else tuple(roles) for name, roles in given.get("roles", {}).items()
        },
        rule_options=given.get("rules", {}),
        cache_dir=Path(given["cache_dir"]) if "cache_dir" in given else None,
        **fields,
    )


def with_absolute_paths(options: Options, directory: Path) -> Options:
    """Make the paths of options independent of the file that names them; ``extend`` is followed where it stands."""
    changes: dict[str, Any] = {}
    if options.cache_dir is not UNSET:
        changes["cache_dir"] = str(absolute_path(options.cache_dir, directory))
    if options.rule_paths is not UNSET:
        changes["rule_paths"] = [str(absolute_path(path, directory)) for path in options.rule_paths]
    if options.python_rules is not UNSET:
        changes["python_rules"] = [str(absolute_path(path, directory)) for path in options.python_rules]
    return msgspec.structs.replace(options, **changes)


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
