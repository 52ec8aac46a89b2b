"""``mllint config``: explains the options of configuration files."""

from __future__ import annotations

import click

from mllint.cli.console import write
from mllint.cli.errors import CommandError
from mllint.cli.parameters import Command, Option
from mllint.config.errors import did_you_mean
from mllint.config.schema import OptionDoc, config_reference


@click.command(cls=Command)
@click.argument("key", required=False)
@click.option("--schema", cls=Option, section="Output", is_flag=True, help="Print the JSON Schema of a configuration.")
@click.option(
    "--output-format",
    cls=Option,
    section="Output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print.",
)
def config(key: str | None, schema: bool, output_format: str) -> None:
    """Explain the option KEY of the configuration, or list all options.

    Options stand under [tool.mllint] in pyproject.toml, or at the top of mllint.toml.
    """
    from mllint.report.records import to_json

    if schema:
        write([to_json(_schema(), indent=True), "\n"], utf8=True)
        return
    options = {option.name: option for option in config_reference()}
    if key is None:
        if output_format == "json":
            write([to_json([option._asdict() for option in options.values()], indent=True), "\n"], utf8=True)
        else:
            width = max(map(len, options))
            write(f"{name:<{width}}  {_first_sentence(option.description)}\n" for name, option in options.items())
        return
    name = key.removeprefix("tool.mllint.").replace("_", "-")
    if name not in options:
        raise CommandError(f'there is no option "{key}"{did_you_mean(name, options)}')
    if output_format == "json":
        write([to_json(options[name]._asdict(), indent=True), "\n"], utf8=True)
    else:
        write(_explanation(options[name]))


def _explanation(option: OptionDoc) -> list[str]:
    import textwrap

    pieces = [f"{option.name}\n\n", textwrap.fill(option.description, 88), "\n\n", f"Type: {option.type}\n"]
    if option.default:
        default = textwrap.fill(
            f"Default: {option.default}", 88, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
        )
        pieces.append(f"{default}\n")
    return [*pieces, "Example:\n", textwrap.indent(option.whole_example, "    "), "\n"]


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].partition("; ")[0].rstrip(".")


def _schema() -> dict[str, object]:
    from mllint.cli.registry import open_registry
    from mllint.config.schema import json_schema

    registry = open_registry((), True, ())
    return json_schema({info.name: info.options_schema for info in registry.rules.values()})
