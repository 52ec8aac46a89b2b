"""Where a drawn value goes: into a model, a score or a file, or no further than the screen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from mllint import Binding, BindingKind, CallSite, Context, ScopeKind
from mllint_rules.reproducibility._words import CHANGES, HARMLESS, KEEPS, SHOWS, WORK

#: Names of functions and methods that learn from what they are given, whoever wrote them.
_WORKS = re.compile(
    r"(?:fit|train|learn|score|evaluate|minimize|backward|cross_val|run_training|training)(?:_\w+)?|(?:train|fit)[A-Z]\w*"
)
#: Names of functions and methods that keep what they are given.
_KEEPS = re.compile(r"save(?!fig)\w*|dump|writerows?|to_(?:csv|parquet|pickle|json|hdf|feather)")
#: Functions that fit a curve and give its numbers back.
_NUMERICAL = ("numpy.polyfit", "numpy.polynomial.", "scipy.optimize.curve_fit", "scipy.stats.linregress")
#: Methods that fit a sampler only to give other rows, which may come to matter.
_RESAMPLES = frozenset({"fit_resample", "fit_sample"})
#: Methods, of arrays and tensors, that give the same numbers in another form.
_FORMS_WORDS = "reshape squeeze flatten ravel transpose permute view astype copy numpy cpu detach clone tolist item"
_FORMS = frozenset(_FORMS_WORDS.split())
#: Roles of methods of what has learned.
_APPLIES = frozenset({"predicts", "transforms"})
#: Names that only code has in which something learns step by step.
_LEARNS = re.compile(
    r"(?i)(?:^|_)(?:epochs?|n_?iter(?:ations)?|max_?iter|grad(?:s|ients?)?|loss(?:es)?|lr|eta|alpha|learning_?rate|"
    r"rewards?|episodes?)(?:_|$|[0-9])|^(?:learning|grad)"
)
#: Names under which nothing of a value is left that a draw decides, or that only draw pictures of it.
_PROPERTIES = frozenset(
    {"shape", "dtype", "ndim", "size", "nbytes", "itemsize", "flags", "plot", "hvplot", "__class__", "__name__"}
)
_PROPERTY_FUNCTIONS = frozenset(
    {"len", "type", "isinstance", "issubclass", "id", "print", "pprint", "hasattr", "callable", "get_params"}
    | {"value_counts", "Counter"}
)
#: Methods that frameworks call on objects, not the code of the unit.
_PROTOCOL = re.compile(r"__\w+__|forward|call|transform|\w+_step|\w+_dataloader|setup|configure_\w+")


class Reach(NamedTuple):
    """How far a value gets, as far as one unit shows."""

    #: A model learns from it, a score is computed from it, or a model that has it is saved.
    work: bool
    #: It is written to a file.
    kept: bool
    #: It goes somewhere that cannot be looked into.
    unknown: bool
    #: It is looked at, printed, plotted or displayed by a cell, or it is a name, a colour or a waiting time.
    shown: bool
    #: A row, or the first few, are taken out of it.
    sampled: bool

    @property
    def arrives(self) -> bool:
        """Whether it gets to a model, a score or a file, or may do so out of sight."""
        return self.work or self.kept or self.unknown

    @property
    def only_shown(self) -> bool:
        """Whether people look at it, or at a few rows of it, and nothing else is done with it."""
        return (self.shown or self.sampled) and not self.arrives


def reach(call: CallSite, ctx: Context, *, rows_are_shown: bool = False) -> Reach:
    """Follow the result of a call through names, attributes, arguments and functions of the unit.

    Args:
        call: a call that draws, or makes what draws.
        ctx: the unit.
        rows_are_shown: a row, or the first few, taken out of the result are an example, which is not followed.
    """
    walk = _Walk(ctx, rows_are_shown=rows_are_shown)
    if _shuffles_in_place(call, ctx):
        walk.change(call.node.args[0].value)
    else:
        walk.follow(call.node)
    return walk.run()


def _shuffles_in_place(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call shuffles its first argument: it gives nothing back that anybody reads."""
    return "shuffles" in call.roles and bool(call.node.args) and isinstance(ctx.model.parent(call.node), cst.Expr)


def chooses_rows(call: CallSite, ctx: Context) -> bool:
    """Tell whether a call shuffles or chooses rows, or numbers of rows, of data that the unit loads."""
    if not _CHOOSES.isdisjoint(call.roles) or call.last_name in _CHOOSING:
        return any(_is_of_data(arg.value, ctx) for arg in call.node.args)
    return False


#: Roles and names of draws that choose among what they are given.
_CHOOSES = frozenset({"shuffles", "samples", "splits"})
_CHOOSING = frozenset({"choice", "choices", "sample", "permutation", "permuted", "randperm", "shuffle", "randint"})
_LOADS = frozenset({"loads-data", "reads-file", "downloads", "lists-files"})
_LOADING = re.compile(r"(?i)(?:^|_)(?:load|read|fetch|open)(?:_\w+)?$|^get_(?:data|rows|samples|examples)\w*$")


def _is_of_data(node: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether an expression is computed from data that the unit loads."""
    seen: set[Binding] = set()
    pending = [node]
    while pending:
        for part in ctx.model.descendants(pending.pop()):
            if isinstance(part, cst.Call) and _loads(ctx.model.call(part)):
                return True
            if isinstance(part, cst.Name) and part in ctx.model.walk.references:
                bindings = ctx.model.bindings(part)
                if not bindings and _is_plain_value(part, ctx):
                    return True  # it comes from elsewhere
                new = [binding for binding in bindings if binding not in seen]
                seen.update(new)
                pending += [source for binding in new for source in _sources(binding, ctx)]
    return False


def _is_plain_value(name: cst.Name, ctx: Context) -> bool:
    """Tell whether a name stands for a value rather than for a module or a function."""
    above = ctx.model.parent(name)
    return ctx.model.qualified_name(name) is None and not (isinstance(above, cst.Call) and above.func is name)


def _loads(call: CallSite) -> bool:
    if call.fact is None:
        return _LOADING.search(call.last_name) is not None
    return "draws-random" not in call.roles and not _LOADS.isdisjoint(call.roles)


def _sources(binding: Binding, ctx: Context) -> list[cst.CSTNode]:
    """Return the expressions that a name may get its value from: for a parameter, what callers in the unit pass."""
    owner = binding.owner
    if isinstance(owner, (cst.Assign, cst.AnnAssign, cst.AugAssign, cst.NamedExpr)):
        return [owner.value] if owner.value is not None else []
    if isinstance(owner, (cst.For, cst.CompFor)):
        return [owner.iter]
    function = ctx.model.function(binding.node)
    if binding.kind is not BindingKind.PARAMETER or not isinstance(function, cst.FunctionDef):
        return []
    return _passed(function, binding, ctx)


def _passed(function: cst.FunctionDef, parameter: Binding, ctx: Context) -> list[cst.CSTNode]:
    """Return what the calls in the unit pass for a parameter of a function."""
    found: list[cst.CSTNode] = []
    for outer in _callers(function, ctx):
        call = ctx.model.call(outer)
        found += [arg.value for arg in outer.args if _is_for(parameter, function, arg, call)]
    return found


def passed_for(parameter: Binding, ctx: Context) -> list[cst.BaseExpression]:
    """Return what a parameter of a function of the unit is known to be: what calls pass, and the default if one does not.

    A function that nothing in the unit calls is taken to be called with the default.
    """
    function = ctx.model.function(parameter.node)
    if not isinstance(function, cst.FunctionDef):
        return []
    params = function.params
    default = next(
        (
            p.default
            for p in (*params.posonly_params, *params.params, *params.kwonly_params)
            if p.name is parameter.node
        ),
        None,
    )
    found: list[cst.BaseExpression] = []
    callers = _callers(function, ctx)
    for outer in callers:
        call = ctx.model.call(outer)
        given = [arg.value for arg in outer.args if _is_for(parameter, function, arg, call)]
        found += given or ([default] if default is not None else [])
    return found if callers or default is None else [default]


def _is_for(parameter: Binding, function: cst.FunctionDef, arg: cst.Arg, call: CallSite) -> bool:
    taken = _parameter(function, arg, call)
    return taken is not None and taken.name is parameter.node


def _callers(function: cst.FunctionDef, ctx: Context) -> list[cst.Call]:
    """Return the calls in the unit that run a function."""
    names: Iterable[cst.CSTNode]
    if _owner(function, ctx) is not None:
        names = ctx.model.mentions(function.name.value)
    else:
        binding = ctx.model.walk.bindings.get(function.name)
        names = ctx.model.uses(binding) if binding is not None else []
    calls = ((name, ctx.model.parent(name)) for name in names)
    return [call for name, call in calls if isinstance(call, cst.Call) and call.func is name]


#: Where a value is left behind.
_ENDS = (cst.BaseSmallStatement, cst.BaseCompoundStatement, cst.Decorator, cst.Module)


class _Walk:
    """One walk along the uses of a value, forwards."""

    def __init__(self, ctx: Context, *, rows_are_shown: bool) -> None:
        self._ctx = ctx
        self._model = ctx.model
        self._rows_are_shown = rows_are_shown
        self._pending: list[cst.CSTNode] = []
        self._seen: set[object] = set()
        self._work = False
        self._kept = False
        self._unknown = False
        self._shown = False
        self._sampled = False

    def run(self) -> Reach:
        while self._pending and not self._work:
            self._step(self._pending.pop())
        return Reach(self._work, self._kept, self._unknown, self._shown, self._sampled)

    def follow(self, node: cst.CSTNode) -> None:
        """Have an expression whose value depends on the draw looked at."""
        if node not in self._seen:
            self._seen.add(node)
            self._pending.append(node)

    def _step(self, node: cst.CSTNode) -> None:
        """Look at what is done with the value of an expression."""
        above = self._model.parent(node)
        if isinstance(above, cst.Arg):
            outer = self._model.parent(above)
            if isinstance(outer, cst.Call):
                self._argument(above, self._model.call(outer))
        elif isinstance(above, cst.Attribute):
            self._attribute(above)
        elif isinstance(above, cst.Assign):
            for target in above.targets:
                self._assign(target.target, above)
        elif isinstance(above, (cst.AnnAssign, cst.AugAssign)):
            self._assign(above.target, above)
        elif isinstance(above, cst.AssignTarget):
            if isinstance(node, cst.Subscript):
                self.change(node.value)
        elif isinstance(above, cst.NamedExpr):
            self._assign(above.target, above)
            self.follow(above)
        elif isinstance(above, (cst.For, cst.CompFor)):
            if node is above.iter:
                self._assign(above.target, above)
            if isinstance(above, cst.CompFor):
                self._comprehension(above)
        elif isinstance(above, (cst.If, cst.While)):
            self._controls(above)
        elif isinstance(above, cst.WithItem):
            if above.asname is not None:
                self._assign(above.asname.name, above)
        elif isinstance(above, cst.Param):
            self._bound(above.name)
        elif isinstance(above, (cst.Return, cst.Yield, cst.From)):
            self._returned(above)
        elif isinstance(above, cst.Subscript):
            if self._rows_are_shown and _takes_few_rows(above, self._ctx):
                self._shown = self._sampled = True
            else:
                self.follow(above)
        elif isinstance(above, cst.DictElement):
            if HARMLESS.search(str(self._model.literal(above.key)).replace("-", "_")):
                self._shown = True
            else:
                self.follow(above)
        elif isinstance(above, cst.FormattedStringExpression):
            self._text(above)
        elif isinstance(above, cst.Expr):
            self._shown = True
        elif above is not None and not isinstance(above, _ENDS):
            self.follow(above)

    # Calls

    def _argument(self, arg: cst.Arg, call: CallSite) -> None:
        """Look at a call that gets the value."""
        if _names_output(arg, call) or (arg.keyword is not None and HARMLESS.search(arg.keyword.value)):
            self._shown = True
            return
        if (call.name or "").startswith(_NUMERICAL):
            self.follow(call.node)  # a line through points is what it is used for
            return
        if self._works(call):
            self._work = True
            return
        if _keeps(call) or (call.last_name == "print" and call.argument("file").present):
            self._kept = True
            return
        if call.last_name in _PROPERTY_FUNCTIONS or SHOWS.search(call.last_name):
            self._shown = True
            return
        functions = self._functions_called(call)
        self._unknown = self._unknown or bool(arg.star)
        for function in functions:
            parameter = _parameter(function, arg, call)
            if parameter is not None:
                self._bound(parameter.name)
        if functions and not call.constructs:
            return  # what comes back is followed from the return statements
        if not functions and call.fact is None and (call.name is None or not call.name.startswith("builtins.")):
            self._unknown = True
        self._changed_by(call)
        self.follow(call.node)

    def _attribute(self, attribute: cst.Attribute) -> None:
        """Look at an attribute or a method of the value."""
        outer = self._model.parent(attribute)
        if not isinstance(outer, cst.Call) or outer.func is not attribute:
            if attribute.attr.value in _PROPERTIES:
                self._shown = self._shown or not self._rows_are_shown  # whoever looks at sizes first will train next
            else:
                self.follow(attribute)
            return
        call = self._model.call(outer)
        if call.last_name in _RESAMPLES:
            self.follow(outer)
        elif self._works(call) or not _APPLIES.isdisjoint(call.roles):
            self._work = True
        elif _keeps(call):
            self._kept = True
        elif call.last_name in _PROPERTY_FUNCTIONS or SHOWS.search(call.last_name):
            self._shown = True
        else:
            if _shuffles_in_place(call, self._ctx):
                self.change(outer.args[0].value)
            if call.fact is None and call.last_name not in _FORMS:
                self._unknown = True
            self.follow(outer)

    def _text(self, part: cst.FormattedStringExpression) -> None:
        """Look at a text with the value in it: it is written to a file, or shown, or the name of something."""
        text = self._model.parent(part)
        above = self._model.parent(text) if text is not None else None
        outer = self._model.parent(above) if isinstance(above, cst.Arg) else None
        if isinstance(outer, cst.Call):
            call = self._model.call(outer)
            if call.fact is not None and "writes-file" in call.roles and text in call.arguments_for(call.fact.data):
                self._kept = True
        self._shown = True

    def _works(self, call: CallSite) -> bool:
        if not WORK.isdisjoint(call.roles) or _WORKS.fullmatch(call.last_name):
            return True
        return any("optimizer" in self._ctx.knowledge.tags(base) for base in call.constructs)

    def _functions_called(self, call: CallSite) -> list[cst.FunctionDef]:
        """Return the functions of the unit that a call runs; of methods whose class is unknown, all of that name."""
        func = call.node.func
        if isinstance(func, cst.Name):
            owners = [binding.owner for binding in self._model.bindings(func)]
            found = [owner for owner in owners if isinstance(owner, cst.FunctionDef)]
            classes = [owner for owner in owners if isinstance(owner, cst.ClassDef)]
            return found + [f for owner in classes for f in _methods(owner) if f.name.value == "__init__"]
        if isinstance(func, cst.Attribute) and call.fact is None:
            return [
                function
                for function in self._model.nodes(cst.FunctionDef)
                if function.name.value == func.attr.value and _owner(function, self._ctx) is not None
            ]
        return []

    def _changed_by(self, call: CallSite) -> None:
        """Go on with the object that a method puts the value into, such as a list."""
        if call.receiver is None or self._model.qualified_name(call.receiver) is not None:
            return
        if CHANGES.fullmatch(call.last_name) or isinstance(self._model.parent(call.node), cst.Expr):
            self.change(call.receiver)

    # Names

    @cached_property
    def _read_by_magics(self) -> frozenset[str]:
        """The names that magics read, other than to measure time."""
        magics = (magic for cell in self._ctx.unit.cells for magic in cell.magics)
        return frozenset().union(*(magic.reads for magic in magics if magic.name not in ("time", "timeit")))

    def _assign(self, target: cst.CSTNode, owner: cst.CSTNode) -> None:
        """Look at the uses of what gets the value."""
        if isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._assign(element.value, owner)
        elif isinstance(target, cst.StarredElement):
            self._assign(target.value, owner)
        elif self._learns(target, owner):
            self._work = True
        elif isinstance(target, cst.Name):
            self._bound(target)
        elif isinstance(target, cst.Attribute):
            self._attribute_set(target)
        elif isinstance(target, cst.Subscript):
            self.change(target.value)

    def _bound(self, name: cst.CSTNode) -> None:
        binding = self._model.walk.bindings.get(name)
        if binding is None or binding in self._seen:
            return
        self._seen.add(binding)
        if HARMLESS.search(binding.name):
            self._shown = True
            return
        if binding.scope is self._model.module_scope and not self._ctx.is_entry_point:
            self._unknown = True  # whoever imports the module may read it
        if binding.name in self._read_by_magics:
            self._unknown = True
        for use in self._model.uses(binding):
            self.follow(use)
        if binding.scope.kind is ScopeKind.CLASS:
            for mention in self._model.mentions(binding.name):
                self.follow(mention)

    def _attribute_set(self, target: cst.Attribute) -> None:
        if HARMLESS.search(target.attr.value):
            self._shown = True
            return
        for mention in self._model.mentions(target.attr.value):
            if isinstance(mention, cst.Attribute) and not isinstance(self._model.parent(mention), cst.AssignTarget):
                self.follow(mention)
        if isinstance(target.value, cst.Name) and target.value.value == "self":
            self._object_of(target)
        else:
            self.change(target.value)

    def change(self, place: cst.CSTNode) -> None:
        """Go on with an object whose content has become random."""
        while isinstance(place, (cst.Subscript, cst.Call)) or (
            isinstance(place, cst.Attribute) and not _is_self(place.value)
        ):
            place = place.func if isinstance(place, cst.Call) else place.value
        if isinstance(place, cst.Attribute):
            self._attribute_set(place)
        if not isinstance(place, cst.Name):
            return
        for binding in self._model.bindings(place):
            if ("changed", binding) in self._seen:
                continue
            self._seen.add(("changed", binding))
            function = self._model.function(binding.node)
            if binding.kind is BindingKind.PARAMETER and isinstance(function, cst.FunctionDef):
                for passed in _passed(function, binding, self._ctx):
                    self.change(passed)
            elif isinstance(binding.owner, (cst.For, cst.CompFor)):
                self.change(binding.owner.iter)  # a row of a list is changed, and with it the list
            for use in self._model.uses(binding):
                if use is not place and self._may_follow(use, place):
                    self.follow(use)

    def _may_follow(self, use: cst.CSTNode, place: cst.CSTNode) -> bool:
        """Tell whether code may run after other code."""
        if self._model.order(use) > self._model.order(place) or self._model.in_loop(place):
            return True
        return self._model.function(use) is not self._model.function(place)

    # Control

    def _comprehension(self, clause: cst.CompFor) -> None:
        for above in self._model.ancestors(clause):
            if isinstance(above, cst.BaseComp):
                self.follow(above)
                return

    def _controls(self, statement: cst.If | cst.While) -> None:
        """Look at what is done, or not done, depending on the value."""
        branch: cst.CSTNode = statement
        if any(isinstance(node, (cst.Continue, cst.Break)) for node in self._model.descendants(statement)):
            loops = (above for above in self._model.ancestors(statement) if isinstance(above, (cst.For, cst.While)))
            branch = next(loops, statement)
        for node in self._model.descendants(branch):
            if isinstance(node, cst.Assign):
                for target in node.targets:
                    self._assign(target.target, node)
            elif isinstance(node, (cst.AnnAssign, cst.AugAssign)):
                self._assign(node.target, node)
            elif isinstance(node, cst.Return):
                self._returned(node)
            elif isinstance(node, cst.Call):
                call = self._model.call(node)
                self._work = self._work or self._works(call)
                self._kept = self._kept or _keeps(call)
                if CHANGES.fullmatch(call.last_name):
                    self._changed_by(call)

    def _learns(self, target: cst.CSTNode, owner: cst.CSTNode) -> bool:
        """Tell whether an assignment is the step of a loop in which something learns: ``weights -= eta * gradient``."""
        if not isinstance(owner, (cst.Assign, cst.AugAssign)) or not self._repeats(owner):
            return False
        if isinstance(owner, cst.Assign):
            written = self._model.text(target)
            if not any(
                self._model.text(node) == written
                for node in self._model.descendants(owner.value)
                if type(node) is type(target)
            ):
                return False
        return any(_LEARNS.search(name) for name in self._names_around(owner))

    def _repeats(self, statement: cst.CSTNode) -> bool:
        """Tell whether a statement is in a loop, or in a function that is called in one."""
        if self._model.in_loop(statement):
            return True
        function = self._model.function(statement)
        if not isinstance(function, cst.FunctionDef):
            return False
        return any(self._model.in_loop(call) for call in _callers(function, self._ctx))

    def _names_around(self, statement: cst.CSTNode) -> Iterator[str]:
        """Yield the names in a statement and those that the loops around it count with."""
        places: list[cst.CSTNode] = [statement]
        for above in self._model.ancestors(statement):
            if isinstance(above, cst.For):
                places += [above.target, above.iter]
            elif isinstance(above, cst.FunctionDef):
                break
        for place in places:
            for node in self._model.descendants(place):
                if isinstance(node, cst.Name):
                    yield node.value
                elif isinstance(node, cst.Attribute):
                    yield node.attr.value

    # Functions and classes

    def _returned(self, node: cst.CSTNode) -> None:
        """Go on with the calls of the function that gives the value back."""
        function = self._model.function(node)
        if isinstance(function, cst.Lambda):
            self.follow(function)
        if not isinstance(function, cst.FunctionDef) or function in self._seen:
            return
        self._seen.add(function)
        owner = _owner(function, self._ctx)
        if owner is not None:
            for mention in self._model.mentions(function.name.value):
                if isinstance(mention, cst.Attribute):
                    self._called(mention)
            if _PROTOCOL.fullmatch(function.name.value):
                self._object_of(function)
        else:
            binding = self._model.walk.bindings.get(function.name)
            uses = self._model.uses(binding) if binding is not None else []
            for use in uses:
                self._called(use)
        if function.decorators or self._is_seen_elsewhere(function):
            self._unknown = True

    def _called(self, name: cst.CSTNode) -> None:
        """Go on with the result of a call of a function, or with the function that is passed on by name."""
        above = self._model.parent(name)
        self.follow(above if isinstance(above, cst.Call) and above.func is name else name)

    def _is_seen_elsewhere(self, function: cst.FunctionDef) -> bool:
        """Tell whether other modules may call a function."""
        if not self._ctx.is_entry_point:
            return True
        summary = self._ctx.summary
        return summary is not None and bool(self._ctx.project.importing(summary.name))

    def _object_of(self, node: cst.CSTNode) -> None:
        """Go on with the instances of the class that code is in."""
        owner = self._model.class_around(node)
        binding = self._model.walk.bindings.get(owner.name) if owner is not None else None
        if binding is None or ("object", binding) in self._seen:
            return
        self._seen.add(("object", binding))
        if self._model.module_scope is binding.scope and not self._ctx.is_entry_point:
            self._unknown = True
        for use in self._model.uses(binding):
            self._called(use)


def _keeps(call: CallSite) -> bool:
    return not KEEPS.isdisjoint(call.roles) or _KEEPS.fullmatch(call.last_name) is not None


def _owner(function: cst.FunctionDef, ctx: Context) -> cst.ClassDef | None:
    """Return the class that a function is a method of."""
    block = ctx.model.parent(function)
    above = ctx.model.parent(block) if block is not None else None
    return above if isinstance(above, cst.ClassDef) else None


def _methods(owner: cst.ClassDef) -> list[cst.FunctionDef]:
    return [statement for statement in owner.body.body if isinstance(statement, cst.FunctionDef)]


def _parameter(function: cst.FunctionDef, arg: cst.Arg, call: CallSite) -> cst.Param | None:
    """Return the parameter of a function that an argument goes to."""
    params = function.params
    named = (*params.posonly_params, *params.params, *params.kwonly_params)
    if arg.star:
        return None
    if arg.keyword is not None:
        return next((p for p in named if p.name.value == arg.keyword.value), params.star_kwarg)
    positional = (*params.posonly_params, *params.params)
    if positional and positional[0].name.value in ("self", "cls"):
        positional = positional[1:]
    position = call.positional.index(arg) if arg in call.positional else -1
    if 0 <= position < len(positional):
        return positional[position]
    return params.star_arg if isinstance(params.star_arg, cst.Param) else None


def _names_output(arg: cst.Arg, call: CallSite) -> bool:
    """Tell whether an argument is the name of a file that is written, not what is in it."""
    if (
        call.fact is None
        or (WORK | KEEPS).isdisjoint(call.roles)
        or arg.value not in call.arguments_for(call.fact.paths)
    ):
        return False
    mode = call.literal("mode", default="r") if "reads-file" in call.roles else "w"
    return isinstance(mode, str) and "r" not in mode


def _is_self(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and node.value == "self"


def _takes_few_rows(node: cst.Subscript, ctx: Context) -> bool:
    """Tell whether a subscript takes one row, or the first few."""
    index = node.slice[0].slice
    if isinstance(index, cst.Index):
        value = ctx.model.literal(index.value)
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(index, cst.Slice) or index.upper is None or index.step is not None:
        return False
    upper = ctx.model.literal(index.upper)
    return isinstance(upper, int) and 0 < upper <= _FEW


#: The largest number of rows that one takes to look at them.
_FEW = 20
