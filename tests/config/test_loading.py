"""Which configuration holds for a file, and what it resolves to."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mllint.config.errors import ConfigError
from mllint.config.loading import SettingsResolver
from mllint.config.settings import DEFAULT_EXCLUDE, DEFAULT_TEST_FILES, Settings
from mllint.config.sources import place_of, row_of


@pytest.fixture(autouse=True)
def user_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user-level configuration directory, empty."""
    directory = tmp_path / "home" / "mllint"
    directory.mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(directory.parent))
    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_, **__: str(directory))
    return directory


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def resolve(root: Path, path: str = "train.py", overrides: Mapping[str, object] | None = None, *args: str) -> Settings:
    return SettingsResolver(root, overrides, args).for_path(Path(path))


def messages(root: Path, path: str = "train.py", *args: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        resolve(root, path, None, *args)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return str(caught.value).split("\n")


def test_defaults_without_configuration(tree: Path) -> None:
    settings = resolve(tree)
    assert settings == Settings(root=tree)
    assert settings.project_root == tree


def test_nearest_file_wins_and_parents_are_not_merged(tree: Path) -> None:
    write(
        tree,
        {
            "pyproject.toml": "[tool.mllint]\nseed = 1\nignore = ['a']\n",
            "sub/mllint.toml": "seed = 2\n",
            "sub/pyproject.toml": "[tool.mllint]\nseed = 3\n",
            "sub/deep/.mllint.toml": "seed = 4\n",
            "sub/deep/mllint.toml": "seed = 5\n",
            "other/pyproject.toml": "[project]\nname = 'x'\n",
        },
    )
    resolver = SettingsResolver(tree)
    assert resolver.for_path(Path("train.py")).seed == 1
    sub = resolver.for_path(Path("sub/a/b/train.py"))
    assert (sub.seed, sub.ignore, sub.root, sub.config_file) == (2, (), tree / "sub", tree / "sub/mllint.toml")
    assert resolver.for_path(tree / "sub/deep/train.py").seed == 4
    other = resolver.for_path(Path("other/train.py"))
    assert (other.seed, other.root, other.project_root) == (1, tree, tree)
    assert resolver.for_path(Path("sub/../other/x.py")) is other


def test_directory_is_configured_by_its_own_file(tree: Path) -> None:
    write(tree, {"sub/mllint.toml": "seed = 2\n"})
    assert resolve(tree, "sub").seed == 2


def test_broken_pyproject_matters_only_if_it_is_ours(tree: Path) -> None:
    write(tree, {"pyproject.toml": "[project\n# mllint\n", "sub/pyproject.toml": "[ tool . mllint ]\nx =\n"})
    assert resolve(tree).config_file is None
    assert messages(tree, "sub/x.py") == ["sub/pyproject.toml:2: is not valid TOML: invalid value"]


def test_user_level_file_counts_where_nothing_is_found(tree: Path, user_config: Path) -> None:
    write(user_config, {"mllint.toml": "seed = 9\n"})
    write(tree, {"sub/mllint.toml": "ignore = []\n"})
    settings = resolve(tree)
    assert (settings.seed, settings.root) == (9, tree)
    assert resolve(tree, "sub/x.py").seed == 42
    assert SettingsResolver(tree, isolated=True).for_path(tree).seed == 42


def test_python_rules_come_from_outside_the_tree_only(tree: Path, user_config: Path) -> None:
    write(user_config, {"mllint.toml": "python-rules = ['house.py']\nseed = 9\n"})
    write(tree, {"mllint.toml": "seed = 3\n", "bad/mllint.toml": "\npython-rules = ['evil.py']\n"})
    settings = resolve(tree)
    assert (settings.seed, settings.python_rules) == (3, (user_config / "house.py",))
    assert resolve(tree, "x.py", {"python_rules": ("mine.py",)}).python_rules == (tree / "mine.py",)
    assert messages(tree, "bad/x.py") == [
        'bad/mllint.toml:2: "python-rules" is taken from the user-level configuration and the command line only'
    ]
    write(tree, {"named.toml": "extend = 'bad/mllint.toml'\n"})
    assert "taken from" in messages(tree, "x.py", "named.toml")[0]


def test_extend_merges_base_first(tree: Path) -> None:
    write(
        tree,
        {
            "shared/base.toml": """
                select = ["recommended"]
                extend-select = ["a"]
                ignore = ["i", "named"]
                exclude = ["e"]
                extend-exclude = ["x"]
                cache-dir = "cache"
                rule-paths = ["rules"]
                per-file-ignores = { "a.py" = ["p"] }
                extend-per-file-ignores = { "b.py" = ["q"] }
                roles = { "m.load" = "loads-data", "m.fit" = ["fits"] }
                severity = { r = "error" }
                [rules.r]
                level = 1
                names = ["n"]
            """,
            "proj/pyproject.toml": """
                [tool.mllint]
                extend = "../shared/base.toml"
                extend-select = ["named"]
                ignore = ["j"]
                extend-exclude = ["y"]
                extend-per-file-ignores = { "b.py" = ["s"], "c.py" = ["t"] }
                [tool.mllint.roles]
                "m.fit" = "scores"
                [tool.mllint.rules.r]
                level = 2
            """,
        },
    )
    settings = resolve(tree, "proj/train.py")
    assert settings.select == ("recommended",)
    assert settings.extend_select == ("a", "named")
    assert settings.ignore == ("i", "j")
    assert settings.exclude == ("e", "x", "y")
    assert settings.cache_dir == tree / "shared/cache"
    assert settings.rule_paths == ((tree / "shared/rules").as_posix(),)
    assert settings.per_file_ignores == (("a.py", ("p",)), ("b.py", ("q", "s")), ("c.py", ("t",)))
    assert settings.roles == {"m.load": ("loads-data",), "m.fit": ("scores",)}
    assert settings.severity == {"r": "error"}
    assert settings.rule_options == {"r": {"level": 2, "names": ["n"]}}
    assert settings.root == tree / "proj"


def test_select_starts_afresh_and_keeps_what_is_ignored(tree: Path) -> None:
    write(tree, {"mllint.toml": "select = ['a']\nextend-select = ['b']\nignore = ['c', 'd']\n"})
    settings = resolve(tree, "x.py", {"select": ("documentation", "d"), "ignore": ["e"], "seed": None})
    assert (settings.select, settings.extend_select, settings.ignore) == (("documentation", "d"), (), ("c", "e"))


def test_extended_defaults_keep_the_defaults(tree: Path) -> None:
    write(tree, {"mllint.toml": "extend-exclude = ['y']\nextend-fixable = ['ALL', 'z']\nrule-paths = ['a', '../b']\n"})
    settings = resolve(tree)
    assert settings.exclude == (*DEFAULT_EXCLUDE, "y")
    assert settings.fixable == ("ALL", "z")
    assert resolve(tree, "x.py", {"extend_test_files": ["spec"]}).test_files == (*DEFAULT_TEST_FILES, "spec")
    assert settings.rule_paths == ("a", (tree.parent / "b").as_posix())


def test_extend_follows_chains_variables_and_home(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tree / "h"))
    monkeypatch.setenv("MLLINT_TEST_BASE", str(tree))
    write(
        tree,
        {
            "a/mllint.toml": "extend = '$MLLINT_TEST_BASE/b.toml'\n",
            "b.toml": "extend = '~/pyproject.toml'\nfix = true\n",
            "h/pyproject.toml": "[tool.mllint]\nseed = 5\nfix = false\n",
        },
    )
    settings = resolve(tree, "a/x.py")
    assert (settings.seed, settings.fix) == (5, True)


def test_extend_errors(tree: Path) -> None:
    write(
        tree,
        {
            "a/mllint.toml": "\nextend = 'b.toml'\n",
            "a/b.toml": "seed = 1\nextend = 'mllint.toml'\n",
            "c/mllint.toml": "extend = 'gone.toml'\n",
        },
    )
    assert messages(tree, "a/x.py") == ['a/b.toml:2: "extend" goes round in a circle through a/mllint.toml']
    assert messages(tree, "c/x.py") == ['c/mllint.toml:1: "extend" names c/gone.toml, which is not a file']


def test_config_argument_file_and_inline(tree: Path) -> None:
    write(tree, {"mllint.toml": "seed = 1\n", "ci.toml": "seed = 2\nfix = true\n", "sub/setup.py": ""})
    settings = resolve(tree, "sub/x.py", {"fix": False}, "ci.toml", "seed = 3", "rules.r.level = 4")
    assert (settings.seed, settings.fix, settings.rule_options) == (3, False, {"r": {"level": 4}})
    assert (settings.root, settings.project_root, settings.config_file) == (tree, tree, tree / "ci.toml")
    (tree / "mllint.toml").unlink()
    assert resolve(tree, "sub/x.py", None, "ci.toml").project_root == tree / "sub"


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("gone.toml", "--config 'gone.toml': is neither a file nor TOML"),
        ("seed = ", "--config 'seed = ': is not valid TOML: invalid value"),
        ("sed = 1", """--config 'sed = 1': unknown key "sed"; did you mean "seed"?"""),
        ("extend = 'x'", """--config 'extend = 'x'': "extend" can be set in configuration files only"""),
    ],
)
def test_config_argument_errors(tree: Path, argument: str, message: str) -> None:
    assert messages(tree, "x.py", argument) == [message]


def test_config_files_and_isolated_exclude_each_other(tree: Path) -> None:
    write(tree, {"a.toml": "", "b.toml": ""})
    assert messages(tree, "x.py", "a.toml", "b.toml") == ["--config: only one configuration file can be given"]
    with pytest.raises(ConfigError, match="with --isolated"):
        SettingsResolver(tree, config_args=["a.toml"], isolated=True)


def test_command_line_errors_name_the_flag(tree: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        SettingsResolver(tree, {"min_confidence": "hihg", "seed": -1})
    assert str(caught.value).split("\n") == [
        '--min-confidence: "min-confidence" must be one of "low", "medium", "high", not "hihg"; did you mean "high"?',
        '--seed: "seed" must be an integer >= 0, not -1',
    ]


def test_all_errors_of_a_file_are_collected(tree: Path) -> None:
    write(
        tree,
        {
            "pyproject.toml": """\
[project]
name = "x"

[tool.mllint]
selct = ["ALL"]
ignore = "a"
exclude = [
    "a",
    3,
]
fix = "yes"
seed = 1979-05-27

[tool.mllint.severity]
my-rule = "warn"

[tool.mllint.per-file-ignores]
"x.py" = "a"

[tool.mllint.rules]
my-rule = 3

[tool.mllint.roles]
"m.load" = ["a", 1]
"m.fit" = 2
"""
        },
    )
    assert messages(tree) == [
        'pyproject.toml:5: unknown key "selct"; did you mean "select"?',
        'pyproject.toml:6: "ignore" must be a list of strings, not "a"',
        'pyproject.toml:9: an element of "exclude" must be a string, not 3',
        'pyproject.toml:11: "fix" must be true or false, not "yes"',
        'pyproject.toml:12: "seed" must be an integer, not a date or time',
        'pyproject.toml:15: "severity.my-rule" must be one of "error", "warning", "info", not "warn"; '
        'did you mean "warning"?',
        'pyproject.toml:18: "per-file-ignores.x.py" must be a list of strings, not "a"',
        'pyproject.toml:21: "rules.my-rule" must be a table, not 3',
        'pyproject.toml:24: an element of "roles.m.load" must be a string, not 1',
        'pyproject.toml:25: "roles.m.fit" must be a string or a list of strings, not 2',
    ]


def test_files_that_cannot_be_read(tree: Path) -> None:
    write(tree, {"a/pyproject.toml": "[tool]\nmllint = 3\n", "b/mllint.toml": ""})
    (tree / "b/mllint.toml").write_bytes(b"seed = 1\n\n# \xff\n")
    assert messages(tree, "a/x.py") == ['a/pyproject.toml:2: "tool.mllint" must be a table']
    assert messages(tree, "b/x.py") == ["b/mllint.toml:3: is not UTF-8"]


def test_wrong_file_gives_the_same_error_again(tree: Path) -> None:
    write(tree, {"mllint.toml": "x = 1\n"})
    resolver = SettingsResolver(tree)
    for path in ("a.py", "b/c.py"):
        with pytest.raises(ConfigError, match=r'mllint\.toml:1: unknown key "x"'):
            resolver.for_path(Path(path))


def test_settings_of_the_other_mllint_are_a_warning(tree: Path) -> None:
    write(
        tree,
        {
            "pyproject.toml": """\
[project]
name = "x"

[tool.mllint]
seed = 3

[tool.mllint.code-quality]
linters = ["pylint"]
[tool.mllint.git]
maxFileSize = 100
[tool.mllint.rules]
disabled = ["version-control/code/git"]
my-rule = { level = 1 }
[[tool.mllint.rules.custom]]
name = "x"
"""
        },
    )
    resolver = SettingsResolver(tree)
    settings = resolver.for_path(tree)
    assert (settings.seed, settings.rule_options) == (3, {"my-rule": {"level": 1}})
    assert list(map(str, resolver.warnings)) == [
        "pyproject.toml:7: [tool.mllint] holds settings of another tool of the same name "
        '(keys "code-quality", "git", "rules.disabled", "rules.custom"); they are ignored'
    ]


def test_required_version(tree: Path) -> None:
    write(tree, {"a/mllint.toml": "required-version = '>=0.0.1'\n", "b/mllint.toml": "\nrequired-version = '>=999'\n"})
    write(tree, {"c/mllint.toml": "required-version = 'new'\n"})
    resolve(tree, "a/x.py")
    assert messages(tree, "b/x.py")[0].startswith("b/mllint.toml:2: mllint >=999 is required, but this is ")
    assert "must be a version specifier" in messages(tree, "c/x.py")[0]


def test_rows_for_later_checks(tree: Path) -> None:
    write(
        tree,
        {
            "base.toml": "[rules.r]\nlevel = 1\n",
            "pyproject.toml": "[tool.mllint]\nextend = 'base.toml'\nselect = [\n'a',\n'b']\n",
        },
    )
    file = tree / "pyproject.toml"
    assert row_of(file, ("select", 1)) == 5
    assert row_of(file, ("rules", "r")) == 1
    assert row_of(tree / "gone.toml", ("select",)) == 0
    assert place_of(file, ("select",), "b") == (file, 5)
    assert place_of(file, ("rules", "r", "level")) == (tree / "base.toml", 2)
    assert place_of(file, ("select",), "from the command line") == (file, 0)


def test_project_roots_without_configuration(tree: Path) -> None:
    write(
        tree,
        {
            ".git/HEAD": "",
            "examples/mnist/requirements.txt": "",
            "pkg/__init__.py": "",
            "pkg/requirements.txt": "",
            "docs/requirements.txt": "",
            "conda/environment.yml": "",
        },
    )
    resolver = SettingsResolver(tree)
    assert resolver.project_root(Path("examples/mnist/deep/main.py")) == tree / "examples/mnist"
    for path in ("pkg/a.py", "docs/conf.py", "x.py", "examples/main.py"):
        assert resolver.project_root(Path(path)) == tree
    assert resolver.project_root(Path("conda/x.py")) == tree / "conda"


def test_a_directory_without_markers_is_one_project(tree: Path) -> None:
    write(tree, {"all/a/deep/x.py": "", "all/own/requirements.txt": "", "all/own/y.py": "", "z/b/x.py": ""})
    resolver = SettingsResolver(tree)
    assert resolver.project_root(Path("all")) == tree / "all"
    assert resolver.project_root(Path("all/a/deep/x.py")) == tree / "all"
    assert resolver.project_root(Path("all/own/y.py")) == tree / "all/own"
    assert resolver.project_root(Path("z/b/x.py")) == tree / "z/b"


def test_settings_import_nothing_heavy() -> None:
    code = (
        "import sys, mllint.config.loading, mllint.config.settings\n"
        "print(sorted({'yaml', 'packaging', 'libcst', 'nbformat', 'rich', 'platformdirs'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
