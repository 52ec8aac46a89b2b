"""Markdown laid out for a terminal."""

from __future__ import annotations

import re
from io import StringIO

#: Longer lines of prose are hard to read.
_WIDEST = 100
#: Padding that ends a line of code.
_PADDING = re.compile(r"(?:\x1b\[[\d;]*m *\x1b\[0m| )+$")
_STYLES = {
    "markdown.h1": "bold bright_cyan",
    "markdown.h2": "bold bright_blue",
    "markdown.code": "cyan",
    "markdown.item.bullet": "none",
}


def laid_out(text: str, width: int | None) -> str:
    """Return Markdown as it is shown on a terminal that has colour.

    Args:
        text: the Markdown.
        width: columns of the terminal, if there is one.
    """
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import CodeBlock, Heading, Markdown
    from rich.syntax import Syntax
    from rich.theme import Theme

    class LeftHeading(Heading):
        """A heading at the left margin."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            self.text.justify = "left"
            yield self.text

    class IndentedCode(CodeBlock):
        """A code block without a background."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            code = str(self.text).rstrip()
            yield Syntax(code, self.lexer_name, theme="ansi_dark", background_color="default", padding=(0, 4))

    class Page(Markdown):
        """Markdown as mllint shows it."""

        elements = {
            **Markdown.elements,
            "heading_open": LeftHeading,
            "fence": IndentedCode,
            "code_block": IndentedCode,
        }

    console = Console(
        file=StringIO(),
        force_terminal=True,
        width=min(width or _WIDEST, _WIDEST),
        color_system="standard",
        highlight=False,
        theme=Theme(_STYLES),
    )
    with console.capture() as capture:
        console.print(Page(text))
    lines = (_PADDING.sub("", line) for line in capture.get().splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
