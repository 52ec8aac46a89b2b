"""The rule ``missing-super-init``."""

import libcst as cst

from mllint import Applicability, Context, Fix, Rule, Severity, on_node


class MissingSuperInit(Rule):
    """A module of PyTorch does not initialize its base class.

    ## What it does
    Finds classes directly below `torch.nn.Module` whose `__init__` sets attributes but calls `__init__` of no base class.

    ## Why is this bad
    Assigning the first layer raises "cannot assign module before Module.__init__() call"; a class that only keeps numbers
    fails later, when it is moved, saved or called.

    ## Example
    ```python
    from torch import nn


    class Classifier(nn.Module):
        def __init__(self, width):
            self.layer = nn.Linear(width, 2)
    ```

    ## Use instead
    ```python
    from torch import nn


    class Classifier(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.layer = nn.Linear(width, 2)
    ```

    ## References
    - PyTorch: `torch.nn.Module`, https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
    """

    name = "missing-super-init"
    category = "correctness"
    severity = Severity.ERROR
    fixes = (Applicability.SAFE,)
    libraries = ("PyTorch",)
    sources = {"Sonar": "S6978"}

    @on_node(cst.ClassDef)
    def check(self, node: cst.ClassDef, ctx: Context) -> None:
        """Report an ``__init__`` that calls none of its base class."""
        bases = [ctx.model.qualified_name(base.value) for base in node.bases]
        if bases != ["torch.nn.Module"]:
            return
        init = next((each for each in _methods(node) if each.name.value == "__init__"), None)
        if init is None or not isinstance(init.body, cst.IndentedBlock) or not _sets_attributes(init, ctx):
            return
        if any(_calls_init(each, ctx) for each in _methods(node)):
            return
        first = _first_statement(init.body)
        ctx.report(
            init.name,
            f"`{node.name.value}` does not call `__init__` of `nn.Module`, so its layers cannot be assigned",
            help="Begin with `super().__init__()`",
            fix=lambda: Fix(
                "Insert `super().__init__()`",
                [ctx.fix.insert_before(first, "super().__init__()\n")],
                Applicability.SAFE,
            ),
        )


def _methods(node: cst.ClassDef) -> list[cst.FunctionDef]:
    return [each for each in node.body.body if isinstance(each, cst.FunctionDef)]


def _sets_attributes(init: cst.FunctionDef, ctx: Context) -> bool:
    return any(
        isinstance(target.target, cst.Attribute)
        and isinstance(target.target.value, cst.Name)
        and target.target.value.value == "self"
        for assign in ctx.model.descendants(init)
        if isinstance(assign, cst.Assign)
        for target in assign.targets
    )


def _calls_init(function: cst.FunctionDef, ctx: Context) -> bool:
    """Tell whether a method calls ``__init__`` of anything, or hands ``super()`` or itself to something unknown."""
    return any(
        isinstance(each, (cst.Name, cst.Attribute)) and _last(each) in ("__init__", "super")
        for each in ctx.model.descendants(function.body)
    )


def _last(node: cst.Name | cst.Attribute) -> str:
    return node.value if isinstance(node, cst.Name) else node.attr.value


def _first_statement(body: cst.IndentedBlock) -> cst.CSTNode:
    """Return the first statement after the docstring."""
    first = body.body[0]
    is_docstring = (
        isinstance(first, cst.SimpleStatementLine)
        and isinstance(first.body[0], cst.Expr)
        and isinstance(first.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )
    return body.body[1] if is_docstring and len(body.body) > 1 else first
