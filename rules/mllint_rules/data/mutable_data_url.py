"""The rule ``mutable-data-url``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import libcst as cst

from mllint import CallSite, Context, Range, Rule, on_notebook, on_unit
from mllint_rules.data._moving import WORDS, MovingUrl, moving

_SHELL_URL = re.compile(r"https?://[^\s\"'<>|;)}]+")
_FETCH = re.compile(r"(?:^|[\s!;&|])(?:wget|curl|aria2c|gdown)\s")
_ROLES = frozenset({"loads-data", "downloads", "loads-model", "reads-file"})
_SUFFIX = re.compile(r"/[^/]+\.\w{2,8}$")
#: Functions that fetch what they are told to, data or not.
_FUNCTIONS = frozenset({"requests.get", "httpx.get", "urllib.request.urlopen"})


class MutableDataUrl(Rule):
    """Data is read from a URL that gives other data as soon as somebody pushes.

    ## What it does
    Finds reads and downloads (`pandas.read_csv`, `numpy.loadtxt`, `urlretrieve`, `requests.get`, `data_files` of
    Hugging Face datasets, `!wget` and `!curl` in notebooks …) of URLs that name a branch (`main`, `master` …) of a
    repository on GitHub, GitLab or the Hugging Face hub, or a `latest` version. URLs with a commit or a tag, URLs
    that are not known to move, pictures, pages and code are left alone, and so are files of which the project holds
    a copy of the same name: its data are under version control already.

    ## Why is this bad
    The file behind such a URL can be corrected, extended, renamed or deleted at any time. The same commit of your
    code then trains on other data, or on none, and nothing in the repository shows it.

    ## Example
    ```python
    import pandas as pd

    tariffs = pd.read_csv("https://raw.githubusercontent.com/acme/tariffs/main/contracts.csv")
    ```

    ## Use instead
    ```python
    import pandas as pd

    tariffs = pd.read_csv(
        "https://raw.githubusercontent.com/acme/tariffs/5f2d3a9c1e7b4d6f8a0c2e4b6d8f0a1c3e5b7d9f/contracts.csv"
    )
    ```

    ## References
    - GitHub: Getting permanent links to files,
      https://docs.github.com/en/repositories/working-with-files/using-files/getting-permanent-links-to-files
    """

    name = "mutable-data-url"
    category = "data"
    triggers = WORDS

    @on_unit
    def check(self, ctx: Context) -> None:
        """Report each moving URL once, with the calls that read it."""
        reads: dict[cst.BaseExpression, tuple[MovingUrl, list[CallSite]]] = {}
        for call in ctx.model.calls:
            if call.last_name == "from_single_file":  # a model, which `unpinned-model-revision` is about
                continue
            if call.name in _FUNCTIONS or not _ROLES.isdisjoint(call.roles):
                for value in _values(call):
                    found = _moving_value(value, ctx)
                    if found is not None and (call.name not in _FUNCTIONS or _SUFFIX.search(found[1].url)):
                        place, url = found
                        reads.setdefault(place, (url, []))[1].append(call)
        for place, (url, calls) in reads.items():
            if _has_copy(url.url, ctx):
                continue
            ctx.report(
                place,
                _message(url),
                help=_HELP,
                trace=[
                    (call, f"`{ctx.model.text(call.node.func)}` reads from it")
                    for call in calls
                    if call.node not in ctx.model.ancestors(place)
                ],
                certain=any(call.certain for call in calls),
            )

    @on_notebook
    def check_shell(self, ctx: Context) -> None:
        """Report the URLs that shell lines download."""
        for cell in ctx.unit.cells:
            for magic in cell.magics:
                if not _FETCH.search(magic.text):
                    continue
                for match in _SHELL_URL.finditer(magic.text):
                    found = moving(match[0])
                    if found is not None and not _has_copy(found.url, ctx):
                        start = magic.range.start + match.start()
                        ctx.report(Range(start, start + len(match[0])), _message(found), help=_HELP)


def _has_copy(url: str, ctx: Context) -> bool:
    """Tell whether the project holds a file of the name that a URL ends in, or the directory that it is in.

    Of a directory the last name is enough where the URL ends there; one on the way to a file must be two deep.
    """
    path, _, name = unquote(urlsplit(url).path).rpartition("/")
    if any(file.rpartition("/")[2] == name for file in ctx.project.data_files):
        return True
    directories = {file.rpartition("/")[0] for file in ctx.project.data_files}
    return any(path.endswith(f"/{each}") and (not name or "/" in each) for each in directories if each)


_HELP = "Use a URL with a commit hash or a tag, or keep a copy of the file under version control"


def _message(url: MovingUrl) -> str:
    return f"This URL follows the {url.what} `{url.ref}`, so the data changes whenever somebody pushes there"


def _moving_value(value: cst.BaseExpression, ctx: Context) -> tuple[cst.BaseExpression, MovingUrl] | None:
    """Return the moving URL that an argument begins with, and where it is written."""
    prefix = ctx.model.string_prefix(value)
    url = moving(prefix) if prefix is not None else None
    if url is None:
        return None
    source = ctx.model.string_source(value)
    written = ctx.model.string_prefix(source) if source is not None else None
    return (source if source is not None and written is not None and moving(written) else value), url


def _values(call: CallSite) -> Iterator[cst.BaseExpression]:
    """Yield the expressions among the arguments that can be URLs, those in lists and dicts too."""
    pending = [arg.value for arg in call.node.args if not arg.star]
    while pending:
        value = pending.pop(0)
        if isinstance(value, (cst.List, cst.Tuple)):
            pending += [element.value for element in value.elements if isinstance(element, cst.Element)]
        elif isinstance(value, cst.Dict):
            pending += [element.value for element in value.elements if isinstance(element, cst.DictElement)]
        else:
            yield value
