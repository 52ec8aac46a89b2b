from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mllint.source.discovery import Discovery, DiscoveryOptions, discover, is_excluded
from mllint.source.globs import PathGlobs

EXCLUDE = (".git", ".venv", ".ipynb_checkpoints", "build")


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")


def names(found: Discovery, root: Path) -> list[str]:
    return [file.path.relative_to(root).as_posix() for file in found.files]


def find(root: Path, *paths: Path, **options: object) -> list[str]:
    return names(discover(paths or [root], DiscoveryOptions(root=root, exclude=EXCLUDE, **options)), root)  # type: ignore[arg-type]


def test_a_directory_gives_its_python_files_and_notebooks_in_order(tmp_path: Path) -> None:
    write(tmp_path, "b.py", "a/c.ipynb", "a/b/d.pyi", "a/e.txt", "a.py", "build/x.py", "a/build/y.py", ".venv/z.py")
    write(tmp_path, "a/.ipynb_checkpoints/c.ipynb", "a/build.py", "Z.py", "ä.py")
    assert find(tmp_path) == ["Z.py", "a.py", "a/b/d.pyi", "a/build.py", "a/c.ipynb", "b.py", "ä.py"]


def test_named_files_are_always_checked(tmp_path: Path) -> None:
    write(tmp_path, "build/x.py", "script", "b.py")
    (tmp_path / ".gitignore").write_text("b.py\n")
    (tmp_path / ".git").mkdir()
    paths = [tmp_path / name for name in ("build/x.py", "script", "b.py")]
    found = discover(paths, DiscoveryOptions(root=tmp_path, exclude=EXCLUDE))
    assert names(found, tmp_path) == ["b.py", "build/x.py", "script"]
    assert all(file.explicit for file in found.files)
    assert find(tmp_path, *paths, force_exclude=True) == ["b.py", "script"]
    assert find(tmp_path, tmp_path / "build", force_exclude=True) == []
    assert find(tmp_path, tmp_path / "build") == ["build/x.py"]


def test_a_file_is_checked_once_however_it_is_reached(tmp_path: Path) -> None:
    write(tmp_path, "a/x.py", "y.py")
    (tmp_path / "a" / "link.py").symlink_to("x.py")
    (tmp_path / "linked").symlink_to("a")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "a" / "up").symlink_to("..")
    found = find(tmp_path)
    assert len(found) == 2
    assert "y.py" in found
    assert find(tmp_path, tmp_path, tmp_path, tmp_path / "a", tmp_path / "y.py") == find(tmp_path)
    # A name that the user gives wins, and a directory that is named is searched even if it is a link.
    assert find(tmp_path, tmp_path, tmp_path / "a" / "link.py") == ["a/link.py", "y.py"]
    assert find(tmp_path, tmp_path / "linked") == ["linked/link.py"] or find(tmp_path, tmp_path / "linked") == [
        "linked/x.py"
    ]


def test_what_cannot_be_read_is_a_problem_and_the_rest_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "broken.py").symlink_to("nowhere.py")
    (tmp_path / "broken").symlink_to("nowhere")
    (tmp_path / "circle.py").symlink_to("circle.py")
    (tmp_path / "closed").chmod(0)
    try:
        closed_to_us = not os.access(tmp_path / "closed", os.R_OK)
        found = discover([tmp_path, tmp_path / "missing.py"], DiscoveryOptions(root=tmp_path))
    finally:
        (tmp_path / "closed").chmod(0o755)
    problems = {path.name: problem for path, problem in found.problems}
    assert {problem.kind for problem in problems.values()} == {"unreadable-file"}
    assert problems["missing.py"].message == "no such file or directory"
    assert problems["broken.py"].message == "the link leads nowhere: nowhere.py"
    assert "symbolic links" in problems["circle.py"].message
    assert "broken" not in problems
    if closed_to_us:
        assert problems["closed"].message == "it cannot be read: permission denied"
        assert names(found, tmp_path) == ["a.py"]
    else:  # the superuser reads everything
        assert names(found, tmp_path) == ["a.py", "closed/b.py"]


def test_ignore_files_of_all_levels_are_respected(tmp_path: Path) -> None:
    write(
        tmp_path,
        "a.py",
        "b.py",
        "c.py",
        "sub/a.py",
        "sub/b.py",
        "sub/deep/a.py",
        "data/x.py",
        "inner/a.py",
        "inner/d.py",
    )
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("c.py\n")
    (tmp_path / ".gitignore").write_text("a.py\ndata/\n")
    (tmp_path / "sub" / ".gitignore").write_text("!a.py\n")
    (tmp_path / "sub" / "deep" / ".ignore").write_text("a.py\n")
    (tmp_path / "inner" / ".git").write_text("gitdir: elsewhere\n")
    everything = [
        "a.py",
        "b.py",
        "c.py",
        "data/x.py",
        "inner/a.py",
        "inner/d.py",
        "sub/a.py",
        "sub/b.py",
        "sub/deep/a.py",
    ]
    # The repository inside has rules of its own.
    assert find(tmp_path) == ["b.py", "inner/a.py", "inner/d.py", "sub/a.py", "sub/b.py"]
    assert find(tmp_path, tmp_path / "sub") == ["sub/a.py", "sub/b.py"]
    assert find(tmp_path, tmp_path / "inner") == ["inner/a.py", "inner/d.py"]
    assert find(tmp_path, respect_gitignore=False) == everything


def test_ignore_files_outside_a_repository_count_from_the_named_directory(tmp_path: Path) -> None:
    write(tmp_path, "sub/a.py", "sub/b.py")
    (tmp_path / ".gitignore").write_text("a.py\n")
    (tmp_path / "sub" / ".gitignore").write_text("b.py\n")
    assert find(tmp_path) == []
    assert find(tmp_path, tmp_path / "sub") == ["sub/a.py"]


@pytest.mark.parametrize(
    ("glob", "path", "matches"),
    [
        ("*.py", "a/b.py", True),
        ("*.py", "a/b.pyi", False),
        ("build", "a/build", True),
        ("build/", "a/build", True),
        ("src/build", "src/build", True),
        ("src/build", "a/src/build", False),
        ("./src", "src", True),
        ("/src", "src", True),
        ("/src", "a/src", False),
        ("src/*.py", "src/a/b.py", True),
        ("src/**/x.py", "src/x.py", True),
        ("src/**/x.py", "src/a/b/x.py", True),
        ("src/**", "src/a/b", True),
        ("src/**", "src", False),
        ("**/data", "a/b/data", True),
        ("**/data", "data", True),
        ("{a,b}.{py,ipynb}", "x/b.ipynb", True),
        ("{a,b}.{py,ipynb}", "x/c.py", False),
        ("[a-c]?.py", "bx.py", True),
        ("[!a-c]?.py", "bx.py", False),
        ("a.py", "axpy", False),
        ("ä*.py", "ärger.py", True),
    ],
)
def test_globs_of_the_settings(glob: str, path: str, matches: bool) -> None:
    assert PathGlobs([glob]).match(path) is matches


def test_a_path_is_excluded_with_its_directory(tmp_path: Path) -> None:
    options = DiscoveryOptions(root=tmp_path, exclude=("build", "src/gen"))
    assert is_excluded(tmp_path / "a" / "build" / "b" / "x.py", options)
    assert is_excluded(tmp_path / "src" / "gen" / "x.py", options)
    assert not is_excluded(tmp_path / "src" / "x.py", options)
    assert is_excluded(tmp_path.parent / "build", options)
    assert not is_excluded(tmp_path.parent / "x.py", options)


_PATTERNS = [
    "a", "/a", "a/", "/a/", "*.py", "!x.py", "!keep.py", "data/**", "!data/*.py", "**/b", "b/**", "a/b", "a/*", "!a/x.py",
    "**/a/**", "build/", "!build/", "!build", "/*", "!/a", "!/data/", "*", "!*/", "# c", "\\#x", "x.py ", "x.py\\ ", "!",
    "a\\ b.py", "[a-d]", "[!a]", "?.py", "*.egg", "!foo.egg", "a/**/x.py", "/**/y.py", "**", "é.py", "\\[z\\].py", "",
    "data/a/", "!data/a/", "/", "a//b", "foo*", "[", "[a", "*/b", "./a", "data/*", "!data/a", "a**", "**a", "b/", "[]a]",
    "[^x].py", "[[:alpha:]].py", "\\a", "[a-", "x.py\r", "[z-a].py", "[\\]x].py", "\\", "a/***/x.py",
]  # fmt: skip
_FILES = ["x.py", "y.py", "keep.py", "a b.py", "é.py", "[z].py", "foo.egg", "x.py "]
_FOLDERS = ["", "a/", "b/", "data/", "build/", "a/b/", "a/data/", "data/a/", "build/data/a/", "b/bar.egg/"]


@given(
    files=st.lists(st.sampled_from([folder + file for folder in _FOLDERS for file in _FILES]), min_size=3, max_size=9),
    rules=st.dictionaries(
        st.sampled_from([".git/info/exclude", *[f"{folder}.gitignore" for folder in _FOLDERS]]),
        st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=4),
        max_size=3,
    ),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_are_ignored_as_git_ignores_them(
    tmp_path_factory: pytest.TempPathFactory, files: Sequence[str], rules: dict[str, list[str]]
) -> None:
    root = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    for name in files:
        if not (root / name).is_dir():
            write(root, name)
    for name, lines in rules.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("\n".join(lines) + "\n", newline="")
    listing = ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "--others", "--exclude-standard", "-z"]
    output = subprocess.run(listing, cwd=root, check=True, capture_output=True).stdout
    expected = sorted(name for name in output.decode().split("\0") if name)
    found = discover([root], DiscoveryOptions(root=root, include=("*",), exclude=(".git",)))
    assert names(found, root) == expected
