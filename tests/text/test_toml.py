"""Rows of keys in TOML documents."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.text.toml import TomlError, nearest_row, parse_toml, toml_rows

TRICKY = '''\
# a comment with [tool.mllint] and key = 1
title = "not [a.table]"
"quoted key" = 1
'literal.key' = 2
dotted . "na.me" = 3
text = """
[fake]
select = 1 ""quoted"" \\""" still
"""
literal = \'\'\'
[fake2]
it's\'\'\'
after = true

[tool.mllint]
select = [ # why
    "a",
    "b", "c",
    # gone
    "d",
]
roles = { "pkg.load" = "loads-data", "x" = ["a",
  "b"] }
date = 1979-05-27T07:32:00Z

[tool.mllint.rules."a-b"]
level.deep = 1

[[package]]
name = "one"

[[package]]
name = "two"
[package.source]
url = "#"
[[package.files]]
f = 1
[[package.files]]
f = 2
[ spaced . "table" ] # comment
k = "\\u0041"
"\\u0041\\t" = 1'''


def test_rows_of_tricky_document() -> None:
    rows = toml_rows(TRICKY)
    lines = TRICKY.split("\n")

    def line(*path: str | int) -> str:
        return lines[rows[path] - 1].strip()

    assert line("title").startswith("title")
    assert line("quoted key").startswith('"quoted key"')
    assert line("literal.key").startswith("'literal.key'")
    assert line("dotted", "na.me").startswith("dotted")
    assert line("after") == "after = true"
    assert line("tool", "mllint") == "[tool.mllint]"
    assert line("tool", "mllint", "select").startswith("select")
    assert line("tool", "mllint", "select", 0) == '"a",'
    assert line("tool", "mllint", "select", 2) == '"b", "c",'
    assert line("tool", "mllint", "select", 3) == '"d",'
    assert line("tool", "mllint", "roles", "x", 1).startswith('"b"')
    assert line("tool", "mllint", "date").startswith("date")
    assert line("tool", "mllint", "rules", "a-b") == '[tool.mllint.rules."a-b"]'
    assert line("tool", "mllint", "rules", "a-b", "level", "deep") == "level.deep = 1"
    assert line("package", 0, "name") == 'name = "one"'
    assert line("package", 1, "name") == 'name = "two"'
    assert line("package", 1, "source", "url") == 'url = "#"'
    assert line("package", 1, "files", 1, "f") == "f = 2"
    assert line("spaced", "table", "k").startswith("k =")
    assert line("spaced", "table", "A\t").startswith('"')
    assert not any("fake" in str(part) for path in rows for part in path)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """All paths in a parsed document."""
    found: set[tuple[str | int, ...]] = {path} if path else set()
    if isinstance(value, dict):
        for key, item in value.items():
            found |= paths(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found |= paths(item, (*path, index))
    return found


def test_every_path_has_a_row_and_no_other() -> None:
    assert set(toml_rows(TRICKY)) == paths(parse_toml(TRICKY))


def test_nearest_row_falls_back_to_the_table_around() -> None:
    rows = toml_rows("[a]\nb = 1\n")
    assert nearest_row(rows, ("a", "b")) == 2
    assert nearest_row(rows, ("a", "missing", 3)) == 1
    assert nearest_row(rows, ("nowhere",)) == 0


def test_windows_line_ends() -> None:
    assert toml_rows("[a]\r\nb = [\r\n 1,\r\n 2]\r\n")[("a", "b", 1)] == 4


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("a = 1\nb =\n", 2),
        ("a = 1\n[b\n", 2),
        ("a = " + "[" * 5000 + "]" * 5000, 1),
        ("a = " + "1" * 5000, 1),
        ('a = "x', 1),
    ],
)
def test_errors_have_rows(text: str, row: int) -> None:
    with pytest.raises(TomlError) as caught:
        parse_toml(text)
    assert caught.value.row == row
    toml_rows(text)


KEYS = st.text(min_size=1, max_size=4)
VALUES = st.recursive(
    st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def inline(value: Any) -> str:
    """Write a value in TOML, arrays over several lines."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return "[\n" + "".join(f"{inline(item)} , # ]\n" for item in value) + "]"
    return "{ " + ", ".join(f"{quoted(key)} = {inline(item)}" for key, item in value.items()) + " }"


def quoted(text: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


@given(st.dictionaries(KEYS.filter(lambda text: text.isprintable()), VALUES, max_size=4))
def test_generated_documents(document: dict[str, Any]) -> None:
    text = "".join(f"# {key!r}\n{quoted(key)} = {inline(value)}\n" for key, value in document.items())
    assert parse_toml(text) == document
    rows = toml_rows(text)
    assert set(rows) == paths(document)
    lines = text.split("\n")
    for key in document:
        assert lines[rows[key,] - 1].startswith(quoted(key))


@given(st.text(alphabet="[]{}=.,\"'#ab \n\\1\r\t"))
def test_any_text(text: str) -> None:
    toml_rows(text)
    try:
        parsed = parse_toml(text)
    except TomlError as error:
        assert 1 <= error.row <= text.count("\n") + 1
    else:
        assert set(toml_rows(text)) == paths(parsed)
