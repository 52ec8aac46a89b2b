"""Transfer: a call, what is known of the callee, and the rules that say by its roles what the call gives."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from mllint.semantic.flow.columns import TableColumns
from mllint.semantic.flow.estimators import Estimators, given_rows, trained_by
from mllint.semantic.flow.evaluation import Evaluation
from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.learning import Learning
from mllint.semantic.flow.own_code import OwnCode
from mllint.semantic.flow.places import ADDS, TAKES, Evaluate, Places, joined
from mllint.semantic.flow.reductions import Reductions
from mllint.semantic.flow.splits import Splits
from mllint.semantic.flow.state import State
from mllint.semantic.flow.tables import Tables
from mllint.semantic.flow.time_order import in_time
from mllint.semantic.flow.unknown_call import UnknownCalls
from mllint.semantic.flow.values import (
    NOTHING,
    Columns,
    Environment,
    Instance,
    Value,
    join,
    replace,
    with_learned,
)

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.knowledge import FunctionFact

#: A rule for what a call gives by a role of the callee. None stands for nothing that the rule could say of this call.
Rule: TypeAlias = "Callable[[KnownCall], Value | None]"

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
#: Names of parameters, and of what is given for them, that say how long or wide something is made, not what it holds.
_SIZES = re.compile(
    r"(?i)^(?:max_?(?:seq(?:uence)?_?)?len(?:gth)?|(?:seq(?:uence)?|pad(?:ding)?|input|target)_?len(?:gth)?|(?:max|num|n)_words"
    r"|vocab(?:ulary)?_size|(?:input|output|embedding)_dim|num_classes|n_classes|shape|depth)$"
)


class Transfer:
    """Finds what a call calls, and hands it to the transfer rule that is about it.

    Args:
        state: the state of the interpretation.
        evaluate: evaluates an expression in an environment.
        places: gives values to the targets of assignments.
        own: the unit's own functions and classes.

    Attributes:
        splits: divides rows into parts.
    """

    def __init__(self, state: State, evaluate: Evaluate, places: Places, own: OwnCode) -> None:
        self._state = state
        self._model = state.model
        self._evaluate = evaluate
        self._places = places
        self._own = own
        self.splits = Splits(state)
        self._columns = TableColumns(state, places, own)
        self._estimators = Estimators(state.model, places)
        evaluation = Evaluation(state)
        learning = Learning(state, evaluate, places, own)
        reductions = Reductions(state, evaluate, evaluation)
        self._tables = Tables(state, places, own, self._estimators, evaluation, reductions, self._columns)
        self._unknown = UnknownCalls(state, evaluate, own, evaluation)
        #: In order of precedence, as an API may have several roles: the first rule that can say something is taken.
        #: What divides or draws rows comes first, for a splitter is no estimator that learns; what both learns and
        #: applies comes before what does one of these; learning comes before applying; and files come last.
        self._by_role: tuple[tuple[tuple[str, ...], Rule], ...] = (
            (("splits",), self.splits.split),
            (("cross-validates",), evaluation.cross_validate),
            (("resamples",), self._tables.resample),
            (("fits-and-transforms",), learning.fit_and_transform),
            (("predicts",), learning.fit_and_predict),
            (("trains",), learning.go_back),
            (("fits", "trains", "searches"), learning.fit_or_train),
            (("searches",), learning.search),
            (("transforms",), learning.transform),
            (("predicts",), evaluation.predict),
            (("scores",), evaluation.score),
            (("loads-model",), self._estimators.load),
            (("saves-model",), self._estimators.save),
        )
        #: The rules for the roles of a callee, as far as they were asked for.
        self._rules_of: dict[tuple[str, ...], tuple[Rule, ...]] = {}

    def call(self, site: CallSite, environment: Environment) -> Value:
        """Return the value of a call, recording the events in it."""
        node = site.node
        receiver_node = site.receiver
        receiver = self._evaluate(receiver_node, environment) if receiver_node is not None else NOTHING
        arguments: dict[cst.BaseExpression, Value] = {}
        without_rows: list[cst.Arg] = []
        for arg in node.args:
            value = arguments[arg.value] = self._evaluate(arg.value, environment)
            if value is not NOTHING and not value.rows:
                without_rows.append(arg)
        own = self._own.called(node, receiver, environment)
        if own:
            return self._own.call(own, node, arguments)
        for arg in without_rows:
            if _is_size(arg):
                arguments[arg.value] = NOTHING
        if receiver.labels is not None and not receiver.rows:
            reached = receiver.learned.union(*(value.learned for value in arguments.values()))
            return self._columns.of_labels(site, replace(receiver, learned=reached), receiver.labels, environment)
        fact, site = self._fact(site, receiver, arguments)
        if receiver_node is not None and (fact is None or not fact.roles):
            if site.last_name in TAKES:
                return self._take(receiver_node, arguments, environment)
            if site.last_name in ADDS:
                return self._add(site, receiver_node, receiver, arguments, environment)
        if fact is None:
            return self._unknown.call(site, receiver, arguments, environment)
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

    # Calls of which something is known

    def _known(
        self,
        site: CallSite,
        fact: FunctionFact,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> Value:
        call = self._given(site, fact, receiver, arguments, environment)
        rules = self._rules_of.get(fact.roles)
        if rules is None:
            asked = tuple(roles for roles, _ in self._by_role)
            rules = self._rules_of[fact.roles] = tuple(self._by_role[i][1] for i in _matching(fact.roles, asked))
        for rule in rules:
            value = rule(call)
            if value is not None:
                return value
        if call.is_construction:
            made = self._make(call)
            if made is not None:
                return made
        if fact.returns == "self" and call.receiver.instances and not call.receiver.rows:
            return self._estimators.set_up(call)
        return in_time(self._state, call, self._tables.apply(call))

    def _given(
        self,
        site: CallSite,
        fact: FunctionFact,
        receiver: Value,
        arguments: dict[cst.BaseExpression, Value],
        environment: Environment,
    ) -> KnownCall:
        """Return the call with the data that it works on: handed over, or known to what it is called on."""
        carriers = site.arguments_for(fact.data)
        data = tuple(
            arguments[node] if node in arguments else self._evaluate(node, environment) for node in carriers
        ) or _unpacked(site, fact, arguments)
        if len(data) == 1 and data[0].elements.keys() == {"data", "label"}:
            # A matrix of features with its labels.
            pair = data[0].elements
            data = (pair["data"],) if "predicts" in fact.roles else (pair["data"], pair["label"])
        rows = data or ((receiver,) if receiver.rows else ())
        call = KnownCall(self._model, site, fact, receiver, arguments, environment, data, rows)
        if receiver.objects and "trainer" in receiver.tags and (data or "trains" in fact.roles):
            call.receiver = trained_by(call)
        call.data = data or self._own.rows_of_methods(site, fact.data, arguments)
        if not call.data and call.receiver.instances and ("trains" in fact.roles or "scores" in fact.roles):
            call.data = given_rows(call.receiver, "eval_dataset" if "scores" in fact.roles else "train_dataset")
        return call

    def _make(self, call: KnownCall) -> Value | None:
        """Return an instance of a known class: an estimator, features with their labels, an empty table."""
        made = self._estimators.make(call)
        if made is not None:
            return made
        data, fact = call.data, call.fact
        if fact.data == ("data", "label") and len(data) == 2 and "dataset" in fact.tags:
            return replace(join(data), elements={"data": data[0], "label": data[1]}, mask=None)
        index = call.site.argument("index").value
        if not data and index in call.arguments and call.arguments[index].indexes:
            return replace(call.arguments[index], indexes=False, columns=Columns(frozenset()))
        return None

    # Containers

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

    def _take(
        self, receiver_node: cst.BaseExpression, arguments: dict[cst.BaseExpression, Value], environment: Environment
    ) -> Value:
        """Something is taken out of a container: what is left was chosen by it."""
        learned = join(list(arguments.values())).learned
        if learned:
            self._places.update(receiver_node, lambda held: with_learned(held, *learned), environment)
        return NOTHING


@cache
def _matching(roles: tuple[str, ...], asked: tuple[tuple[str, ...], ...]) -> tuple[int, ...]:
    """Return the places of the rules that ask for one of a callee's roles; the same for every unit."""
    return tuple(place for place, wanted in enumerate(asked) if not set(roles).isdisjoint(wanted))


def _unpacked(site: CallSite, fact: FunctionFact, arguments: dict[cst.BaseExpression, Value]) -> tuple[Value, ...]:
    """Return the data that a call hands over as ``*parts``."""
    starred = [arguments[arg.value] for arg in site.node.args if arg.star == "*"]
    if len(starred) != 1 or site.positional or not starred[0].elements or not fact.data:
        return ()
    return tuple(list(starred[0].elements.values())[: len(fact.data)])


def _is_size(arg: cst.Arg) -> bool:
    """Tell whether an argument by its name, or by that of what is given for it, is a size: ``maxlen=MAX_LEN``."""
    if arg.keyword is not None and _says_size(arg.keyword.value):
        return True
    return type(arg.value) is cst.Name and _says_size(arg.value.value)


@cache
def _says_size(name: str) -> bool:
    return _SIZES.match(name) is not None
