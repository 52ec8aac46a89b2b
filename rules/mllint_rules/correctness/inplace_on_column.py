"""The rule ``inplace-on-column``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, on_call

_METHODS = ("fillna", "replace", "clip", "interpolate", "ffill", "bfill", "mask", "where")


class InplaceOnColumn(Rule):
    """A column is changed in place that was taken out of its table for this.

    ## What it does
    Finds `df["age"].fillna(0, inplace=True)` and the like on what is known to be a table of pandas.

    ## Why is this bad
    From pandas 3 on `df["age"]` is a copy, which the call changes and nobody sees again: the gaps stay in the table, without an
    error. pandas 2 warns about it.

    ## Example
    ```python
    import pandas as pd

    patients = pd.read_csv("patients.csv")
    patients["age"].fillna(0, inplace=True)
    ```

    ## Use instead
    ```python
    import pandas as pd

    patients = pd.read_csv("patients.csv")
    patients["age"] = patients["age"].fillna(0)
    ```

    ## Fix safety
    The fix is unsafe: with pandas 3 the column begins to change.

    ## References
    - pandas: copy-on-write, https://pandas.pydata.org/docs/user_guide/copy_on_write.html
    """

    name = "inplace-on-column"
    category = "correctness"
    fixes = (Applicability.UNSAFE,)
    libraries = ("pandas",)

    @on_call(*(f"pandas.Series.{method}" for method in _METHODS))
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a call that changes a column in place which is written as a part of a table."""
        receiver = call.receiver
        if not isinstance(receiver, cst.Subscript) or call.literal("inplace", default=False) is not True:
            return
        if not ctx.model.is_kind(receiver.value, "pandas.DataFrame"):
            return
        if ctx.project.runs_with("pandas", "<2"):
            return  # the column is a view there, and the call works
        ctx.report(
            call,
            f"`{call.last_name}` changes a copy of the column here: from pandas 3 on the table stays as it was",
            help="Assign the result to the column",
            fix=lambda: self._fix(call, receiver, ctx),
        )

    @staticmethod
    def _fix(call: CallSite, receiver: cst.Subscript, ctx: Context) -> Fix | None:
        inplace = call.argument("inplace").node
        if not isinstance(ctx.model.parent(call.node), cst.Expr) or inplace is None or inplace.keyword is None:
            return None
        if not isinstance(receiver.value, cst.Name):
            return None
        column = ctx.model.text(receiver)
        edits = [*ctx.fix.wrap(call.node, f"{column} = ", ""), ctx.fix.remove_argument(call.node, inplace)]
        return Fix(f"Assign the result to `{column}`", edits, Applicability.UNSAFE)
