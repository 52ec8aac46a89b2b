"""Tries the examples that rules carry: in their pages, and in files of declarative rules."""

from __future__ import annotations

import re
from pathlib import Path

from mllint.config.errors import ConfigError
from mllint.rule.declarative import DeclarativeRule, load_rules
from mllint.rule.registry import Registry
from mllint.rule.rule import Rule, page_sections
from mllint.testing.notebooks import notebook_bytes, split_cells
from mllint.testing.tester import RuleTester

_FENCED = re.compile(r"^```(py|python|ipynb)\s*$\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
#: A file of the project beside the code: a fence such as ``markdown MODEL_CARD.md``.
_FILE = re.compile(r"^```\w+ (\S+)\s*$\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)


def check_page(rule: type[Rule], registry: Registry | None = None) -> list[str]:
    """Run the code of a rule's page: each block of ``Example`` must be reported, each of ``Use instead`` must not.

    A block whose fence names a file (``markdown MODEL_CARD.md``) is a file of the project that the section is about.

    Returns:
        What is wrong, one text for each finding.
    """
    sections = page_sections(rule.page())
    failures: list[str] = []
    for title, fires in (("Example", True), ("Use instead", False)):
        section = sections.get(title, "")
        tester = RuleTester(rule, files=dict(_FILE.findall(section)), registry=registry)
        blocks = _FENCED.findall(section)
        if not blocks:
            failures.append(f'{rule.name}: the section "{title}" has no block of code')
        for language, code in blocks:
            failures += _check(tester, rule, f'the code of "{title}"', code, fires, is_notebook=language == "ipynb")
    return failures


def check_rule_file(path: Path, registry: Registry | None = None) -> list[str]:
    """Run the examples of a file of declarative rules.

    Returns:
        What is wrong, one text for each finding; what is wrong with the file itself included.
    """
    try:
        rules = load_rules(path)
    except ConfigError as error:
        return str(error).splitlines()
    return [failure for rule in rules for failure in check_examples(rule, registry)]


def check_examples(rule: type[DeclarativeRule], registry: Registry | None = None) -> list[str]:
    """Run the examples of one declarative rule."""
    failures: list[str] = []
    for number, example in enumerate(rule.examples, start=1):
        tester = RuleTester(rule, dependencies=example.dependencies, registry=registry)
        place = f"example {number}"
        if example.bad is not None:
            failures += _check(tester, rule, f"the bad code of {place}", example.bad, True, example.filename)
        if example.good is not None:
            failures += _check(tester, rule, f"the good code of {place}", example.good, False, example.filename)
        if example.fixed is not None:
            text = tester.fix(example.bad or "", example.filename, unsafe=True).text
            if text != example.fixed:
                failures.append(f"{rule.name}: fixing {place} gives {text!r}, not {example.fixed!r}")
    return failures


def _check(
    tester: RuleTester,
    rule: type[Rule],
    what: str,
    code: str,
    fires: bool,
    filename: str = "example.py",
    *,
    is_notebook: bool = False,
) -> list[str]:
    if is_notebook or filename.endswith(".ipynb"):
        name = filename if filename.endswith(".ipynb") else "example.ipynb"
        found = tester.check_bytes(notebook_bytes(split_cells(code)), name)
    else:
        found = tester.check(code, filename)
    problems = [d for d in found if d.rule != rule.name]
    if problems:
        return [f"{rule.name}: {what}: {problem.rule}: {problem.message}" for problem in problems]
    if fires and not found:
        return [f"{rule.name}: {what} is not reported"]
    if not fires:
        return [f"{rule.name}: {what} is reported in line {d.location.row}: {d.message}" for d in found]
    return []
