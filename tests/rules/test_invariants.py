"""What holds for every rule of the registry, so that no reviewer has to look for it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest

from mllint import LocatedDiagnostic, Rule
from mllint.rule.manifest import RuleInfo
from mllint.rule.naming import class_name, module_name, name_problem
from mllint.rule.registry import Registry, load_registry
from mllint.rule.rule import CATEGORIES, SECTIONS, page_sections
from mllint.testing import Case, RuleTester, check_page, check_rule_file, read_case_file
from mllint.testing.notebooks import split_cells
from mllint.testing.runner import case_bytes, fix_case

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = FIXTURES / "rules"
#: Knowledge of the standard library, which is always there.
STANDARD_LIBRARY = "python"


@lru_cache(maxsize=1)
def registry() -> Registry:
    """The built-in rules alone, whatever else is installed."""
    found = load_registry()
    return Registry([pack for pack in found.packs if pack.name == "builtin"])


RULES = list(registry().rules)


@lru_cache(maxsize=512)
def rule_class(name: str) -> type[Rule]:
    return registry().load_class(name)


@lru_cache(maxsize=512)
def cases_of(name: str) -> tuple[Case, ...]:
    path = case_path(registry().rules[name])
    return read_case_file(path).cases if path.exists() else ()


def case_path(info: RuleInfo) -> Path:
    return CASES / info.category / f"{info.name}.md"


@lru_cache(maxsize=4096)
def found_in(rule: str, number: int) -> tuple[LocatedDiagnostic, ...]:
    """What the rule reports in one of its cases."""
    case = cases_of(rule)[number]
    return tuple(d for d in runner_for(case, rule).check_bytes(case_bytes(case), case.filename) if d.rule == rule)


def runner_for(case: Case, *rules: str) -> RuleTester:
    return RuleTester(
        rules or None,
        settings=case.settings,
        dependencies=case.dependencies,
        files=case.files,
        registry=registry(),
    )


def diagnostics_of(rule: str) -> Iterator[tuple[Case, LocatedDiagnostic]]:
    for number, case in enumerate(cases_of(rule)):
        for diagnostic in found_in(rule, number):
            yield case, diagnostic


every_rule = pytest.mark.parametrize("name", RULES)


def test_all_rules_load() -> None:
    assert not registry().errors
    assert RULES


# Names and places


@every_rule
def test_name_reads_after_allow(name: str) -> None:
    assert name_problem(name) is None
    assert name not in CATEGORIES


@every_rule
def test_place_follows_from_name_and_category(name: str) -> None:
    info = registry().rules[name]
    if info.location.endswith(".toml"):
        assert Path(info.location).parent.name == info.category
        return
    module, _, class_ = info.location.partition(":")
    assert module.split(".")[-2:] == [info.category, module_name(name)]
    assert class_ == class_name(name)


def test_aliases_are_free() -> None:
    taken = Counter(RULES)
    taken.update(alias for info in registry().rules.values() for alias in info.aliases)
    assert [name for name, count in taken.items() if count > 1] == []


@every_rule
def test_rule_has_a_case_file(name: str) -> None:
    assert case_path(registry().rules[name]).is_file()


def test_every_case_file_has_its_rule() -> None:
    expected = {case_path(info) for info in registry().rules.values()}
    assert {path for path in CASES.glob("*/*") if path not in expected} == set()


# Pages


@every_rule
def test_sections_are_complete_and_in_order(name: str) -> None:
    page = rule_class(name).page()
    titles = re.findall(r"^## +(.+?)\s*$", page, re.MULTILINE)
    order = list(SECTIONS)
    assert set(titles) <= set(order)
    assert titles == sorted(titles, key=order.index)
    assert {title for title, needed in SECTIONS.items() if needed} <= set(titles)
    assert all(body for body in page_sections(page).values())


@every_rule
def test_summary_is_one_sentence(name: str) -> None:
    summary = registry().rules[name].summary
    assert summary.endswith(".")
    assert len(summary) <= 120
    assert summary[0].isupper() or summary[0] == "`"


@every_rule
def test_examples_of_the_page_behave_as_labelled(name: str) -> None:
    assert check_page(rule_class(name), registry()) == []


def test_examples_of_rule_files_behave_as_labelled() -> None:
    files = {info.location for info in registry().rules.values() if info.location.endswith(".toml")}
    assert [failure for file in sorted(files) for failure in check_rule_file(Path(file), registry())] == []


@every_rule
def test_fix_safety_is_explained(name: str) -> None:
    info = registry().rules[name]
    if set(info.fixes) - {"safe"}:
        assert "Fix safety" in page_sections(info.page)


@every_rule
def test_options_are_documented(name: str) -> None:
    rule = rule_class(name)
    section = page_sections(rule.page()).get("Options", "")
    for field in msgspec.structs.fields(rule.Options):
        assert f"`{field.encode_name}`" in section
        assert not field.required


@every_rule
def test_what_is_not_for_notebooks_is_explained(name: str) -> None:
    rule = rule_class(name)
    if "notebook" not in rule.kinds or "script" not in rule.kinds:
        assert "Notebook behaviour" in page_sections(rule.page())


@every_rule
def test_libraries_are_declared(name: str) -> None:
    rule = rule_class(name)
    knowledge = registry().knowledge()
    assert set(rule.libraries) <= set(knowledge.libraries)
    libraries = {
        facts.library
        for hook, _ in rule.hooks()
        if hook.kind == "call" and hook.names and not hook.roles
        for facts in map(knowledge.library_of, hook.names)
        if facts is not None
    }
    hooks = {hook.kind for hook, _ in rule.hooks()}
    if hooks == {"call"} and libraries and STANDARD_LIBRARY not in libraries:
        assert libraries <= set(rule.libraries)


# Cases


@every_rule
def test_there_are_two_firing_and_two_silent_cases(name: str) -> None:
    firing = sum(case.is_firing for case in cases_of(name))
    assert firing >= 2
    assert len(cases_of(name)) - firing >= 2


@every_rule
def test_messages_have_one_form(name: str) -> None:
    for _, diagnostic in diagnostics_of(name):
        texts = [diagnostic.message]
        texts += [diagnostic.help] if diagnostic.help is not None else []
        texts += [diagnostic.fix.message] if diagnostic.fix is not None else []
        texts += [step.message for step in diagnostic.trace]
        for text in texts:
            assert text[0].isupper() or text[0] in "`0123456789"
            assert not text.endswith((".", "!", " "))
            assert "\n" not in text
            assert text.count("`") % 2 == 0


@every_rule
def test_fixes_are_those_that_are_declared(name: str) -> None:
    produced = {d.fix.applicability for _, d in diagnostics_of(name) if d.fix is not None}
    assert produced == set(registry().rules[name].fixes)


@every_rule
@pytest.mark.parametrize("unsafe", [False, True], ids=["safe", "unsafe"])
def test_fixes_converge_and_remove_the_finding(name: str, unsafe: bool) -> None:
    applicable = {"safe", "unsafe"} if unsafe else {"safe"}
    for number, case in enumerate(cases_of(name)):
        fixed = fix_case(case, registry(), unsafe=unsafe)
        assert fixed.failures == []
        left = [d for d in fixed.remaining if d.rule == name and d.fix and d.fix.applicability in applicable]
        assert left == [], f"{case.title}: fixes are left after fixing"
        had = [d for d in found_in(name, number) if d.fix and d.fix.applicability in applicable]
        assert bool(fixed.applied.get(name)) is bool(had), case.title
        if fixed.data is None:
            continue
        again = runner_for(case, *case.rules).fix_bytes(fixed.data, case.filename, unsafe=unsafe)
        assert again.data is None, f"{case.title}: a second run changes the text again"
        assert [d for d in fixed.remaining if d.rule == "invalid-syntax"] == [
            d for d in found_in_all(case) if d.rule == "invalid-syntax"
        ]


def found_in_all(case: Case) -> list[LocatedDiagnostic]:
    return runner_for(case, *case.rules).check_bytes(case_bytes(case), case.filename)


@every_rule
def test_safe_fixes_keep_every_comment(name: str) -> None:
    for case in cases_of(name):
        before = comments([cell.source for cell in split_cells(case.code)] if case.kind == "ipynb" else [case.code])
        after = comments(fix_case(case, registry()).cells)
        assert not before - after, case.title


def comments(cells: list[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for source in cells:
        try:
            tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
        except (tokenize.TokenError, SyntaxError):
            continue  # a cell of prose, or with magics
        found.update(token.string for token in tokens if token.type == tokenize.COMMENT)
    return found


# Notebooks


@every_rule
def test_notebooks_are_treated_as_scripts(name: str) -> None:
    """The same code gives the same diagnostics as a script, as one cell, and as a cell for each statement."""
    if "Notebook behaviour" in page_sections(rule_class(name).page()):
        return
    for number, case in enumerate(cases_of(name)):
        if case.kind != "py" or not case.filename.endswith(".py") or "mllint:" in case.code:
            continue
        expected = [(d.location.row, d.location.column, d.message) for d in found_in(name, number)]
        for cells in ([case.code], statements(case.code)):
            assert in_cells(name, case, cells) == expected, f"{case.title}: differs in {len(cells)} cells"


def in_cells(name: str, case: Case, cells: list[str]) -> list[tuple[int, int, str]]:
    filename = case.filename.removesuffix(".py") + ".ipynb"
    starts = [0]
    for cell in cells:
        starts.append(starts[-1] + cell.count("\n") + 1)
    return [
        (starts[(d.cell or 1) - 1] + d.location.row, d.location.column, d.message)
        for d in runner_for(case, name).check_cells(cells, filename)
        if d.rule == name
    ]


def statements(code: str) -> list[str]:
    """Split code before each top-level statement; the pieces joined by newlines are the code."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return [code]
    firsts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))]) for node in body]
    ends = [node.end_lineno or node.lineno for node in body]
    cuts = [0] + [first - 1 for first, end in zip(firsts[1:], ends[:-1], strict=True) if first > end]
    lines = code.split("\n")
    return ["\n".join(lines[start:end]) for start, end in zip(cuts, [*cuts[1:], len(lines)], strict=True)]


# Robustness


def foreign_files() -> list[Path]:
    folders = (FIXTURES / "hostile", FIXTURES / "notebooks")
    return sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".ipynb") and path.is_file()
    )


@pytest.mark.parametrize("path", foreign_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_rule_fails_on_foreign_files(path: Path) -> None:
    found = RuleTester(registry=registry()).check_bytes(path.read_bytes(), path.name)
    assert [diagnostic.message for diagnostic in found if diagnostic.rule == "rule-failure"] == []
