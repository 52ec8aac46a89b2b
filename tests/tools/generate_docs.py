"""Write the generated part of the documentation: the options, their JSON Schema, and the pages of the rules.

::

    python tests/tools/generate_docs.py           # write what has changed
    python tests/tools/generate_docs.py --check   # write nothing; exit code 1 and one line for each stale file

The charter is written by hand; it is checked here, because it names rules.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from mllint.config.schema import OptionDoc, config_reference, json_schema
from mllint.report.rule_page import rule_markdown
from mllint.rule.manifest import RuleInfo
from mllint.rule.registry import Registry, load_registry
from mllint.text.toml import parse_toml

DOCS = Path(__file__).parents[2] / "docs"
CLAUSES = 11

_WIDTH = 120
_NOTE = "<!-- Written by tests/tools/generate_docs.py; {source} is what to change. -->\n"


def main(arguments: list[str]) -> int:
    """Write the files, or say which of them are stale; returns the exit code."""
    rules = built_in_rules()
    files = generated(rules)
    for path in leftover(files):
        if "--check" not in arguments:
            path.unlink()
    problems = [*stale(files), *charter_problems(rules)]
    if "--check" not in arguments:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        problems = list(charter_problems(rules))
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def built_in_rules() -> list[RuleInfo]:
    """Return the rules of the built-in pack, whatever else is installed."""
    packs = [pack for pack in load_registry().packs if pack.name == "builtin"]
    registry = Registry(packs)
    if registry.errors:
        raise SystemExit("\n".join(registry.errors))
    return list(registry.rules.values())


def generated(rules: Iterable[RuleInfo]) -> dict[Path, str]:
    """Return every generated file with its content."""
    rules = list(rules)
    pages = {DOCS / "rules" / f"{info.name}.md": rule_page(info) for info in rules}
    return {
        DOCS / "configuration.md": configuration_page(rules),
        DOCS / "mllint.schema.json": schema_text(rules),
        DOCS / "rules" / "index.md": rule_index(rules),
        **pages,
    }


def stale(files: Mapping[Path, str]) -> Iterator[str]:
    """Yield a line for each file that is not as it would be written, and for each page without a rule."""
    for path, text in files.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            yield f"{_shown(path)} is stale; python tests/tools/generate_docs.py writes it"
    for path in leftover(files):
        yield f"{_shown(path)} is the page of no rule; python tests/tools/generate_docs.py removes it"


def leftover(files: Mapping[Path, str]) -> list[Path]:
    """Return pages of rules that are gone."""
    return sorted(path for path in (DOCS / "rules").glob("*.md") if path not in files)


# Rules


def rule_page(info: RuleInfo) -> str:
    """Return the page of a rule, as `mllint rule` shows it."""
    return f"{_NOTE.format(source='the rule')}\n{rule_markdown(info)}\n[All rules](index.md)\n"


def rule_index(rules: list[RuleInfo]) -> str:
    """Return the page that lists the rules by category."""
    parts = [
        _NOTE.format(source="the rule"),
        "# Rules\n",
        _paragraphs(_INDEX),
    ]
    for category, members in groupby(rules, key=lambda info: info.category):
        parts += [f"## {category}\n", "| rule | what it finds | tier | fix |", "|---|---|---|---|"]
        for info in members:
            fixes = ", ".join(info.fixes) or "none"
            parts.append(f"| [`{info.name}`]({info.name}.md) | {_in_cell(info.summary)} | {info.tier} | {fixes} |")
        parts.append("")
    return "\n".join(parts)


# Configuration


def configuration_page(rules: list[RuleInfo]) -> str:
    """Return the page that explains every option."""
    options = config_reference()
    parts = [
        _NOTE.format(source="mllint/config/schema.py, or the rule,"),
        "# Configuration\n",
        _paragraphs(_CONFIGURATION),
        "## Options\n",
        "| option | default |",
        "|---|---|",
        *(f"| [`{option.name}`](#{option.name}) | {_default_in_cell(option)} |" for option in options),
        "",
    ]
    parts += map(_option_section, options)
    parts += ["## Options of rules\n", _RULE_OPTIONS]
    for info in rules:
        for name, schema in info.options_schema.get("properties", {}).items():
            parts.append(_rule_option_section(info, name, schema))
    return "\n".join(parts)


def _option_section(option: OptionDoc) -> str:
    default = f"`{_spread(option.default)}`" if option.default else "not set"
    return (
        f"### {option.name}\n\n{_wrapped(option.description)}\n\n{_listed('Type', option.type)}\n"
        f"{_listed('Default', default)}\n\n```toml\n{option.whole_example}\n```\n"
    )


def _rule_option_section(info: RuleInfo, name: str, schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    said = f"Of the rule [`{info.name}`](rules/{info.name}.md): {schema['description']}"
    section = f"### {info.name}: {name}\n\n{_wrapped(said)}\n\n{_listed('Type', _type(schema))}\n"
    if default is None:
        return f"{section}{_listed('Default', 'not set')}\n"
    value = json.dumps(default, ensure_ascii=False)
    table = f"[tool.mllint.rules.{info.name}]\n{name} = {value}"
    parse_toml(table)  # what is shown as TOML is TOML
    return f"{section}{_listed('Default', f'`{value}`')}\n\n```toml\n{table}\n```\n"


def _type(schema: Mapping[str, Any]) -> str:
    """Say in words what a rule option takes, as `config_reference` does for the others."""
    words = {"boolean": "true or false", "integer": "an integer", "number": "a number", "string": "a string"}
    if "anyOf" in schema:
        return " or ".join(_type(member) for member in schema["anyOf"] if member.get("type") != "null")
    if "enum" in schema:
        return "one of " + ", ".join(f'"{value}"' for value in schema["enum"])
    if schema.get("type") == "array":
        return f"a list of {_type(schema['items']).split()[-1]}s"
    if schema.get("type") == "object":
        return "a table"
    return words[schema["type"]]


def schema_text(rules: list[RuleInfo]) -> str:
    """Return the JSON Schema of a configuration, the one that `mllint config --schema` prints."""
    schema = json_schema({info.name: info.options_schema for info in rules})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


# Charter


def charter_problems(rules: Iterable[RuleInfo]) -> Iterator[str]:
    """Yield a line for each clause that is missing, each rule that does not exist, and each that no clause names."""
    path = DOCS / "charter.md"
    names = {info.name for info in rules}
    clauses: dict[int, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0].isdigit():
            clauses[int(cells[0])] = re.findall(r"`([^`]+)`", cells[-1])
            if not cells[-1]:
                yield f"{_shown(path)}: clause {cells[0]} names no rule and does not say so"
    for number in range(1, CLAUSES + 1):
        if number not in clauses:
            yield f"{_shown(path)}: clause {number} is missing"
    named = {name for members in clauses.values() for name in members}
    for name in sorted(named - names):
        yield f"{_shown(path)} names the rule {name}, which does not exist"
    for name in sorted(names - named):
        yield f"{_shown(path)} does not name the rule {name}"


def _shown(path: Path) -> str:
    return path.relative_to(DOCS.parent).as_posix()


def _in_cell(text: str) -> str:
    return text.replace("|", "\\|")


def _paragraphs(text: str) -> str:
    return "\n\n".join(map(_wrapped, text.split("\n\n"))) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)


def _listed(label: str, text: str) -> str:
    """Return an entry of a list, wrapped as it is."""
    item = f"- **{label}:** {text}"
    return textwrap.fill(item, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def _spread(default: str) -> str:
    """Return a default with a blank after each comma, as people write it."""
    return json.dumps(json.loads(default), ensure_ascii=False)


def _default_in_cell(option: OptionDoc) -> str:
    if not option.default:
        return "not set"
    text = _spread(option.default)
    return f"`{text}`" if len(text) <= 60 else "see below"


_INDEX = """\
Rules of the tier *recommended* run unless you choose otherwise; *pedantic* and *audit* rules run when they are
selected. The column *fix* says what `--fix` may do: apply it (safe), apply it with `--unsafe-fixes` too (unsafe), or
only show it (display-only); [fixes and suppressions](../fixes-and-suppressions.md) has the details.
"""

_CONFIGURATION = """\
mllint is configured in `[tool.mllint]` of `pyproject.toml`, or in `mllint.toml` or `.mllint.toml`, where the same
options stand at the top of the file without `tool.mllint`. The nearest of these files above a checked file decides; files
further up are not merged in, but `extend` names one to build on. In one directory `.mllint.toml` comes before
`mllint.toml`, and that before `pyproject.toml`. Where a project has no such file, the user's own holds: `mllint.toml`
in the directory `mllint` of the user's configuration, on Linux `~/.config/mllint/mllint.toml`.

Options of the command line come last. `--config 'seed = 7'` sets any option, `--config FILE` puts one file in place of
all others, and `--isolated` leaves all files alone. Flags can be given by the environment too, as in
`MLLINT_OUTPUT_FORMAT=concise`. `mllint check --show-settings PATH` prints what holds for a path.

A selector (in `select`, `ignore` and their relatives) is the name of a rule, a category, a tier, or `ALL`. Where a rule
is both selected and ignored, the more exact selector wins: a name before a category, a category before a tier, a tier
before `ALL`. Of equals, `ignore` wins. A key or a selector that mllint does not know is an error, which names the file,
the line and what was probably meant.

`mllint config NAME` explains an option on the command line. `mllint.schema.json` beside this page is the JSON Schema of
a configuration with the built-in rules; `mllint config --schema` prints one that knows the packs you have installed.
"""

_RULE_OPTIONS = """\
Some rules have options of their own, in a table named after the rule. The examples show the defaults.
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
