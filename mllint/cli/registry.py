"""The rules that commands talk about: those of the packs, of the project and of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mllint.cli.console import complain
from mllint.cli.errors import CommandError, config_errors
from mllint.config.errors import did_you_mean
from mllint.config.loading import SettingsResolver
from mllint.rule.manifest import RuleInfo, manifest_dir
from mllint.rule.registry import Registries, Registry


def open_registry(config: Sequence[str], isolated: bool, python_rules: Sequence[str]) -> Registry:
    """Load the registry that holds in the working directory.

    Packs and rules that cannot be loaded are reported, and the others are there.
    """
    cwd = Path.cwd()
    with config_errors():
        settings = SettingsResolver(cwd, None, config, isolated).for_path(cwd)
    named = [cwd / Path(path).expanduser() for path in python_rules]
    registry = Registries(manifest_dir()).get(settings, named)
    for error in registry.errors:
        complain(error, color=False)
    return registry


def known_rule(registry: Registry, name: str) -> RuleInfo:
    """Return the rule called ``name``.

    Raises:
        CommandError: there is none.
    """
    info = registry.find(name)
    if info is None:
        raise CommandError(f'there is no rule "{name}"{did_you_mean(name, registry.rules)}')
    return info
