"""Generated pages are fresh, the charter is complete, and what pages show and link to is right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from markdown_blocks import PAGES, ROOT, blocks

from mllint.config.validation import validate
from mllint.text.toml import parse_toml

ALL_PAGES = (*PAGES, *sorted((ROOT / "docs" / "rules").glob("*.md")))
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")


def test_generated_pages_are_fresh_and_the_charter_is_complete() -> None:
    script = ROOT / "tests" / "tools" / "generate_docs.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert (done.stdout + done.stderr, done.returncode) == ("", 0)


@pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for path, anchor in LINK.findall(prose):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ +(.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(heading) for heading in headings}, f"{path}#{anchor}"


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_snippets_are_right(page: Path) -> None:
    for block in blocks(page):
        if block.info == "python":
            compile(block.text, f"{page.name}:{block.row}", "exec")
        if block.info == "toml":
            table: dict[str, Any] = parse_toml(block.text)
            options = table.get("tool", {}).get("mllint", {})
            found = validate(options, may_run_python="python-rules" in options and page.name == "configuration.md")
            assert [*found.errors, *found.warnings] == [], f"{page.name}:{block.row}"
