"""What the rules about unseeded draws share: which draws matter, and the fixes that seed them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from mllint import Applicability, CallSite, Context, Fix
from mllint_rules.reproducibility._reach import chooses_rows, reach
from mllint_rules.reproducibility._words import EVALUATION, HARMLESS, KEEPS, SHOWS, WORK

#: Modules of apps and services for people, in which chance is part of the play.
_INTERACTIVE = frozenset({"gradio", "streamlit", "pygame", "flask", "fastapi", "uvicorn", "discord", "telegram"})
#: Modules by which a program runs in several processes, each of which runs the top of the script.
_PROCESSES = (
    *("multiprocessing", "concurrent.futures", "torch.multiprocessing", "torch.distributed", "pathos", "ray"),
    *("accelerate", "deepspeed", "horovod", "mpi4py"),
)


#: What measures time, in code and in magics.
_TIMERS = ("time.time", "time.perf_counter", "time.perf_counter_ns", "time.process_time", "time.monotonic", "timeit.")
_TIMING = re.compile(r"%timeit|%time\b")
#: Names of programs that are there to measure times, on real data too.
_BENCHMARK_FILE = re.compile(r"(?i)(?:^|[/_.-])(?:bench(?:mark)?s?|speed_?(?:test)?|timing|perf)(?:[/_.-])")
#: Roles of calls by which something other than times comes out of a program, or real data into it.
_OUTCOMES = ("scores", "cross-validates", "searches", "predicts", "saves-data", "saves-model", "tracks")


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
        if made is None:
            return None
        applicability = limited(made.applicability, call, ctx)
        if not positional or call.node.args:
            return Fix(made.message, made.edits, applicability)
        text = str(ctx.settings.seed)
        edits = [edit._replace(content=text) if edit.content.endswith(f"={text}") else edit for edit in made.edits]
        return Fix(f"Add the seed `{text}`", edits, applicability)

    return fix


def limited(applicability: Applicability, call: CallSite, ctx: Context) -> Applicability:
    """Return how far a fix that seeds a call may go: only the first of several draws that would become equal is safe."""
    return min(applicability, Applicability.UNSAFE) if _would_be_equal(call, ctx) else applicability


def _would_be_equal(call: CallSite, ctx: Context) -> bool:
    """Tell whether another draw of the unit that is alike has the seed of the fix, or gets it first."""
    order = ctx.model.order(call.node)
    for other in ctx.model.calls:
        seed = other.draws_with() if other is not call else None
        if seed is None or not _are_alike(call, other, ctx):
            continue
        value = ctx.model.literal(seed.value) if seed.value is not None else None
        if value == ctx.settings.seed or (value is None and ctx.model.order(other.node) < order):
            return True
    return False


def _are_alike(call: CallSite, other: CallSite, ctx: Context) -> bool:
    """Tell whether two calls with the same seed draw the same: generators always, estimators and splits if equal."""
    if _is_source(call, ctx) and _is_source(other, ctx):
        return _library(call, ctx) == _library(other, ctx)
    return call.name == other.name and _arguments(call, ctx) == _arguments(other, ctx)


def _is_source(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call gives random numbers, rows or data, rather than what learns or splits by the help of them."""
    if "splits" in call.roles:
        return takes_generator(call)
    if not call.constructs:
        return not _SOURCES.isdisjoint(call.roles)
    kind = call.constructs[0]
    learns = any(ctx.knowledge.method(kind, method) is not None for method in ("fit", "fit_resample"))
    return not learns and "splitter" not in ctx.knowledge.tags(kind)


_SOURCES = frozenset({"makes-generator", "shuffles", "samples", "loads-data"})


def _library(call: CallSite, ctx: Context) -> str | None:
    library = ctx.knowledge.library_of(call.name) if call.name is not None else None
    return library.library if library is not None else None


def _arguments(call: CallSite, ctx: Context) -> list[object]:
    """Return what a call is given besides the seed: the texts, and where the names in them come from."""
    seed = call.draws_with()
    given: list[object] = []
    for arg in call.node.args:
        if seed is not None and arg is seed.node:
            continue
        given += [arg.keyword.value if arg.keyword is not None else None, ctx.model.text(arg.value)]
        names = (node for node in ctx.model.descendants(arg.value) if isinstance(node, cst.Name))
        given += [binding for name in names for binding in ctx.model.bindings(name)]
    return given


def is_fallback(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a generator is made only where the caller gave none: ``if rng is None``, ``rng or default_rng()``."""
    inner = node
    for above in ctx.model.ancestors(node):
        if isinstance(above, (cst.If, cst.IfExp)) and inner is not above.test:
            return True
        if isinstance(above, (cst.BooleanOperation, cst.Param)):
            return True
        if isinstance(above, (cst.FunctionDef, cst.Module)):
            return False
        inner = above
    return False


def is_about_data(ctx: Context) -> bool:
    """Tell whether the unit imports a library that knowledge is about, the standard library left out."""
    libraries = (ctx.knowledge.library_of(module) for module in ctx.model.imported_modules)
    return any(library is not None and library.distributions for library in libraries)


def is_interactive(ctx: Context) -> bool:
    """Tell whether the unit is an app for people."""
    return not _INTERACTIVE.isdisjoint(ctx.model.imported_modules)


def draws_that_matter(calls: Iterable[CallSite], ctx: Context) -> list[CallSite]:
    """Return the calls whose draws reach a model, a score or a file, or choose rows of data."""
    if is_benchmark(ctx):
        return []
    return [call for call in calls if matters(call, ctx)]


def matters(call: CallSite, ctx: Context, *, rows: bool = False) -> bool:
    """Tell whether what a call draws reaches a model, a score or a file, or chooses rows of data.

    Args:
        rows: the call surely chooses rows; it is enough that they are not only looked at.
    """
    if is_in_harmless_function(call.node, ctx) or is_never_called(call.node, ctx) or _is_stand_in(call.node, ctx):
        return False
    ends = reach(call, ctx)
    if ends.work or (not ends.only_shown and (rows or chooses_rows(call, ctx))):
        return True
    return ends.kept and not _is_sample_file(ctx)


def _is_sample_file(ctx: Context) -> bool:
    """Tell whether files that hold what the unit draws are samples of files, which nobody needs twice.

    Nothing learns there; and either the rows carry the time of the run, as those of made-up data do, or the unit reads
    its own file again, as those do that show how to save.
    """
    if ctx.model.calls_with_role(*WORK):
        return False
    if any("clock" in call.tags and call.last_name in _DATES for call in ctx.model.calls):
        return True
    saves = ctx.model.calls_with_role(*KEEPS)
    loads = [call for call in ctx.model.calls_with_role("loads-data", "reads-file") if call not in saves]
    written = {path for call in saves for path in _paths(call, ctx)}
    read = {path for call in loads for path in _paths(call, ctx)}
    return any(path == name or path.startswith(f"{name}.") for name in written for path in read)


#: Names of clocks that give a date.
_DATES = frozenset({"now", "utcnow", "today"})


def _paths(call: CallSite, ctx: Context) -> Iterator[str]:
    """Yield the paths that a call reads or writes, where they are written out."""
    for value in call.arguments_for(call.fact.paths) if call.fact is not None else ():
        path = ctx.model.literal(value)
        if isinstance(path, str):
            yield path


def _is_stand_in(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code makes something up because what it wanted raised an exception."""
    return any(isinstance(above, cst.ExceptHandler) for above in ctx.model.ancestors(node))


def is_only_shown(call: CallSite, ctx: Context) -> bool:
    """Tell whether all that is done with rows is to look at some, or to measure how long it takes."""
    return reach(call, ctx, rows_are_shown=True).only_shown or is_benchmark(ctx)


def only_orders_evaluation(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call only decides in which order all rows of a part for evaluation come, which no score notices."""
    if not _CHOOSES.isdisjoint(call.roles):
        return False
    for above in ctx.model.ancestors(call.node):
        if isinstance(above, (cst.Assign, cst.AnnAssign)):
            targets = [target.target for target in above.targets] if isinstance(above, cst.Assign) else [above.target]
            return all(EVALUATION.search(ctx.model.text(target)) and not _is_cut(target, ctx) for target in targets)
        if isinstance(above, cst.Subscript) or (isinstance(above, cst.Attribute) and above.attr.value in _TAKES):
            return False
    return False


def _is_cut(target: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a part of the rows is taken out of what a name stands for."""
    binding = ctx.model.walk.bindings.get(target)
    if binding is None:
        return any(ctx.model.mentions(name) for name in _TAKES)
    return any(
        (isinstance(above := ctx.model.parent(use), cst.Attribute) and above.attr.value in _TAKES)
        or (isinstance(above, cst.Arg) and ctx.model.text(ctx.model.parent(above) or above).startswith("islice"))
        for use in ctx.model.uses(binding)
    )


#: Roles of draws that decide which rows there are, and methods that take a part of the rows.
_CHOOSES = frozenset({"samples", "splits"})
_TAKES = ("take", "skip", "select", "head", "islice", "shard")


def is_benchmark(ctx: Context) -> bool:
    """Tell whether all that leaves the program is how long it took, on data that are drawn or in a file named so."""
    is_named_so = _BENCHMARK_FILE.search(ctx.unit.name) is not None
    timed = any(call.name is not None and call.name.startswith(_TIMERS) for call in ctx.model.calls)
    if not timed and not any(_TIMING.search(magic.text) for cell in ctx.unit.cells for magic in cell.magics):
        return False
    loads = (call for call in ctx.model.calls_with_role("loads-data") if "draws-random" not in call.roles)
    if not is_named_so and any(loads):
        return False
    return not ctx.model.calls_with_role(*_OUTCOMES)


def is_never_called(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code is in a function of a script or notebook that nothing there is seen to call."""
    function = ctx.model.function(node)
    if not isinstance(function, cst.FunctionDef) or function.decorators or not ctx.is_entry_point:
        return False
    if ctx.summary is not None and ctx.project.importing(ctx.summary.name):
        return False
    binding = ctx.model.walk.bindings.get(function.name)
    if binding is None or ctx.model.class_around(function) is not None:
        return False
    uses = ctx.model.uses(binding)
    if not uses:
        return not ctx.model.mentions(function.name.value)
    return all(_is_one_choice(use, ctx) for use in uses)


def _is_one_choice(use: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether a function is named as one of two, between which a condition chooses: ``a if fast else b``."""
    above = ctx.model.parent(use)
    return isinstance(above, cst.IfExp) and above.test is not use


def is_in_harmless_function(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether code is in a function or class whose name says that it shows something, waits or measures."""
    return any(
        isinstance(above, (cst.FunctionDef, cst.ClassDef))
        and (SHOWS.search(above.name.value) or HARMLESS.search(above.name.value))
        for above in ctx.model.ancestors(node)
    )


def seed_program_fix(ctx: Context, near: cst.CSTNode, module: str, function: str) -> Fix | None:
    """Return the fix that seeds a global generator once, after the imports at the top of the script or cell.

    It is safe unless other code may run the top of the file too: modules that import it, and worker processes, whose
    draws would become equal. There is none where the library is imported in functions or under conditions only: what
    runs without it now would then need it.

    Args:
        ctx: the unit.
        near: the code before which to seed; in a notebook, in the cell of which.
        module: the library.
        function: how its generator is seeded, from the module on.
    """
    imports = [imported.statement for imported in ctx.model.imports if imported.target == module]
    if imports and not any(_is_at_top(statement, ctx) for statement in imports):
        return None
    expression, edits = ctx.fix.import_name(module, None, near, at_top=True)
    line = f"{expression}.{function}({ctx.settings.seed})"
    imported = ctx.summary is not None and ctx.project.importing(ctx.summary.name)
    return Fix(
        f"Add `{line}`",
        [*edits, ctx.fix.insert_after_imports(line, near, edits)],
        Applicability.UNSAFE if imported or runs_in_processes(ctx) else Applicability.SAFE,
    )


def _is_at_top(statement: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether an import stands at the top level, where it always runs."""
    return isinstance(ctx.model.parent(ctx.model.parent(statement) or statement), cst.Module)


def runs_in_processes(ctx: Context) -> bool:
    """Tell whether the unit may run in several processes, whose draws one seed would make equal."""
    return any(name.startswith(_PROCESSES) for name in ctx.model.imported_modules)


class GlobalGenerator(NamedTuple):
    """A generator that a whole program shares: its name in knowledge, and how to tell of it and seed it."""

    name: str
    owner: str
    module: str
    function: str
    help: str


def report_first_draw(
    ctx: Context,
    generator: GlobalGenerator,
    draws: Sequence[CallSite],
    *,
    what: str = "draws",
    effect: str = "gets different numbers",
    near: cst.CSTNode | None = None,
) -> None:
    """Report the first of several draws from a global generator for all of them, because one seed fixes them all.

    Args:
        draws: what draws from it unseeded; nothing is reported if there is none.
        what: what it does with the generator.
        effect: what comes of it in every run.
        near: the code before which the fix seeds, if that is not the first of the draws.
    """
    if not draws:
        return
    call = draws[0]
    seeds = "which is seeded only further down" if ctx.is_seeded(generator.name) else "which nothing seeds"
    ctx.report(
        call,
        f"`{ctx.model.text(call.node.func)}` {what} from {generator.owner} global generator, {seeds}, so every run "
        f"{effect}",
        help=generator.help,
        fix=lambda: seed_program_fix(ctx, near or call.node, generator.module, generator.function),
        certain=call.certain,
    )


def report_generator(call: CallSite, ctx: Context) -> None:
    """Report a generator object that is made without a seed, if what it draws matters."""
    if ctx.draws_unseeded(call) and not is_fallback(call.node, ctx) and draws_that_matter([call], ctx):
        ctx.report(
            call,
            f"`{ctx.model.text(call.node.func)}` makes a generator without a seed, so every run gets different numbers",
            help="Give it a seed",
            fix=seed_argument_fix(ctx, call, positional=True),
        )
