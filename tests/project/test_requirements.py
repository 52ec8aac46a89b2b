"""Requirement lines, requirements files, and the ranges of Poetry and conda."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet

from mllint.project.files import ProblemLog
from mllint.project.requirements import (
    Declaration,
    conda_requirement,
    conda_specifier,
    logical_lines,
    most_permissive,
    parse_requirement,
    poetry_specifier,
    read_requirements_file,
)


@pytest.mark.parametrize(
    ("text", "name", "specifier", "has_url"),
    [
        ("Foo_Bar[x,y] >=1 ; python_version<'3.9'", "foo-bar", ">=1", False),
        ("numpy", "numpy", "", False),
        ("torch==2.1.0+cu118", "torch", "==2.1.0+cu118", False),
        ("a @ https://host.example/y.zip", "a", "", True),
        ("git+https://host.example/a/Repo.git@v1#egg=Name[x]&subdirectory=z", "name", "", True),
        ("git+https://host.example/a/Repo.git@feature/x", "repo", "", True),
        ("git+ssh://git@host.example/a/Repo", "repo", "", True),
        ("https://host.example/torch-2.0.0%2Bcu118-cp39-cp39-linux_x86_64.whl", "torch", "==2.0.0+cu118", True),
        ("./dist/my_pkg-1.2-py3-none-any.whl", "my-pkg", "==1.2", True),
        ("dist/my_pkg-1.2.tar.gz", "my-pkg", "==1.2", True),
        ("numpy=1.21.0=py39_0", "numpy", "==1.21.0", False),
    ],
)
def test_requirement(text: str, name: str, specifier: str, has_url: bool) -> None:
    found = parse_requirement(text)
    assert found is not None
    assert (found.name, found.specifier, found.url is not None) == (name, specifier, has_url)


@pytest.mark.parametrize("text", [".", "./pkg", "../pkg", "/opt/pkg", "file:///opt/pkg", "sub/pkg"])
def test_paths_without_a_name(text: str) -> None:
    assert parse_requirement(text) is None


@pytest.mark.parametrize("text", ["a b", "==1", "a>=", "", "a[", "x; python_version ~~ '3'"])
def test_no_requirement(text: str) -> None:
    with pytest.raises(ValueError, match="is not a requirement"):
        parse_requirement(text)


def test_pins() -> None:
    assert Declaration("a", "==1.2").pinned == "1.2"
    assert Declaration("a", "===1.2").pinned == "1.2"
    assert Declaration("a", "==1.*").pinned is None
    assert Declaration("a", "==1.2,!=1.3").pinned is None
    assert Declaration("a", ">=1.2").pinned is None


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2", ">=0.2,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        ("1.2.*", "==1.2.*"),
        ("*", ""),
        ("1.2.3", "==1.2.3"),
        (">=1.2, <2", ">=1.2,<2"),
        (">=1.2 <2", ">=1.2,<2"),
        ("^1.0 || ^2.1", ">=1.0,<3"),
        ("^1.0 | >=3", ">=1.0"),
        ("!=1.3", "!=1.3"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_poetry(written: str, means: str) -> None:
    assert poetry_specifier(written) == means


@pytest.mark.parametrize(
    ("written", "name", "specifier"),
    [
        ("numpy", "numpy", ""),
        ("numpy=1.21", "numpy", "==1.21.*"),
        ("numpy=1.21.*", "numpy", "==1.21.*"),
        ("numpy==1.21", "numpy", "==1.21"),
        ("numpy=1.21.0=py39_0", "numpy", "==1.21.0"),
        ("numpy 1.19.2 py37h54aff64_0", "numpy", "==1.19.2"),
        ("numpy >=1.2,<2", "numpy", ">=1.2,<2"),
        ("conda-forge::Numpy=1.2", "numpy", "==1.2.*"),
        ("nvidia/label/x::tool=12.1", "tool", "==12.1.*"),
        ("numpy[version='>=1.2']", "numpy", ">=1.2"),
        ("numpy >=1.2|==1.0", "numpy", ">=1.0"),
        ("numpy !=1.0", "numpy", "!=1.0"),
    ],
)
def test_conda(written: str, name: str, specifier: str) -> None:
    found = conda_requirement(written)
    assert found is not None
    assert (found.name, found.specifier) == (name, specifier)


def test_logical_lines() -> None:
    text = (
        "# comment \\\n"
        "a==1 \\\n"
        "    --hash=sha256:abc \\\n"
        "    --hash=sha256:def  # why\n"
        "\n"
        "b  # note\r\n"
        "c @ https://host.example/x#egg=c\n"
        "d; python_version \\\n"
        "  < '3.9'\n"
        "e \\"
    )
    assert list(logical_lines(text)) == [
        (2, "a==1"),
        (6, "b"),
        (7, "c @ https://host.example/x#egg=c"),
        (8, "d; python_version   < '3.9'"),
        (10, "e"),
    ]


def read(root: Path, files: dict[str, str]) -> tuple[list[tuple[str, str, int]], list[str], list[str]]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    problems = ProblemLog(root)
    found = read_requirements_file(root / next(iter(files)), root, problems, set())
    return (
        [(source, item.name, item.row) for source, item in found.declarations],
        [item.name for _, item in found.constraints],
        list(map(str, problems.problems)),
    )


def test_includes(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (tmp_path / "secret.txt").write_text("secret\n")
    declarations, constraints, problems = read(
        root,
        {
            "requirements.txt": "-r req/base.txt\n--requirement=req/more.txt\n-c limits.txt\n-r ../secret.txt\n"
            "-r gone.txt\n-r https://host.example/x.txt\n--index-url https://host.example\n-e .\n"
            "-e git+https://host.example/a/tool.git#egg=tool\nbad line\nlast\n",
            "req/base.txt": "-r ../requirements.txt\nbase>=1\n",
            "req/more.txt": "more\n-rbase.txt\n",
            "limits.txt": "limit<3\n",
        },
    )
    assert declarations == [
        ("req/base.txt", "base", 2),
        ("req/more.txt", "more", 1),
        ("requirements.txt", "tool", 9),
        ("requirements.txt", "last", 11),
    ]
    assert constraints == ["limit"]
    assert problems == [
        'requirements.txt:4: "../secret.txt" lies outside the project and is not read',
        'requirements.txt:5: "gone.txt" does not exist',
        'requirements.txt:10: "bad line" is not a requirement',
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "requirements.txt").write_bytes("numpy==1.2 # ü\r\n".encode(encoding))
    problems = ProblemLog(tmp_path)
    found = read_requirements_file(tmp_path / "requirements.txt", tmp_path, problems, set())
    assert [item.pinned for _, item in found.declarations] == ["1.2"]
    assert not problems.problems


def test_not_utf8_is_a_problem_and_read_on(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_bytes(b"a\n# \xfc\nb\n")
    problems = ProblemLog(tmp_path)
    found = read_requirements_file(tmp_path / "requirements.txt", tmp_path, problems, set())
    assert [item.name for _, item in found.declarations] == ["a", "b"]
    assert list(map(str, problems.problems)) == ["requirements.txt:2: is not UTF-8"]


@pytest.mark.parametrize(
    ("texts", "requires_python", "chosen"),
    [
        (["a<2; python_version<'3.9'", "a>=1.26; python_version>='3.9'"], ">=3.10", ">=1.26"),
        (["a==1; python_version<'3.9'", "a>=2,<3; python_version>='3.9'"], None, ">=2,<3"),
        (["a==1; sys_platform=='darwin'", "a>=2; sys_platform!='darwin'"], ">=3.10", ">=2"),
        (["a==1; python_version<'3.8' and sys_platform=='win32'", "a==2"], ">=3.8", "==2"),
        (["a>=2", "a>=1"], None, ">=1"),
        (["a>=2", "a"], None, ""),
        (["a==1; python_version<'3'", "a==2; python_version<'2.7'"], ">=3.8", "==1"),
    ],
)
def test_most_permissive(texts: list[str], requires_python: str | None, chosen: str) -> None:
    declarations = [item for text in texts if (item := parse_requirement(text)) is not None]
    assert set(most_permissive(declarations, requires_python).specifier.split(",")) == set(chosen.split(","))


@given(st.text() | st.text(alphabet="a1.=<>~^*|,[]:; '\"@/#\\-\n()"))
def test_any_text(text: str) -> None:
    try:
        parse_requirement(text)
    except ValueError as error:
        assert "is not a requirement" in str(error)
    for specifier in (poetry_specifier(text), conda_specifier(text)):
        SpecifierSet(specifier)
    conda_requirement(text)
    for row, line in logical_lines(text):
        assert 1 <= row <= text.count("\n") + text.count("\r") + 1
        assert line
