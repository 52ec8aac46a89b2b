"""The rule ``nan-comparison``."""

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, Severity, on_node

_NAN = frozenset({"numpy.nan", "math.nan", "torch.nan", "pandas.NA", "pandas.NaT"})
#: Values whose missing entries have methods of their own.
_TABLES = ("pandas.DataFrame", "pandas.Series", "pandas.Index")


class NanComparison(Rule):
    """A value is compared with `nan`, which nothing is equal to.

    ## What it does
    Finds `==` and `!=` with `np.nan`, `math.nan`, `float("nan")`, `pd.NA` or `pd.NaT` on one side.

    ## Why is this bad
    `nan` is not even equal to itself: `==` is false for every row and `!=` true for every row. A filter for missing values then
    finds none, and the model is trained on what should have been taken out or filled.

    ## Example
    ```python
    import numpy as np
    import pandas as pd

    patients = pd.read_csv("patients.csv")
    unknown = patients[patients["age"] == np.nan]
    ```

    ## Use instead
    ```python
    import numpy as np
    import pandas as pd

    patients = pd.read_csv("patients.csv")
    unknown = patients[patients["age"].isna()]
    ```

    ## Fix safety
    The fix is offered for columns and tables of pandas and is unsafe, because it is meant to change the result.

    ## References
    - pandas: working with missing data, https://pandas.pydata.org/docs/user_guide/missing_data.html
    """

    name = "nan-comparison"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.UNSAFE,)
    sources = {"Ruff": "PLW0177", "Sonar": "S6725", "code-smell catalogue": "NaN Equivalence Comparison Misused"}

    @on_node(cst.Comparison)
    def check(self, node: cst.Comparison, ctx: Context) -> None:
        """Report a comparison one side of which is ``nan``."""
        if len(node.comparisons) != 1:
            return
        operator, other = node.comparisons[0].operator, node.comparisons[0].comparator
        if isinstance(operator, (cst.Equal, cst.NotEqual)):
            left, right = _is_nan(node.left, ctx), _is_nan(other, ctx)
            if left == right:
                return
            value = other if left else node.left
            result = "false" if isinstance(operator, cst.Equal) else "true"
            ctx.report(
                node,
                f"Nothing is equal to `nan`, so this is {result} for every value",
                help="Ask with `isna()`, `numpy.isnan` or `math.isnan`",
                fix=lambda: self._fix(node, value, ctx),
            )

    @staticmethod
    def _fix(node: cst.Comparison, value: cst.BaseExpression, ctx: Context) -> Fix | None:
        if not ctx.model.is_kind(value, *_TABLES) or not isinstance(value, (cst.Name, cst.Attribute, cst.Subscript)):
            return None
        method = "isna" if isinstance(node.comparisons[0].operator, cst.Equal) else "notna"
        text = f"{ctx.model.text(value)}.{method}()"
        return Fix(f"Call `{method}()`", [ctx.fix.replace(node, text)], Applicability.UNSAFE)


def _is_nan(node: cst.BaseExpression, ctx: Context) -> bool:
    if isinstance(node, (cst.Name, cst.Attribute)):
        return ctx.model.qualified_name(node) in _NAN
    if isinstance(node, cst.Call):
        call = ctx.model.call(node)
        word = ctx.model.literal(node.args[0].value) if len(node.args) == 1 else None
        return call.name == "builtins.float" and isinstance(word, str) and word.strip().lower() == "nan"
    return False
