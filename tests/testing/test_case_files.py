from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call
from mllint.rule.manifest import describe
from mllint.rule.registry import Registry
from mllint.testing import CaseError, Mark, check_case, read_case_file, update_case_file
from mllint.testing.cases import take_marks
from mllint.testing.notebooks import join_cells, split_cells


class LoudCall(Rule):
    """A call of ``loud``."""

    name = "loud-call"
    category = "data"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)

    @on_call("pkg.loud")
    def check(self, call: CallSite, ctx: Context) -> None:
        safe = bool(call.node.args)
        ctx.report(
            call,
            "Too loud",
            fix=Fix(
                "Be quiet",
                [ctx.fix.rename_callee(call.node, "quiet")],
                Applicability.SAFE if safe else Applicability.UNSAFE,
            ),
        )


class FailingRule(Rule):
    """Raises."""

    name = "failing-rule"
    category = "data"

    @on_call("pkg.fails")
    def check(self, call: CallSite, ctx: Context) -> None:
        raise ValueError("no")


@pytest.fixture
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """A registry with the rules of this file, as a pack that is not a package."""
    root = tmp_path_factory.mktemp("pack")
    registry = Registry([])
    for rule in (LoudCall, FailingRule):
        registry.rules[rule.name] = describe(rule, "test", str(root))
    registry.load = lambda name, options=None: {"loud-call": LoudCall, "failing-rule": FailingRule}[name]()  # type: ignore[method-assign]
    return registry


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "loud-call.md"
    path.write_text(dedent(text).lstrip("\n"))
    return path


def failures(path: Path, registry: Registry) -> list[str]:
    return [failure for case in read_case_file(path).cases for failure in check_case(case, registry)]


# Marks


def test_marks_are_taken_out() -> None:
    code, marks, rows = take_marks(
        dedent(
            '''
            x = 1  # why  # error: [a] 1-2 "part \\"of\\" it" # error: [b]
            # error: [c]
            y = """
            text # error: [d]
            """
            # error: [e]
            '''
        ).strip("\n"),
        first_row=10,
    )
    assert code == 'x = 1  # why\ny = """\ntext\n"""'
    assert marks == (
        Mark("a", 1, (1, 2), 'part "of" it'),
        Mark("b", 1),
        Mark("c", 2),
        Mark("d", 3),
        Mark("e", 4),
    )
    assert rows == (11, 13, 14, 15)
    assert str(marks[0]) == '[a] 1-2 "part \\"of\\" it"'


@pytest.mark.parametrize(
    "mark", ["# error: a", "# error: [A]", "# error: [a] 3", '# error: [a] "x', "# error: [a] why"]
)
def test_what_looks_like_a_mark_must_be_one(mark: str) -> None:
    with pytest.raises(CaseError, match=r"^code:2: not a mark: "):
        take_marks(f"\nx = 1  {mark}")


# Notebooks


def test_cells_are_split_and_joined() -> None:
    text = 'x = 1\n# %% [markdown]\n# Title\n# %% tags=["a"] execution_count=3\n%time y\n\n# %%\n'
    cells = split_cells(text)
    assert [(cell.kind, cell.source, cell.row) for cell in cells] == [
        ("code", "x = 1", 1),
        ("markdown", "# Title", 3),
        ("code", "%time y\n", 5),
        ("code", "", 8),
    ]
    assert cells[2].fields == {"tags": ["a"], "execution_count": 3}
    assert split_cells(join_cells(cells)) == [cell._replace(source=cell.source.rstrip("\n")) for cell in cells[:2]] + [
        cells[2]._replace(source="%time y"),
        cells[3]._replace(row=7),
    ]


def test_a_field_of_a_cell_must_be_json() -> None:
    with pytest.raises(ValueError, match="'tags'"):
        split_cells("# %% tags=[a]\n")


# Files


def test_cases_have_titles_settings_and_fixed_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        """
        # loud-call
        Prose.

        ```py
        x = 1
        ```

        ## Second
        ```toml
        dependencies = ["torch>=2.6"]
        filename = "src/a.py"
        [tool.mllint]
        seed = 7
        ```
        ```py
        import pkg
        pkg.loud()  # error: [loud-call]
        ```
        ```py unsafe-fixed
        import pkg
        pkg.quiet()
        ```
        ```ipynb
        # %%
        x
        ```
        ```console
        $ ignored
        ```
        ## Third
        ```py
        ```
        """,
    )
    first, second, third, fourth = read_case_file(path).cases
    assert [case.title for case in (first, second, third, fourth)] == ["loud-call", "Second", "Second (2)", "Third"]
    assert (first.settings, first.filename, first.is_firing) == ({}, "example.py", False)
    assert (second.settings, second.filename, second.is_firing) == ({"seed": 7}, "src/a.py", True)
    assert second.dependencies == third.dependencies == ("torch>=2.6",)
    assert second.unsafe_fixed is not None and second.unsafe_fixed.text == "import pkg\npkg.quiet()\n"
    assert (third.kind, fourth.code, fourth.settings) == ("ipynb", "", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("```py\nx = 1\n", ":1: the block is not closed"),
        ("```toml\nx = \n```\n", ":2: not valid TOML"),
        ("```toml\ntools = 1\n```\n", ':1: unknown key "tools"'),
        ("```py fixed\n```\n", ':1: a "py fixed" block follows the block'),
        ("```py\n```\n```ipynb fixed\n```\n", ':3: a "ipynb fixed" block follows'),
        ("```py\n```\n```py fixed\n```\n```py fixed\n```\n", ":5: the block in line 1 already has a fixed text"),
        ("```py mended\n```\n", ':1: after "py" a block says nothing'),
    ],
)
def test_errors_name_file_and_row(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CaseError) as caught:
        read_case_file(path)
    assert str(caught.value).startswith(f"{path}{message}")


# Running


def test_a_right_file_has_no_failures(tmp_path: Path, registry: Registry) -> None:
    path = write(
        tmp_path,
        """
        ```py
        import pkg
        pkg.loud(1)  # error: [loud-call] 1-9 "loud"
        pkg.loud()  # error: [loud-call]
        ```
        ```py fixed
        import pkg
        pkg.quiet(1)
        pkg.loud()
        ```
        ```py unsafe-fixed
        import pkg
        pkg.quiet(1)
        pkg.quiet()
        ```
        ```ipynb
        # %% [markdown]
        # Title
        # %%
        import pkg
        # %%
        # error: [loud-call]
        pkg.loud(1)
        ```
        ```ipynb fixed
        # %% [markdown]
        # Title
        # %%
        import pkg
        # %%
        pkg.quiet(1)
        ```
        ```py
        x = 1
        ```
        """,
    )
    assert failures(path, registry) == []


def test_differences_are_shown_with_their_lines(tmp_path: Path, registry: Registry) -> None:
    path = write(
        tmp_path,
        """
        ## Title
        ```py
        import pkg
        pkg.loud(1)
        x = 1  # error: [loud-call] "quiet"
        ```
        """,
    )
    assert failures(path, registry) == [
        f"{path}:2: Title: marks and diagnostics differ\n"
        "  line 4: pkg.loud(1)\n"
        '    + found    [loud-call] 1-9 "Too loud"\n'
        "  line 5: x = 1\n"
        '    - expected [loud-call] "quiet"'
    ]


def test_columns_and_messages_must_agree(tmp_path: Path, registry: Registry) -> None:
    for mark in ("[loud-call] 1-8", '[loud-call] "Too quiet"'):
        path = write(tmp_path, f"```py\nimport pkg\npkg.loud(1)  # error: {mark}\n```\n")
        (failure,) = failures(path, registry)
        assert f"- expected {mark}" in failure
        assert "+ found    [loud-call]" in failure


def test_a_wrong_fixed_text_is_shown_and_can_be_rewritten(tmp_path: Path, registry: Registry) -> None:
    path = write(
        tmp_path,
        """
        ```py
        import pkg
        pkg.loud(1)  # error: [loud-call]
        ```
        ```py fixed
        ```
        ```py unsafe-fixed
        import pkg
        ```
        After.
        """,
    )
    assert len(failures(path, registry)) == 2
    assert "+pkg.quiet(1)" in failures(path, registry)[0]
    assert update_case_file(path, registry)
    assert failures(path, registry) == []
    assert path.read_text().endswith("```py unsafe-fixed\nimport pkg\npkg.quiet(1)\n```\nAfter.\n")
    assert not update_case_file(path, registry)


def test_a_rule_that_raises_fails_the_cases_of_others(tmp_path: Path, registry: Registry) -> None:
    path = write(tmp_path, "```py\nimport pkg\npkg.fails()\n```\n")
    assert any("`failing-rule` failed: ValueError: no" in failure for failure in failures(path, registry))


def test_code_that_does_not_parse_must_be_marked(tmp_path: Path, registry: Registry) -> None:
    path = write(tmp_path, "```py\nx = = 1\n```\n")
    (failure,) = failures(path, registry)
    assert "+ found    [invalid-syntax]" in failure
