"""The rule ``untitled-notebook``."""

from __future__ import annotations

import re

from mllint import Cell, Context, Range, Rule, Severity, on_notebook

_HEADING = re.compile(r"^ {0,3}#{1,3} *[^#\s]", re.MULTILINE)
_SETEXT = re.compile(r"^ {0,3}[^\s#>|-].*\n {0,3}(?:=+|-{3,})[ \t]*$", re.MULTILINE)
_HTML = re.compile(r"<(?:h[1-3]|title)\b", re.IGNORECASE)
#: Badges, pictures and links around them, which say nothing about the question.
_DECORATION = re.compile(r"!?\[!?\[?[^\]]*\](?:\([^)]*\))?\]?(?:\([^)]*\))?|<[^>]*>|[^\w\s]")
_FRONT_MATTER = re.compile(r"\A\s*---\s*$.*?^title\s*:", re.MULTILINE | re.DOTALL)
_CODE_TITLE = re.compile(r"""\A\s*(?:#\s*@(?:title|markdown)\b|[rR]?(?:\"{3}|'{3}))|^\s*#\s*@title\b""", re.MULTILINE)
#: How many code cells may come before the heading: set-up often stands first.
_CODE_CELLS_BEFORE = 2
#: Notebooks with no more code cells than this are scratch paper.
_SMALL = 2


class UntitledNotebook(Rule):
    """A notebook has neither a title nor an introduction.

    ## What it does
    Finds notebooks without a title: a Markdown heading of level one to three, underlined or HTML headings included,
    a `#@title`, a docstring or a comment that tells of more than set-up at the top of the first code cell, or a
    `title:` in a raw cell. The title may stand after two
    code cells of set-up; a heading of level one may stand anywhere. Text before the first code, other than
    badges and pictures, counts as an introduction. Notebooks of at most two code cells are left alone, and so are
    those that a document tells of: one in Markdown or reStructuredText that names the notebook, or a README beside it
    if it is the only notebook there.

    ## Why is this bad
    Whoever finds the notebook in a year, or in a list of search results, has to read its code to learn which question
    it answers. What nobody understands is copied rather than corrected.

    ## Example
    ```ipynb
    # %%
    import pandas as pd
    # %%
    customers = pd.read_csv("customers.csv")
    # %%
    customers.groupby("contract")["churned"].mean()
    ```

    ## Use instead
    ```ipynb
    # %% [markdown]
    # Which contracts do customers cancel?
    # %%
    import pandas as pd
    # %%
    customers = pd.read_csv("customers.csv")
    # %%
    customers.groupby("contract")["churned"].mean()
    ```

    ## Notebook behaviour
    The rule is about notebooks; scripts have a docstring for this, which other linters ask for.

    ## References
    - Rule et al.: Ten simple rules for writing and sharing computational analyses in Jupyter Notebooks,
      https://doi.org/10.1371/journal.pcbi.1007007
    """

    name = "untitled-notebook"
    category = "documentation"
    severity = Severity.INFO
    kinds = ("notebook",)

    @on_notebook
    def check(self, ctx: Context) -> None:
        """Report the first cell of a notebook that has no title."""
        cells = [cell for cell in ctx.unit.cells if _text(cell, ctx).strip()]
        code = [cell for cell in cells if cell.kind == "code"]
        if len(code) <= _SMALL or _has_title(cells, ctx) or _is_introduced(ctx):
            return
        start = cells[0].start
        first_line = _text(cells[0], ctx).splitlines()[0]
        ctx.report(
            Range(start, start + max(len(first_line), 1)),
            "The notebook has neither a title nor an introduction, so readers must find out from its code what it is for",
            help="Begin it with a Markdown cell: a heading, and a sentence about what it shows or answers",
        )


def _is_introduced(ctx: Context) -> bool:
    """Tell whether a document of the project says what the notebook is for."""
    path = ctx.unit.path.absolute()
    root = ctx.project.root
    return path.is_relative_to(root) and path.relative_to(root).as_posix() in ctx.project.introduced


def _text(cell: Cell, ctx: Context) -> str:
    return ctx.unit.text[cell.start : cell.end]


def _begins_with_introduction(code: str) -> bool:
    """Tell whether code begins with a comment of several words that is about more than its first lines."""
    for line in code.strip().splitlines():
        if not line.startswith("#"):
            return False
        said = line.strip("#- =*\t")
        if said:
            return not _SET_UP.search(said) and len(_WORD.findall(said)) >= _WORDS
    return False


#: What comments at the top say that are about set-up, and those that hosts put there.
_SET_UP = re.compile(
    r"(?i)\b(?:import|install|pip|librar|package|dependenc|modul|set-?up|mount|environment|cell|config|load|read|data(?:\b|[ _]?sets?\b)"
    r"|coding|seed|warning|helper|util|constant|path)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
#: How many words make a title.
_WORDS = 3


def _has_title(cells: list[Cell], ctx: Context) -> bool:
    code_cells = 0
    for cell in cells:
        text = _text(cell, ctx)
        if cell.kind == "code":
            if code_cells == 0 and (_CODE_TITLE.search(text) or _begins_with_introduction(text)):
                return True
            code_cells += 1
        elif cell.kind == "raw":
            if _FRONT_MATTER.search(text) or _HEADING.search(text):
                return True
        elif code_cells <= _CODE_CELLS_BEFORE:
            if any(pattern.search(text) for pattern in (_HEADING, _SETEXT, _HTML)):
                return True
            if code_cells == 0 and _DECORATION.sub(" ", text).strip():
                return True
        elif re.search(r"^ {0,3}# *[^#\s]|<h1\b", text, re.MULTILINE):
            return True
    return False
