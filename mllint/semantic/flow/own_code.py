"""Functions and classes of the unit itself: finding what a call may call, entering its body, making instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.estimators import ESTIMATOR_TAGS
from mllint.semantic.flow.places import Evaluate
from mllint.semantic.flow.state import State
from mllint.semantic.flow.values import NOTHING, Environment, Function, Instance, Value, join, replace
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.walk import code_key

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite

#: So many functions that something is handed are taken to be applied by it.
MOST_APPLIED = 2
#: So many of the functions that a call may call are entered.
_MOST_CALLED = 4
#: Bases are looked through so far.
_MOST_BASES = 4


class OwnCode:
    """Calls functions, methods and classes of the unit.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.

    Attributes:
        run_body: interprets the body of a function; set by the interpreter, which is made last.
        globals: the environment of the module.
        homes: the environments that the classes of the unit were defined in.
    """

    def __init__(self, state: State, evaluate: Evaluate) -> None:
        self._state = state
        self._model = state.model
        self._evaluate = evaluate
        self.run_body: Callable[[cst.FunctionDef, Environment], Value] = lambda function, environment: NOTHING
        self.globals = Environment()
        self.homes: dict[cst.ClassDef, Environment] = {}
        #: What functions gave that were handed nothing of interest: a call in the same words does the same, unless it
        #: trains.
        self._bare_results: dict[tuple[cst.CSTNode, str], Value | None] = {}

    # Finding

    def called(self, node: cst.Call, receiver: Value, environment: Environment) -> list[Function]:
        """Return the functions, methods and classes of the unit that a call may call."""
        func = node.func
        if type(func) is cst.Attribute:
            found: list[Function] = []
            if not receiver.objects:
                return found
            for instance in receiver.instances:
                held = instance.attributes.get(func.attr.value)
                if held is not None:
                    found += held.functions
                else:
                    method = self.method(instance, func.attr.value)
                    found += [method] if method is not None else []
            for each in receiver.functions:
                if type(each.node) is cst.ClassDef:
                    method = self._defined(each.node, func.attr.value, each)
                    found += [method] if method is not None else []
            return found
        if not isinstance(func, (cst.Name, cst.Lambda)):
            return []
        called = self._evaluate(func, environment)
        found = called.functions
        for instance in called.instances if not found else ():
            method = self.method(instance, "__call__") or self.method(instance, "forward")
            if method is not None and "module" not in instance.tags:
                found.append(method)
        return found

    def method(self, instance: Instance, name: str) -> Function | None:
        """Return a method that the unit's own class of an instance, or one of its bases, defines."""
        return self._defined(instance.definition, name, instance)

    def _defined(self, definition: cst.ClassDef | None, name: str, owner: Instance | Function) -> Function | None:
        """Return a method that a class of the unit, or one of its bases, defines, bound to what it is looked up on."""
        seen = 0
        while definition is not None and seen < _MOST_BASES:
            for statement in definition.body.body:
                if type(statement) is cst.FunctionDef and statement.name.value == name:
                    unbound = isinstance(owner, Function) and not _is_decorated(statement, "classmethod")
                    return Function(statement, self._home(definition), None if unbound else owner)
            definition = self._own_base(definition)
            seen += 1
        return None

    def _own_base(self, definition: cst.ClassDef) -> cst.ClassDef | None:
        for base in definition.bases:
            for each in self._evaluate(base.value, self._home(definition)).functions:
                if type(each.node) is cst.ClassDef:
                    return each.node
        return None

    def _home(self, definition: cst.ClassDef) -> Environment:
        return self.homes.get(definition) or self.globals

    # Entering

    def call(self, functions: list[Function], node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Return what a call gives that may call any of some functions."""
        results = [self.apply(function, node, arguments) for function in functions[:_MOST_CALLED]]
        return results[0] if len(results) == 1 else join(results)

    def apply(self, function: Function, node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Return what a call of an own function gives, its body interpreted with the values of the arguments."""
        if type(function.node) is cst.ClassDef:
            return self._make(function.node, node, arguments)
        given = {arg: self._constant(arg.value, arguments[arg.value]) for arg in node.args if not arg.star}
        positional = [value for arg, value in given.items() if arg.keyword is None]
        keywords = {arg.keyword.value: value for arg, value in given.items() if arg.keyword is not None}
        for arg in node.args:
            if arg.star == "**":
                keywords |= {key: v for key, v in arguments[arg.value].elements.items() if isinstance(key, str)}
            elif arg.star == "*":
                positional += list(arguments[arg.value].elements.values())
        return self.enter(function, node, positional, keywords, exact=len(given) == len(node.args))

    def _constant(self, node: cst.BaseExpression, value: Value) -> Value:
        """Return a value, or where it holds nothing, the plain value that is written there."""
        if not value.is_nothing or value.constant is not UNKNOWN:
            return value
        literal = self._model.literal(node)
        return Value(constant=literal) if literal is None or isinstance(literal, (bool, int, str)) else value

    def enter(
        self,
        function: Function,
        node: cst.Call,
        positional: list[Value],
        keywords: dict[str, Value],
        *,
        exact: bool = False,
    ) -> Value:
        """Interpret the body of a function with values for its parameters; at a bound, pass what it got on.

        Where these surely are all that it is given (``exact``), its other parameters have their defaults.
        """
        state = self._state
        body = function.node
        if type(body) is cst.ClassDef:
            return NOTHING
        if not state.may_enter(body):
            given = [*positional, *keywords.values()]
            return replace(join(given), elements={}, certain=False) if given else NOTHING
        bare = function.owner is None and all(value.is_nothing for value in (*positional, *keywords.values()))
        words = (body, ", ".join(code_key(arg.value) for arg in node.args) if bare else "")
        known = self._bare_results.get(words) if bare else None
        if known is not None:
            return known
        before = len(state.events)
        inner = self._with_parameters(function, positional, keywords, exact=exact)
        with state.call(node, body, bare=bare):
            if isinstance(body, cst.Lambda):
                return self._evaluate(body.body, inner)
            assert isinstance(body, cst.FunctionDef)
            result = self.run_body(body, inner)
        if bare and any(event.kind in ("fit", "score") for event in state.events[before:]):
            self._bare_results[words] = None  # it may train another model each time, by its settings
        elif bare:
            self._bare_results.setdefault(words, result)
        return result

    def _with_parameters(
        self, function: Function, positional: list[Value], keywords: dict[str, Value], *, exact: bool
    ) -> Environment:
        """Return the environment that the body of a function begins with."""
        body = function.node
        assert not isinstance(body, cst.ClassDef)
        inner = Environment(function.environment)
        params = body.params
        named = [*params.posonly_params, *params.params]
        values = list(positional)
        if function.owner is not None and type(body) is cst.FunctionDef and not _is_decorated(body, "staticmethod"):
            values.insert(0, Value(objects=frozenset([function.owner])))
        for param in (*named, *params.kwonly_params):
            name = param.name.value
            if name in keywords:
                value = keywords[name]
            elif param in named and named.index(param) < len(values):
                value = values[named.index(param)]
            elif param.default is not None:
                value = self._evaluate(param.default, function.environment)
                value = self._constant(param.default, value) if exact else value
            else:
                value = NOTHING
            inner.set(name, value)
        if type(params.star_arg) is cst.Param:
            rest = values[len(named) :]
            inner.set(params.star_arg.name.value, replace(join(rest), elements=dict(enumerate(rest))))
        if params.star_kwarg is not None:
            inner.set(params.star_kwarg.name.value, replace(join(keywords.values()), elements=dict(keywords)))
        return inner

    def rows_of_methods(
        self, site: CallSite, names: Iterable[str], arguments: dict[cst.BaseExpression, Value]
    ) -> tuple[Value, ...]:
        """Return the rows that methods of arguments give, ``parameter.method``, where the unit defines the method."""
        found: list[Value] = []
        for name in names:
            parameter, _, method_name = name.partition(".")
            node = site.argument(parameter).value if method_name else None
            for instance in arguments[node].instances if node in arguments else ():
                method = self.method(instance, method_name)
                value = self.enter(method, site.node, [], {}) if method is not None else NOTHING
                found += [value] if value.rows else []
        return tuple(found)

    # Making instances

    def _make(self, definition: cst.ClassDef, node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Return a new instance of a class of the unit."""
        instance = self.new_instance(definition, node)
        instance.parts = frozenset(each for value in arguments.values() for each in value.instances)
        init = self.method(instance, "__init__")
        if init is not None:
            self.apply(init, node, arguments)
        else:
            fields = [
                statement.target.value
                for line in definition.body.body
                if type(line) is cst.SimpleStatementLine
                for statement in line.body
                if type(statement) is cst.AnnAssign and type(statement.target) is cst.Name
            ]
            for index, arg in enumerate(node.args):  # a data class or a named tuple
                if arg.keyword is not None:
                    instance.attributes[arg.keyword.value] = arguments[arg.value]
                elif not arg.star and index < len(fields):
                    instance.attributes[fields[index]] = arguments[arg.value]
        held = [value for value in instance.attributes.values() if value.rows]
        made = join([*arguments.values(), *held])
        return Value(
            rows=made.rows,
            learned=made.learned,
            columns=made.columns,
            objects=frozenset([instance]),
            certain=made.certain,
        )

    def new_instance(self, definition: cst.ClassDef, node: cst.CSTNode) -> Instance:
        """Return an instance of a class of the unit, before its ``__init__`` has run."""
        knowledge = self._model.knowledge
        bases = self._model.class_bases(definition)
        tags = frozenset().union(*(knowledge.tags(base) for base in bases)) if bases else frozenset()
        return Instance(node, None, tags & (ESTIMATOR_TAGS | {"classifier", "regressor"}), definition=definition)


def _is_decorated(function: cst.FunctionDef, name: str) -> bool:
    return any(type(d.decorator) is cst.Name and d.decorator.value == name for d in function.decorators)
