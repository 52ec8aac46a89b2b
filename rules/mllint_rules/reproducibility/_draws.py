"""What the rules about unseeded draws share: which draws matter, and the fixes that seed them."""

from __future__ import annotations

import re
from collections.abc import Callable

import libcst as cst

from mllint import Applicability, BindingKind, CallSite, Context, Fix

#: Names of things that may differ from run to run without any harm to a result.
_HARMLESS = re.compile(
    r"(?i)(?:^|_)(?:dummy|fake|port|delay|sleep|wait|jitter|backoff|timeout|agent|proxy|colou?rs?|palette|cmap|"
    r"tmp|temp|suffix|prefix|token|salt|nonce|password|passwd|secret|uid|uuid|filename|dirname|run_?name|"
    r"preview|demo|quote|greeting|joke)(?:_|s?$)"
)
#: Names of functions that show something to a person, wait, or only measure.
_SHOWS = re.compile(
    r"(?i)(?:^|_)(?:show|display|plot|visuali[sz]e|view|print|preview|demo|draw|imshow|scatter|render|sleep|wait|"
    r"retry|backoff|benchmark|profile|timeit|time|summary|flops|trace|export|onnx|jitter|log|debug)(?:_|$|[A-Z])"
)
#: Modules by which a program runs in several processes, each of which runs the top of the script.
_PROCESSES = (
    *("multiprocessing", "concurrent.futures", "torch.multiprocessing", "torch.distributed", "pathos", "ray"),
    *("accelerate", "deepspeed", "horovod", "mpi4py"),
)


def takes_generator(call: CallSite) -> bool:
    """Tell whether the callee is seeded by a generator object instead of a number."""
    return call.fact is not None and call.fact.seed == "generator"


def seed_argument_fix(ctx: Context, call: CallSite, *, positional: bool = False) -> Callable[[], Fix | None] | None:
    """Return what makes the fix that passes a seed, or None where the call hides a None behind a name.

    Args:
        positional: pass the seed as ``default_rng(42)`` where it is the first and only argument.
    """
    seed = call.draws_with()
    if seed is None or (seed.present and seed.node is None):
        return None

    def fix() -> Fix | None:
        made = ctx.seed_fix(call)
        if made is None or not positional or call.node.args:
            return made
        text = str(ctx.settings.seed)
        edits = [edit._replace(content=text) if edit.content.endswith(f"={text}") else edit for edit in made.edits]
        return Fix(f"Add the seed `{text}`", edits, made.applicability)

    return fix


def is_fallback(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a generator is made only where the caller gave none: ``if rng is None``, ``rng or default_rng()``."""
    inner = node
    for above in ctx.model.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp)) and inner is not above.test:
            return True
        if isinstance(above, cst.BooleanOperation) or isinstance(above, cst.Param):
            return True
        if isinstance(above, (cst.FunctionDef, cst.Module)):
            return False
        inner = above
    return False


def is_harmless(call: CallSite, ctx: Context) -> bool:
    """Tell whether what a call draws is only shown, slept for, or used as a name, a colour or a stand-in for data."""
    model = ctx.model
    inner: cst.CSTNode = call.node
    for node in model.ancestors(call.node):
        if isinstance(node, cst.Arg) and node.keyword is not None and _HARMLESS.search(node.keyword.value):
            return True
        if isinstance(node, cst.Call) and inner is not node.func and _SHOWS.search(model.call(node).last_name):
            return True
        if isinstance(node, (cst.Assign, cst.AnnAssign)):
            return _is_harmless_assignment(node, ctx)
        if isinstance(node, cst.Expr):
            return _is_only_shown(call, node)
        if isinstance(node, cst.FunctionDef):
            break
        inner = node
    return False


def is_in_harmless_function(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code is in a function or class whose name says that it shows something, waits or measures."""
    return any(
        isinstance(above, (cst.FunctionDef, cst.ClassDef))
        and (_SHOWS.search(above.name.value) or _HARMLESS.search(above.name.value))
        for above in ctx.model.ancestors(node)
    )


def _is_harmless_assignment(node: cst.Assign | cst.AnnAssign, ctx: Context) -> bool:
    targets = [target.target for target in node.targets] if isinstance(node, cst.Assign) else [node.target]
    for target in targets:
        name = target.attr if isinstance(target, cst.Attribute) else target
        if not isinstance(name, cst.Name):
            return False
        if _HARMLESS.search(name.value):
            return True
        binding = ctx.model.walk.bindings.get(name)
        if binding is None or binding.kind is not BindingKind.ASSIGNMENT:
            return False
        uses = ctx.model.uses(binding)
        if not uses or not all(_is_shown(use, ctx) for use in uses):
            return False
    return True


def _is_shown(use: cst.Name, ctx: Context) -> bool:
    for node in ctx.model.ancestors(use):
        if isinstance(node, cst.Call) and _SHOWS.search(ctx.model.call(node).last_name):
            return True
        if isinstance(node, cst.Expr):
            return isinstance(node.value, (cst.Name, cst.Attribute, cst.Subscript, cst.Tuple))
        if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False


def _is_only_shown(call: CallSite, statement: cst.Expr) -> bool:
    """Tell whether a statement only evaluates what is drawn, as the last line of a cell does, or a method of it."""
    if "shuffles" in call.roles and call.fact is not None and call.fact.returns is None:
        return False  # shuffles in place
    node: cst.BaseExpression = statement.value
    while True:
        if node is call.node:
            return True
        if isinstance(node, cst.Call):
            node = node.func
        elif isinstance(node, (cst.Attribute, cst.Subscript)):
            node = node.value
        else:
            return isinstance(node, (cst.BinaryOperation, cst.UnaryOperation, cst.Comparison, cst.Tuple, cst.List))


def seed_program_fix(ctx: Context, call: CallSite, module: str, function: str) -> Fix:
    """Return the fix that seeds a global generator once, after the imports at the top of the script or cell.

    It is safe unless other code may run the top of the file too: modules that import it, and worker processes, whose
    draws would become equal.
    """
    expression, edits = ctx.fix.import_name(module, None, call.node)
    line = f"{expression}.{function}({ctx.settings.seed})"
    imported = ctx.summary is not None and ctx.project.importing(ctx.summary.name)
    processes = any(name.startswith(_PROCESSES) for name in ctx.model.imported_modules)
    return Fix(
        f"Add `{line}`",
        [*edits, ctx.fix.insert_after_imports(line, call.node)],
        Applicability.UNSAFE if imported or processes else Applicability.SAFE,
    )


def later_draws(count: int) -> str:
    """Return the end of a message that tells how many draws follow the first one."""
    return "" if not count else f" ({count} more draw{'s' if count > 1 else ''} below)"
