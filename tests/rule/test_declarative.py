from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from mllint import Applicability, Confidence, Rule, Severity, Tier
from mllint.config.errors import ConfigError
from mllint.rule.declarative import DeclarativeRule
from mllint.rule.declarative.loading import load_rules, parse_rules
from mllint.rule.manifest import describe
from mllint.rule.pack import Pack
from mllint.rule.registry import Registry
from mllint.rule.rule import page_sections
from mllint.testing import RuleTester
from mllint.testing.examples import check_examples

KNOWLEDGE = """
library = "Acme"
modules = ["acme"]
import-names = { ac = "acme" }
[aliases]
"acme.old_io" = "acme.io"
"acme.old_load" = "acme.load"
[functions."acme.load"]
roles = ["loads-data"]
parameters = "path, revision=None, *, strict=False"
returns = "acme.Table"
[functions."acme.open"]
roles = ["loads-data"]
parameters = "path"
[classes."acme.Table"]
[classes."acme.Table".methods.head]
parameters = "n=5"
[classes."acme.Wide"]
bases = ["acme.Table"]
"""
HEADER = """
[[rule]]
name = "the-rule"
category = "data"
summary = "A summary."
message = "Found"
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry of no rules that knows the library ``acme``."""
    root = tmp_path_factory.mktemp("pack")
    (root / "knowledge").mkdir()
    (root / "knowledge" / "acme.toml").write_text(KNOWLEDGE)
    return Registry([Pack("acme", "", root, knowledge=(root / "knowledge",))])


def rule_of(body: str, header: str = HEADER) -> type[DeclarativeRule]:
    (rule,) = parse_rules(header + dedent(body), Path("rules.toml"))
    return rule


def rows(registry: Registry, body: str, code: str, header: str = HEADER, **setup: object) -> list[int]:
    tester = RuleTester(rule_of(body, header), registry=registry, **setup)  # type: ignore[arg-type]
    return [diagnostic.location.row for diagnostic in tester.check(dedent(code).lstrip("\n"))]


def fixed(registry: Registry, body: str, code: str, header: str = HEADER) -> str:
    """The code with all fixes, which must remove every finding that they are for."""
    result = RuleTester(rule_of(body, header), registry=registry).fix(dedent(code).lstrip("\n"), unsafe=True)
    assert result.failures == []
    return result.text


# Calls


CALL = """
[[rule.match]]
call = "acme.load"
when = [{ argument = "revision", is = %s }]
"""


@pytest.mark.parametrize(
    ("test", "matching"),
    [
        ('"absent"', {"acme.load('x')"}),
        ('"present"', {"acme.load('x', 'main')", "acme.load('x', revision=None)", "acme.load('x', revision=name)"}),
        ('"none"', {"acme.load('x', revision=None)"}),
        ('["absent", "none"]', {"acme.load('x')", "acme.load('x', revision=None)"}),
        ('"literal"', {"acme.load('x', 'main')", "acme.load('x', revision=None)"}),
        ('{ literal = "main" }', {"acme.load('x', 'main')"}),
        ('{ not-literal = "main" }', {"acme.load('x', revision=None)"}),
        ('{ matches = "^ma" }', {"acme.load('x', 'main')"}),
        ("{ written = '^.main' }", {"acme.load('x', 'main')"}),
        ('{ kind = "builtins.str" }', {"acme.load('x', 'main')"}),
        ('{ kind = ["builtins.int", "builtins.str"] }', {"acme.load('x', 'main')"}),
        ("3", set()),
    ],
)
def test_what_is_unknown_never_matches(registry: Registry, test: str, matching: set[str]) -> None:
    calls = [
        "acme.load('x')",
        "acme.load('x', 'main')",
        "acme.load('x', revision=None)",
        "acme.load('x', revision=name)",
        "acme.load('x', **options)",
        "acme.load(*paths)",
    ]
    found = rows(registry, CALL % test, "import acme\nname = input()\n" + "\n".join(calls))
    assert {calls[row - 3] for row in found} == matching


@pytest.mark.parametrize(
    ("value", "code"), [("true", "True"), ("1", "1"), ("1.5", "1.5"), ("{ literal = [1, 2] }", "(1, 2)")]
)
def test_literals_are_compared_with_their_type(registry: Registry, value: str, code: str) -> None:
    values = ["True", "1", "1.5", "(1, 2)", "'1'"]
    body = f'[[rule.match]]\ncall = "acme.load"\nwhen = [{{ argument = "strict", is = {value} }}]'
    found = rows(registry, body, "import acme\n" + "\n".join(f"acme.load('x', strict={text})" for text in values))
    assert [values[row - 2] for row in found] == [code]


def test_string_prefixes_match_regular_expressions(registry: Registry) -> None:
    body = '[[rule.match]]\ncall = "acme.load"\nwhen = [{ argument = "path", is = { matches = "^http:" } }]'
    assert rows(registry, body, "import acme\nacme.load(f'http://host/{name}')\nacme.load(f'{name}http:')") == [2]


def test_position_tells_an_argument_of_an_unknown_signature(registry: Registry) -> None:
    body = '[[rule.match]]\ncall = "other.get"\nwhen = [{ argument = "url", position = 1, is = { literal = "x" } }]'
    assert rows(registry, body, "import other\nother.get(1, 'x')\nother.get('x')\nother.get(url='x')") == [2, 4]


def test_all_conditions_must_hold_and_the_first_match_decides(registry: Registry) -> None:
    body = """
    [[rule.match]]
    call = ["acme.load", "acme.open"]
    when = [{ argument = "revision", is = "absent" }, { argument = "strict", is = true }]
    message = "first"
    [[rule.match]]
    call = "acme.load"
    message = "second"
    """
    code = "import acme\nacme.load('x', strict=True)\nacme.load('x')\nacme.open('x')\n"
    found = RuleTester(rule_of(body), registry=registry).check(code)
    assert [(d.location.row, d.message) for d in found] == [(2, "first"), (3, "second")]


def test_roles_match_the_functions_of_the_user(registry: Registry) -> None:
    body = '[[rule.match]]\nrole = "loads-data"'
    code = "import acme, own\nacme.open('x')\nown.read('x')\n"
    assert rows(registry, body, code) == [2]
    assert rows(registry, body, code, settings={"roles": {"own.read": "loads-data"}}) == [2, 3]


def test_methods_match_on_values_of_the_class_and_its_subclasses(registry: Registry) -> None:
    body = '[[rule.match]]\ncall = "acme.Table.head"'
    assert rows(registry, body, "import acme\nacme.load('x').head()\nacme.Wide().head()\nx.head()\n") == [2, 3]


def test_calls_match_under_an_old_name_only_where_it_is_written(registry: Registry) -> None:
    body = '[[rule.match]]\ncall = "acme.old_load"'
    code = "import acme\nfrom acme import old_load as get\nacme.old_load('x')\nacme.load('x')\nget('x')\n"
    assert rows(registry, body, code) == [3, 5]


def test_usual_aliases_are_believed_with_less_confidence(registry: Registry) -> None:
    for body in ('[[rule.match]]\ncall = "acme.load"', '[[rule.match]]\nattribute = "acme.load"'):
        (found,) = RuleTester(rule_of(body), registry=registry).check_cells(["ac.load('x')"])
        assert found.confidence == "medium"


# Names and imports


ATTRIBUTE = """
[[rule.match]]
attribute = "acme.float"
fix = { kind = "replace-name", to = "%s", applicability = "safe", message = "Rename" }
"""


def test_attributes_match_wherever_they_are_used(registry: Registry) -> None:
    code = """
    import acme
    import acme as a
    from acme import float as f
    x = acme.float
    y = a.float(3)
    print(f, f)
    acme.float = 3
    """
    assert rows(registry, ATTRIBUTE % "acme.float64", code) == [3, 4, 5]


def test_an_attribute_is_renamed_with_its_imports(registry: Registry) -> None:
    code = "import acme\nfrom acme import float, load\nx = float(acme.float(3))\n"
    expected = "import acme\nfrom acme import float64, load\nx = float64(acme.float64(3))\n"
    assert fixed(registry, ATTRIBUTE % "acme.float64", code) == expected


def test_an_attribute_becomes_a_builtin_name(registry: Registry) -> None:
    assert fixed(registry, ATTRIBUTE % "float", "import acme\nx = acme.float(3)\n") == "import acme\nx = float(3)\n"
    shadowed = "import acme\nfloat = 3\nx = acme.float(3)\n"
    assert fixed(registry, ATTRIBUTE % "float", shadowed) == shadowed


def test_an_import_of_several_names_loses_the_one_that_moves(registry: Registry) -> None:
    code = "from acme import load, float as f\nx = f(3)\n"
    expected = "from acme.types import float64 as f\nfrom acme import load\nx = f(3)\n"
    assert fixed(registry, ATTRIBUTE % "acme.types.float64", code) == expected


def test_an_attribute_moves_to_another_module(registry: Registry) -> None:
    code = "import acme\nx = acme.float(3)\n"
    assert fixed(registry, ATTRIBUTE % "acme.types.float64", code) == "import acme\nx = acme.types.float64(3)\n"
    code = "import acme\nx = acme.float(3)\n"
    assert fixed(registry, ATTRIBUTE % "other.float64", code).splitlines()[-1].startswith("x = ")
    assert "other" in fixed(registry, ATTRIBUTE % "other.float64", code).splitlines()[1]


IMPORT = """
[[rule.match]]
import = "acme.old_io"
fix = { kind = "move-import", from = "acme.old_io", to = "acme.io", applicability = "safe", message = "Move" }
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from acme.old_io import read\nread()\n", "from acme.io import read\nread()\n"),
        ("from acme.old_io.csv import read\n", "from acme.io.csv import read\n"),
        ("from acme.old_io import *\n", "from acme.io import *\n"),
        ("import acme.old_io as io\nio.read()\n", "import acme.io as io\nio.read()\n"),
        ("import acme.old_io\nacme.old_io.read()\n", "import acme.io\nacme.io.read()\n"),
        ("from acme import old_io\nold_io.read()\n", "from acme import io\nio.read()\n"),
        ("from acme import old_io as x, load\n", "from acme import io as x, load\n"),
        ("import acme\nacme.old_io.read()\n", "import acme\nacme.io.read()\n"),
        ("from acme.io import read\n", "from acme.io import read\n"),
    ],
)
def test_imports_are_moved(registry: Registry, before: str, after: str) -> None:
    assert fixed(registry, IMPORT, before) == after
    assert bool(rows(registry, IMPORT, before)) is (before != after)


def test_a_name_in_the_way_keeps_an_import_where_it_is(registry: Registry) -> None:
    code = "from acme import old_io\nio = 3\nold_io.read(io)\n"
    assert fixed(registry, IMPORT, code) == code


def test_guarded_code_is_left_alone(registry: Registry) -> None:
    code = """
    try:
        from acme.io import read
    except ImportError:
        from acme.old_io import read
    if acme.__version__ < "2":
        import acme.old_io
    import acme.old_io
    """
    assert rows(registry, IMPORT, code) == [7]
    assert rows(registry, IMPORT.replace("import =", "unless-guarded = false\nimport =", 1), code) == [4, 6, 7]


def test_calls_are_guarded_in_rules_about_deprecations_only(registry: Registry) -> None:
    code = "import acme\nif hasattr(acme, 'open'):\n    acme.load('x')\nacme.load('x')\n"
    body = '[[rule.match]]\ncall = "acme.load"'
    assert rows(registry, body, code) == [3, 4]
    assert rows(registry, body, code, HEADER.replace('"data"', '"deprecated"')) == [4]


# Versions


VERSION = """
[[rule.match]]
call = "acme.load"
version = { distribution = "Acme_Tools", range = ">=2.6" }
"""


@pytest.mark.parametrize(
    ("dependencies", "reported"),
    [
        ([], False),
        (["acme-tools"], False),
        (["acme-tools>=2.6"], True),
        (["acme-tools==2.7.1"], True),
        (["acme-tools>=2.0"], False),
        (["acme-tools<2.6"], False),
    ],
)
def test_versions_decide(registry: Registry, dependencies: list[str], reported: bool) -> None:
    code = "import acme\nacme.load('x')\n"
    assert bool(rows(registry, VERSION, code, dependencies=dependencies)) is reported


def test_unknown_versions_count_if_the_rule_says_so(registry: Registry) -> None:
    body = VERSION.replace('">=2.6"', '">=2.6", when-unknown = "report"')
    code = "import acme\nacme.load('x')\n"
    assert rows(registry, body, code) == [2]
    assert rows(registry, body, code, dependencies=["acme-tools<2"]) == []


# Messages


def test_placeholders_are_filled(registry: Registry) -> None:
    body = """
    [[rule.match]]
    call = "acme.load"
    message = "`{call}` ({name}) of {argument:path}: {value}, {{}}"
    help = "Not {argument:path}"
    when = [{ argument = "revision", is = "present" }]
    """
    (found,) = RuleTester(rule_of(body), registry=registry).check("import acme as a\na.load('x', revision=f(1))\n")
    assert found.message == "`a.load` (acme.load) of 'x': f(1), {}"
    assert found.help == "Not 'x'"


# Fixes of calls


def call_fix(fix: str, when: str = "[]") -> str:
    return f'[[rule.match]]\ncall = "acme.load"\nwhen = {when}\n[rule.match.fix]\napplicability = "safe"\nmessage = "Fix"\n{fix}'


@pytest.mark.parametrize(
    ("fix", "when", "before", "after"),
    [
        (
            'kind = "set-keyword"\nname = "revision"\nvalue = "\'main\'"',
            '[{ argument = "revision", is = ["absent", "none"] }]',
            "acme.load('x')\nacme.load('x', revision=None)\nacme.load('x', None)",
            "acme.load('x', revision='main')\nacme.load('x', revision='main')\nacme.load('x', 'main')",
        ),
        (
            'kind = "set-keyword"\nname = "revision"\nvalue = "{seed}"',
            '[{ argument = "revision", is = "absent" }]',
            "acme.load('x')",
            "acme.load('x', revision=42)",
        ),
        (
            'kind = "replace-value"\nname = "strict"\nvalue = "not {argument:path}"',
            '[{ argument = "strict", is = true }]',
            "acme.load('x', strict=True)",
            "acme.load('x', strict=not 'x')",
        ),
        (
            'kind = "rename-keyword"\nfrom = "rev"\nto = "revision"',
            '[{ argument = "rev", is = "present" }]',
            "acme.load('x', rev=1)  # why",
            "acme.load('x', revision=1)  # why",
        ),
        (
            'kind = "remove-argument"\nname = "strict"',
            '[{ argument = "strict", is = "present" }]',
            "acme.load('x', strict=True)\nacme.load(strict=True, path='x')\nacme.load(strict=1)",
            "acme.load('x')\nacme.load(path='x')\nacme.load()",
        ),
        (
            'kind = "rename-callee"\nto = "open"',
            "[]",
            "acme.load('x')",
            "acme.open('x')",
        ),
        (
            'kind = "replace-call"\ntemplate = "{argument:path}.read({argument:revision}) + 1"',
            '[{ argument = "revision", is = "present" }]',
            "acme.load(a or b, revision=c or d).x\ny = acme.load(a, 1)",
            "((a or b).read(c or d) + 1).x\ny = a.read(1) + 1",
        ),
        (
            'kind = "replace-call"\ntemplate = "{call}.now({arguments})"',
            "[]",
            "acme.load('x', *y)",
            "acme.load.now('x', *y)",
        ),
    ],
)
def test_fixes_of_calls(registry: Registry, fix: str, when: str, before: str, after: str) -> None:
    rule = rule_of(call_fix(fix, when))
    result = RuleTester(rule, registry=registry).fix(f"import acme\n{before}\n")
    assert result.text == f"import acme\n{after}\n"
    assert result.failures == []


def test_a_fix_brings_its_import(registry: Registry) -> None:
    body = call_fix('kind = "replace-call"\ntemplate = "{import}({argument:path})"\nimport = "pathlib:Path"')
    text = fixed(registry, body, "import acme\nx = acme.load('x')\n")
    assert text == "import acme\nfrom pathlib import Path\nx = Path('x')\n"


def test_a_fix_that_would_lose_a_comment_is_left_out(registry: Registry) -> None:
    body = call_fix('kind = "replace-call"\ntemplate = "acme.open({argument:path})"')
    code = "import acme\nacme.load(\n    'x',  # the data\n    1,\n)\n"
    (found,) = RuleTester(rule_of(body), registry=registry).check(code)
    assert found.fix is None


def test_a_fix_that_needs_a_missing_argument_is_left_out(registry: Registry) -> None:
    body = call_fix('kind = "replace-call"\ntemplate = "acme.open({argument:revision})"')
    found = RuleTester(rule_of(body), registry=registry).check("import acme\nacme.load('x')\nacme.load('x', 1)\n")
    assert [diagnostic.fix is not None for diagnostic in found] == [False, True]


# The class


def test_a_rule_has_the_metadata_of_its_table() -> None:
    rule = rule_of(
        """
        what = "Finds things."
        why = "They are bad."
        example = "acme.load()"
        use-instead = "acme.load(1)"
        fix-safety = "Never applied."
        references = ["https://example.org/", "A book"]
        [[rule.match]]
        call = "acme.load"
        [rule.match.fix]
        kind = "set-keyword"
        name = "x"
        value = "1"
        applicability = "display-only"
        message = "Set `x`"
        [[rule.match]]
        attribute = "acme.float"
        [rule.match.fix]
        kind = "replace-name"
        to = "float"
        applicability = "safe"
        message = "Use `float`"
        """,
        HEADER
        + 'tier = "pedantic"\nseverity = "info"\nconfidence = "low"\nlibraries = ["Acme"]\naliases = ["old-rule"]\n'
        + 'sources = { other = "X1" }\nsince = "0.2"\n',
    )
    assert issubclass(rule, Rule)
    info = describe(rule, "pack", "rules.toml")
    assert (rule.tier, rule.severity, rule.confidence) == (Tier.PEDANTIC, Severity.INFO, Confidence.LOW)
    assert rule.fixes == (Applicability.SAFE, Applicability.DISPLAY)
    assert info.triggers == ("float", "load")
    assert (info.libraries, info.aliases, info.sources, info.since) == (
        ("Acme",),
        ("old-rule",),
        {"other": "X1"},
        "0.2",
    )
    sections = page_sections(rule.page())
    assert list(sections) == [
        *("", "What it does", "Why is this bad", "Example", "Use instead", "Fix safety", "References"),
    ]
    assert sections["Example"] == "```python\nacme.load()\n```"
    assert sections["References"] == "- <https://example.org/>\n- A book"
    assert rule.summary() == "A summary."


def test_a_page_can_be_written_whole() -> None:
    rule = rule_of('doc = """\n## What it does\nThis.\n"""\n[[rule.match]]\nrole = "loads-data"')
    assert rule.page() == "A summary.\n\n## What it does\nThis."
    assert describe(rule, "pack", "rules.toml").triggers == ()


def test_examples_are_run(registry: Registry) -> None:
    body = """
    [[rule.match]]
    call = "acme.load"
    when = [{ argument = "revision", is = "absent" }]
    fix = { kind = "set-keyword", name = "revision", value = "1", applicability = "unsafe", message = "Set it" }
    [[rule.examples]]
    bad = "import acme\\nacme.load('x')\\n"
    fixed = "import acme\\nacme.load('x', revision=1)\\n"
    good = "%s"
    """
    assert check_examples(rule_of(body % "import acme\\nacme.load('x', 1)"), registry) == []
    (failure,) = check_examples(rule_of(body % "import acme\\nacme.load('x')"), registry)
    assert failure == "the-rule: the good code of example 1 is reported in line 2: Found"


# Errors


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rule = 3", "rules.toml:1: has no [[rule]] table"),
        ("[[rule]\n", "rules.toml:1: is not valid TOML"),
        ("[[rules]]\nname = 'x'", 'rules.toml:1: unknown key "rules"'),
        (HEADER + "mesage = 'x'", 'rules.toml:7: rule "the-rule": unknown key "mesage"; did you mean "message"?'),
        (
            HEADER + "[[rule.match]]\ncal = 'x'",
            'rules.toml:8: rule "the-rule": "match": unknown key "cal"; did you mean',
        ),
        ("[[rule]]\nname = 'x'", 'rules.toml:1: rule "x": key "category" is missing'),
        (HEADER.replace("the-rule", "The_Rule") + "[[rule.match]]\ncall = 'a.b'", 'rules.toml:3: rule name "The_Rule"'),
        (
            HEADER.replace('"data"', '"dat"') + "[[rule.match]]\ncall = 'a.b'",
            'unknown category "dat"; did you mean "data"?',
        ),
        (HEADER + "match = []", "rules.toml:7: a rule needs at least one [[rule.match]]"),
        (HEADER + "[[rule.match]]\ncall = 'a'\nrole = 'b'", "rules.toml:7: a match has exactly one of"),
        (HEADER + "[[rule.match]]\ncall = 'a b'", 'rules.toml:8: "a b" is not a qualified name'),
        (HEADER + "[[rule.match]]\nattribute = 'a'\nwhen = [{ argument = 'x', is = 1 }]", "only calls have them"),
        (HEADER + CALL % '"gone"', 'rules.toml:10: "is" takes one of the words'),
        (HEADER + CALL % "{ literal = 1, matches = 'x' }", "exactly one of the keys"),
        (HEADER + CALL % "{ matches = '(' }", "is not a regular expression"),
        (HEADER + VERSION.replace(">=2.6", "2.6 or so"), '"2.6 or so" is not a version range'),
        (
            HEADER.replace("Found", "{caller}") + "[[rule.match]]\ncall = 'a'",
            "rules.toml:6: unknown placeholder {caller}",
        ),
        (HEADER.replace("Found", "{") + "[[rule.match]]\ncall = 'a'", "a brace that is no placeholder is doubled"),
        (HEADER.replace('message = "Found"', "") + "[[rule.match]]\ncall = 'a'", '"message" is missing'),
        (HEADER + ATTRIBUTE.replace("replace-name", "rename-callee") % "x", "the match is not of calls"),
        (HEADER + call_fix('kind = "set-keyword"\nname = "x"\nvalue = "1 +"'), '"value" is not a Python expression'),
        (HEADER + call_fix('kind = "replace-call"\ntemplate = "{import}()"'), '"{import}" needs the key "import"'),
        (
            HEADER + call_fix('kind = "rename-calle"'),
            'rules.toml:13: rule "the-rule": "match.fix.kind": there is no fix of the kind "rename-calle"; did',
        ),
        (HEADER + "[[rule.match]]\ncall = 'a'\n" + HEADER + "[[rule.match]]\ncall = 'a'", "is defined twice"),
    ],
)
def test_errors_name_file_and_row(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_rules(text, Path("rules.toml"))
    assert message in str(caught.value)
    assert all(re.match(r"rules\.toml:\d+: \S", line) for line in str(caught.value).splitlines())


def test_all_problems_of_a_file_are_named() -> None:
    text = HEADER + "[[rule.match]]\n" + HEADER.replace("the-rule", "other-rule") + "[[rule.match]]\ncal = 'a'\n"
    with pytest.raises(ConfigError) as caught:
        parse_rules(text, Path("rules.toml"))
    assert len(str(caught.value).splitlines()) == 2


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_rules(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9\n")
    with pytest.raises(ConfigError, match=r"latin\.toml:1: is not UTF-8"):
        load_rules(tmp_path / "latin.toml")
