"""The diff report: what fixes would change, as a patch."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions
from mllint.report.paint import paint_for
from mllint.report.summary import fixed_so_far, hidden_fixes
from mllint.report.wording import counted


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield the diffs, as they are so that they can be applied, with a blank line between files."""
    paint = paint_for(options.color)
    previous = None
    for diff in result.diffs:
        if previous is not None and diff.filename != previous:
            yield "\n"
        previous = diff.filename
        for line in diff.text.splitlines(keepends=True):
            body = line.rstrip("\r\n")
            yield paint(body, _style(body)) + line[len(body) :]
        if not diff.text.endswith("\n"):
            yield "\n"


def closing(result: RunResult, options: ReportOptions) -> str:
    """Return the line that says what would be fixed."""
    fixed, hidden = fixed_so_far(result), hidden_fixes(result, options)
    more = f" ({counted(hidden, 'additional fix')} available with `--unsafe-fixes`)" if hidden else ""
    return f"Would fix {counted(fixed, 'error')}{more}.\n" if fixed else f"No errors would be fixed{more}.\n"


def _style(line: str) -> str:
    if line.startswith(("---", "+++")):
        return "strong"
    return {"+": "added", "-": "removed", "@": "info"}.get(line[:1], "plain")
