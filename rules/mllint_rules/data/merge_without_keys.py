"""The rule ``merge-without-keys``."""

from __future__ import annotations

import libcst as cst

from mllint import UNKNOWN, CallSite, Context, Rule, on_call

_KEYS = ("on", "left_on", "right_on", "left_index", "right_index")
_ROWS_MATCH = frozenset({None, "left", "right", "inner", "outer"})


class MergeWithoutKeys(Rule):
    """Tables are merged without saying on which columns.

    ## What it does
    Finds `merge` of pandas without any key: no `on`, `left_on`, `right_on`, `left_index` or `right_index`, and no
    `how="cross"`. Left alone are tables whose columns are chosen in the call, `orders.merge(shops[["shop", "city"]])`,
    and tables that are written out in the code: no new column can get in.

    ## Why is this bad
    The keys are then all columns with the same name in both tables. When a new version of the data brings one more of
    them, `updated_at` for example, rows no longer meet, and the merge silently loses them; when one is renamed, rows
    multiply.

    ## Example
    ```python
    import pandas as pd

    orders = pd.read_csv("orders.csv")
    shops = pd.read_csv("shops.csv")
    table = orders.merge(shops)
    ```

    ## Use instead
    ```python
    import pandas as pd

    orders = pd.read_csv("orders.csv")
    shops = pd.read_csv("shops.csv")
    table = orders.merge(shops, on="shop", how="left", validate="many_to_one")
    ```

    ## References
    - pandas: DataFrame.merge, https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.merge.html
    """

    name = "merge-without-keys"
    category = "data"
    libraries = ("pandas",)
    sources = {
        "dslinter": "R5505",
        "Sonar": "S6735",
        "code-smell catalogue": "Merge API Parameter Not Explicitly Set",
    }

    @on_call("pandas.merge", "pandas.DataFrame.merge")
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a merge whose keys are found out at run time."""
        if not all(call.argument(key).absent for key in _KEYS):
            return
        how = call.argument("how")
        if how.unknown or call.literal("how", default=None) not in _ROWS_MATCH:
            return
        left = call.argument("left").value if call.name == "pandas.merge" else call.receiver
        tables = [table for table in (left, call.argument("right").value) if table is not None]
        if any(_is_fixed(table, ctx) for table in tables):
            return
        ctx.report(
            call,
            f"`{ctx.model.text(call.node.func)}` merges on all columns that both tables happen to have",
            help="Pass the keys as `on`, and what is expected of them as `validate`",
        )


def _is_fixed(table: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether the columns of a table are written in the code: a choice of some, or a table that is written out."""
    made = ctx.model.assigned_value(table) if isinstance(table, cst.Name) else table
    if isinstance(table, cst.Subscript) and isinstance(table.slice[0].slice, cst.Index):
        return isinstance(table.slice[0].slice.value, cst.List)
    if not isinstance(made, cst.Call) or ctx.model.call(made).name != "pandas.DataFrame":
        return False
    columns = ctx.model.call(made).first("data", "columns").value
    return isinstance(columns, (cst.Dict, cst.List)) or (
        columns is not None and ctx.model.literal(columns) is not UNKNOWN
    )
