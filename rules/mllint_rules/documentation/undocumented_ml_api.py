"""The rule ``undocumented-ml-api``."""

from __future__ import annotations

import re

import libcst as cst

from mllint import Context, Rule, RuleOptions, Severity, Tier, on_node

#: What makes a class one of the kinds that others build on: tags in knowledge.
_TAGS = frozenset({"module", "dataset", "estimator"})
#: Names of layers and other parts that models are built from.
_BLOCK = re.compile(
    r"(?:Block|Layer|Norm|Attention|Attn|Embed(?:ding|der)?s?)(?=[A-Z0-9]|$)|(?:Normalization|Ro[Pp][Ee]|Head"
    r"|Proj(?:ection)?|MLP|Mlp|FFN"
    r"|FeedForward|Pool(?:ing)?|Conv\w*|Linear|Act(?:ivation)?|Loss|(?:Up|Down)sampl(?:e|er|ing)|Resampler"
    r"|Refiner|Expert|Router"
    r"|MoE|Unit|Stem|Stage|Cell|Gate|Residual|Shortcut|Modulation|Mixin|Base)(?:\d*[dD]?)$"
)
#: Parameters that stand for the settings of the whole program.
_SETTINGS_WORDS = "epoch args config cfg conf opt opts options settings hparams params"
_SETTINGS = frozenset(_SETTINGS_WORDS.split())
_KINDS = {"module": "model", "dataset": "dataset", "estimator": "estimator"}


class UndocumentedMlApi(Rule):
    """A function that trains, evaluates or loads, or a dataset or model class, says nothing about itself.

    ## What it does
    Finds public functions at the top level of a module whose name says that they train, fit, evaluate, predict,
    preprocess or load something (`train`, `load_orders`, `model_fit`), and public classes that derive from a dataset, module or
    estimator class of a library and have a constructor with parameters, when they have neither a docstring nor a
    comment right above: a comment is not shown by `help`, but whoever reads the code finds it. Left alone are programs,
    whose definitions are used below them and nowhere else, functions that take nothing or only the settings of the
    program, decorated ones, very short ones, and parts that other classes are built from.

    ## Why is this bad
    What these functions take and give is the interface between people: which columns, which shapes and units, which
    split, what is changed in place. None of it shows in the names of the parameters, and a wrong guess does
    not raise, it trains a worse model.

    ## Example
    ```python
    def evaluate(model, X, y):
        predicted = model.predict(X)
        errors = predicted != y
        rate = errors.mean()
        return {"error rate": rate}
    ```

    ## Use instead
    ```python
    def evaluate(model, X, y):
        \"\"\"Return the share of customers that the model gets wrong; X as `build_features` makes it, y 0 or 1.\"\"\"
        predicted = model.predict(X)
        errors = predicted != y
        rate = errors.mean()
        return {"error rate": rate}
    ```

    ## Options
    - `names`: parts of names of functions that count, `["train", "fit", "evaluate", …]` by default.
    - `min-lines`: functions and classes with fewer lines of code below their first are left alone; 3 by default.

    ## Notebook behaviour
    Notebooks are left alone: their functions are explained by the text around them, and nobody imports them.

    ## References
    - PEP 257: Docstring conventions, https://peps.python.org/pep-0257/
    """

    name = "undocumented-ml-api"
    category = "documentation"
    tier = Tier.PEDANTIC
    severity = Severity.INFO
    kinds = ("script",)
    sources = {"ruff": "D103"}

    class Options(RuleOptions, frozen=True):
        """Options of the rule."""

        names: tuple[str, ...] = (
            *("train", "fit", "evaluate", "predict", "finetune", "pretrain"),
            *("preprocess", "load", "featurize", "augment"),
        )
        min_lines: int = 3

    @on_node(cst.FunctionDef)
    def check_function(self, node: cst.FunctionDef, ctx: Context) -> None:
        """Report a function without a word about it."""
        parts = node.name.value.lower().split("_")
        named = parts[0] in self.options.names or (len(parts) == 2 and parts[1] in self.options.names)
        if node.name.value.startswith("_") or not named or ctx.is_entry_point:
            return
        if not isinstance(ctx.model.parent(node), cst.Module) or node.decorators:
            return
        parameters = (*node.params.posonly_params, *node.params.params, *node.params.kwonly_params)
        if (
            all(parameter.name.value in _SETTINGS for parameter in parameters)
            or _documented(node, ctx)
            or _lines(node, ctx) < self.options.min_lines
        ):
            return
        ctx.report(
            node.name,
            f"`{node.name.value}` has no docstring, so callers cannot know what it expects of its data "
            "and what it returns",
            help="Say what goes in (columns, shapes, units, split), what comes out, and what is changed",
        )

    @on_node(cst.ClassDef)
    def check_class(self, node: cst.ClassDef, ctx: Context) -> None:
        """Report a dataset, model or estimator class without a word about it."""
        if node.name.value.startswith("_") or not isinstance(ctx.model.parent(node), cst.Module):
            return
        if ctx.is_entry_point or node.decorators:  # a decorator may set the docstring
            return
        tags = {tag for base in ctx.model.class_bases(node) for tag in ctx.knowledge.tags(base)} & _TAGS
        if (
            not tags
            or not _takes_parameters(node, ctx)
            or _is_building_block(node, ctx)
            or _documented(node, ctx)
            or _lines(node, ctx) < self.options.min_lines
        ):
            return
        kind = _KINDS[min(tags)]
        about = "what one item is" if kind == "dataset" else "what it takes and what it computes"
        ctx.report(
            node.name,
            f"The {kind} `{node.name.value}` has no docstring, so its users cannot know {about}",
            help="Say what it is for, and the shapes, types and units of what goes in and comes out",
        )


def _is_building_block(node: cst.ClassDef, ctx: Context) -> bool:
    """Tell whether a class is a part of others: it is named so, or another class of the unit uses it."""
    if _BLOCK.search(node.name.value):
        return True
    bindings = ctx.model.module_scope.bindings.get(node.name.value, [])
    users = (ctx.model.class_around(name) for binding in bindings for name in ctx.model.uses(binding))
    return any(user is not None and user is not node for user in users)


def _takes_parameters(node: cst.ClassDef, ctx: Context) -> bool:
    """Tell whether a class has a constructor that takes anything: then somebody has to know what."""
    for statement in node.body.body:
        if isinstance(statement, cst.FunctionDef) and statement.name.value == "__init__":
            params = statement.params
            return len(params.posonly_params) + len(params.params) + len(params.kwonly_params) > 1
    return False


def _lines(node: cst.FunctionDef | cst.ClassDef, ctx: Context) -> int:
    """Count the lines of code in a body."""
    start = ctx.model.range(node.name).end
    body = ctx.unit.text[start : ctx.model.range(node).end].splitlines()[1:]
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in body)


def _documented(node: cst.FunctionDef | cst.ClassDef, ctx: Context) -> bool:
    """Tell whether a definition has a docstring, or a comment right above it or at the top of its body."""
    if node.get_docstring() is not None:
        return True
    text = ctx.unit.text
    start = ctx.model.range(node).start
    above = text[: text.rfind("\n", 0, start) + 1].rstrip("\n").rpartition("\n")[2].strip()
    return (
        above.startswith("#") and not above.startswith(("# %%", "# In[")) and re.search("[a-z]{3}", above) is not None
    )
