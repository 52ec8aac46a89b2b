"""``mllint rules``: lists the rules."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby

import click

from mllint.cli.console import shows_color, terminal_width, write
from mllint.cli.errors import CommandError
from mllint.cli.parameters import Command, Option, Words, color_option, configuration_options
from mllint.cli.registry import open_registry
from mllint.config.errors import did_you_mean
from mllint.rule.manifest import RuleInfo
from mllint.rule.rule import CATEGORIES, Tier

_COLUMNS = ("rule", "tier", "fix", "libraries")
#: With less room than this beside them, summaries go below the names.
_READABLE = 70


@click.command(cls=Command)
@click.option(
    "--category", cls=Option, section="Filters", multiple=True, type=Words(), help="Only rules of these categories."
)
@click.option("--tier", cls=Option, section="Filters", multiple=True, type=Words(), help="Only rules of these tiers.")
@click.option("--pack", cls=Option, section="Filters", multiple=True, type=Words(), help="Only rules of these packs.")
@click.option("--fixable", cls=Option, section="Filters", is_flag=True, help="Only rules whose fixes can be applied.")
@click.option(
    "--output-format",
    cls=Option,
    section="Output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to print; `json` has every field.",
)
@color_option
@configuration_options
def rules(
    category: tuple[list[str], ...],
    tier: tuple[list[str], ...],
    pack: tuple[list[str], ...],
    fixable: bool,
    output_format: str,
    color: str,
    config: tuple[str, ...],
    isolated: bool,
    python_rules: tuple[str, ...],
) -> None:
    """List the rules with their tier, their fixes and the libraries they are about."""
    registry = open_registry(config, isolated, python_rules)
    packs = [pack.name for pack in registry.packs]
    categories = _known(category, CATEGORIES, "category")
    tiers = _known(tier, [tier.value for tier in Tier], "tier")
    wanted_packs = _known(pack, packs, "pack")
    shown = [
        info
        for info in registry.rules.values()
        if (not categories or info.category in categories)
        and (not tiers or info.tier in tiers)
        and (not wanted_packs or info.pack in wanted_packs)
        and (not fixable or not {"safe", "unsafe"}.isdisjoint(info.fixes))
    ]
    if output_format == "json":
        from mllint.report.records import to_json
        from mllint.report.rule_page import rule_record

        write([to_json([rule_record(info) for info in shown], indent=True), "\n"], utf8=True)
        return
    use_color = shows_color(color, sys.stdout)
    write(_table(shown, terminal_width(sys.stdout), use_color), color=use_color)


def _known(given: tuple[list[str], ...], known: list[str] | tuple[str, ...], what: str) -> set[str]:
    words = {word for words in given for word in words}
    for word in sorted(words):
        if word not in known:
            raise CommandError(f'there is no {what} "{word}"{did_you_mean(word, known)}')
    return words


def _table(infos: list[RuleInfo], width: int | None, color: bool) -> Iterator[str]:
    from mllint.report.paint import paint_for
    from mllint.report.snippet import clip
    from mllint.report.wording import counted

    paint = paint_for(color)
    rows = {info.name: (info.name, info.tier, ", ".join(info.fixes), ", ".join(info.libraries)) for info in infos}
    widths = [max(map(len, column)) for column in zip(_COLUMNS, *rows.values(), strict=True)]
    for category, members in groupby(infos, key=lambda info: info.category):
        yield paint(category, "help") + "\n"
        for info in members:
            cells = [f"{text:<{size}}" for text, size in zip(rows[info.name], widths, strict=True)]
            line = f"  {'  '.join(cells)}  "
            if width is None:
                yield f"{line}{info.summary}\n"
            elif width - len(line) >= _READABLE:
                yield line + paint(clip(info.summary, 0, width - len(line)), "faint") + "\n"
            else:
                yield f"{line.rstrip()}\n    {paint(clip(info.summary, 0, width - 4), 'faint')}\n"
        yield "\n"
    yield f"{counted(len(infos), 'rule')}; `mllint rule NAME` explains one.\n"
