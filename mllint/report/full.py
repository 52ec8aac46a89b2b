"""The full report: each diagnostic with its code, the trace that led there, and its fix."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator

from mllint.diagnostics.diagnostic import Excerpt, LocatedDiagnostic, LocatedEdit, LocatedFix
from mllint.engine.result import RunResult
from mllint.report.formats import ReportOptions, is_fixable
from mllint.report.paint import Paint, paint_for
from mllint.report.snippet import Canvas, Mark, clip, draw, scrolled
from mllint.report.wording import one_line, place, visible
from mllint.text.edits import Edit, apply_edits
from mllint.text.ranges import LineIndex

#: Code lines are clipped to this where there is no terminal.
_DEFAULT_WIDTH = 120


def render(result: RunResult, options: ReportOptions) -> Iterator[str]:
    """Yield the report, a diagnostic at a time."""
    paint = paint_for(options.color)
    for diagnostic in result.diagnostics:
        yield "".join(_block(diagnostic, options, paint)) + "\n"


def _block(diagnostic: LocatedDiagnostic, options: ReportOptions, paint: Paint) -> Iterator[str]:
    canvas = Canvas(
        gutter=len(str(_highest_row(diagnostic))),
        width=options.width or _DEFAULT_WIDTH,
        wrap=options.width is not None,
        paint=paint,
    )
    yield from _header(diagnostic, options, paint)
    where = place(diagnostic.filename, diagnostic.cell, diagnostic.location)
    doubt = "" if diagnostic.confidence == "high" else f" ({diagnostic.confidence} confidence)"
    yield f"{' ' * canvas.gutter}{paint('-->', 'frame')} {where}{paint(doubt, 'faint')}\n"
    if diagnostic.excerpt:
        excerpt = Excerpt(diagnostic.excerpt_row, diagnostic.excerpt, diagnostic.cell)
        yield canvas.rule()
        yield from draw(canvas, excerpt, Mark(diagnostic.location, diagnostic.end_location, "^", diagnostic.severity))
        yield canvas.rule()
    if diagnostic.trace:
        yield from _trace(diagnostic, canvas)
    if diagnostic.help is not None and (diagnostic.fix is None or diagnostic.fix.message != diagnostic.help):
        yield from _labelled("help", diagnostic.help, options, paint)
    if diagnostic.fix is not None:
        yield from _fix(diagnostic.fix, diagnostic, canvas, options)


def _highest_row(diagnostic: LocatedDiagnostic) -> int:
    rows = [diagnostic.excerpt_row + len(diagnostic.excerpt) - 1, diagnostic.location.row]
    rows += [step.location.row for step in diagnostic.trace]
    if diagnostic.fix is not None:
        added = sum(edit.content.count("\n") for edit in diagnostic.fix.edits)
        rows += [excerpt.row + len(excerpt.lines) - 1 + added for excerpt in diagnostic.fix.excerpts]
    return max(rows)


def _header(diagnostic: LocatedDiagnostic, options: ReportOptions, paint: Paint) -> Iterator[str]:
    marker = "[*] " if is_fixable(diagnostic, options) else ""
    first, *others = _wrapped(f"{diagnostic.rule} {marker}{one_line(diagnostic.message)}", options, indent="  ")
    message = first.removeprefix(f"{diagnostic.rule} {marker}")
    star = f"[{paint('*', 'help')}] " if marker else ""
    yield f"{paint(diagnostic.rule, diagnostic.severity)} {star}{paint(message, 'strong')}\n"
    for line in others:
        yield f"  {paint(line.strip(), 'strong')}\n"


def _trace(diagnostic: LocatedDiagnostic, canvas: Canvas) -> Iterator[str]:
    """Draw the steps in order, each with the line it happened in; the place is named where it is another."""
    yield f"{canvas.paint('trace', 'help')}{canvas.paint(':', 'strong')}\n"
    here = (diagnostic.filename, diagnostic.cell)
    is_open = False
    previous_row = None
    for number, step in enumerate(diagnostic.trace, start=1):
        message = one_line(step.message)
        label = f"{number}. {message}" if len(diagnostic.trace) > 1 else message
        if not step.line:
            yield f"{' ' * canvas.gutter} {label}  {place(step.filename, step.cell, step.location)}\n"
            continue
        if (step.filename, step.cell) != here:
            here, previous_row = (step.filename, step.cell), None
            where = place(step.filename, step.cell, step.location)
            yield f"{' ' * canvas.gutter}{canvas.paint(':::', 'frame')} {where}\n"
        elif not is_open:
            yield canvas.rule()
        is_open = True
        drawn = draw(
            canvas,
            Excerpt(step.location.row, [step.line], step.cell),
            Mark(step.location, step.end_location, "-", "trace", label),
        )
        lines = list(drawn)
        yield from lines[1:] if step.location.row == previous_row else lines
        previous_row = step.location.row
    if is_open:
        yield canvas.rule()


def _fix(fix: LocatedFix, diagnostic: LocatedDiagnostic, canvas: Canvas, options: ReportOptions) -> Iterator[str]:
    label = {"safe": "fix", "unsafe": "unsafe fix"}.get(fix.applicability, "display-only fix")
    message = one_line(fix.message)
    if label == "display-only fix":
        message += " (needs a value you must choose)"
    yield from _labelled(label, message, options, canvas.paint)
    cell = diagnostic.cell
    shift = 0
    for excerpt in fix.excerpts:
        if excerpt.cell != cell:
            cell, shift = excerpt.cell, 0
            yield f"{' ' * canvas.gutter}{canvas.paint(':::', 'frame')} {place(diagnostic.filename, cell)}\n"
        else:
            yield canvas.rule()
        changed = _edited(excerpt, fix.edits)
        yield from _diff(excerpt.lines, changed, excerpt.row + shift, canvas)
        shift += len(changed) - len(excerpt.lines)
    if fix.excerpts:
        yield canvas.rule()


def _edited(excerpt: Excerpt, edits: list[LocatedEdit]) -> list[str]:
    """Return the lines of an excerpt with the edits made that fall into it."""
    text = "\n".join(excerpt.lines)
    index = LineIndex(text)
    rows = range(excerpt.row, excerpt.row + len(excerpt.lines))

    def offset(row: int, column: int) -> int:
        if row not in rows:  # an edit that takes the last line end with it
            return len(text)
        return min(index.offset(row - excerpt.row + 1, column), len(text))

    inside = [edit for edit in edits if edit.cell == excerpt.cell and edit.location.row in rows]
    changed = apply_edits(
        text,
        [
            Edit(
                offset(edit.location.row, edit.location.column),
                offset(edit.end_location.row, edit.end_location.column),
                edit.content.replace("\r\n", "\n"),
            )
            for edit in inside
        ],
    )
    return changed.split("\n")


def _diff(old: list[str], new: list[str], row: int, canvas: Canvas) -> Iterator[str]:
    """Draw a change of lines as ruff does: rows are those after the change, and removed lines have none."""
    width = canvas.code_width - 2
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            for index in range(new_start, new_end):
                is_edge = index in (0, len(new) - 1)
                if new[index].strip() or not is_edge:
                    yield canvas.line(row + index, f"  {clip(visible(new[index]), 0, width)}".rstrip())
            continue
        left = _scroll_to_change(old[old_start:old_end], new[new_start:new_end], width)
        for line in old[old_start:old_end]:
            yield canvas.line("", canvas.paint(f"- {clip(visible(line), left, width)}".rstrip(), "removed"))
        for index in range(new_start, new_end):
            text = canvas.paint(f"+ {clip(visible(new[index]), left, width)}".rstrip(), "added")
            yield canvas.line(row + index, text)


def _scroll_to_change(old: list[str], new: list[str], width: int) -> int:
    """Return how far long lines are shifted so that what differs in the first of them is seen."""
    if not old or not new:
        return 0
    before, after = visible(old[0]), visible(new[0])
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )
    longest = max(before, after, key=len)
    return scrolled(width, longest, same, min(same + abs(len(before) - len(after)) + 1, same + width // 2))


def _labelled(label: str, text: str, options: ReportOptions, paint: Paint) -> Iterator[str]:
    first, *others = _wrapped(f"{label}: {one_line(text)}", options, indent=" " * (len(label) + 2))
    yield f"{paint(label, 'help')}{paint(':', 'strong')}{first.removeprefix(f'{label}:')}\n"
    for line in others:
        yield f"{line}\n"


def _wrapped(text: str, options: ReportOptions, indent: str) -> list[str]:
    """Break text at the width of the terminal; elsewhere it stays one line, so that it can be searched."""
    if options.width is None:
        return [text]
    return textwrap.wrap(
        text, max(options.width, 40), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    ) or [text]
