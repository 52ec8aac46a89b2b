"""A rule's page: what its author wrote, under a heading with what mllint knows of it."""

from __future__ import annotations

from typing import Any

import msgspec

from mllint.rule.manifest import RuleInfo


def rule_markdown(info: RuleInfo) -> str:
    """Return the page of a rule as Markdown, ending in a newline."""
    facts = [
        f"**Category:** {info.category}",
        f"**Tier:** {info.tier}",
        f"**Severity:** {info.severity}",
        f"**Confidence:** {info.confidence}",
        f"**Fix:** {', '.join(info.fixes) or 'none'}",
    ]
    facts.append(f"**Units:** {', '.join(f'{kind}s' for kind in info.kinds)}")
    if info.libraries:
        facts.append(f"**Libraries:** {', '.join(info.libraries)}")
    if info.aliases:
        facts.append(f"**Former names:** {', '.join(info.aliases)}")
    if info.sources:
        facts.append("**Like:** " + ", ".join(f"{tool} `{rule}`" for tool, rule in info.sources.items()))
    if info.since:
        owner = "mllint" if info.pack == "builtin" else info.pack
        facts.append(f"**Since:** {owner} {info.since}")
    box = "  \n".join(facts)  # two spaces break a line in Markdown
    return f"# {info.name}\n\n{box}\n\n{info.page.strip()}\n"


def rule_record(info: RuleInfo) -> dict[str, Any]:
    """Return everything about a rule as plain data."""
    return msgspec.structs.asdict(info)
