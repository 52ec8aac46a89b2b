"""Errors that a user can cause: one line each, exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from mllint.config.errors import ConfigError


class CommandError(click.ClickException):
    """A command that cannot do what it was asked to."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to standard error."""
        click.echo(f"error: {self.format_message()}", file=file, err=True)


class ConfigurationError(CommandError):
    """A configuration that cannot be used; each line of the message says where."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message to standard error as it is: its lines start with a place."""
        click.echo(self.format_message(), file=file, err=True)


@contextmanager
def config_errors() -> Iterator[None]:
    """Turn errors of the configuration into the end of the command."""
    try:
        yield
    except ConfigError as error:
        raise ConfigurationError(str(error)) from None
