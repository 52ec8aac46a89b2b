"""The rule ``ambiguous-column-truth``."""

import libcst as cst

from mllint import Applicability, Context, Edit, Fix, Rule, Severity, on_node

_COLUMNS = ("pandas.Series", "pandas.DataFrame", "numpy.ndarray")
_BITWISE = (cst.BitAnd, cst.BitOr)


class AmbiguousColumnTruth(Rule):
    """Conditions on columns are put together with `and` or `or`, or without parentheses.

    ## What it does
    Finds `and`, `or` and `not` between comparisons of columns of pandas, and `&` or `|` that, without parentheses, is applied
    before the comparisons: `df.a > 1 & df.b < 2`.

    ## Why is this bad
    A column of many rows has no single truth value: the line raises "The truth value of a Series is ambiguous" as soon as it is
    reached, at the latest when the data has more than one row.

    ## Example
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    large = sales[(sales["price"] > 10) and (sales["units"] > 1)]
    ```

    ## Use instead
    ```python
    import pandas as pd

    sales = pd.read_csv("sales.csv")
    large = sales[(sales["price"] > 10) & (sales["units"] > 1)]
    ```

    ## Fix safety
    The fix is unsafe, because it makes code do something that failed before.

    ## References
    - pandas: boolean indexing, https://pandas.pydata.org/docs/user_guide/indexing.html
    """

    name = "ambiguous-column-truth"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    libraries = ("pandas",)

    @on_node(cst.BooleanOperation)
    def check_words(self, node: cst.BooleanOperation, ctx: Context) -> None:
        """Report ``and`` and ``or`` between two comparisons of columns."""
        if not (_compares_columns(node.left, ctx) and _compares_columns(node.right, ctx)):
            return
        word, sign = ("and", "&") if isinstance(node.operator, cst.And) else ("or", "|")
        left, right = (_in_parentheses(each, ctx) for each in (node.left, node.right))
        ctx.report(
            node.operator,
            f"A column has no single truth value: `{word}` raises an error here",
            help=f"Write `{sign}`, with parentheses around the comparisons",
            fix=lambda: (
                Fix(f"Write `{sign}`", [ctx.fix.replace(node, f"{left} {sign} {right}")], Applicability.UNSAFE)
                if not isinstance(ctx.model.parent(node), (cst.BooleanOperation, cst.UnaryOperation, cst.Comparison))
                else None
            ),
        )

    @on_node(cst.Comparison)
    def check_signs(self, node: cst.Comparison, ctx: Context) -> None:
        """Report ``a > 1 & b < 2``, which compares ``a``, ``1 & b`` and ``2``."""
        if len(node.comparisons) != 2:
            return
        middle = node.comparisons[0].comparator
        if not isinstance(middle, cst.BinaryOperation) or middle.lpar or not isinstance(middle.operator, _BITWISE):
            return
        if not ctx.model.is_kind(node.left, *_COLUMNS[:2]) or not ctx.model.is_kind(middle.right, *_COLUMNS[:2]):
            return
        sign = "&" if isinstance(middle.operator, cst.BitAnd) else "|"
        ctx.report(
            middle.operator,
            f"`{sign}` is applied before the comparisons around it, which then raise an error",
            help="Put parentheses around each comparison",
            fix=lambda: Fix("Add parentheses", self._parenthesized(node, middle, ctx), Applicability.UNSAFE),
        )

    @staticmethod
    def _parenthesized(node: cst.Comparison, middle: cst.BinaryOperation, ctx: Context) -> list[Edit]:
        first = [*ctx.fix.wrap(node.left, "(", ""), *ctx.fix.wrap(middle.left, "", ")")]
        return [*first, *ctx.fix.wrap(middle.right, "(", ""), *ctx.fix.wrap(node.comparisons[1].comparator, "", ")")]


def _compares_columns(node: cst.BaseExpression, ctx: Context) -> bool:
    """Tell whether an expression compares a column with something, or asks something of each of its rows."""
    if isinstance(node, cst.Comparison):
        sides = (node.left, *(each.comparator for each in node.comparisons))
        is_order = all(
            not isinstance(each.operator, (cst.In, cst.NotIn, cst.Is, cst.IsNot)) for each in node.comparisons
        )
        return is_order and any(ctx.model.is_kind(side, "pandas.Series") for side in sides)
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        asks = node.func.attr.value in ("isna", "isnull", "notna", "notnull", "isin", "between")
        return asks and ctx.model.is_kind(node.func.value, "pandas.Series")
    return False


def _in_parentheses(node: cst.BaseExpression, ctx: Context) -> str:
    start, end = ctx.model.outer_range(node)
    text = ctx.unit.text[start:end]
    return text if isinstance(node, cst.Call) or text.startswith("(") else f"({text})"
