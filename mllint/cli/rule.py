"""``mllint rule``: explains a rule."""

from __future__ import annotations

import sys

import click

from mllint.cli.console import shows_color, terminal_width, write
from mllint.cli.parameters import Command, Option, color_option, configuration_options
from mllint.cli.registry import known_rule, open_registry


@click.command(cls=Command)
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--all", "all_rules", cls=Option, section="Output", is_flag=True, help="Explain all rules.")
@click.option(
    "--output-format",
    cls=Option,
    section="Output",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    help="How to print; `text` is laid out on a terminal, and Markdown elsewhere.",
)
@color_option
@configuration_options
@click.pass_context
def rule(
    ctx: click.Context,
    names: tuple[str, ...],
    all_rules: bool,
    output_format: str,
    color: str,
    config: tuple[str, ...],
    isolated: bool,
    python_rules: tuple[str, ...],
) -> None:
    """Explain a rule: what it finds, why that is bad, what to write instead, and how safe its fix is."""
    if not names and not all_rules:
        raise click.UsageError('name a rule, or give "--all"', ctx)
    registry = open_registry(config, isolated, python_rules)
    infos = list(registry.rules.values()) if all_rules else [known_rule(registry, name) for name in names]

    from mllint.report.rule_page import rule_markdown, rule_record

    if output_format == "json":
        from mllint.report.records import to_json

        records = [rule_record(info) for info in infos]
        write([to_json(records if all_rules or len(records) > 1 else records[0], indent=True), "\n"], utf8=True)
        return
    page = "\n".join(rule_markdown(info) for info in infos)
    if output_format == "text" and shows_color(color, sys.stdout):
        from mllint.report.markdown import laid_out

        write([laid_out(page, terminal_width(sys.stdout))], color=True)
    else:
        write([page])
