"""The rule ``chained-assignment``."""

from functools import partial

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, Severity, on_node


class ChainedAssignment(Rule):
    """Values are assigned to rows of a column that was taken out of its table first.

    ## What it does
    Finds assignments with two pairs of brackets to what is known to be a table of pandas: `df["price"][rows] = 0`,
    `df[rows]["price"] = 0`.

    ## Why is this bad
    The first pair of brackets may give a copy, and from pandas 3 on it always does: the assignment changes that copy, and the
    table stays as it was. The code runs, and the model is trained on values that should have been corrected.

    ## Example
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    sales["price"][sales["price"] < 0] = 0
    ```

    ## Use instead
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    sales.loc[sales["price"] < 0, "price"] = 0
    ```

    ## Fix safety
    The fix is unsafe: it makes an assignment work that had no effect before.

    ## References
    - pandas: copy-on-write, https://pandas.pydata.org/docs/user_guide/copy_on_write.html
    """

    name = "chained-assignment"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("pandas",)
    sources = {"dslinter": "W5502", "code-smell catalogue": "Chain Indexing"}

    @on_node(cst.Assign, cst.AugAssign)
    def check(self, node: cst.Assign | cst.AugAssign, ctx: Context) -> None:
        """Report an assignment to brackets on brackets on a table."""
        targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
        for target in targets:
            if not isinstance(target, cst.Subscript) or not isinstance(target.value, cst.Subscript):
                continue
            inner = target.value
            if not ctx.model.is_kind(inner.value, "pandas.DataFrame") or not _takes_part(inner, ctx):
                continue
            ctx.report(
                target,
                "This assigns to a copy of a part of the table, which from pandas 3 on never changes the table",
                help="Choose rows and columns at once, with `loc[rows, column]`, or `iloc` where they are given by position",
                fix=partial(self._fix, inner, target, ctx),
            )

    @staticmethod
    def _fix(inner: cst.Subscript, target: cst.Subscript, ctx: Context) -> Fix | None:
        first, second = _index(inner), _index(target)
        if first is None or second is None or not isinstance(inner.value, cst.Name):
            return None
        if isinstance(ctx.model.literal(first), str):
            column, rows = first, second
        elif isinstance(ctx.model.literal(second), str):
            column, rows = second, first
        else:
            return None
        if not _is_mask(rows, ctx):
            return None  # positions and labels of rows are not the same
        text = f"{inner.value.value}.loc[{ctx.model.text(rows)}, {ctx.model.text(column)}]"
        return Fix("Use `loc`", [ctx.fix.replace(target, text)], Applicability.UNSAFE)


def _takes_part(inner: cst.Subscript, ctx: Context) -> bool:
    """Tell whether the first pair of brackets surely takes a column or some rows, and no more than one level of columns."""
    index = _index(inner)
    if index is None:
        return len(inner.slice) == 1 and isinstance(inner.slice[0].slice, cst.Slice)
    return isinstance(ctx.model.literal(index), str) or _is_mask(index, ctx)


def _index(node: cst.Subscript) -> cst.BaseExpression | None:
    if len(node.slice) != 1 or not isinstance(node.slice[0].slice, cst.Index):
        return None
    return node.slice[0].slice.value


def _is_mask(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether an index says of each row whether it is meant."""
    if isinstance(node, cst.Name):
        made = ctx.model.assigned_value(node)
        return made is not None and not isinstance(made, cst.Name) and _is_mask(made, ctx)
    if isinstance(node, cst.Comparison):
        return True
    if isinstance(node, cst.UnaryOperation):
        return isinstance(node.operator, cst.BitInvert)
    if isinstance(node, cst.BinaryOperation):
        return isinstance(node.operator, (cst.BitAnd, cst.BitOr))
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return node.func.attr.value in ("isna", "isnull", "notna", "notnull", "isin", "between", "duplicated")
    return False
