"""The interpreter: statements in order, branches, loops, and the functions that nothing in the unit calls."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.flow.expressions import Expressions, is_contest, names_in
from mllint.semantic.flow.places import dotted
from mllint.semantic.flow.rows import Rows, is_setting, part_named
from mllint.semantic.flow.screen import SCREENED, Screen
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import NOTHING, Environment, Function, Value, either, join, replace

if TYPE_CHECKING:
    from mllint.semantic.flow.events import Event
    from mllint.semantic.model import SemanticModel

#: The roles of calls without which nothing of interest happens to data.
EVENTFUL = (
    "splits",
    "fits",
    "fits-and-transforms",
    "trains",
    "scores",
    "cross-validates",
    "searches",
    "resamples",
    "samples",
)
#: A loop over a literal of so few tables is interpreted once for each of them.
_MOST_ROUNDS = 4
#: Arguments that hold nothing that happens.
_SIMPLE = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Float, cst.Attribute})
_SHOWS = ("builtins.print", "matplotlib.", "seaborn.", "IPython.")
_WORDS = frozenset({cst.Name, cst.SimpleString})
_BLOCKS = frozenset({cst.SimpleStatementLine, cst.SimpleStatementSuite, cst.IndentedBlock})
#: Annotations of parameters that hold no rows.
_PLAIN = frozenset({"str", "int", "float", "bool", "Path", "Optional", "None", "os", "PathLike", "device"})


class Flow:
    """The interpreted unit.

    Attributes:
        events: all events in the order in which they happen; those in functions that nothing calls come last.
        stopped: the functions whose interpretation ended at a bound; None stands for the module level.
        loaded_in: for sources of rows that calls load, the loops in which they do, the outermost first.
    """

    def __init__(self, model: SemanticModel) -> None:
        self.events: Sequence[Event] = ()
        self.stopped: frozenset[cst.CSTNode | None] = frozenset()
        self.loaded_in: Mapping[Hashable, tuple[cst.CSTNode, ...]] = {}
        self._interpreter: _Interpreter | None = None
        if not model.calls_with_role(*EVENTFUL) and not any(
            call.fact is None and call.last_name in model.knowledge.methods for call in model.calls
        ):
            return
        statements = sum(1 for _ in model.nodes(cst.SimpleStatementLine, cst.If, cst.For, cst.With, cst.FunctionDef))
        state = State(model, statements)
        self._interpreter = interpreter = _Interpreter(state)
        try:
            interpreter.module()
        except RecursionError:
            state.cut()
        self.events = state.events
        self.loaded_in = state.loaded_in
        self.stopped = state.stopped

    def close(self) -> None:
        """Let go of everything, so that it is free at once."""
        if self._interpreter is not None:
            _take_apart(self._interpreter)
        vars(self).clear()


def _take_apart(part: object) -> None:
    """Empty the interpreter and its parts, which know each other."""
    held = vars(part).copy()
    vars(part).clear()
    for each in held.values():
        if type(each).__module__.startswith(__package__) and hasattr(each, "__dict__"):
            _take_apart(each)


class _Interpreter:
    """Interprets blocks of statements, changing the environment."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._model = state.model
        self._expressions = Expressions(state)
        self._value = self._expressions.value
        self._assign = self._expressions.places.assign
        self._own = self._expressions.own
        self._own.run_body = self._body
        self._defined: list[Function] = []
        self._interpreted: set[cst.CSTNode] = set()
        self._returned: list[list[Value]] = []
        #: For the loops around in the function, the environments of their bodies and what was left in branches of them.
        self._rounds: list[tuple[Environment, list[Mapping[str, Value]]]] = []
        self._expressions.yielded = lambda value: self._returned[-1].append(value) if self._returned else None
        self._screen = Screen(state.model)
        #: What interprets each kind of statement; the result is whether the code after it surely is not reached.
        self._simple: dict[type[cst.CSTNode], Callable[[Any, Environment], bool | None]] = {
            cst.Assign: self._assignment,
            cst.Expr: self._expression,
            cst.AnnAssign: self._annotated,
            cst.AugAssign: self._augmented,
            cst.Return: self._return,
            cst.Continue: self._next_round,
            cst.Break: self._next_round,
            cst.Raise: lambda node, environment: True,
            cst.FunctionDef: self._definition,
            cst.ClassDef: self._definition,
            cst.Del: lambda node, environment: self._delete(node.target, environment),
            cst.Assert: self._assertion,
        }
        self._compound: dict[type[cst.CSTNode], Callable[[Any, Environment], bool | None]] = {
            cst.If: self._if,
            cst.For: self._for,
            cst.While: self._while,
            cst.With: self._with,
            cst.Try: self._try,
            cst.TryStar: self._try,
            cst.Match: self._match,
        }

    def module(self) -> None:
        """Interpret the cells in order, then what nothing in them called."""
        environment = self._own.globals
        for cell in self._model.unit.cells:
            if cell.module is not None:
                self.block(cell.module.body, environment)
        position = 0
        while position < len(self._defined):
            function = self._defined[position]
            position += 1
            if function.node not in self._interpreted and function.node in self._screen.lively:
                self._uncalled(function)

    def _uncalled(self, function: Function) -> None:
        """Interpret a function or the methods of a class with parameters of which nothing is known."""
        node = function.node
        if type(node) is cst.ClassDef:
            instance = self._own.new_instance(node, node)
            methods = [each for each in node.body.body if type(each) is cst.FunctionDef]
            for method in sorted(methods, key=lambda each: each.name.value != "__init__"):
                if method not in self._interpreted:
                    self._with_parameters(Function(method, function.environment, instance))
            return
        self._with_parameters(function)

    def _with_parameters(self, function: Function) -> None:
        node = function.node
        assert type(node) is cst.FunctionDef
        inner = Environment(function.environment)
        named = [*node.params.posonly_params, *node.params.params, *node.params.kwonly_params]
        for index, param in enumerate(named):
            name = param.name.value
            if index == 0 and function.owner is not None and name in ("self", "cls"):
                inner.set(name, Value(objects=frozenset([function.owner])))
            elif is_setting(name) or self._is_plain(param):
                inner.set(name, NOTHING)
            elif param.default is None:
                inner.set(name, Value(frozenset([Rows(param, named=part_named(name))])))
            else:
                inner.set(name, self._value(param.default, function.environment))
        self._state.entered.append(node)
        self._body(node, inner)
        self._state.entered.pop()

    def _is_plain(self, param: cst.Param) -> bool:
        """Tell whether a parameter is annotated as a number, a text or a path."""
        if param.annotation is None:
            return False
        names = {n.value for n in self._model.descendants(param.annotation.annotation) if type(n) is cst.Name}
        return bool(names) and names <= _PLAIN

    def _body(self, function: cst.FunctionDef, environment: Environment) -> Value:
        """Interpret the body of a function and return what it gives back."""
        self._interpreted.add(function)
        self._returned.append([])
        rounds, self._rounds = self._rounds, []
        self._state.nesting += 1
        self.statement(function.body, environment)
        self._state.nesting -= 1
        self._rounds = rounds
        results = self._returned.pop()
        if not results:
            return NOTHING
        merged = results[0]
        for value in results[1:]:
            merged = either(merged, value) if not merged.is_nothing else value
        return merged

    # Statements

    def block(self, statements: Iterable[cst.CSTNode], environment: Environment) -> bool:
        """Interpret statements in order; True if the block is surely left before its end."""
        for statement in statements:  # noqa: SIM110 - a generator costs more here, where most of the time is spent
            if self.statement(statement, environment):
                return True
        return False

    def statement(self, node: cst.CSTNode, environment: Environment) -> bool:
        """Interpret one statement; True if the code after it in the block surely is not reached from it."""
        kind = type(node)
        if kind in _BLOCKS:
            return self.block(node.body, environment)  # type: ignore[attr-defined]
        if kind in SCREENED and id(node) not in self._screen.kept:
            return False
        if not self._state.step():
            return False
        simple = self._simple.get(kind)
        if simple is not None:
            return bool(simple(node, environment))
        compound = self._compound.get(kind)
        if compound is None:
            return False
        self._state.nesting += 1
        ends = compound(node, environment)
        self._state.nesting -= 1
        return bool(ends)

    def _assignment(self, node: cst.Assign, environment: Environment) -> None:
        value = self._value(node.value, environment)
        for target in node.targets:
            self._assign(target.target, value, environment)

    def _expression(self, node: cst.Expr, environment: Environment) -> None:
        if not self._only_shows(node.value):
            self._value(node.value, environment)

    def _annotated(self, node: cst.AnnAssign, environment: Environment) -> None:
        if node.value is not None:
            self._assign(node.target, self._value(node.value, environment), environment)

    def _augmented(self, node: cst.AugAssign, environment: Environment) -> None:
        old, added = self._value(node.target, environment), self._value(node.value, environment)
        new = join([old, added])
        labels = self._expressions.listed(old, node.operator, added, node)
        new = replace(new, labels=labels, elements={}) if labels is not None else new
        self._assign(node.target, replace(new, elements={}) if new.elements else new, environment)

    def _assertion(self, node: cst.Assert, environment: Environment) -> None:
        self._value(node.test, environment)

    def _return(self, node: cst.Return, environment: Environment) -> bool:
        if self._returned:
            self._returned[-1].append(self._value(node.value, environment) if node.value is not None else NOTHING)
        return True

    def _next_round(self, node: cst.Continue | cst.Break, environment: Environment) -> bool:
        if self._rounds:
            inner, left = self._rounds[-1]
            left.append(environment.since(inner))
        return True

    def _definition(self, node: cst.FunctionDef | cst.ClassDef, environment: Environment) -> None:
        made = Function(node, environment)
        environment.set(node.name.value, Value(objects=frozenset([made])))
        if type(node) is cst.ClassDef:
            self._own.homes[node] = environment
        self._defined.append(made)

    def _only_shows(self, node: cst.BaseExpression) -> bool:
        """Tell whether a statement is a call of something unknown, a plot or a print, with nothing computed in it."""
        if type(node) is not cst.Call or not all(type(arg.value) in _SIMPLE for arg in node.args):
            return type(node) in _WORDS
        name = self._model.call(node).name
        return name is not None and name.startswith(_SHOWS)

    def _with(self, node: cst.With, environment: Environment) -> bool:
        for item in node.items:
            value = self._value(item.item, environment)
            if item.asname is not None:
                self._assign(item.asname.name, value, environment)
        return self.statement(node.body, environment)

    def _try(self, node: cst.Try | cst.TryStar, environment: Environment) -> bool:
        ends = self.statement(node.body, environment)
        for handler in node.handlers:
            ends = self._maybe(handler.body, environment) and ends
        for last in (node.orelse, node.finalbody):
            if last is not None:
                ends = self.statement(last.body, environment) or ends
        return ends

    def _match(self, node: cst.Match, environment: Environment) -> None:
        self._value(node.subject, environment)
        for case in node.cases:
            self._maybe(case.body, environment)

    def _delete(self, target: cst.CSTNode, environment: Environment) -> None:
        if type(target) is cst.Name:
            environment.forget(target.value)
        elif isinstance(target, (cst.Tuple, cst.List)):
            for element in target.elements:
                self._delete(element.value, environment)
        elif type(target) is cst.Subscript and type(target.slice[0].slice) is cst.Index:
            name = self._model.literal(target.slice[0].slice.value)
            held = self._value(target.value, environment)
            if isinstance(name, str) and held.rows and type(target.value) is cst.Name:
                columns = held.columns
                only = columns.only - {name} if columns.only is not None else None
                made = {key: events for key, events in columns.made.items() if key != name}
                columns = replace(columns, only=only, without=columns.without | {name}, made=made)
                environment.set(target.value.value, replace(held, columns=columns))

    # Branches

    def _if(self, node: cst.If, environment: Environment) -> bool:
        test = self._value(node.test, environment)
        self._choice(node, test)
        truth = self._expressions.truth(node.test, environment)
        if truth is True:
            return self.statement(node.body, environment)
        if truth is False or self._model.literal(node.test) is False:
            return self._else(node.orelse, environment)
        first, second = environment.branch(), environment.branch()
        left, right = self._state.alternatives(
            lambda: self.statement(node.body, first), lambda: self._else(node.orelse, second)
        )
        taken = [branch for branch, ends in ((first, left), (second, right)) if not ends]
        environment.merge(*(taken or [first, second]))
        return left and right

    def _else(self, orelse: cst.If | cst.Else | None, environment: Environment) -> bool:
        """Interpret what is done where a test has not come true; True if the code after it is not reached from it."""
        if orelse is None:
            return False
        if type(orelse) is cst.If:
            return self._if(orelse, environment) if self._state.step() else False
        return self.statement(orelse.body, environment)

    def _choice(self, node: cst.If, test: Value) -> None:
        """``if score > best:`` followed by an assignment chooses the better one."""
        if not test.scores:
            return
        for comparison in self._model.descendants(node.test):
            if type(comparison) is not cst.Comparison or not is_contest(comparison, self._model):
                continue
            if any(isinstance(each, (cst.Assign, cst.Call)) for each in self._model.descendants(node.body)):
                self._state.event("choose", comparison, (test,), scores=test.scores)
                return

    def _maybe(self, body: cst.CSTNode, environment: Environment) -> bool:
        """Interpret a block that may or may not run; True if the code after it is not reached from it."""
        inner = environment.branch()
        ends, _ = self._state.alternatives(lambda: self.statement(body, inner), lambda: False)
        if not ends:
            environment.merge(inner, environment.branch())
        return ends

    def _while(self, node: cst.While, environment: Environment) -> None:
        self._value(node.test, environment)
        with self._state.loop(node, []):
            self._repeat(node.body, environment)
        self._otherwise(node.orelse, environment)

    def _otherwise(self, orelse: cst.Else | None, environment: Environment) -> None:
        if orelse is not None:
            self.statement(orelse.body, environment)

    # Loops

    def _for(self, node: cst.For, environment: Environment) -> None:
        if not self._unrolled(node, environment):
            value = self._expressions.each_of(node.iter, environment)
            with self._state.loop(node, names_in(node.target), self._expressions.counters_in(node)):
                self._assign(node.target, value, environment)
                self._repeat(node.body, environment)
        self._otherwise(node.orelse, environment)

    def _repeat(self, body: cst.BaseSuite, environment: Environment) -> None:
        """Interpret the body of a loop, once more where it may meet what it left behind in names from before it."""
        inner = environment.branch(watched=True)
        carries = not self._round(body, inner) and len(self._state.loops) == 1 and inner.meets_itself()
        environment.merge(inner)  # one round at least
        if carries:
            inner = environment.branch()
            self._round(body, inner)
            environment.merge(inner, environment.branch())

    def _round(self, body: cst.BaseSuite, environment: Environment) -> bool:
        """Interpret the body of a loop once; what a branch holds that goes on or ends the loop reaches the end, too."""
        left: list[Mapping[str, Value]] = []
        self._rounds.append((environment, left))
        ends = self.statement(body, environment)
        self._rounds.pop()
        for changed in left:
            environment.join(changed)
        return ends

    def _unrolled(self, node: cst.For, environment: Environment) -> bool:
        """Interpret a loop over a few tables, ``for frame in (train, test):``, once for each."""
        if not isinstance(node.iter, (cst.Tuple, cst.List)) or type(node.target) is not cst.Name:
            return False
        elements = [element.value for element in node.iter.elements]
        values = [self._value(element, environment) for element in elements]
        if len(values) > _MOST_ROUNDS or not all(value.rows and not value.objects for value in values):
            return False
        for number, (element, value) in enumerate(zip(elements, values, strict=True)):
            with self._state.round(number):
                environment.set(node.target.value, value)
                self._round(node.body, environment)
                changed = environment.get(node.target.value)
                if changed is not None and changed is not value and dotted(element) and self._changes(node):
                    self._assign(element, changed, environment)
        return True

    def _changes(self, node: cst.For) -> bool:
        """Tell whether the body changes the table in place and does not bind the name anew."""
        assert type(node.target) is cst.Name
        return not any(
            type(each) is cst.AssignTarget and type(each.target) is cst.Name and each.target.value == node.target.value
            for each in self._model.descendants(node.body)
        )
