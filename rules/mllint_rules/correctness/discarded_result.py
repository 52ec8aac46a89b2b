"""The rule ``discarded-result``."""

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix, Rule, Severity, on_call

_OF_TABLES = (
    "astype",
    "assign",
    "clip",
    "drop",
    "drop_duplicates",
    "dropna",
    "fillna",
    "ffill",
    "bfill",
    "interpolate",
    "merge",
    "rename",
    "replace",
    "reset_index",
    "round",
    "set_index",
    "sort_index",
    "sort_values",
)
_OF_TENSORS = ("to", "cuda", "cpu", "float", "half", "detach", "view", "reshape", "permute", "squeeze", "unsqueeze")
_NAMES = (
    *(f"pandas.{kind}.{method}" for kind in ("DataFrame", "Series") for method in _OF_TABLES),
    *(f"torch.Tensor.{method}" for method in _OF_TENSORS),
)


class DiscardedResult(Rule):
    """A method gives a changed copy, which is thrown away.

    ## What it does
    Finds statements that only call a method such as `drop`, `fillna` or `rename` on a table or column of pandas, or `to` or
    `detach` on a tensor, without `inplace=True`. Only values that are known to be one are looked at: `to` moves a module of
    PyTorch itself.

    ## Why is this bad
    The table stays as it was: the column is still there, the gaps are not filled, the tensor is still on the other device. What
    follows works on other data than the code says.

    ## Example
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    sales.drop(columns="id")
    print(sales.mean())
    ```

    ## Use instead
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    sales = sales.drop(columns="id")
    print(sales.mean())
    ```

    ## Fix safety
    The fix assigns the result and is unsafe, because it is meant to change what follows.

    ## Notebook behaviour
    The last expression of a cell is shown, not discarded: it is left alone. So is the last one of a script, and those of
    a script that is run line by line, as bare `df.shape` and `df.head()` among its statements tell.

    ## References
    - pandas: `DataFrame.drop`, https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.drop.html
    """

    name = "discarded-result"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("pandas", "PyTorch")
    sources = {"dslinter": "W5503", "code-smell catalogue": "In-Place APIs Misused"}

    @on_call(*_NAMES)
    def check(self, call: CallSite, ctx: Context) -> None:
        """Report a call that is a statement by itself and changes nothing."""
        statement = ctx.model.parent(call.node)
        if not isinstance(statement, cst.Expr) or not call.first("inplace", "copy").absent:
            return
        if _is_shown(statement, ctx) or _is_expected_to_fail(call.node, ctx):
            return
        if isinstance(call.receiver, cst.Call) or call.argument("validate").present:
            return  # a part that was made to be looked at, and a merge that checks its keys
        kind = "tensor" if call.name is not None and call.name.startswith("torch.") else "table"
        receiver = call.receiver
        assert receiver is not None
        ctx.report(
            call,
            f"`{call.last_name}` returns a changed copy, which is thrown away: the {kind} stays as it was",
            help="Assign the result, or delete the line if the table should stay as it is",
            fix=lambda: (
                Fix(
                    f"Assign the result to `{receiver.value}`",
                    [ctx.fix.replace(call.node, f"{receiver.value} = {ctx.model.text(call.node)}")],
                    Applicability.UNSAFE,
                )
                if isinstance(receiver, cst.Name)
                else None
            ),
        )


def _is_shown(statement: cst.Expr, ctx: Context) -> bool:
    """Tell whether an expression is there to be looked at: the last one of a cell, or one of those in a script run by hand."""
    module = ctx.model.cell(statement).module
    line = ctx.model.parent(statement)
    if module is None or line is None or not module.body:
        return False
    if not ctx.unit.is_notebook and ctx.model.parent(line) is module and _is_run_by_hand(module):
        return True
    return module.body[-1] is line and isinstance(line, cst.SimpleStatementLine) and line.body[-1] is statement


def _is_run_by_hand(module: cst.Module) -> bool:
    """Tell whether a script is run line by line, which shows values: ``df.shape`` by itself does nothing else."""
    return any(
        isinstance(small, cst.Expr) and (isinstance(small.value, _VALUES) or _looks(small.value))
        for statement in module.body
        if isinstance(statement, cst.SimpleStatementLine)
        for small in statement.body
    )


_VALUES = (cst.Name, cst.Attribute, cst.Subscript)


def _looks(node: cst.BaseExpression) -> bool:
    return (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Attribute)
        and node.func.attr.value in ("head", "tail", "describe", "value_counts")
    )


def _is_expected_to_fail(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether the call is there to raise an error, as in ``with pytest.raises(KeyError):``, or to be caught."""
    return any(isinstance(above, (cst.With, cst.Try)) for above in ctx.model.ancestors(node))
