from __future__ import annotations

import subprocess
import sys

import pytest

from mllint import CallSite, Context, Rule, RuleOptions, on_call, on_unit
from mllint.config.errors import ConfigError
from mllint.testing import RuleTester, check_cells, check_page, check_text, fix_cells, fix_text


class LoudOptions(RuleOptions, frozen=True, kw_only=True):
    words: tuple[str, ...] = ("loud",)


class LoudCall(Rule):
    """A call of ``loud``.

    ## Example
    ```python
    import pkg
    pkg.loud()
    ```

    ## Use instead
    ```python
    import pkg
    pkg.quiet()
    ```
    """

    name = "loud-call"
    category = "data"
    Options = LoudOptions

    @on_call()
    def check(self, call: CallSite, ctx: Context) -> None:
        if call.last_name in self.options.words:
            ctx.report(call, f"Too loud with seed {ctx.settings.seed}")


class ProjectWords(Rule):
    """Says what it sees of the project."""

    name = "project-words"
    category = "project"

    @on_unit
    def check(self, ctx: Context) -> None:
        words = [*ctx.project.dependencies, *sorted(ctx.project.files), ctx.project.version_range("torch")]
        ctx.report(ctx.unit.cells[0].range, " ".join(words))


def test_rules_can_be_classes() -> None:
    (found,) = check_text("import pkg\npkg.loud()\n", LoudCall)
    assert (found.rule, found.category, found.location.row, found.filename) == ("loud-call", "data", 2, "example.py")
    (found,) = check_cells(["import pkg", "pkg.loud()"], [LoudCall])
    assert (found.cell, found.location.row, found.cell_id) == (2, 1, "cell-2")


def test_settings_and_options_reach_the_rule() -> None:
    settings = {"seed": 7, "rules": {"loud-call": {"words": ["shout"]}}}
    (found,) = check_text("pkg.loud()\npkg.shout()\n", LoudCall, settings=settings)
    assert found.message == "Too loud with seed 7"
    assert (
        check_text("pkg.loud()\n", LoudCall, settings={"per-file-ignores": {"tests/*": ["ALL"]}}, filename="tests/a.py")
        == []
    )


def test_suppressions_hold() -> None:
    assert check_text("pkg.loud()  # mllint: ignore[loud-call] for a reason\n", LoudCall) == []


def test_dependencies_and_files_make_a_project() -> None:
    (found,) = check_text("x = 1\n", ProjectWords, dependencies=["Torch>=2.6", "a_b"])
    assert found.message == "torch a-b >=2.6"
    (found,) = check_text("x = 1\n", ProjectWords, dependencies=["torch==2.6"], files={"README.md": "# Title"})
    assert found.message.startswith("torch ")
    assert "README.md" in found.message
    assert found.message.endswith("==2.6")


def test_wrong_set_ups_are_said_at_once() -> None:
    with pytest.raises(KeyError, match="there is no rule 'no-such-rule'"):
        RuleTester("no-such-rule")
    with pytest.raises(ConfigError, match='unknown key "sed"; did you mean "seed"'):
        RuleTester(LoudCall, settings={"sed": 7})
    with pytest.raises(ValueError, match="is not a requirement"):
        RuleTester(LoudCall, dependencies=["torch >= = 2"])


def test_fixing_what_has_no_fix_changes_nothing() -> None:
    assert fix_text("pkg.loud()\n", LoudCall, unsafe=True) == "pkg.loud()\n"
    assert fix_cells(["pkg.loud()", "x"], LoudCall) == ["pkg.loud()", "x"]
    fixed = RuleTester(LoudCall).fix("pkg.loud()\n")
    assert (fixed.data, fixed.applied, fixed.failures) == (None, {}, [])
    assert [diagnostic.rule for diagnostic in fixed.remaining] == ["loud-call"]


def test_pages_are_tried() -> None:
    assert check_page(LoudCall) == []

    class WrongPage(LoudCall):
        """A call.

        ## Example
        ```python
        pkg.quiet()
        ```
        """

        name = "wrong-page"

    assert check_page(WrongPage) == [
        'wrong-page: the code of "Example" is not reported',
        'wrong-page: the section "Use instead" has no block of code',
    ]


def test_the_plugin_imports_nothing_of_mllint() -> None:
    code = (
        "import sys, mllint.testing.pytest_plugin\n"
        "heavy = {'libcst', 'nbformat', 'rich', 'msgspec', 'mllint.rule.rule', 'mllint.testing.tester'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
