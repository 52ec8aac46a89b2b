"""Colours: what each style of the text reports looks like on a terminal that shows colour."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

#: Takes a text and the name of a style, and returns the text as it is to be printed.
Paint = Callable[[str, str], str]

#: The styles of the text reports. Colours are the sixteen that every terminal theme defines.
STYLES = {
    "plain": "",
    "strong": "bold",
    "faint": "dim",
    "error": "bold bright_red",
    "warning": "bold bright_yellow",
    "info": "bold bright_cyan",
    "frame": "bold bright_blue",
    "trace": "bright_blue",
    "help": "bold bright_cyan",
    "removed": "red",
    "added": "green",
    "clean": "bold green",
}


def paint_for(color: bool) -> Paint:
    """Return what paints text; without colour it loads nothing and changes nothing."""
    return _colored() if color else plain


def plain(text: str, style: str) -> str:
    """Return the text as it is."""
    return text


@lru_cache(maxsize=1)
def _colored() -> Paint:
    from rich.color import ColorSystem
    from rich.style import Style

    styles = {name: Style.parse(definition) for name, definition in STYLES.items()}

    def paint(text: str, style: str) -> str:
        return styles[style].render(text, color_system=ColorSystem.STANDARD) if text.strip() else text

    return paint
