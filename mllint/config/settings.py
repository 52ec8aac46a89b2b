"""Settings: the resolved configuration that one run works with for the files of one configuration root."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

#: Selectors that are on when nothing is configured.
DEFAULT_SELECT = ("recommended",)

DEFAULT_INCLUDE = ("*.py", "*.pyi", "*.ipynb")

DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mllint_cache",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".virtual_documents",
    ".vscode",
    "__pypackages__",
    "_build",
    "buck-out",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)


DEFAULT_TEST_FILES = ("test_*.py", "*_test.py", "conftest.py", "test", "tests")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Resolved settings; every field is final and paths are absolute.

    ``root`` is the directory of the configuration file, or the project root where there is none; globs are relative
    to it. ``project_root`` is the directory that project facts are about; it is ``root`` unless the configuration was
    named on the command line. ``rule_paths`` are relative to ``root`` or absolute. ``rule_options`` maps a rule name to
    its raw option table, ``roles`` a qualified name to roles the user gave it, ``severity`` a rule name to the severity
    the user wants. ``ignore``, ``fixable``, ``include``, ``exclude`` and ``test_files`` already hold what their ``extend-`` keys added.
    """

    root: Path
    project_root: Path = Path()
    config_file: Path | None = None
    select: tuple[str, ...] = DEFAULT_SELECT
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fixable: tuple[str, ...] = ("ALL",)
    unfixable: tuple[str, ...] = ()
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    include: tuple[str, ...] = DEFAULT_INCLUDE
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    test_files: tuple[str, ...] = DEFAULT_TEST_FILES
    force_exclude: bool = False
    respect_gitignore: bool = True
    rule_paths: tuple[str, ...] = ("mllint-rules",)
    python_rules: tuple[Path, ...] = ()
    roles: dict[str, tuple[str, ...]] = {}
    severity: dict[str, str] = {}
    rule_options: dict[str, dict[str, Any]] = {}
    seed: int = 42
    fix: bool = False
    unsafe_fixes: bool = False
    show_fixes: bool = False
    output_format: str = "full"
    cache_dir: Path | None = None
    min_confidence: str = "low"

    def __post_init__(self) -> None:
        if self.project_root == Path():
            msgspec.structs.force_setattr(self, "project_root", self.root)
