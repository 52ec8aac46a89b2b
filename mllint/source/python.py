"""Python files: bytes to a unit and back, in whatever encoding the file declares."""

from __future__ import annotations

import codecs
import io
import tokenize
from pathlib import Path

from mllint.source.unit import Cell, Problem, Unit, UnitKind
from mllint.text.ranges import LineIndex

#: Byte order marks of encodings that Python source cannot have; the longer ones first.
_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_python(path: Path, name: str, data: bytes) -> Unit:
    """Make a unit of a Python file: one cell that holds the whole text.

    Line ends stay as they are. A file that cannot be decoded gives a unit without cells and with one problem.
    """
    kind: UnitKind = "stub" if path.suffix == ".pyi" else "script"
    try:
        text, encoding = decode_python(data)
    except ValueError as error:
        return Unit(path, name, kind, "", [], [Problem("invalid-encoding", str(error))])
    cell = Cell(index=1, kind="code", start=0, end=len(text), code=text)
    return Unit(path, name, kind, text, [cell], encoding=encoding, has_bom=data.startswith(codecs.BOM_UTF8))


def encode(unit: Unit, text: str) -> bytes:
    """Return ``text`` as bytes in the encoding of ``unit``, with its byte order mark if it had one.

    Raises:
        ValueError: the encoding lacks a character of ``text``.
    """
    try:
        data = text.encode(unit.encoding)
    except UnicodeEncodeError as error:
        character = text[error.start]
        row = LineIndex(text).row(error.start)
        raise ValueError(
            f"{unit.name}: {character!r} in line {row} cannot be written in the file's encoding, {unit.encoding}"
        ) from None
    return codecs.BOM_UTF8 + data if unit.has_bom else data


def decode_python(data: bytes) -> tuple[str, str]:
    """Return the text of Python source, without a byte order mark, and the encoding it is in.

    Raises:
        ValueError: the bytes are not text in the encoding they declare; the message is one line for people.
    """
    for mark, encoding in _FOREIGN_MARKS:
        if data.startswith(mark):
            raise ValueError(f"the file is {encoding}, which Python source cannot be")
    if b"\0" in data:
        raise ValueError(f"the file has a NUL byte in line {_row(data, data.index(0))}, so it is not Python source")
    encoding = _declared_encoding(data)
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode(encoding), encoding
    except UnicodeDecodeError as error:
        where = f"byte 0x{error.object[error.start]:02x} in line {_row(error.object, error.start)}"
        if _is_utf8(encoding) and not _has_cookie(data):
            raise ValueError(f"the file is not UTF-8 ({where}) and declares no encoding") from None
        raise ValueError(f"the file is not {encoding} as it declares ({where})") from None
    except (LookupError, ValueError):
        raise ValueError(f"the file declares {encoding!r}, which is not a text encoding") from None


def _declared_encoding(data: bytes) -> str:
    """Return the encoding that the first two lines declare, ``utf-8`` if they declare none."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(_first_lines(data)).readline)
    except SyntaxError as error:
        reason = str(error.msg)
        if reason.startswith("unknown encoding"):
            raise ValueError(f"the file declares an {reason.replace(': ', ' ', 1)}") from None
        if "encoding problem" in reason:
            raise ValueError("the file starts with a UTF-8 byte order mark but declares another encoding") from None
        return "utf-8"  # The first lines are not UTF-8 and declare nothing; decoding says where.
    return "utf-8" if encoding == "utf-8-sig" else encoding


def _first_lines(data: bytes) -> bytes:
    """Return the lines that may declare an encoding, with line ends that ``tokenize`` understands."""
    head = data[:4096].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return b"\n".join(head.split(b"\n", 2)[:2]) + b"\n"


def _has_cookie(data: bytes) -> bool:
    return any(b"coding" in line for line in _first_lines(data).split(b"\n") if line.lstrip().startswith(b"#"))


def _is_utf8(encoding: str) -> bool:
    return codecs.lookup(encoding).name == "utf-8"


def _row(data: bytes, offset: int) -> int:
    before = data[:offset].replace(b"\r\n", b"\n")
    return before.count(b"\n") + before.count(b"\r") + 1
