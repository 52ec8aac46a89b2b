"""Kinds of options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Option(click.Option):
    """An option that help lists under a heading of its own."""

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """Leave out the range of numbers, which reads like mathematics."""
        extra = super().get_help_extra(ctx)
        extra.pop("range", None)
        return extra


class Command(click.Command):
    """A command whose help has sections, and whose options can be set by the environment.

    The variable of ``--output-format`` is ``MLLINT_OUTPUT_FORMAT``.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context; the variables have no part that names the command."""
        return super().make_context(info_name, args, parent, auto_envvar_prefix="MLLINT", **extra)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options by section, in the order in which sections are first met, and ``--help`` at the end."""
        sections: dict[str, list[tuple[str, str]]] = {}
        others: list[tuple[str, str]] = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                found = sections.setdefault(parameter.section, []) if isinstance(parameter, Option) else others
                found.append(record)
        for section, records in (*sections.items(), ("Help", others)):
            with formatter.section(section):
                formatter.write_dl(records)


class Words(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """A comma-separated list, as in ``--select leakage,data``; the option can be repeated."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """Split the value."""
        if isinstance(value, list):
            return value
        return [word.strip() for word in value.split(",") if word.strip()]

    def split_envvar_value(self, rv: str) -> list[str]:
        """Take the variable as one value; it is split at commas."""
        return [rv]


class Lines(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """Text that may hold blanks, such as a path or ``key = value``; in the environment, one on each line."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the value as it is."""
        return str(value)

    def split_envvar_value(self, rv: str) -> list[str]:
        """Split the variable into lines."""
        return [line for line in rv.splitlines() if line.strip()]


class PerFile(NamedTuple):
    """Rules that are ignored in the files a pattern matches."""

    pattern: str
    selectors: list[str]


class PerFileIgnore(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """``PATTERN:SELECTOR[,SELECTOR...]``."""

    name = "per-file-ignore"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> PerFile:
        """Split the value at the last colon."""
        if isinstance(value, PerFile):
            return value
        pattern, colon, selectors = value.rpartition(":")
        words = Words().convert(selectors, param, ctx)
        if not colon or not pattern or not words:
            self.fail(f'"{value}" is not PATTERN:SELECTOR[,SELECTOR...]', param, ctx)
        return PerFile(pattern.strip(), words)


class Output(NamedTuple):
    """Where a report goes, and in which format; the format of ``--output-format`` if it is None."""

    format: str | None
    path: str

    @property
    def is_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.path == "-"


class OutputType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.5 only
    """``[FORMAT:]FILE``."""

    name = "output"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """Split off the format; a single letter before a colon is a drive."""
        if isinstance(value, Output):
            return value
        from mllint.config.errors import did_you_mean
        from mllint.report.formats import FORMATS

        name, colon, path = value.partition(":")
        if not colon or len(name) == 1:
            return Output(None, value)
        if name not in FORMATS:
            hint = did_you_mean(name, FORMATS) or f" (formats are {', '.join(FORMATS)})"
            self.fail(f'there is no output format "{name}"{hint}', param, ctx)
        if not path:
            self.fail(f'"{value}" names no file', param, ctx)
        return Output(name, path)


def color_option(function: Decorated) -> Decorated:
    """Add ``--color``."""
    decorate = click.option(
        "--color",
        cls=Option,
        section="Output",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="When to use colour; `auto` goes by the terminal, NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE.",
    )
    return decorate(function)


def configuration_options(function: Decorated) -> Decorated:
    """Add ``--config``, ``--isolated`` and ``--python-rules``."""
    for decorate in (
        click.option(
            "--python-rules",
            cls=Option,
            section="Configuration",
            multiple=True,
            type=Lines(),
            metavar="PATH",
            help="Python rules to load; their code is run, so that no configuration file of a project can name them.",
        ),
        click.option(
            "--isolated",
            cls=Option,
            section="Configuration",
            is_flag=True,
            help="Leave all configuration files alone.",
        ),
        click.option(
            "--config",
            cls=Option,
            section="Configuration",
            multiple=True,
            type=Lines(),
            metavar="FILE|KEY=VALUE",
            help='A configuration file to use, or TOML such as "seed = 7", which overrides every file.',
        ),
    ):
        function = decorate(function)
    return function
