"""``mllint clean``: removes caches."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import click

from mllint.cli.errors import CommandError, config_errors
from mllint.config.loading import SettingsResolver
from mllint.config.settings import Settings
from mllint.engine.cache import CACHE_DIRECTORY
from mllint.engine.cache import clean as remove
from mllint.rule.manifest import manifest_dir


@click.command()
def clean() -> None:
    """Remove the caches of all projects in the working directory, and what is remembered of packs."""
    cwd = Path.cwd()
    with config_errors():
        settings = SettingsResolver(cwd).for_path(cwd)
    for directory in dict.fromkeys(_caches(cwd, settings)):
        _remove(directory)
    for pattern in ("manifest-*.msgpack", "knowledge-*.msgpack"):
        for file in manifest_dir().glob(pattern):
            file.unlink(missing_ok=True)


def _remove(directory: Path) -> None:
    try:
        if remove(directory):
            click.echo(f"Removed {directory}", err=True)
    except OSError as error:
        raise CommandError(f"cannot remove {directory}: {error.strerror or error}") from None


def _caches(cwd: Path, settings: Settings) -> Iterator[Path]:
    """Yield where caches may be: where the settings say, in the project's root, and in projects below."""
    if settings.cache_dir is not None:
        yield settings.cache_dir
    yield settings.project_root / CACHE_DIRECTORY
    for folder, names, _ in os.walk(cwd):
        if CACHE_DIRECTORY in names:
            yield Path(folder) / CACHE_DIRECTORY
        excluded = {name for name in names if name in settings.exclude}
        names[:] = [name for name in names if name not in excluded]
