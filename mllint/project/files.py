"""Reading the files that describe a project; whatever they hold, reading them never fails."""

from __future__ import annotations

import codecs
from pathlib import Path

from mllint.project.facts import ProjectProblem

#: Larger files describe no project.
_MAX_BYTES = 16_000_000


class ProblemLog:
    """Collects what is wrong with the files of one project."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.problems: list[ProjectProblem] = []

    def name_of(self, path: Path) -> str:
        """Return the name of a file relative to the root."""
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name

    def add(self, path: Path, row: int, message: str) -> None:
        """Note a problem; row 0 stands for the whole file."""
        problem = ProjectProblem(self.name_of(path), row, message)
        if problem not in self.problems:
            self.problems.append(problem)


def read_text(path: Path, problems: ProblemLog) -> str | None:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark, as PowerShell writes it; or None."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            problems.add(path, 0, "is too large to be read")
            return None
        content = path.read_bytes()
    except OSError as error:
        problems.add(path, 0, f"cannot be read: {error.strerror}")
        return None
    encoding = "utf-16" if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        problems.add(path, content.count(b"\n", 0, error.start) + 1, "is not UTF-8")
        return content.decode(encoding, errors="replace")
