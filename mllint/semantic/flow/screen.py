"""The screen: which statements can have a part in an event. The interpreter passes over all others.

Most of a notebook looks at data and leaves no trace. To know which statements do more takes names only, whatever their
scope and order: what calls that make events mention, what these names get their values from, and so on. So the screen
keeps more than it must, and it never leaves out what an event depends on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.flow.places import CHANGES
from mllint.semantic.walk import COMPOUND, DEFINITIONS, SIMPLE

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.knowledge import FunctionFact
    from mllint.semantic.model import SemanticModel

#: Roles of calls of which nothing is left where nobody keeps their result.
_QUIET_WORDS = (
    "loads-data reduces-rows keeps-rows selects-rows merges-rows draws-random seeds makes-generator downloads tracks "
    "logs lists-files reads-file writes-file saves-data loads-model orders-rows drops-columns takes-column "
    "selects-columns renames-columns assigns-columns computes-columns"
)
_QUIET = frozenset(_QUIET_WORDS.split())
#: Tags of calls that tell what rows belong together, whatever becomes of their result.
_TELLING = frozenset({"counts", "groups-rows"})
_STATEMENTS = frozenset({*SIMPLE, *COMPOUND})
#: The statements that are passed over where they are not kept; the others always have an effect, or cost nothing.
SCREENED = _STATEMENTS - {cst.Del, cst.Raise}
#: What a place is made of, such as ``self.rows["age"].values``.
_PLACES = frozenset({cst.Attribute, cst.Subscript, cst.Call})
#: Expressions whose value is an object that has another name too, or holds such ones.
_ALIASES = frozenset({cst.Name, cst.Attribute, cst.Subscript, cst.Tuple, cst.List, cst.Dict})
_LOGICAL = frozenset({cst.BooleanOperation, cst.UnaryOperation})
_ORDERS = frozenset({cst.LessThan, cst.GreaterThan, cst.LessThanEqual, cst.GreaterThanEqual})


class Screen:
    """Finds the statements that matter: those with a call that makes events, and what their names get values from.

    Attributes:
        kept: the statements that matter, simple and compound ones, by ``id(node)``.
        lively: the functions and classes in which something happens, whatever they are given.
    """

    def __init__(self, model: SemanticModel) -> None:
        self._model = model
        self._parents = model.walk.parents
        self.kept: set[int] = set()
        self.lively: set[cst.CSTNode] = set()
        #: The kept statements whose functions are known to be lively.
        self._followed: set[int] = set()
        self._needed: set[str] = set()
        #: Needed names whose sources have not been kept yet.
        self._pending: list[str] = []
        #: The names in a simple statement, and in the head of a compound one or of a definition, as far as asked for.
        self._names: dict[int, frozenset[str]] = {}
        #: Where the names of a statement are among all names.
        self._spans: dict[int, tuple[int, int]] = {}
        #: The statements that give a name a value.
        self._sources: defaultdict[str, list[cst.CSTNode]] = defaultdict(list)
        #: The names that may stand for the same object as a name does, or for one that it is a part of.
        self._aliases: defaultdict[str, set[str]] = defaultdict(set)
        #: The statements that change what a name stands for.
        self._changes: defaultdict[str, list[cst.CSTNode]] = defaultdict(list)
        self._definitions: defaultdict[str, list[Any]] = defaultdict(list)
        self._returns: defaultdict[cst.CSTNode, list[cst.CSTNode]] = defaultdict(list)
        #: The statements in which a model is applied.
        self._predicting: list[cst.CSTNode] = []
        self._gather_spans()
        self._gather_sources()
        self._keep_events()
        self._follow_predictions()

    # What there is

    def _gather_spans(self) -> None:
        """Note where the names in each statement are."""
        begins = self._model.walk.names_before
        ends = [*begins.values(), len(self._model.walk.by_type[cst.Name])]
        for statement, begin, end in zip(begins, ends, ends[1:], strict=False):
            self._spans[id(statement)] = (begin, end)

    def _names_in(self, statement: cst.CSTNode) -> frozenset[str]:
        """Return the names in a simple statement, or in the head of a compound one or of a definition."""
        known = self._names.get(id(statement))
        if known is None:
            begin, end = self._spans.get(id(statement), (0, 0))
            names: list[Any] = self._model.walk.by_type[cst.Name][begin:end]
            known = self._names[id(statement)] = frozenset([name.value for name in names])
        return known

    def _gather_sources(self) -> None:
        model = self._model
        definitions: Iterable[Any] = (*model.nodes(cst.FunctionDef), *model.nodes(cst.ClassDef))
        for definition in definitions:
            self._definitions[definition.name.value].append(definition)
        for assign in model.nodes(cst.Assign):
            for target in assign.targets:
                self._gather_target(target.target, assign, assign.value)
        others: Iterable[Any] = (
            *model.nodes(cst.AnnAssign),
            *model.nodes(cst.AugAssign),
            *model.nodes(cst.NamedExpr),
        )
        for statement in others:
            self._gather_target(statement.target, statement, statement.value)
        for loop in model.nodes(cst.For):
            self._gather_target(loop.target, loop, None)
        for block in model.nodes(cst.With):
            for item in block.items:
                if item.asname is not None:
                    self._gather_target(item.asname.name, block, None)
        for result in model.nodes(cst.Return):
            function = self._model.function(result)
            if function is not None:
                self._returns[function].append(result)

    def _gather_target(self, target: Any, statement: cst.CSTNode, value: cst.CSTNode | None) -> None:
        """Note what a target gets its value from; for loops and ``with``, ``value`` is None."""
        kind = type(target)
        if kind is cst.Name:
            self._sources[target.value].append(statement)
            if value is None or type(value) in _ALIASES:
                self._aliases[target.value].update(self._names_in(statement))
        elif kind is cst.Tuple or kind is cst.List:
            for element in target.elements:
                self._gather_target(element.value, statement, value)
        elif kind is cst.StarredElement:
            self._gather_target(target.value, statement, value)
        else:
            self._gather_change(target, statement)

    def _gather_change(self, place: Any, statement: cst.CSTNode) -> None:
        """Note that code changes what a place stands for: for what a function was given, whoever calls it sees that."""
        while type(place) in _PLACES:
            place = place.func if type(place) is cst.Call else place.value
        if type(place) is not cst.Name or self._is_given(place):
            self._keep(statement)
        else:
            self._changes[place.value].append(statement)

    def _is_given(self, name: cst.Name) -> bool:
        """Tell whether a name is a parameter of the function that it stands in."""
        function = self._model.function(name)
        return function is not None and name.value in self._names_in(function)

    # What is kept

    def _keep_events(self) -> None:
        """Keep the code that makes events."""
        model = self._model
        in_place = "inplace" in model.unit.text
        for call in model.calls:
            func = call.node.func
            if type(func) is cst.Attribute and (func.attr.value in CHANGES or (in_place and _is_in_place(call.node))):
                self._gather_change(func.value, call.node)
            is_value, fact = self._callee(call)
            if is_value or (
                fact is not None and not (_QUIET.issuperset(fact.roles) and _TELLING.isdisjoint(fact.tags))
            ):
                self._keep(call.node)
                if is_value or (fact is not None and "predicts" in fact.roles):
                    self._predicting.append(self._statement(call.node))
        for node in (
            *model.nodes(cst.Yield),
            *model.nodes(cst.Global),
            *model.nodes(cst.Nonlocal),
            *model.nodes(cst.Del),
        ):
            self._keep(node)
        for comparison in model.nodes(cst.Comparison):
            if type(comparison.comparisons[0].operator) in _ORDERS:
                above: cst.CSTNode | None = self._parents.get(id(comparison))
                while above is not None and type(above) in _LOGICAL:
                    above = self._parents.get(id(above))
                if type(above) is cst.If or type(above) is cst.IfExp:
                    self._keep(above)  # the better of two may be chosen here
        self._spread()

    def _callee(self, call: CallSite) -> tuple[bool, FunctionFact | None]:
        """Return whether what is called is a value, ``model(x)``, and what is known of the callee, or of its name."""
        if call.fact is not None:
            return False, call.fact
        func = call.node.func
        if type(func) is cst.Attribute:
            name = func.attr.value
            return False, self._model.knowledge.methods.get(name) or self._model.knowledge.data_method(name)
        is_name = type(func) is cst.Name
        return not is_name or (call.name is None and func.value not in self._definitions), None  # type: ignore[attr-defined]

    def _statement(self, node: cst.CSTNode) -> cst.CSTNode:
        above: cst.CSTNode | None = node
        while above is not None and type(above) not in _STATEMENTS:
            node, above = above, self._parents.get(id(above))
        return above if above is not None else node

    def _keep(self, node: cst.CSTNode | None) -> None:
        """Keep the statement that code is in and those around it; the functions around it are lively."""
        while node is not None:
            kind = type(node)
            if kind in _STATEMENTS:
                if id(node) in self._followed:
                    return
                self._followed.add(id(node))
                self._take(node)
            elif kind in DEFINITIONS:
                self._enliven(node)
            node = self._parents.get(id(node))

    def _take(self, statement: cst.CSTNode) -> None:
        if id(statement) not in self.kept:
            self.kept.add(id(statement))
            self._need(self._names_in(statement))

    def _enliven(self, definition: Any) -> None:
        """Keep every mention of a function or class in which something happens."""
        if definition in self.lively:
            return
        self.lively.add(definition)
        for mention in self._model.mentions(definition.name.value):
            self._keep(mention)
        self._need({definition.name.value})

    def _need(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._needed:
                self._needed.add(name)
                self._pending.append(name)

    def _spread(self) -> None:
        """Keep what the needed names get their values from, until nothing new is needed."""
        while True:
            while self._pending:
                name = self._pending.pop()
                for statement in (*self._sources.get(name, ()), *self._changes.pop(name, ())):
                    self._keep(statement)
                for definition in self._definitions.get(name, ()):
                    self._keep_results(definition)
            self._need([name for name in self._changes if self._may_be_needed(name, set())])
            if not self._pending:
                return

    def _may_be_needed(self, name: str, met: set[str]) -> bool:
        """Tell whether a name may stand for the same object as one that is needed, or for a part of it."""
        if name in self._needed:
            return True
        if name in met:
            return False
        met.add(name)
        return any(self._may_be_needed(each, met) for each in self._aliases.get(name, ()))

    def _keep_results(self, definition: Any) -> None:
        """Keep what a function gives back; of a class, what its methods give back and what it holds."""
        self._need(self._names_in(definition))
        if type(definition) is cst.ClassDef:
            for statement in definition.body.body:
                if type(statement) is cst.FunctionDef:
                    self._keep_results(statement)
                elif type(statement) is cst.SimpleStatementLine:
                    self._keep_within(statement.body[0], definition)
        for result in self._returns.get(definition, ()):
            self._keep_within(result, definition)

    def _keep_within(self, node: cst.CSTNode | None, definition: cst.CSTNode) -> None:
        """Keep a statement and those around it in a function, which is not lively for that."""
        while node is not None and node is not definition:
            if type(node) in _STATEMENTS:
                self._take(node)
            node = self._parents.get(id(node))

    def _follow_predictions(self) -> None:
        """Keep what is done with predictions: a score may be computed from them by hand."""
        if not self._predicting:
            return
        bound: defaultdict[int, list[str]] = defaultdict(list)
        for name, statements in self._sources.items():
            for statement in statements:
                bound[id(statement)].append(name)
        met = {id(statement) for statement in self._predicting}
        followed: set[str] = set()
        pending = list(self._predicting)
        while pending:
            statement = pending.pop()
            self._keep(statement)
            reached = [*bound.get(id(statement), ())]
            for name in self._names_in(statement):
                for definition in self._definitions.get(name, ()):
                    if type(definition) is cst.FunctionDef:
                        reached += [param.name.value for param in definition.params.params]
            for name in reached:
                if name in followed:
                    continue
                followed.add(name)
                for mention in self._model.mentions(name):
                    other = self._statement(mention)
                    if id(other) not in met:
                        met.add(id(other))
                        pending.append(other)
        self._spread()


def _is_in_place(call: cst.Call) -> bool:
    return any(arg.keyword is not None and arg.keyword.value == "inplace" for arg in call.args)
