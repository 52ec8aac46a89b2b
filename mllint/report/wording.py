"""How reports write places, counts and text that others wrote."""

from __future__ import annotations

from mllint.diagnostics.diagnostic import Location

#: Control characters as their pictures, and what reorders text as a replacement character: code must not be able to
#: hide itself on a terminal, or to take it over.
_VISIBLE = (
    {code: 0x2400 + code for code in range(0x20)}
    | {0x7F: 0x2421}
    | dict.fromkeys((*range(0x80, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F), 0xFFFD)
)
_TAB = "    "


def visible(text: str) -> str:
    """Return text that is safe to print: tabs become spaces, control characters something to see."""
    if text.isprintable():
        return text
    return text.replace("\t", _TAB).translate(_VISIBLE)


def one_line(text: str) -> str:
    """Return text as a single printable line."""
    return visible(" ".join(text.split()))


def place(filename: str, cell: int | None, location: Location | None = None) -> str:
    """Write a place as ``train.py:12:5`` or ``churn.ipynb:cell 3:2:1``."""
    parts = [visible(filename)]
    if cell is not None:
        parts.append(f"cell {cell}")
    if location is not None:
        parts += [str(location.row), str(location.column)]
    return ":".join(parts)


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 file``, ``3 files``, ``2 fixes``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}es" if noun.endswith("x") else f"{number} {noun}s"
