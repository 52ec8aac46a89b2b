"""Output formats by name; the module of one is imported when it is used.

A format is the module of its name beside this one, with a function ``render(result, options)`` that yields text, and
its name in the schema of the option ``output-format``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple, get_args

from mllint.config.schema import OutputFormat

if TYPE_CHECKING:
    from mllint.diagnostics.diagnostic import LocatedDiagnostic
    from mllint.engine.result import RunResult

#: All formats.
FORMATS: tuple[str, ...] = get_args(OutputFormat)

#: Formats for people: they end with a summary and may have colour. All others are UTF-8 for programs.
FOR_PEOPLE = frozenset({"full", "concise"})


class ReportOptions(NamedTuple):
    """How a report is to look.

    Attributes:
        color: whether to use colour.
        width: columns of the terminal; None where the report does not go to one.
        unsafe_fixes: whether unsafe fixes count as applicable.
        show_fixes: whether to list what was fixed.
        verbose: whether to name everything that was not analysed.
        quiet: whether to give diagnostics only.
    """

    color: bool = False
    width: int | None = None
    unsafe_fixes: bool = False
    show_fixes: bool = False
    verbose: bool = False
    quiet: bool = False


def render(name: str, result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield a report in the format called ``name``."""
    yield from import_module(f"mllint.report.{name}").render(result, options)
    if name in FOR_PEOPLE and not options.quiet:
        from mllint.report import summary

        yield from summary.render(result, options)


def is_fixable(diagnostic: LocatedDiagnostic, options: ReportOptions) -> bool:
    """Tell whether ``--fix`` would apply the fix of a diagnostic."""
    if diagnostic.fix is None:
        return False
    return diagnostic.fix.applicability == "safe" or (options.unsafe_fixes and diagnostic.fix.applicability == "unsafe")
