from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from mllint.source.python import encode, read_python

PATH = Path("train.py")


@pytest.mark.parametrize(
    ("data", "text", "encoding", "has_bom"),
    [
        (b"", "", "utf-8", False),
        ("größe = 1\n".encode(), "größe = 1\n", "utf-8", False),
        (codecs.BOM_UTF8 + "größe = 1\n".encode(), "größe = 1\n", "utf-8", True),
        ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "# coding: latin-1\nx = 'é'\n", "iso-8859-1", False),
        ("#!/usr/bin/env python\r# vim: set fileencoding=cp1252 :\r".encode("cp1252"), None, "cp1252", False),
        ("# coding: shift_jis\r\nx = '日本'\r\n".encode("shift_jis"), None, "shift_jis", False),
        (b"a = 1\r\nb = 2\rc = 3\n", "a = 1\r\nb = 2\rc = 3\n", "utf-8", False),
    ],
)
def test_text_is_decoded_as_declared_and_written_back_alike(
    data: bytes, text: str | None, encoding: str, has_bom: bool
) -> None:
    unit = read_python(PATH, "train.py", data)
    assert unit.problems == []
    assert text is None or unit.text == text
    assert (unit.encoding, unit.has_bom) == (encoding, has_bom)
    (cell,) = unit.cells
    assert (cell.index, cell.start, cell.end, cell.code) == (1, 0, len(unit.text), unit.text)
    assert encode(unit, unit.text) == data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = '\xe9'\n", "the file is not UTF-8 (byte 0xe9 in line 1) and declares no encoding"),
        (b"a = 1\r\nb = 2\r# \xff\n", "the file is not UTF-8 (byte 0xff in line 3) and declares no encoding"),
        (b"# coding: ascii\n\nx = '\xe9'\n", "the file is not ascii as it declares (byte 0xe9 in line 3)"),
        (b"# coding: klingon\n", "the file declares an unknown encoding klingon"),
        (b"# coding: rot13\n", "the file declares 'rot13', which is not a text encoding"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "a UTF-8 byte order mark but declares another encoding"),
        ("x = 1".encode("utf-16"), "the file is UTF-16, which Python source cannot be"),
        ("x = 1".encode("utf-32"), "the file is UTF-32, which Python source cannot be"),
        (b"x = 1\ny = '\0'", "the file has a NUL byte in line 2"),
    ],
)
def test_bytes_that_are_no_text_are_one_problem(data: bytes, message: str) -> None:
    unit = read_python(PATH, "train.py", data)
    (problem,) = unit.problems
    assert problem.kind == "invalid-encoding"
    assert message in problem.message
    assert problem.range is None
    assert (unit.text, unit.cells) == ("", [])


def test_a_character_that_the_encoding_lacks_is_named() -> None:
    unit = read_python(PATH, "src/train.py", b"# coding: latin-1\nx = 1\n")
    with pytest.raises(ValueError, match=r"src/train.py: '€' in line 2 .* iso-8859-1"):
        encode(unit, "# coding: latin-1\nprice = '€'\n")


def test_stubs_are_told_from_scripts() -> None:
    assert read_python(Path("a.pyi"), "a.pyi", b"").kind == "stub"
    assert read_python(PATH, "train.py", b"").kind == "script"
