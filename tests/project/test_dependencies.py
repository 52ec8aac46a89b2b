"""The dependencies of whole projects, from every kind of file that names them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mllint.project.dependencies import DependencyFacts, read_dependencies
from mllint.project.facts import Dependency


def facts(root: Path, files: Mapping[str, str], aliases: Mapping[str, str] | None = None) -> DependencyFacts:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_dependencies(root, aliases)


def versions(found: DependencyFacts) -> dict[str, str]:
    """Show each dependency as its specifier, with its pin where that says more."""
    return {
        name: item.specifier + (f" -> {item.pinned}" if item.pinned and item.specifier != f"=={item.pinned}" else "")
        for name, item in found.dependencies.items()
    }


def test_nothing(tmp_path: Path) -> None:
    assert read_dependencies(tmp_path) == ({}, None, frozenset(), False, ())


def test_pyproject(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": """\
[project]
name = "My.Project"
requires-python = ">=3.10"
dependencies = [
    "numpy>=1.26",  # arrays
    "Scikit_Learn[extra]==1.4.2",
    "my-project[all]",
]
scripts = { train = "my_project.train:main" }

[project.optional-dependencies]
gpu = ["torch>=2"]

[dependency-groups]
dev = ["pytest", { include-group = "lint" }]
lint = ["ruff==0.9.0"]

[tool.uv]
dev-dependencies = ["ipython"]
[tool.pdm.dev-dependencies]
test = ["hypothesis", "-e file:///${PROJECT_ROOT}/tool#egg=tool"]
[tool.hatch.envs.docs]
dependencies = ["mkdocs"]
"""
        },
    )
    assert versions(found) == {
        "hypothesis": "",
        "ipython": "",
        "mkdocs": "",
        "numpy": ">=1.26",
        "pytest": "",
        "ruff": "==0.9.0",
        "scikit-learn": "==1.4.2",
        "tool": "",
        "torch": ">=2",
    }
    assert found.dependencies["scikit-learn"] == Dependency("scikit-learn", "==1.4.2", "1.4.2", "pyproject.toml", 6)
    assert found.requires_python == ">=3.10"
    assert found.scripts == {"my_project.train"}
    assert found.is_package
    assert not found.problems


def test_poetry(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": """\
[tool.poetry]
name = "x"
[tool.poetry.dependencies]
python = "^3.9"
numpy = "^1.21"
pandas = { version = "~2.1", extras = ["parquet"] }
fork = { git = "https://host.example/fork.git", rev = "abc" }
local = { path = "../local" }
maybe = { version = "*", optional = true }
split = [
    { version = "1.0", python = "<3.10" },
    { version = ">=2.0", python = ">=3.10" },
]
[tool.poetry.dev-dependencies]
black = "*"
[tool.poetry.group.test.dependencies]
pytest = "^8"
[tool.poetry.scripts]
go = "x.cli:run"
"""
        },
    )
    assert versions(found) == {
        "black": "",
        "fork": "",
        "local": "",
        "maybe": "",
        "numpy": ">=1.21,<2",
        "pandas": ">=2.1,<2.2",
        "pytest": ">=8,<9",
        "split": ">=2.0",
    }
    assert found.dependencies["fork"].url == "https://host.example/fork.git"
    assert found.dependencies["pandas"].row == 6
    assert found.requires_python == ">=3.9,<4"
    assert found.scripts == {"x.cli"}


def test_dynamic_dependencies_of_setuptools(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": '[project]\nname = "x"\n[tool.setuptools.dynamic]\n'
            'dependencies = { file = ["deps/run.list", "../out.txt"] }\n',
            "deps/run.list": "numpy\n",
        },
    )
    assert list(found.dependencies) == ["numpy"]


def test_setup_cfg(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "setup.cfg": """\
[metadata]
name = x
[options]
python_requires = >=3.8
install_requires =
    numpy>=1.20
    # a comment
    torch; python_version < "3.12"
[options.extras_require]
dev = pytest; ruff
plots =
    matplotlib==3.8
[options.entry_points]
console_scripts =
    x = x.main:run
""",
        },
    )
    assert versions(found) == {"matplotlib": "==3.8", "numpy": ">=1.20", "pytest": "", "ruff": "", "torch": ""}
    assert found.dependencies["numpy"].row == 6
    assert (found.requires_python, set(found.scripts)) == (">=3.8", {"x.main"})
    assert not found.problems


def test_setup_cfg_names_files(tmp_path: Path) -> None:
    found = facts(
        tmp_path, {"setup.cfg": "[options]\ninstall_requires = file: deps/a.list\n", "deps/a.list": "numpy\n"}
    )
    assert list(found.dependencies) == ["numpy"]


def test_setup_py_is_read_and_never_run(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "setup.py": """\
import pathlib, setuptools
pathlib.Path(__file__).with_name("ran").touch()
_deps = ["Pillow", "torch>=2.0,<3", "regex!=2019.12.17"]
deps = {d.split(">")[0]: d for d in _deps}
REQUIRED = ["numpy>=1.20"] + ["scipy"]
extras = {"dev": ["pytest"]}
extras["gpu"] = pick("torch")
setuptools.setup(
    name="x",
    python_requires=">=3.9",
    install_requires=list(REQUIRED) + [deps["Pillow"], *open("r.txt"), some_variable],
    extras_require=extras,
    entry_points={"console_scripts": ["x-run = x.cli:main"]},
)
""",
        },
    )
    assert versions(found) == {"numpy": ">=1.20", "pillow": "", "pytest": "", "scipy": "", "torch": "<3,>=2.0"}
    assert found.dependencies["numpy"].row == 5
    assert (found.requires_python, set(found.scripts), found.is_package) == (">=3.9", {"x.cli"}, True)
    assert not (tmp_path / "ran").exists()


def test_requirements_files(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "requirements.txt": "numpy==1.26.4\ntorch>=2\nscipy\n",
            "requirements-dev.txt": "numpy\npytest\n",
            "dev-requirements.txt": "black\n",
            "requirements/serve.txt": "fastapi\n",
            "constraints.txt": "scipy<1.12\nunused==1\n",
        },
    )
    assert versions(found) == {
        "black": "",
        "fastapi": "",
        "numpy": "==1.26.4",
        "pytest": "",
        "scipy": "<1.12",
        "torch": ">=2",
    }
    assert found.dependencies["numpy"].source == "requirements.txt"
    assert found.dependencies["fastapi"].source == "requirements/serve.txt"


def test_pin_elsewhere_completes_a_range(tmp_path: Path) -> None:
    project = '[project]\nname = "x"\ndependencies = ["torch>=2", "numpy>=2"]\n'
    found = facts(tmp_path, {"pyproject.toml": project, "requirements.txt": "torch==2.1.0\nnumpy==1.26.0\n"})
    assert versions(found) == {"torch": ">=2 -> 2.1.0", "numpy": ">=2"}
    assert found.dependencies["torch"].source == "pyproject.toml"


def test_compiled_requirements_are_a_lock(tmp_path: Path) -> None:
    compiled = (
        "# This file was autogenerated by uv via the following command:\nnumpy==1.26.4\nsix==1.16.0\n    # via x\n"
    )
    found = facts(tmp_path, {"requirements.txt": compiled, "requirements.in": "numpy\n"})
    assert versions(found) == {"numpy": " -> 1.26.4", "six": "==1.16.0"}
    assert (found.dependencies["numpy"].is_direct, found.dependencies["six"].is_direct) == (True, False)
    assert found.dependencies["numpy"].source == "requirements.in"


def test_environment_file(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "environment.yml": """\
name: x
channels: [conda-forge]
dependencies:
  - python=3.10
  - numpy=1.26
  - conda-forge::pytorch-thing==2.1
  - scikit-learn>=1.3,<1.5
  - pip
  - pip:
      - transformers==4.38.0
      - -r extra.txt
      - "git+https://host.example/a/tool"
""",
            "extra.txt": "datasets\n",
        },
        {"pytorch_thing": "torch-thing"},
    )
    assert versions(found) == {
        "datasets": "",
        "numpy": "==1.26.*",
        "scikit-learn": ">=1.3,<1.5",
        "tool": "",
        "torch-thing": "==2.1",
        "transformers": "==4.38.0",
    }
    assert found.dependencies["transformers"].row == 10
    assert found.requires_python == "==3.10.*"


def test_pipfile_and_its_lock(tmp_path: Path) -> None:
    lock = {"default": {"numpy": {"hashes": [], "version": "==1.26.4"}, "six": {"version": "==1.16"}}, "develop": {}}
    found = facts(
        tmp_path,
        {
            "Pipfile": '[packages]\nnumpy = ">=1.20"\nfork = { git = "https://host.example/f" }\n'
            '[dev-packages]\npytest = "*"\n[requires]\npython_version = "3.10"\n',
            "Pipfile.lock": json.dumps(lock, indent=4),
        },
    )
    assert versions(found) == {"fork": "", "numpy": ">=1.20 -> 1.26.4", "pytest": "", "six": "==1.16"}
    assert found.requires_python == "==3.10.*"


def test_pixi(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pixi.toml": '[dependencies]\npython = "3.11.*"\nnumpy = "1.26.*"\n[pypi-dependencies]\ntorch = ">=2"\n'
            '[feature.dev.dependencies]\npytest = { version = "*" }\n'
        },
    )
    assert versions(found) == {"numpy": "==1.26.*", "pytest": "", "torch": ">=2"}
    assert found.requires_python == "==3.11.*"


LOCKS = {
    "uv.lock": """\
version = 1
[[package]]
name = "x"
version = "0.1.0"
source = { virtual = "." }
dependencies = [
    { name = "numpy" },
]

[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://host.example" }

[[package]]
name = "numpy"
version = "2.1.0"
source = { registry = "https://host.example" }

[package.metadata]
requires-dist = [{ name = "numpy" }]
""",
    "poetry.lock": """\
[[package]]
name = "numpy"
version = "2.1.0"
description = "version = 3"

[package.dependencies]
six = "*"
""",
    "pdm.lock": '[[package]]\nname = "numpy"\nversion = "2.1.0"\n',
    "pylock.toml": 'lock-version = "1.0"\n[[packages]]\nname = "numpy"\nversion = "2.1.0"\n',
    "Pipfile.lock": '{\n    "default": {\n        "numpy": {\n            "version": "==2.1.0"\n        }\n    }\n}\n',
    "conda-lock.yml": "package:\n- name: numpy\n  version: 2.1.0\n  manager: conda\n",
}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files(tmp_path: Path, name: str) -> None:
    found = facts(tmp_path, {name: LOCKS[name]})
    assert versions(found) == {"numpy": "==2.1.0"}
    assert found.dependencies["numpy"].source == name
    row = found.dependencies["numpy"].row
    assert "numpy" in LOCKS[name].split("\n")[row - 1]
    assert found.dependencies["numpy"].is_direct
    assert not found.problems


def test_lock_wins_over_a_range_and_marks_the_rest(tmp_path: Path) -> None:
    project = '[project]\nname = "x"\ndependencies = ["numpy>=2"]\n'
    extra = '\n[[package]]\nname = "six"\nversion = "1.16"\n'
    found = facts(tmp_path, {"pyproject.toml": project, "uv.lock": LOCKS["uv.lock"] + extra})
    assert versions(found) == {"numpy": ">=2 -> 2.1.0", "six": "==1.16"}
    assert [item.is_direct for item in found.dependencies.values()] == [True, False]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("pyproject.toml", "[project\n", "pyproject.toml:1: is not valid TOML: "),
        ("Pipfile", "\nx = ", "Pipfile:2: is not valid TOML: "),
        ("setup.py", "x = 1\ndef (\n", "setup.py:2: is not Python that can be read"),
        ("setup.cfg", "[options]\n???\nx\n  [\n[", "setup.cfg:"),
        ("environment.yml", "a: b\n c: [\n", "environment.yml:2: is not valid YAML"),
        ("uv.lock", "[[package]\n", "uv.lock:1: is not valid TOML: "),
        ("Pipfile.lock", "{", "Pipfile.lock: is not valid JSON"),
        ("poetry.lock", "\n<<<<<<< HEAD\n" + LOCKS["pdm.lock"], "poetry.lock:2: holds an unresolved merge conflict"),
        ("pyproject.toml", '[project]\ndependencies = [\n"a",\n"b c"]', 'pyproject.toml:4: "b c" is not a requirement'),
    ],
)
def test_broken_files_are_problems(tmp_path: Path, name: str, text: str, problem: str) -> None:
    found = facts(tmp_path, {name: text})
    assert str(found.problems[0]).startswith(problem)


def test_odd_shapes_are_ignored(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "pyproject.toml": 'project = 3\ntool.poetry = [1]\ndependency-groups = "x"\ntool.uv.dev-dependencies = {}',
            "environment.yml": "- a\n- b\n",
            "Pipfile": "packages = 1\n",
            "setup.py": "setup(install_requires=read(), extras_require=[1], name=f'{x}')",
        },
    )
    assert not found.dependencies
    assert not found.problems


def test_directories_and_missing_permissions(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").mkdir()
    (tmp_path / "pyproject.toml").mkdir()
    assert not read_dependencies(tmp_path).dependencies


#: What one parser or another counts as the end of a line, in UTF-8 and UTF-16.
LINE_ENDS = (b"\n", b"\r", b"\x0b", b"\x0c", b"\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\x28\x20", b"\x29\x20")

TEXTS = st.text(max_size=200) | st.lists(
    st.sampled_from(
        [
            *(
                "[project]",
                "dependencies",
                " = ",
                "[",
                "]",
                '"',
                "numpy",
                ">=1",
                "\n",
                "- ",
                ": ",
                "  ",
                "pip:",
                "{",
                "}",
            ),
            *("[[package]]", "name", "version", "[options]", "install_requires", "setup(", ")", "#", "\\", "&a", "*a"),
            *("[tool.poetry.dependencies]", "^1", "=", ",", "-r ", "requirements.txt", "@", "git+https://x/y", "!!x"),
        ]
    ),
    max_size=30,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=st.sampled_from(
        [
            *LOCKS,
            "pyproject.toml",
            "requirements.txt",
            "environment.yml",
            "setup.cfg",
            "setup.py",
            "Pipfile",
            "pixi.toml",
        ]
    ),
    content=TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=100),
)
def test_any_content_of_any_file(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = read_dependencies(tmp_path)
    path.unlink()
    assert all(problem.row <= 1 + sum(map(content.count, LINE_ENDS)) for problem in found.problems), found.problems
