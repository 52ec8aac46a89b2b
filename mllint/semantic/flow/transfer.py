"""Calls: what the result of a call holds and which events it makes, by the roles of what is called."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.calls import CallSite
from mllint.semantic.flow.events import Event
from mllint.semantic.flow.labels import SAME, both, less, more, names_of, of_kinds, picked
from mllint.semantic.flow.places import Evaluate, Places, joined
from mllint.semantic.flow.rows import EACH, Part, Rows, Selection, part_named
from mllint.semantic.flow.slices import slice_between
from mllint.semantic.flow.state import State, with_learned
from mllint.semantic.flow.values import (
    DEEPEST_CONTAINER,
    NOTHING,
    Columns,
    Environment,
    Function,
    Instance,
    Value,
    along,
    join,
    replace,
)
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.scopes import ScopeKind
from mllint.semantic.walk import code_key

if TYPE_CHECKING:
    from mllint.semantic.knowledge import FunctionFact
    from mllint.semantic.model import SemanticModel

#: Methods of containers that put their arguments in.
_ADDS = frozenset({"append", "extend", "add", "insert", "update", "put", "setdefault", "appendleft"})
#: Methods of containers that take their argument out, so that what is left was chosen by it.
_TAKES = frozenset({"remove", "discard"})
#: Roles of methods of rows: they are believed of any value that holds rows.
_ROW_ROLES = frozenset(
    {
        "keeps-rows",
        "selects-rows",
        "merges-rows",
        "reduces-rows",
        "samples",
        "shuffles",
        "chooses",
        "fits-and-transforms",
    }
)
_ESTIMATOR_TAGS = frozenset(
    {
        "estimator",
        "module",
        "pipeline",
        "resampler",
        "search",
        "learns-statistics",
        "learns-vocabulary",
        "stateless",
        "selects-epoch",
        "splitter",
        "forecaster",
    }
)
#: Names of parameters, and of what is given for them, that say how long or wide something is made, not what it holds.
_SIZES = re.compile(
    r"(?i)^(?:max_?(?:seq(?:uence)?_?)?len(?:gth)?|(?:seq(?:uence)?|pad(?:ding)?|input|target)_?len(?:gth)?|(?:max|num|n)_words"
    r"|vocab(?:ulary)?_size|(?:input|output|embedding)_dim|num_classes|n_classes|shape|depth)$"
)
#: Names of columns that say when.
_TIME_NAMES = re.compile(
    r"(?i:(?:^|_|\b)(?:date|datetime|time|timestamp|ts|day|week|month|quarter|year|period|hour|minute|dt)s?(?:$|_|\b)"
    r"|(?:^|_)(?:date|time)_?|(?:datetime|timestamp|(?<!up)(?<!candi)(?<!vali)date|(?<!life)(?<!run)(?<!over)time)$)"
    r"|[a-z](?:Date|Time|Day)(?:[A-Z_]|$)"
)


class Transfer:
    """Applies the transfer rules of calls.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
        places: gives values to the targets of assignments.
    """

    def __init__(self, state: State, evaluate: Evaluate, places: Places) -> None:
        self._state = state
        self._model = state.model
        self._evaluate = evaluate
        self._places = places
        #: What functions gave that were handed nothing of interest: a call in the same words does the same, unless it
        #: trains.
        self._bare_results: dict[tuple[cst.CSTNode, str], Value | None] = {}
        #: Interprets the body of a function; set by the interpreter, which is made last.
        self.run_body: Callable[[cst.FunctionDef, Environment], Value] = lambda function, environment: NOTHING

    def call(self, node: cst.Call, environment: Environment) -> Value:
        """Return the value of a call, recording the events in it."""
        site = self._model.call(node)
        receiver_node = site.receiver
        receiver = self._evaluate(receiver_node, environment) if receiver_node is not None else NOTHING
        arguments = {arg.value: self._evaluate(arg.value, environment) for arg in node.args}
        own = self._own(node, receiver, environment)
        if own:
            return self._call_own(own, node, arguments)
        arguments |= {arg.value: NOTHING for arg in node.args if _is_size(arg) and not arguments[arg.value].rows}
        if receiver.labels is not None and not receiver.rows:
            reached = receiver.learned.union(*(value.learned for value in arguments.values()))
            return self._of_labels(site, replace(receiver, learned=reached), receiver.labels, environment)
        fact, site = self._fact(site, receiver, arguments)
        if site.last_name in _TAKES and receiver_node is not None and (fact is None or not fact.roles):
            learned = join(list(arguments.values())).learned
            if learned:
                self._places.update(receiver_node, lambda held: with_learned(held, *learned), environment)
            return NOTHING
        if site.last_name in _ADDS and receiver_node is not None and (fact is None or not fact.roles):
            return self._add(site, receiver_node, receiver, arguments, environment)
        if fact is None:
            return self._unknown(site, receiver, arguments, environment)
        return self._known(site, fact, receiver, arguments, environment)

    # What is called

    def _fact(
        self, site: CallSite, receiver: Value, arguments: dict[cst.BaseExpression, Value]
    ) -> tuple[FunctionFact | None, CallSite]:
        """Return what is known of the callee: surely, or by convention where the class of the receiver is unknown."""
        knowledge = self._model.knowledge
        fact = site.fact
        if fact is not None:
            return fact, site
        if site.receiver is None or (site.name is not None and receiver.is_nothing):
            return None, site
        name = site.last_name
        for instance in receiver.instances:
            if instance.kind is not None:
                fact = knowledge.method(instance.kind, name)
            for base in self._bases(instance) if fact is None else ():
                fact = fact or knowledge.method(base, name)
            if fact is not None:
                return fact, site.believing(fact)
        if receiver.rows and not receiver.objects:
            fact = knowledge.data_method(name, grouped=receiver.grouped)
            if fact is not None and not _ROW_ROLES.isdisjoint(fact.roles):
                return fact, site.believing(fact)
        fact = knowledge.methods.get(name)
        if fact is not None and (receiver.objects or any(value.rows for value in arguments.values())):
            return fact, site.believing(fact)
        fact = knowledge.data_method(name) if receiver.scores else None
        return (fact, site.believing(fact)) if fact is not None else (None, site)

    def _bases(self, instance: Instance) -> tuple[str, ...]:
        return self._model.class_bases(instance.definition) if instance.definition is not None else ()

    def method(self, instance: Instance, name: str) -> Function | None:
        """Return a method that the unit's own class of an instance, or one of its bases, defines."""
        return self._defined(instance.definition, name, instance)

    def _defined(self, definition: cst.ClassDef | None, name: str, owner: Instance | Function) -> Function | None:
        """Return a method that a class of the unit, or one of its bases, defines, bound to what it is looked up on."""
        seen = 0
        while definition is not None and seen < 4:
            for statement in definition.body.body:
                if isinstance(statement, cst.FunctionDef) and statement.name.value == name:
                    unbound = isinstance(owner, Function) and not _is_decorated(statement, "classmethod")
                    return Function(statement, self._home(definition), None if unbound else owner)
            definition = self._own_base(definition)
            seen += 1
        return None

    def _own_base(self, definition: cst.ClassDef) -> cst.ClassDef | None:
        for base in definition.bases:
            for each in self._evaluate(base.value, self._home(definition)).objects:
                if isinstance(each, Function) and isinstance(each.node, cst.ClassDef):
                    return each.node
        return None

    def _home(self, definition: cst.ClassDef) -> Environment:
        return self.homes.get(definition) or self.globals

    def _own(self, node: cst.Call, receiver: Value, environment: Environment) -> list[Function]:
        """Return the functions, methods and classes of the unit that a call may call."""
        func = node.func
        if isinstance(func, cst.Attribute):
            found: list[Function] = []
            for instance in receiver.instances:
                held = instance.attributes.get(func.attr.value)
                if held is not None:
                    found += [each for each in held.objects if isinstance(each, Function)]
                else:
                    method = self.method(instance, func.attr.value)
                    found += [method] if method is not None else []
            for each in receiver.objects:
                if isinstance(each, Function) and isinstance(each.node, cst.ClassDef):
                    method = self._defined(each.node, func.attr.value, each)
                    found += [method] if method is not None else []
            return found
        if not isinstance(func, (cst.Name, cst.Lambda)):
            return []
        called = self._evaluate(func, environment)
        found = [each for each in called.objects if isinstance(each, Function)]
        for instance in called.instances if not found else ():
            method = self.method(instance, "__call__") or self.method(instance, "forward")
            if method is not None and "module" not in instance.tags:
                found.append(method)
        return found

    # Own functions

    def _call_own(self, functions: list[Function], node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        results = [self.apply(function, node, arguments) for function in functions[:4]]
        return results[0] if len(results) == 1 else join(results)

    def apply(self, function: Function, node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Return what a call of an own function gives, its body interpreted with the values of the arguments."""
        if isinstance(function.node, cst.ClassDef):
            return self._make_own(function, node, arguments)
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
        if isinstance(body, cst.ClassDef):
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
        inner = Environment(function.environment)
        params = body.params
        named = [*params.posonly_params, *params.params]
        values = list(positional)
        if function.owner is not None and isinstance(body, cst.FunctionDef) and not _is_decorated(body, "staticmethod"):
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
        if isinstance(params.star_arg, cst.Param):
            rest = values[len(named) :]
            inner.set(params.star_arg.name.value, replace(join(rest), elements=dict(enumerate(rest))))
        if params.star_kwarg is not None:
            inner.set(params.star_kwarg.name.value, replace(join(keywords.values()), elements=dict(keywords)))
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

    def _make_own(self, function: Function, node: cst.Call, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Return a new instance of a class of the unit."""
        definition = function.node
        assert isinstance(definition, cst.ClassDef)
        instance = self.new_instance(definition, node)
        instance.parts = frozenset(each for value in arguments.values() for each in value.instances)
        init = self.method(instance, "__init__")
        if init is not None:
            self.apply(init, node, arguments)
        else:
            fields = [
                statement.target.value
                for line in definition.body.body
                if isinstance(line, cst.SimpleStatementLine)
                for statement in line.body
                if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name)
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
        return Instance(node, None, tags & (_ESTIMATOR_TAGS | {"classifier", "regressor"}), definition=definition)

    def _add(
        self,
        site: CallSite,
        receiver_node: cst.BaseExpression,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        """Something is put into a container."""
        added = join(arguments.values()).together()
        if not added.is_nothing and not (receiver.rows and receiver.certain and site.last_name == "insert"):
            self._places.update(receiver_node, lambda held: joined(held, added), environment)
        return NOTHING

    def _of_labels(self, site: CallSite, receiver: Value, labels: Columns, environment: Environment) -> Value:
        """A method of a list of columns: some are left out, one more is put in, or they are listed in another way."""
        name = site.last_name
        given = names_of(self._model.literal(site.positional[0].value)) if site.positional else None
        if name in ("drop", "difference", "isin"):
            changed = labels.unknown(site.node) if given is None else less(labels, given)
            return replace(receiver, labels=Columns(frozenset(given)) if name == "isin" and given else changed)
        if name in SAME:
            return receiver
        if name in ("remove", "append", "extend", "insert", "pop", "union") and site.receiver is not None:
            if name == "remove" and given is not None:
                changed = less(labels, given)
            elif name in ("append", "extend", "union") and given is not None:
                changed = more(labels, given)
            else:
                changed = labels.unknown(site.node)
            if name == "union":
                return replace(receiver, labels=changed)
            learned = receiver.learned
            self._places.update(
                site.receiver, lambda held: replace(held, labels=changed, learned=held.learned | learned), environment
            )
        return Value(learned=receiver.learned)

    # Calls of which nothing is known

    def _unknown(
        self,
        site: CallSite,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        if site.name == "builtins.dict":
            return self._keyed(site, arguments)
        values = list(arguments.values())
        called = [each for value in values for each in value.objects if isinstance(each, Function)]
        values += [self._called_back(function, site.node, receiver) for function in called[:2]]
        applied = self._apply_model(site, receiver, arguments, environment)
        if applied is not None:
            return applied
        folds = _list_of_folds(values[0]) if values and site.receiver is None else None
        if folds is not None:
            return folds  # ``tqdm(folds)``
        result = join([receiver if not receiver.objects else replace(receiver, objects=frozenset()), *values])
        known = site.name is not None and site.name.startswith("builtins.")
        if result.labels is not None and not (known and site.last_name in SAME):
            result = replace(result, labels=None)
        if result.is_nothing:
            if receiver.fits:
                return Value(learned=receiver.fits)  # ``selector.get_support()``
            if known or (site.receiver is not None and not receiver.is_nothing):
                return NOTHING
            if values and site.name is None and not site.node.args:
                return NOTHING
            if site.name is not None and site.name.partition(".")[0] in sys.stdlib_module_names:
                return NOTHING
            # A function that is given no rows and returns something may well load them.
            return Value(frozenset([Rows(self._source(site), named=self._part_asked(site))]), certain=False)
        objects = frozenset(each for each in result.objects if isinstance(each, Instance))
        if receiver.objects and not result.rows:
            objects = objects | frozenset(receiver.instances)
        mask = result.mask if known else None
        return replace(
            result,
            elements={},
            mask=mask,
            objects=objects,
            indexes=result.indexes and known,
            columns=result.columns if known else result.columns.unknown(site.node),
            certain=known and result.certain,
        )

    def _apply_model(
        self,
        site: CallSite,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value | None:
        """Return the prediction where what is called is a model: ``model(x)``."""
        func = site.node.func
        if isinstance(func, cst.Attribute) and not receiver.objects:
            return None
        forward = isinstance(func, cst.Attribute) and func.attr.value == "forward"
        model = receiver if forward else self._evaluate(func, environment)
        if not any("module" in instance.tags for instance in model.instances):
            return None
        given = [value for value in arguments.values() if value.rows]
        rows = join(given)
        if len(given) > 1 and rows.predicted:
            return self._score(site, tuple(given), NOTHING, arguments)  # a loss, made as an object
        return self._predict(site, (rows,), model) if rows.rows else None

    def _called_back(self, function: Function, node: cst.Call, receiver: Value) -> Value:
        """Return what a function gives that is handed to another call, which applies it to the receiver's rows."""
        given = receiver.plain() if receiver.rows else NOTHING
        return self.enter(function, node, [given], {})

    def _source(self, site: CallSite) -> Hashable:
        """Return where rows come from that a call loads, and note the loops in which it does."""
        source = self._source_of(site)
        self._state.loaded_in.setdefault(source, tuple(self._state.loops))
        return source

    def _source_of(self, site: CallSite) -> Hashable:
        """Return where rows come from that a call loads: in an own function, what is loaded may depend on its call."""
        function = self._model.function(site.node)
        if not self._state.calls or not isinstance(function, cst.FunctionDef):
            return site.node
        params = function.params
        if not (params.params or params.posonly_params or params.kwonly_params):
            return site.node
        names = [each for arg in site.node.args for each in self._model.descendants(arg) if isinstance(each, cst.Name)]
        bindings = [binding for name in names for binding in self._model.bindings(name)]
        if not any(binding.scope.kind is ScopeKind.FUNCTION for binding in bindings):
            return site.node
        return ("called", site.node, *(code_key(call) for call in self._state.calls))

    def _part_asked(self, site: CallSite) -> Part:
        """Return the part of the data that a loading call asks for: ``train=False``, ``split="test"``, ``"test.csv"``."""
        for arg in site.node.args:
            literal = self._model.literal(arg.value)
            name = arg.keyword.value if arg.keyword is not None else ""
            if name == "train" and isinstance(literal, bool):
                return Part.TRAIN if literal else Part.TEST
            if name in ("split", "subset", "partition", "mode", "phase") and isinstance(literal, str):
                return part_named(literal)
        return Part.UNKNOWN

    # Calls of which something is known

    def _known(
        self,
        site: CallSite,
        fact: FunctionFact,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        roles = fact.roles
        carriers = site.arguments_for(fact.data)
        unpacked = self._unpacked(site, fact, arguments) if not carriers else ()
        data = unpacked or tuple(
            arguments[node] if node in arguments else self._evaluate(node, environment) for node in carriers
        )
        rows = data or ((receiver,) if receiver.rows else ())
        if len(data) == 1 and data[0].elements.keys() == {"data", "label"}:
            # A matrix of features with its labels.
            pair = data[0].elements
            data = (pair["data"],) if "predicts" in roles else (pair["data"], pair["label"])
            rows = data
        if "splits" in roles:
            return self._split(site, rows, receiver, arguments)
        if "cross-validates" in roles and data:
            return self._cross_validate(site, data, receiver, arguments)
        if "resamples" in roles and data and _draws_with_replacement(site):
            return self._resample(site, data, receiver)
        if "fits-and-transforms" in roles and rows and (data or not receiver.objects) and self._is_told(site):
            told = join([value for value in arguments.values() if all(value is not each for each in data)])
            return with_learned(rows[0].plain(), *told.learned)
        if "fits-and-transforms" in roles and rows and (data or not receiver.objects):
            return self._fit(
                site, fact, rows if data else (receiver,), receiver, arguments, environment, transforms=True
            )
        if "predicts" in roles and "fits" in roles and data:
            fitted = self._fit(site, fact, data, receiver, arguments, environment, transforms=True)
            return replace(fitted, objects=frozenset(), computed_from=frozenset(), columns=Columns(known=False))
        if "trains" in roles and receiver.predicted:
            return self._backward(site, receiver)
        if "trainer" in receiver.tags and (data or "trains" in roles):
            trained = join([value for value in arguments.values() if value.instances and not value.rows])
            for instance in trained.instances:  # what the trainer was made with goes for what it trains
                instance.given = {**join_given(receiver), **instance.given}
            receiver = trained if trained.instances else receiver
        data = data or self._through_methods(site, fact.data, arguments)
        if ("trains" in roles or "scores" in roles) and not data and receiver.instances:
            data = self._given_rows(receiver, "eval_dataset" if "scores" in roles else "train_dataset")
        if ("fits" in roles or "trains" in roles) and not data and receiver.instances and receiver.rows:
            data = (replace(receiver, objects=frozenset()),)  # ``OLS(y, X).fit()``
        if ("fits" in roles or "trains" in roles or "searches" in roles) and data:
            if site.receiver is not None and not self._is_module(site, receiver):
                return self._fit(site, fact, data, receiver, arguments, environment)
            return self._train(site, fact, data, arguments)
        if "searches" in roles:
            self._search(site, arguments)
        if "transforms" in roles and data:
            return self._transform(site, data, receiver)
        if "predicts" in roles:
            return self._predict(site, data, receiver)
        if "scores" in roles:
            return self._score(site, data or rows, receiver, arguments)
        if site.name is not None and self._model.knowledge.is_class(site.name):
            made = self._make(site, fact, arguments, data)
            if made is not None:
                return made
            if fact.data == ("data", "label") and len(data) == 2 and "dataset" in fact.tags:
                return replace(join(data), elements={"data": data[0], "label": data[1]}, mask=None)
            index = site.argument("index").value
            if not data and index in arguments and arguments[index].indexes:
                return replace(arguments[index], indexes=False, columns=Columns(frozenset()))  # an empty table
        elif "loads-model" in roles and fact.returns is not None:
            kind = fact.returns if fact.returns != "self" else (site.name or "").rpartition(".")[0]
            tags = self._model.knowledge.tags(kind) & (_ESTIMATOR_TAGS | _MODEL_KINDS | _LEARNING_KINDS)
            if tags:
                saved = join(list(arguments.values())).instances
                return Value(objects=frozenset([Instance(site.node, kind, tags, frozenset(saved))]))
        elif "saves-model" in roles and receiver.fits:
            for path in site.arguments_for(fact.paths):
                if isinstance(path, cst.Name):
                    self._places.assign(path, receiver, environment)  # the path stands for what is kept there
            return NOTHING
        if fact.returns == "self" and receiver.instances and not receiver.rows:
            self._set_up(site, receiver, arguments)
            return receiver
        value = self._rows(site, fact, data, receiver, arguments, environment)
        before = receiver if receiver.rows else join(data)
        return self._in_time(site, fact, value, before, data[-1] if data else NOTHING)

    def _set_up(self, site: CallSite, receiver: Value, arguments: dict[cst.BaseExpression, Value]) -> None:
        """A method that returns the estimator itself sets it up: what it is given counts as given when it was made."""
        for arg in site.node.args:
            name = arg.keyword.value if arg.keyword is not None else arg.star
            if name and not arguments[arg.value].is_nothing:
                for instance in receiver.instances:
                    instance.given = {**instance.given, name: arguments[arg.value]}

    @staticmethod
    def _given_rows(receiver: Value, name: str) -> tuple[Value, ...]:
        """Return the rows that an object was given when it was made."""
        held = [each.given[name] for each in receiver.instances if name in each.given]
        return (join(held),) if any(value.rows for value in held) else ()

    def _through_methods(
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

    @staticmethod
    def _unpacked(site: CallSite, fact: FunctionFact, arguments: dict[cst.BaseExpression, Value]) -> tuple[Value, ...]:
        """Return the data that a call hands over as ``*parts``."""
        starred = [arguments[arg.value] for arg in site.node.args if arg.star == "*"]
        if len(starred) != 1 or site.positional or not starred[0].elements or not fact.data:
            return ()
        return tuple(list(starred[0].elements.values())[: len(fact.data)])

    def _is_module(self, site: CallSite, receiver: Value) -> bool:
        """Tell whether what stands before the dot is a module or a class, not a value."""
        if site.receiver is None or not receiver.is_nothing:
            return False
        return self._model.qualified_name(site.receiver) is not None

    def _make(
        self, site: CallSite, fact: FunctionFact, arguments: dict[cst.BaseExpression, Value], data: tuple[Value, ...]
    ) -> Value | None:
        """Return a new instance of a known class whose instances learn or are given rows to learn from later."""
        assert site.name is not None
        tags = self._model.knowledge.tags(site.name)
        if _ESTIMATOR_TAGS.isdisjoint(tags):
            return None
        given = join(list(arguments.values()))
        parts = frozenset(given.instances)
        kept = _ESTIMATOR_TAGS | _MODEL_KINDS | _LEARNING_KINDS
        inherited = frozenset().union(*(part.tags for part in parts)) if parts else frozenset()
        if not all("stateless" in part.tags for part in parts):
            inherited -= {"stateless"}
        if "pipeline" in tags and parts and all(part.tags & (_LEARNING_KINDS | {"stateless"}) for part in parts):
            tags -= _LEARNING_KINDS  # it learns what its steps learn
        if self._is_told(site):
            tags = frozenset({"estimator", "stateless"})
        instance = Instance(site.node, site.name, (tags | inherited) & kept, parts)
        instance.given = {
            arg.keyword.value: arguments[arg.value]
            for arg in site.node.args
            if arg.keyword is not None and not arguments[arg.value].is_nothing
        }
        for arg in site.node.args:
            if arg.star == "**" and not arguments[arg.value].is_nothing:
                instance.given["**"] = arguments[arg.value]
        if "picks-columns" in tags:
            instance.picks = self._picks(arguments)
        made = Value(objects=frozenset([instance]), learned=given.learned if not data else frozenset())
        held = join(data)
        return replace(made, rows=held.rows, learned=held.learned, columns=held.columns) if held.rows else made

    def _picks(self, arguments: Mapping[cst.BaseExpression, Value]) -> Columns | None:
        """Return the columns in the arguments of what takes some of them: in lists, and by kind."""
        found: Columns | None = None
        for node, value in arguments.items():
            inner: Columns | None = None
            if value.labels is not None:
                inner = value.labels
            elif isinstance(node, (cst.Tuple, cst.List)) and value.elements:
                # In ``("scale", StandardScaler(), columns)`` the columns come last, and the first is a name.
                last = node.elements[-1:] if isinstance(node, cst.Tuple) else node.elements
                start = len(node.elements) - len(last)
                inner = self._picks({e.value: value.elements.get(start + i, NOTHING) for i, e in enumerate(last)})
            elif isinstance(node, cst.Call):
                kinds = self._model.call(node).literal("dtype_include", default=None)
                inner = of_kinds(Columns(), kinds, node) if kinds else None
            elif (names := names_of(self._model.literal(node))) is not None:
                inner = Columns(frozenset(names))
            if inner is not None:
                found = both(found, inner) if found is not None else inner
        return found

    def _is_told(self, site: CallSite) -> bool:
        """Tell whether a call leaves nothing to learn from rows: ``strategy="constant"``, ``boxcox(x, lmbda=0)``."""
        given = [site.argument(name).value for name in (site.fact.told_by if site.fact is not None else ())]
        if any(node is not None and self._model.literal(node) is not None for node in given):
            return True
        fact = self._model.knowledge.classes.get(site.name) if site.name is not None else None
        if fact is None:
            return False
        for condition in fact.stateless_when:
            name, negated, _ = condition.partition("!=")
            known = site.holds(condition)
            if known or (known is None and negated and site.argument(name).present):
                return True
        return False

    # Splits

    def split_by(self, splitter: Value, node: cst.CSTNode) -> Value:
        """A splitter of old is run through itself: ``for train, test in KFold(len(X))``."""
        call = self._model.call(node) if isinstance(node, cst.Call) else None
        models = frozenset(splitter.instances)
        event = self._state.event("split", node, (), call=call, models=models, tags=splitter.tags)
        rows = splitter.rows or frozenset([Rows(node)])
        parts = (Part.TRAIN, Part.TEST)
        elements = [
            Value(frozenset(each.select(Selection(event, part, part, made=node)) for each in rows), indexes=True)
            for part in parts
        ]
        return replace(join(elements), elements=dict(enumerate(elements)))

    def _split(
        self,
        site: CallSite,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        tags = frozenset(site.tags) | receiver.tags
        event = self._state.event("split", site.node, data, call=site, models=frozenset(receiver.instances), tags=tags)
        parts = (Part.TRAIN, Part.TEST)
        selections = [Selection(event, part, part, made=site.node) for part in parts]
        on_value = site.receiver is not None and not self._is_module(site, receiver)
        if on_value and not (receiver.rows and not receiver.objects):
            # A splitter yields the indices of the training and of the test rows.
            rows = join(data).rows or frozenset([Rows(site.node)])
            elements = [
                Value(frozenset(each.select(selection) for each in rows), indexes=True) for selection in selections
            ]
        elif not any(value.rows for value in data):
            elements = [
                Value(frozenset([Rows(site.node)]), indexes=True).select(selection)
                for _ in (data or (NOTHING,))
                for selection in selections
            ]
        else:
            elements = [value.select(selection) for value in data for selection in selections]
            if "part-major" in tags:
                elements = [*elements[::2], *elements[1::2]]
        return replace(join(elements), elements=dict(enumerate(elements)))

    # Learning

    def _fit(
        self,
        site: CallSite,
        fact: FunctionFact,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
        *,
        transforms: bool = False,
    ) -> Value:
        """An estimator learns from rows; what it had learned before is overwritten."""
        on_value = site.receiver is not None and not self._is_module(site, receiver)
        if on_value and not receiver.instances and data[0] is not receiver:
            assert site.receiver is not None  # whatever it was taken for: what learns from rows is an estimator
            kind = site.receiver_kind
            tags = self._model.knowledge.tags(kind) if kind is not None else frozenset()
            instance = Instance(site.receiver, kind, tags & (_ESTIMATOR_TAGS | _MODEL_KINDS | _LEARNING_KINDS))
            receiver = Value(objects=receiver.objects | {instance}, learned=receiver.learned, certain=receiver.certain)
            if isinstance(site.receiver, (cst.Name, cst.Attribute)):
                self._places.assign(site.receiver, receiver, environment)
        models = frozenset(receiver.instances)
        if "module" in receiver.tags:
            adapted = frozenset(fit for model in models for part in model.parts for fit in part.fits)
            data = (replace(data[0], learned=data[0].learned | adapted), *data[1:])  # layers keep what they learned
        tags = receiver.tags or frozenset(fact.tags)
        validation, selects = self._watched(site, fact, arguments, models, environment)
        event = self._state.event(
            "fit",
            site.node,
            data,
            call=site,
            models=models,
            tags=tags,
            earlier=receiver.fits,
            validation=validation,
            selects=selects,
        )
        keeps = site.last_name == "partial_fit" or len(models) > 1
        for instance in models:
            self._state.fitted(instance, instance.fits | {event} if keeps else frozenset([event]))
        if transforms:
            row = data[0]
            return replace(with_learned(row.plain(), event), columns=self._let_through(row, receiver, site.node))
        return receiver if receiver.objects else NOTHING

    def _train(
        self,
        site: CallSite,
        fact: FunctionFact,
        data: tuple[Value, ...],
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        """A function trains a model that it returns, or one that it is given."""
        knowledge = self._model.knowledge
        given = frozenset(
            each
            for value in arguments.values()
            for each in value.instances
            if not value.rows and each.tags & _TRAINABLE
        )
        if not given:
            made = site.name if site.name is not None and knowledge.is_class(site.name) else fact.returns
            tags = knowledge.tags(made) if made is not None else frozenset({"estimator", "model"})
            given = frozenset([Instance(site.node, made, tags)])
        validation, selects = self._watched(site, fact, arguments, given, None)
        event = self._state.event(
            "fit",
            site.node,
            data,
            call=site,
            models=given,
            tags=frozenset().union(*(each.tags for each in given)),
            validation=validation,
            selects=selects,
        )
        for instance in given:
            self._state.fitted(instance, frozenset([event]))
        return Value(objects=given)

    def _backward(self, site: CallSite, loss: Value) -> Value:
        """A loss is propagated back: the models behind its predictions learn from the rows they predicted."""
        models = frozenset(each for event in loss.predicted for each in event.models)
        events = loss.scores or loss.predicted  # a loss may be that of some of the predictions only
        data = (join([value for event in events for value in event.data[:1]]), replace(loss, predicted=frozenset()))
        event = self._state.event(
            "fit", site.node, data, call=site, models=models, tags=frozenset({"module"}), earlier=frozenset()
        )
        for instance in models:
            self._state.fitted(instance, frozenset([event]))
        for score in loss.scores:
            score.tags |= {"loss"}  # what is propagated back is no evaluation
        return NOTHING

    def _watched(
        self,
        site: CallSite,
        fact: FunctionFact,
        arguments: dict[cst.BaseExpression, Value],
        models: Iterable[Instance],
        environment: Environment | None,
    ) -> tuple[tuple[Value, ...], bool]:
        """Return the rows that a fit is watched on, and whether the score on them decides what it returns."""
        watched: list[Value] = []
        watched += [
            leaf for value in self._through_methods(site, fact.validation, arguments) for leaf in _leaves(value)
        ]
        for name in fact.validation:
            node = site.argument(name).value
            if node is None:
                continue
            value = arguments.get(node)
            if value is None and environment is not None:
                value = self._evaluate(node, environment)
            listed = isinstance(node, cst.List) or isinstance(self._model.assigned_value(node), cst.List)
            watched += _leaves(value, listed=listed) if value is not None else []
        for instance in models:
            for name in ("eval_dataset", "validation_data", "eval_set"):
                if name in instance.given and instance.given[name].rows:
                    watched.append(instance.given[name])
        if not watched:
            return (), False
        selects = any(site.holds(condition) for condition in fact.selects_when)
        for instance in models:
            made = instance.made
            if isinstance(made, cst.Call):
                maker = self._model.call(made)
                if maker.fact is not None:
                    selects = selects or any(maker.holds(condition) for condition in maker.fact.selects_when)
        handed = join([*arguments.values(), *(value for instance in models for value in instance.given.values())])
        for callback in handed.instances:
            if "selects-epoch" in callback.tags:
                selects = selects or self._callback_selects(callback)
        return tuple(watched), selects

    def _callback_selects(self, callback: Instance) -> bool:
        if not isinstance(callback.made, cst.Call):
            return True
        maker = self._model.call(callback.made)
        conditions = maker.fact.selects_when if maker.fact is not None else ()
        return not conditions or any(maker.holds(condition) for condition in conditions)

    def _resample(self, site: CallSite, data: tuple[Value, ...], receiver: Value) -> Value:
        tags = receiver.tags | frozenset(site.tags)
        event = self._state.event(
            "resample", site.node, data, call=site, models=frozenset(receiver.instances), tags=tags
        )
        elements = [with_learned(value.plain(), event) for value in data]
        return replace(join(elements), elements=dict(enumerate(elements)) if len(elements) > 1 else {})

    def _search(self, site: CallSite, arguments: dict[cst.BaseExpression, Value]) -> None:
        """A search is given a function whose result it makes best: the scores in it choose."""
        for value in list(arguments.values()):
            functions = [each for each in value.objects if isinstance(each, Function)]
            methods = [self.method(each, "__call__") for each in value.instances]
            for function in (*functions, *(method for method in methods if method is not None)):
                if isinstance(function.node, cst.ClassDef):
                    continue
                result = self.enter(function, site.node, [], {})
                if result.scores:
                    self._state.event("choose", site.node, (result,), call=site, scores=result.scores)

    # Using what was learned

    def _transform(self, site: CallSite, data: tuple[Value, ...], receiver: Value) -> Value:
        self._state.event(
            "transform",
            site.node,
            data,
            call=site,
            models=frozenset(receiver.instances),
            tags=receiver.tags,
            fits=receiver.fits,
        )
        columns = self._let_through(data[0], receiver, site.node)
        return replace(data[0].plain(), learned=data[0].learned | receiver.fits | receiver.learned, columns=columns)

    def _let_through(self, rows: Value, receiver: Value, node: cst.CSTNode) -> Columns:
        """Return which columns of rows are in what an estimator makes of them."""
        columns, pending, met = rows.columns, list(receiver.instances), 0
        while pending and met < _MOST_STEPS:
            instance = pending.pop()
            met += 1
            if instance.picks is not None:
                columns = picked(columns, instance.picks, rows.sources)
            elif instance.definition is not None or not instance.tags.isdisjoint(_OTHER_COLUMNS):
                columns = columns.unknown(node)
            pending += instance.parts
        return columns

    def _predict(self, site: CallSite, data: tuple[Value, ...], receiver: Value) -> Value:
        models = frozenset(receiver.instances)
        event = self._state.event(
            "predict", site.node, data, call=site, models=models, tags=receiver.tags, fits=receiver.fits
        )
        rows = data[0] if data else NOTHING
        return Value(
            rows=rows.rows,
            learned=rows.learned | receiver.fits,
            columns=Columns(only=frozenset()),
            predicted=frozenset([event]),
            certain=rows.certain,
        )

    def _score(
        self,
        site: CallSite,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        given = join(list(arguments.values()))
        # What a fitted model is scored on are features, also where another model has made them.
        predicted = frozenset() if receiver.fits else join(data).predicted or given.predicted
        models = frozenset(receiver.instances) or frozenset(m for event in predicted for m in event.models)
        fits = receiver.fits | frozenset(fit for event in predicted for fit in event.fits)
        if not receiver.objects and not predicted and given.objects:
            # ``plot_roc_curve(model, X, y)``, ``trainer.test(model, loader)``
            models, fits = frozenset(given.instances), given.fits
        seen = self._seen(predicted, data or tuple(arguments.values()))
        truth = tuple(value for value in data if value.rows and not value.predicted)
        event = self._state.event(
            "score",
            site.node,
            (*seen, *truth) if predicted else data,
            call=site,
            models=models,
            tags=frozenset(site.tags),
            fits=fits,
        )
        curve = "threshold-curve" in site.tags
        return Value(
            scores=frozenset([event]), predicted=predicted, learned=frozenset([event]) if curve else frozenset()
        )

    @staticmethod
    def _seen(predicted: frozenset[Event], given: tuple[Value, ...]) -> tuple[Value, ...]:
        """Return the rows that predictions were made for, or those of them whose predictions are looked at."""
        seen = tuple(value for event in predicted for value in event.data[:1])
        rows = frozenset(each.together() for value in given if value.predicted for each in value.rows)
        if len(seen) == 1 and rows and {each.source for each in rows} <= seen[0].sources:
            return (replace(seen[0], rows=rows),)
        return seen

    def _cross_validate(
        self,
        site: CallSite,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        models = frozenset(each for value in (receiver, *arguments.values()) for each in value.instances)
        tags = frozenset().union(*(each.tags for each in models)) if models else frozenset()
        event = self._state.event("cross-validate", site.node, data, call=site, models=models, tags=tags)
        rows = [value for value in data if value.rows and not value.objects]
        if "predict" in site.last_name and rows:
            return Value(rows=rows[0].rows, learned=rows[0].learned, predicted=frozenset([event]))
        return Value(scores=frozenset([event]))

    # Rows

    def _rows(
        self,
        site: CallSite,
        fact: FunctionFact,
        data: tuple[Value, ...],
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        roles = fact.roles
        if fact.returns in _PLAIN_RESULTS and not roles and not receiver.rows:
            sized = join(data)  # a length knows which rows it counts, and none of their content
            return Value(sized.rows, columns=Columns(known=False), indexes=True) if sized.rows else NOTHING
        if "keyed" in fact.tags:
            return self._keyed(site, arguments)
        if receiver.objects and fact.returns == "self" and not data:
            return receiver  # ``model.to(device)``
        held = join([receiver if not receiver.objects or receiver.rows else NOTHING, *data])
        others = join([value for value in arguments.values() if not any(value is each for each in data)])
        if "chooses" in roles and (held.scores or others.scores):
            scores = held.scores | others.scores
            event = self._state.event("choose", site.node, (held,), call=site, scores=scores)
            return replace(join([held, others]), learned=held.learned | {event}, scores=scores, elements={}, mask=None)
        if "expression" in self._tags_of_result(site, fact) and not held.rows:
            if "reduces-rows" in roles:
                event = self._state.event("statistic", site.node, (NOTHING,), call=site, tags=frozenset(fact.tags))
                return with_learned(join([receiver, others]), event)
            if "grouped" in fact.tags or ("per-group" in fact.tags and "broadcasts" in fact.tags):
                for event in receiver.learned:
                    event.tags |= {"grouped"}
            return replace(join([receiver, *data, others]), elements={}, mask=None)
        if "reduces-rows" in roles and held.rows:
            by_function = any(isinstance(each, Function) for value in arguments.values() for each in value.objects)
            if self._joins_tables(site, arguments, environment):
                return held.plain()
            if not ("broadcasts" in fact.tags and by_function):
                return self._reduce(site, fact, held, others)
        if "loads-data" in roles and not held.rows:
            return Value(frozenset([Rows(self._source(site), named=self._part_asked(site))]))
        if "samples" in roles and receiver.rows:
            return self._sample(site, receiver)
        if "samples" in roles and held.rows and held.indexes:
            return held.select(Selection(("sample", site.node), True, random=True, made=site.node))
        if "selects-rows" in roles and held.rows and site.last_name != "drop":
            return self._select(site, held, arguments)
        if "shuffles" in roles and len(data) == 1 and (held.indexes or held.is_nothing) and others.is_nothing:
            return self._shuffled(site, held, site.arguments_for(fact.data)[0], environment)
        if "merges-rows" in roles and held.rows:
            return self._merge(site, receiver, data, arguments)
        if held.rows and site.last_name == "with_columns":
            return self._with_expressions(site, held.plain(), arguments)
        if held.rows and (roles or fact.data):
            return self._keep(site, fact, held, others, receiver, arguments, environment)
        if fact.returns is not None and "picks-columns" in self._model.knowledge.tags(fact.returns):
            tags = frozenset({"estimator"}).union(*(each.tags for each in others.instances))
            instance = Instance(site.node, fact.returns, tags, frozenset(others.instances))
            instance.picks = self._picks(arguments)
            return Value(objects=frozenset([instance]), learned=others.learned)
        if fact.returns is not None and "array" in self._tags_of_result(site, fact) and not (roles or fact.data):
            placeholder = join([held, others])  # ``np.zeros((len(frame), 3))`` has as many rows, not their content
            return replace(placeholder, indexes=True, columns=Columns(known=False), elements={}, mask=None)
        if "pipeline" in fact.tags or others.objects:
            return Value(objects=others.objects | held.objects, learned=others.learned)
        made = site.name is not None and self._model.knowledge.is_class(site.name)
        result = join([held, others])
        return replace(result, elements={}, mask=result.mask if made else None)

    def _shuffled(self, site: CallSite, held: Value, node: cst.BaseExpression, environment: Environment) -> Value:
        """The positions of rows, or so many as there are, are put in an order by chance: where they are, or anew."""
        positions = held if held.rows else Value(frozenset([Rows(site.node)]), indexes=True)
        positions = positions.select(Selection(("order", site.node), True, made=site.node))
        if "shuffle" not in site.last_name:
            return positions
        made = self._model.assigned_value(node)
        inside = (made, *self._model.descendants(made)) if made is not None else ()
        if any(isinstance(each, cst.Call) and self._model.call(each).last_name.endswith("range") for each in inside):
            self._places.assign(node, positions, environment)
        return NOTHING

    def _joins_tables(
        self, site: CallSite, arguments: dict[cst.BaseExpression, Value], environment: Environment
    ) -> bool:
        """Tell whether tables are put together row by row: ``sum(weights[name] * table[name] for name in weights)``."""
        if site.name is None or not site.name.startswith("builtins.") or not site.positional:
            return False
        if len(site.positional) > 1:
            return site.last_name in ("max", "min")  # the larger of several numbers
        node = site.positional[0].value
        if isinstance(node, (cst.GeneratorExp, cst.ListComp)):
            iterated = node.for_in.iter
            if isinstance(iterated, cst.Call) and isinstance(iterated.func, cst.Attribute) and not iterated.args:
                iterated = iterated.func.value  # ``tables.items()``
            held = self._evaluate(iterated, environment)
            return not held.rows or bool(held.elements)
        return isinstance(node, (cst.List, cst.Tuple)) and any(each.rows for each in arguments[node].elements.values())

    def _keyed(self, site: CallSite, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """A container that keeps values under names is made: ``dict(train=first, test=second)``."""
        elements: dict[Any, Value] = {}
        for arg in site.node.args:
            value = arguments[arg.value]
            if arg.keyword is not None:
                elements[arg.keyword.value] = value
            else:
                elements.update(value.elements)
        return replace(join(arguments.values()), elements=elements)

    def _tags_of_result(self, site: CallSite, fact: FunctionFact) -> frozenset[str]:
        kind = site.receiver_kind if fact.returns == "self" else fact.returns
        return self._model.knowledge.tags(kind) if kind is not None else frozenset()

    def _reduce(self, site: CallSite, fact: FunctionFact, held: Value, others: Value) -> Value:
        """A statistic is computed over rows: it holds none, but it knows about them."""
        if self._by_row(site):
            tells = site.last_name in ("all", "any")
            across = held.computed_from | (held.columns.only or frozenset()) if held.columns.known else frozenset()
            result = replace(held.plain(), computed_from=across)
            return replace(result, mask=Selection(("mask", site.node), True)) if tells else result
        if held.windowed:
            return held.plain()
        if held.predicted and site.last_name not in _NO_SCORES and self._compares(site):
            seen = tuple(value for event in held.predicted for value in event.data[:1])
            models = frozenset(m for event in held.predicted for m in event.models)
            fits = frozenset(fit for event in held.predicted for fit in event.fits)
            score = self._state.event("score", site.node, seen, call=site, models=models, fits=fits)
            return Value(scores=frozenset([score]))
        if held.predicted or held.is_each:
            return held.plain()  # classes of probabilities, a statistic of one row
        tags = frozenset(fact.tags) | self._tags_of_named(site, held)
        if held.mask is not None and held.mask.key == "missing":
            tags |= {"counts"}
        if held.grouped:
            tags |= {"grouped"}
        data = (held, others) if others.rows else (held,)
        event = self._state.event("statistic", site.node, data, call=site, tags=tags)
        reached = held.learned | others.learned | {event}
        if "broadcasts" in tags:
            return replace(held.plain(), learned=reached)
        groups = frozenset([Rows(site.node, derived=True)]) if "grouped" in tags else frozenset()
        return Value(
            rows=groups, learned=reached, computed_from=held.computed_from, scores=held.scores, certain=held.certain
        )

    def _tags_of_named(self, site: CallSite, held: Value) -> frozenset[str]:
        """Return whether a statistic that is asked for by its name only counts: ``transform("count")``."""
        name = site.literal("func", 0, default=None) if site.last_name in ("transform", "agg", "aggregate") else None
        fact = self._model.knowledge.data_method(name, grouped=held.grouped) if isinstance(name, str) else None
        return frozenset(fact.tags) & {"counts"} if fact is not None else frozenset()

    @staticmethod
    def _by_row(site: CallSite) -> bool:
        for name in ("axis", "dim"):
            axis = site.literal(name, default=None)
            if (
                axis == "columns"
                or (isinstance(axis, int) and axis != 0)
                or (isinstance(axis, tuple) and 0 not in axis)
            ):
                return True
        return False

    def _compares(self, site: CallSite) -> bool:
        """Tell whether what is reduced is a comparison of predictions with something, or their difference."""
        node = self._subject(site)
        for _ in range(3):
            if isinstance(node, cst.Name):
                node = self._model.assigned_value(node)
            elif isinstance(node, cst.Call):
                node = self._subject(self._model.call(node))
        return node is not None and any(self._is_difference(each) for each in self._model.descendants(node))

    def _is_difference(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression says where, or how much, two values differ."""
        if isinstance(node, cst.Comparison) and len(node.comparisons) == 1:
            operator = node.comparisons[0].operator
            sides = (node.left, node.comparisons[0].comparator)
            differs = isinstance(operator, (cst.Equal, cst.NotEqual))
        elif isinstance(node, cst.BinaryOperation):
            sides = (node.left, node.right)
            differs = isinstance(node.operator, cst.Subtract)
        else:
            return False
        return differs and all(self._model.literal(side) is UNKNOWN for side in sides)

    def _subject(self, site: CallSite) -> cst.BaseExpression | None:
        """Return what a call works on: the receiver of a method, the first argument of a function."""
        if site.receiver is not None and self._model.qualified_name(site.receiver) is None:
            return site.receiver
        return site.positional[0].value if site.positional else None

    def _sample(self, site: CallSite, receiver: Value) -> Value:
        if site.literal("replace", default=False) is True:
            event = self._state.event("resample", site.node, (receiver,), call=site)
            return with_learned(receiver.plain(), event)
        if site.literal("frac", default=None) == 1 or site.literal("axis", default=0) in (1, "columns"):
            return receiver.plain()
        return receiver.select(Selection(("sample", site.node), True, random=True, made=site.node))

    def _select(self, site: CallSite, held: Value, arguments: dict[cst.BaseExpression, Value]) -> Value:
        if self._by_row(site):
            return replace(held.plain(), columns=held.columns.unknown(site.node), computed_from=frozenset())
        others = join([value for value in arguments.values() if value.learned])
        first = site.positional[0].value if site.positional else None
        indices = site.first("indices", "rindex", "used_indices").value
        if indices is not None and (chosen := arguments.get(indices, NOTHING)).rows:
            return along(held, chosen)
        mask = arguments[first].mask if first is not None else None
        if mask is not None:
            return held.select(replace(mask, made=site.node))
        if first is not None and arguments[first].is_nothing:
            if site.last_name in ("head", "take", "limit"):
                return held.select(slice_between(self._model, None, first, site.node))
            if site.last_name == "skip":
                return held.select(slice_between(self._model, first, None, site.node))
        return replace(held.select(Selection(("filter", site.node), True)), learned=held.learned | others.learned)

    def _merge(
        self,
        site: CallSite,
        receiver: Value,
        data: tuple[Value, ...],
        arguments: dict[cst.BaseExpression, Value],
    ) -> Value:
        """Rows of several tables: below one another they all are there, beside one another the first ones stay."""
        tables: list[Value] = [receiver] if receiver.rows else []
        for value in data:
            several = value.elements.values() if EACH not in value.elements else ()
            tables += [each for each in several if not each.is_nothing] or [value]
        if not tables:
            return NOTHING
        beside = site.last_name in (
            "merge",
            "join",
            "merge_asof",
            "merge_ordered",
            "hstack",
            "column_stack",
            "c_",
            "leftjoin",
        )
        axis = site.literal("axis", default=0)
        beside = beside or axis in (1, "columns", -1) or axis is UNKNOWN
        result = join(tables)
        if beside:
            first = next((each for each in tables if each.rows), tables[0])
            columns = replace(
                result.columns, only=None if any(each.columns.only is None for each in tables) else result.columns.only
            )
            result = replace(result, rows=first.rows, columns=columns)
            for table in tables:
                if table.is_table and not first.is_table:
                    base = replace(result, learned=result.learned - table.learned)
                    result = self._state.applied(base, table, site.node)
        elif len(tables) == 1 and _repeats(site, tables[0]):
            event = self._state.event("resample", site.node, (tables[0],), call=site)
            result = with_learned(result, event)
        if not beside and self._duplicates(tables):
            event = self._state.event("resample", site.node, tuple(tables), call=site)
            result = with_learned(result, event)
        return replace(result.plain(), computed_from=frozenset())

    def _duplicates(self, tables: list[Value]) -> bool:
        """Tell whether the same rows are put below one another twice."""
        if any(table.is_each or not table.certain for table in tables):
            return False  # several things that are known of one row, or what one helper made of different rows
        for index, first in enumerate(tables):
            for second in tables[index + 1 :]:
                for mine in first.rows:
                    if any(mine.compare(theirs).value in ("same", "contains", "inside") for theirs in second.rows):
                        return first.computed_from == second.computed_from
        return False

    def _keep(
        self,
        site: CallSite,
        fact: FunctionFact,
        held: Value,
        others: Value,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        """The same rows, maybe with other columns or content."""
        name = site.last_name
        folds = _list_of_folds(held) if site.receiver is None else None
        if folds is not None:
            return folds
        result = held.plain() if not held.indexes else replace(held, elements={}, mask=None)
        if "counts" in fact.tags:
            result = replace(result, computed_from=frozenset())  # it says nothing of the values
        if "groups-rows" in fact.tags:
            result = replace(result, grouped=True)
        elif "windows-rows" in fact.tags:
            result = replace(result, windowed=True)
        called = [each for value in arguments.values() for each in value.objects if isinstance(each, Function)]
        for function in called[:2]:
            result = self._apply_to(site, function, receiver, result)
        for event in others.learned:
            if event.kind == "statistic" and not event.rows.rows:
                event.data = (held,)  # an expression computed over the columns of this frame
        if name == "drop" and not others.rows:
            pass  # what it is chosen by is not put in
        elif others.is_table:
            result = self._state.applied(result, others, site.node)
        elif others.learned:
            result = replace(result, learned=result.learned | others.learned)
        if others.scores:
            result = replace(result, scores=result.scores | others.scores)
        if "missing-mask" in fact.tags:
            result = replace(result, mask=Selection("missing", True))
        elif name == "isin":
            result = replace(result, mask=_membership(others) or Selection(("in", site.node), True))
        elif "learns-edges" in fact.tags and isinstance(site.literal("bins", 1), int):
            event = self._state.event("statistic", site.node, (held,), call=site, tags=frozenset(fact.tags))
            result = with_learned(result, event)
        elif "broadcasts" in fact.tags and not called:
            tags = frozenset(fact.tags) | self._tags_of_named(site, held) | ({"grouped"} if held.grouped else set())
            result = with_learned(result, self._state.event("statistic", site.node, (held,), call=site, tags=tags))
        if name == "drop":
            result = self._drop(site, result, arguments, environment)
        elif name == "pop" and site.receiver is not None and receiver.rows:
            return self._pop(site, receiver, environment)
        elif name == "assign":
            result = self._assign_columns(site, result, arguments)
        elif name == "select_dtypes" or name == "filter":
            kinds = site.literal("include", 0, default=None) if name == "select_dtypes" else None
            columns = of_kinds(result.columns, kinds, site.node) if kinds else result.columns.unknown(site.node)
            result = replace(result, columns=columns, computed_from=frozenset())
        elif name == "select" and site.node.args:
            result = self._selected(site, result, arguments)
        elif name in ("sort_values", "sort", "set_index", "sort_index"):
            result = self._ordered_by(site, result)
        elif name == "rename":
            result = replace(result, columns=_renamed(result.columns, site, self._model.literal))
        if site.literal("inplace", default=False) is True and site.receiver is not None:
            self._places.update(site.receiver, lambda old: result, environment)
            return NOTHING
        if receiver.elements and receiver.rows and not result.elements:
            # What is done to several parts that are kept together is done to each of them.
            reached = result.learned - receiver.learned
            elements = {
                key: replace(part, learned=part.learned | reached, columns=part.columns.unknown(site.node))
                for key, part in receiver.elements.items()
            }
            return replace(result, elements=elements)
        if site.name is not None and "shuffle" in name and not receiver.rows:
            return NOTHING
        return result

    def _apply_to(self, site: CallSite, function: Function, receiver: Value, result: Value) -> Value:
        """A function is applied to the rows, one by one or as columns."""
        by_row = (
            site.literal("axis", default=0) in (1, "columns")
            or bool(receiver.computed_from)
            or site.last_name in ("map", "applymap", "transform_row")
        )
        given = receiver.plain()
        if receiver.grouped:
            given = replace(given, grouped=True)
        elif by_row:
            given = given.each(site.node)
        applied = self.enter(function, site.node, [given], {})
        return replace(
            result,
            learned=result.learned | applied.learned,
            computed_from=result.computed_from | applied.computed_from,
        )

    def _drop(
        self, site: CallSite, held: Value, arguments: dict[cst.BaseExpression, Value], environment: Environment
    ) -> Value:
        """``drop`` takes away columns, or the rows that another selection has taken."""
        labels = site.first("labels", "columns", "index")
        if labels.value is None:
            several = [names_of(self._model.literal(arg.value)) for arg in site.positional]
            if not several or None in several:
                return replace(held, columns=held.columns.unknown(site.node)) if site.node.args else held
            return replace(held, columns=less(held.columns, [name for names in several for name in names or ()]))
        given = arguments.get(labels.value, NOTHING)
        literal = self._model.literal(labels.value)
        by_column = site.argument("columns").present or site.literal("axis", default=0) in (1, "columns")
        if given.rows and not by_column:
            return held.select(replace(_complement(given), made=site.node))
        names = [literal] if isinstance(literal, str) else literal
        if by_column and isinstance(names, (list, tuple)) and all(isinstance(name, str) for name in names):
            columns = held.columns
            gone = frozenset(names)
            return replace(
                held,
                columns=Columns(
                    columns.only - gone if columns.only is not None else None,
                    columns.without | gone,
                    {name: made for name, made in columns.made.items() if name not in gone},
                    {name: source for name, source in columns.sources.items() if name not in gone},
                    columns.known,
                    columns.unread,
                ),
                computed_from=frozenset(),
            )
        if by_column or literal is UNKNOWN:
            named = given.labels.only if given.labels is not None and given.labels.known else None
            columns = less(held.columns, named) if named is not None else held.columns.unknown(site.node)
            rest = replace(held, columns=columns, computed_from=frozenset())
            if not given.learned - held.learned:
                return rest
            chosen = self._state.event("select-columns", site.node, (held,), call=site, earlier=given.learned)
            return with_learned(replace(rest, learned=rest.learned - given.learned), chosen)
        return held.select(Selection(("filter", site.node), True))

    def _selected(self, site: CallSite, held: Value, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """``select("a", "b")``, ``select(columns)``: some columns stay."""
        columns = Columns(frozenset())
        for arg in site.node.args:
            names, labels = names_of(self._model.literal(arg.value)), arguments[arg.value].labels
            if arg.keyword is not None or (names is None and labels is None):
                return replace(held, columns=held.columns.unknown(site.node), computed_from=frozenset())
            columns = both(columns, labels) if labels is not None else more(columns, names or ())
        return replace(held, columns=picked(held.columns, columns, held.sources), computed_from=frozenset())

    def _with_expressions(self, site: CallSite, held: Value, arguments: dict[cst.BaseExpression, Value]) -> Value:
        """Expressions over the columns of a table become columns of it: ``with_columns(col("a").alias("b"))``."""
        result = held
        for arg in site.node.args:
            value = arguments[arg.value]
            for event in value.learned:
                if event.kind in ("statistic", "look-ahead", "look-back") and not event.rows.rows:
                    event.data = (held,)
            name = arg.keyword.value if arg.keyword is not None else self._alias(arg.value)
            put = self._state.applied(held, value, site.node) if value.is_table else value
            if name is not None:
                result = self._places.with_column(result, name, replace(put, computed_from=value.computed_from))
            elif put.learned:
                result = replace(result, learned=result.learned | put.learned)
        return result

    def _alias(self, node: cst.CSTNode) -> str | None:
        call = self._model.call(node) if isinstance(node, cst.Call) else None
        name = call.literal("name", 0) if call is not None and call.last_name == "alias" else None
        return name if isinstance(name, str) else None

    def _pop(self, site: CallSite, receiver: Value, environment: Environment) -> Value:
        name = site.literal("item", 0)
        if not isinstance(name, str) or site.receiver is None:
            return receiver.plain()
        columns = receiver.columns
        reached = columns.made.get(name, frozenset())
        rest = Columns(
            columns.only - {name} if columns.only is not None else None,
            columns.without | {name},
            {key: made for key, made in columns.made.items() if key != name},
            {key: source for key, source in columns.sources.items() if key != name},
            columns.known,
            columns.unread,
        )
        self._places.update(site.receiver, lambda held: replace(held, columns=rest), environment)
        return replace(
            receiver.plain(),
            learned=receiver.learned | reached,
            columns=Columns(only=frozenset([name]), unread=columns.unread),
            computed_from=frozenset([name]) | columns.sources.get(name, frozenset()),
        )

    def _assign_columns(self, site: CallSite, held: Value, arguments: dict[cst.BaseExpression, Value]) -> Value:
        made, sources = dict(held.columns.made), dict(held.columns.sources)
        for arg in site.node.args:
            if arg.keyword is None:
                continue
            value = arguments[arg.value]
            for each in value.objects:
                if isinstance(each, Function):
                    value = self.enter(each, site.node, [held], {})
            made[arg.keyword.value] = value.learned
            sources[arg.keyword.value] = value.computed_from - {arg.keyword.value}
        only = held.columns.only
        names = [arg.keyword.value for arg in site.node.args if arg.keyword is not None]
        return replace(
            held,
            columns=Columns(
                only | set(names) if only is not None else None,
                held.columns.without.difference(names),
                made,
                sources,
                held.columns.known,
                held.columns.unread,
            ),
        )

    def _ordered_by(self, site: CallSite, held: Value) -> Value:
        literal = site.literal("by" if site.last_name == "sort_values" else "keys", 0, default=None)
        names = [literal] if isinstance(literal, str) else literal if isinstance(literal, list) else []
        if any(isinstance(name, str) and _TIME_NAMES.search(name) for name in names):
            event = self._state.event("time-order", site.node, (held,), call=site)
            return with_learned(held, event)
        return held

    def _holds(self, site: CallSite, condition: str) -> bool | None:
        """Tell whether a condition holds, also where it asks for the sign of a number that a loop counts."""
        held = site.holds(condition)
        name, sign, bound = condition.partition("<" if "<" in condition else ">")
        if held is not None or bound != "0":
            return held
        node = site.argument(name).value
        found = sign_of(node, self._model) if node is not None else None
        return None if found is None else (found < 0) == (sign == "<")

    def _in_time(self, site: CallSite, fact: FunctionFact, value: Value, before: Value, joined: Value) -> Value:
        """Note that rows got values of later or earlier rows, or that they are in the order of time."""
        if not value.rows and "expression" not in self._tags_of_result(site, fact):
            return value
        reached: list[Event] = []
        data = (before if before.rows else value,)
        if self._by_row(site):
            return value
        ahead = [self._holds(site, condition) for condition in fact.ahead_when]
        behind = [self._holds(site, condition) for condition in fact.behind_when]
        if None in ahead or None in behind:
            value = replace(value, computed_from=frozenset())  # of which rows it is computed cannot be told
        if "windows" in fact.tags:
            return with_learned(value, self._state.event("window", site.node, data, call=site))
        if _is_newest_first(data[0]):
            ahead, behind = behind, ahead
        if any(ahead):
            event = self._state.event("look-ahead", site.node, data, call=site, tags=frozenset(fact.tags))
            if "merges-rows" in fact.roles and joined.columns.known and joined.columns.only is not None:
                return _with_made(value, joined.columns.only, event)
            reached.append(event)
        elif any(behind):
            reached.append(self._state.event("look-back", site.node, data, call=site, tags=frozenset(fact.tags)))
        if fact.ordered_when and any(site.holds(condition) for condition in fact.ordered_when):
            reached.append(self._state.event("time-order", site.node, data, call=site, tags=frozenset(fact.tags)))
        return with_learned(value, *reached)

    #: The environments that the classes of the unit were defined in, and that of the module.
    homes: dict[cst.ClassDef, Environment]
    globals: Environment


#: So many steps of a pipeline are looked at.
_MOST_STEPS = 24
#: What gives other columns than it was given.
_OTHER_COLUMNS = frozenset({"selects-features", "reduces-dimensions", "learns-vocabulary"})
_PLAIN_RESULTS = frozenset({"builtins.int", "builtins.float", "builtins.bool", "builtins.str"})
_TRAINABLE = frozenset({"estimator", "model", "module", "classifier", "regressor", "forecaster"})
_MODEL_KINDS = frozenset({"classifier", "regressor", "clusterer", "model", "outlier-detector"})
_LEARNING_KINDS = frozenset(
    {
        "learns-statistics",
        "learns-vocabulary",
        "learns-edges",
        "selects-features",
        "reduces-dimensions",
        "supervised",
        "oversampler",
        "undersampler",
        "group-aware",
        "time-aware",
        "cross-fits",
        "affine",
        "scale-invariant",
    }
)


def join_given(value: Value) -> dict[str, Value]:
    """Return the arguments that the estimators which a value may be were made with."""
    return {name: given for instance in value.instances for name, given in instance.given.items()}


def sign_of(node: cst.CSTNode, model: SemanticModel) -> int | None:
    """Return whether a number is above or below nothing, 1 or -1, as far as the code shows; counters may begin at 0."""
    literal = model.literal(node)
    if isinstance(literal, (int, float)) and not isinstance(literal, bool):
        return (literal > 0) - (literal < 0) or None
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = sign_of(node.expression, model)
        return -inner if inner is not None else None
    if isinstance(node, cst.Name):
        signs = {_sign_in_loop(binding.owner, model) for binding in model.bindings(node)}
        return signs.pop() if len(signs) == 1 else None
    return None


def _sign_in_loop(loop: cst.CSTNode, model: SemanticModel) -> int | None:
    if not isinstance(loop, (cst.For, cst.CompFor)) or not isinstance(loop.target, cst.Name):
        return None
    listed = model.literal(loop.iter)
    if isinstance(listed, (list, tuple)) and listed and all(isinstance(each, (int, float)) for each in listed):
        return 1 if min(listed) > 0 else -1 if max(listed) < 0 else None
    if isinstance(loop.iter, cst.Call) and model.call(loop.iter).name == "builtins.range" and loop.iter.args:
        first = model.literal(loop.iter.args[0].value) if len(loop.iter.args) > 1 else 0
        return 1 if isinstance(first, int) and first >= 0 and len(loop.iter.args) < 3 else None
    return None


def _is_newest_first(value: Value) -> bool:
    """Tell whether rows were last sorted by time from the newest to the oldest."""
    sorts = [event for event in value.learned if event.kind == "time-order" and event.call is not None]
    last = max(sorts, key=lambda event: event.number, default=None)
    if last is None or last.call is None or not last.call.last_name.startswith("sort"):
        return False
    backward = last.call.literal("ascending", default=True) is False
    return backward or last.call.literal("descending", default=False) is True


def _with_made(value: Value, names: Iterable[str], event: Event) -> Value:
    """Return rows some columns of which an event has reached."""
    made = dict(value.columns.made)
    for name in names:
        made[name] = made.get(name, frozenset()) | {event}
    return replace(value, columns=replace(value.columns, made=made))


def _renamed(columns: Columns, site: CallSite, literal: Callable[[cst.CSTNode], object]) -> Columns:
    """Return columns some of which got other names."""
    node = site.first("columns", "mapping", "mapper").value
    if node is None and site.argument("index").present:
        return columns
    names = literal(node) if node is not None else None
    if not isinstance(names, dict) or not all(isinstance(each, str) for pair in names.items() for each in pair):
        return columns.unknown(site.node)

    def new(several: Iterable[str]) -> frozenset[str]:
        return frozenset(names.get(name, name) for name in several)

    return replace(
        columns,
        only=new(columns.only) if columns.only is not None else None,
        without=(columns.without | names.keys()) - frozenset(names.values()),
        made={names.get(name, name): made for name, made in columns.made.items()},
        sources={names.get(name, name): new(sources) for name, sources in columns.sources.items()},
    )


#: Statistics of comparisons with predictions that say nothing about how good they are.
_NO_SCORES = frozenset({"max", "min", "amax", "amin", "argmax", "argmin", "topk", "any", "all", "unique"})


def _leaves(value: Value, *, listed: bool = False, depth: int = DEEPEST_CONTAINER) -> list[Value]:
    """Return the values of rows in nested containers: the pairs of an ``eval_set``, what a list has one by one."""
    if not value.elements or not depth:
        return [value] if value.rows else []
    several = list(value.elements.values())
    if any(each.elements for each in several):
        return [leaf for each in several for leaf in _leaves(each, depth=depth - 1)]
    if listed:
        return [each for each in several if each.rows]
    return [next((each for each in several if each.rows), NOTHING)] if value.rows else []


def _is_size(arg: cst.Arg) -> bool:
    """Tell whether an argument by its name, or by that of what is given for it, is a size: ``maxlen=MAX_LEN``."""
    names = [name.value for name in (arg.keyword, arg.value) if isinstance(name, cst.Name)]
    return any(_SIZES.match(name) for name in names)


def _list_of_folds(value: Value) -> Value | None:
    """Return what ``list(splitter.split(rows))`` gives: something whose elements are the indices of each fold."""
    if value.are_folds:
        return replace(value, elements={0: value})
    return value if value.elements.keys() == {0} and value.elements[0].are_folds else None


def _draws_with_replacement(site: CallSite) -> bool:
    on_sampler = site.receiver is not None and "fit" in site.last_name
    return on_sampler or site.literal("replace", default=True) is True


def _repeats(site: CallSite, table: Value) -> bool:
    """Tell whether one table is put below itself: ``concat([frame] * 3)``, ``np.repeat``."""
    first = site.positional[0].value if site.positional else None
    return isinstance(first, cst.BinaryOperation) and isinstance(first.operator, cst.Multiply) and bool(table.rows)


def _membership(other: Value) -> Selection | None:
    """Return the mask of the rows that another selection of them has taken."""
    path = max((rows.path for rows in other.rows), key=len, default=())
    return path[-1] if path and not path[-1].is_each and not other.is_each else None


def _complement(taken: Value) -> Selection:
    """Return the selection of the rows that another has left."""
    from mllint.semantic.flow.expressions import flipped

    path = max((rows.path for rows in taken.rows), key=len, default=())
    return flipped(path[-1]) if path else Selection(("filter", "none"), True)


def _is_decorated(function: cst.FunctionDef, name: str) -> bool:
    return any(isinstance(d.decorator, cst.Name) and d.decorator.value == name for d in function.decorators)
