"""The rule ``unsorted-listing``."""

from __future__ import annotations

import re

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call
from mllint_rules.reproducibility._draws import is_about_data
from mllint_rules.reproducibility._order import Order

_SHOWS = re.compile(r"(?:^|_)(?i:show|display|plot\w*|visuali[sz]e|view|preview|draw)(?:_|$|[A-Z])")
_WILDCARD = frozenset("*?[")
#: Callees with role `lists-files` that give directories with their files, not names.
_WALKS = frozenset({"walk", "fwalk", "list_files", "matching_files"})


class UnsortedListing(Rule):
    """The order in which a directory is listed decides the order of data.

    ## What it does
    Finds listings of directories (`os.listdir`, `glob.glob`, `Path.glob`, `Path.iterdir`) whose order reaches data:
    files that are read into a list or joined into one table, parts taken by position, elements that are numbered,
    paired, split or sampled.

    Silent where the listing is sorted, before or after, where files are only counted, looked at, looked up, copied or
    removed, where what they give is only gone through once more, where an unseeded draw follows, which sorting would not
    make repeatable, and where the order cannot be followed.

    ## Why is this bad
    The order is that of the file system: it differs between machines, and on one machine after files were copied. The
    same code with the same seed then splits the same files into other parts.

    ## Example
    ```python
    import glob

    import pandas as pd

    orders = pd.concat([pd.read_csv(path) for path in glob.glob("orders/*.csv")])
    ```

    ## Use instead
    ```python
    import glob

    import pandas as pd

    orders = pd.concat([pd.read_csv(path) for path in sorted(glob.glob("orders/*.csv"))])
    ```

    ## Fix safety
    Where a list is returned, sorting it gives one of the orders that the file system might have given, so the fix is
    safe. Where the file lists directories more than once it is unsafe: two listings that belong together by position
    would not any more. An iterator becomes a list, which holds all names in memory and sees the directory as it is at that moment;
    that is unsafe.

    ## References
    - Python: os.listdir, https://docs.python.org/3/library/os.html#os.listdir
    - Python: glob.glob, https://docs.python.org/3/library/glob.html#glob.glob
    """

    name = "unsorted-listing"
    category = "reproducibility"
    fixes = (Applicability.SAFE, Applicability.UNSAFE)
    triggers = ("listdir", "scandir", "glob", "iglob", "rglob", "iterdir")

    @on_call(role="lists-files")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a listing whose order matters."""
        if call.last_name in _WALKS or not is_about_data(ctx) or _is_for_people(call.node, ctx) or _names_one(call):
            return
        use = Order(ctx, rows=True).matters(call.node)
        if use is None:
            return
        ctx.report(
            call,
            f"`{call.last_name}` lists files in the order of the file system, which differs between machines, and "
            f"{use.what}",
            help="Sort the listing",
            trace=[(use.node, "Its order is used here")],
            fix=lambda: _sorted_fix(call, ctx),
        )


def _names_one(call: CallSite) -> bool:
    """Tell whether a pattern is the path of one file or directory: it has no wildcard."""
    pattern = call.literal("pathname") if call.last_name in ("glob", "iglob") else None
    return isinstance(pattern, str) and _WILDCARD.isdisjoint(pattern)


def _is_for_people(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code is in a function whose name says that it shows something."""
    functions = (above for above in ctx.model.ancestors(node) if isinstance(above, cst.FunctionDef))
    return any(_SHOWS.search(function.name.value) for function in functions)


def _sorted_fix(call: CallSite, ctx: Context) -> Fix:
    returns_list = call.fact is not None and call.fact.returns == "builtins.list"
    arg = ctx.model.parent(call.node)
    outer = ctx.model.parent(arg) if isinstance(arg, cst.Arg) else None
    in_list = isinstance(outer, cst.Call) and len(outer.args) == 1 and ctx.model.call(outer).name == "builtins.list"
    key = ", key=lambda entry: entry.name" if call.last_name == "scandir" else ""
    if in_list and not key:
        assert isinstance(outer, cst.Call)
        edits = [ctx.fix.replace(outer.func, "sorted")]
    else:
        edits = ctx.fix.wrap(call.node, "sorted(", f"{key})")
    # What is paired by position with another listing must stay paired with it: sorting one of them alone would not.
    alone = len(ctx.model.calls_with_role("lists-files")) == 1
    safe = (returns_list or in_list) and alone
    return Fix("Sort the listing", edits, Applicability.SAFE if safe else Applicability.UNSAFE)
