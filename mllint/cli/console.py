"""The terminal: whether it shows colour, how wide it is, and how reports are written to it and to files."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import click

from mllint.cli.errors import CommandError

_CHUNK = 1 << 16


def shows_color(choice: str, stream: TextIO) -> bool:
    """Decide whether a stream gets colour.

    Args:
        choice: ``always``, ``never``, or ``auto`` to go by the environment and the stream.
        stream: where the text goes.
    """
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def terminal_width(stream: TextIO) -> int | None:
    """Return the width of the terminal, or None where the stream does not go to one."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def write(pieces: Iterable[str], *, color: bool = False, utf8: bool = False) -> None:
    """Write to standard output, in few large pieces.

    Args:
        pieces: the text.
        color: whether escape sequences in it are kept.
        utf8: whether it is for programs: encoded as UTF-8 whatever the terminal's encoding.
    """
    for chunk in _joined(pieces):
        click.echo(chunk.encode() if utf8 else chunk, nl=False, color=color)


def write_file(path: Path, pieces: Iterable[str]) -> None:
    """Write a report to a file, whole or not at all.

    Raises:
        CommandError: the file cannot be written.
    """
    from mllint.text.atomic import write_atomically

    data = "".join(pieces).encode("utf-8", "backslashreplace")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device
            path.write_bytes(data)
        else:
            write_atomically(path, data)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror or error}") from None


def warn(message: str, *, color: bool) -> None:
    """Print a warning to standard error."""
    click.echo(f"{_label('warning', 'yellow', color=color)} {message}", err=True, color=color)


def complain(message: str, *, color: bool) -> None:
    """Print an error to standard error; the command goes on."""
    click.echo(f"{_label('error', 'red', color=color)} {message}", err=True, color=color)


def stdout_color(choice: str) -> bool:
    """Decide whether standard output gets colour."""
    return shows_color(choice, sys.stdout)


def _label(word: str, style: str, *, color: bool) -> str:
    return click.style(word, fg=style, bold=True) + click.style(":", bold=True) if color else f"{word}:"


def _joined(pieces: Iterable[str]) -> Iterator[str]:
    waiting: list[str] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _CHUNK:
            yield "".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield "".join(waiting)
