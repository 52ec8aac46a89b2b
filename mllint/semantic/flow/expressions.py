"""Expressions: the abstract value of each kind of expression that is not a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.semantic.flow.labels import SAME, both, filtered, key_of, less, list_of, names_of, picked
from mllint.semantic.flow.own_code import OwnCode
from mllint.semantic.flow.places import CHANGES, INDEXERS, Places, dotted
from mllint.semantic.flow.rows import EACH, Part, Rows, Selection, flipped, is_setting, part_named
from mllint.semantic.flow.slices import slice_between, versions
from mllint.semantic.flow.sources import loading_call
from mllint.semantic.flow.state import State
from mllint.semantic.flow.time_order import sign_of
from mllint.semantic.flow.transfer import Transfer
from mllint.semantic.flow.values import (
    NOTHING,
    Columns,
    Environment,
    Function,
    Instance,
    Value,
    along,
    fits_of,
    in_order,
    join,
    mapped,
    replace,
    with_learned,
)
from mllint.semantic.literals import UNKNOWN
from mllint.semantic.scopes import BindingKind
from mllint.semantic.walk import code_key

if TYPE_CHECKING:
    from mllint.semantic.flow.events import Event
    from mllint.semantic.model import SemanticModel

#: Attributes of rows that say something about them without their content.
_SHAPES = frozenset({"shape", "size", "ndim", "dtype", "dtypes", "empty", "name", "names", "nbytes", "columns", "axes"})
#: Attributes that show the same rows in another way.
_VIEWS = frozenset({"values", "T", "data", "array", "str", "dt", "cat", "sparse", "plot", *INDEXERS})
_LITERALS = frozenset({"True", "False", "None"})
_NAMES = frozenset({cst.Name, cst.Attribute})
_PLAIN = frozenset({cst.Name, cst.SimpleString, cst.Integer})
_COMPUTED = (cst.Comparison, cst.UnaryOperation, cst.BinaryOperation, cst.Call)
#: Kinds of rows that an index takes rows of.
_ROWS_FIRST = frozenset({"array", "tensor", "series"})
_CONTESTS = (cst.LessThan, cst.GreaterThan, cst.LessThanEqual, cst.GreaterThanEqual)
_OPPOSITES: dict[type[cst.BaseCompOp], tuple[str, bool]] = {
    cst.LessThan: ("<", True),
    cst.GreaterThanEqual: ("<", False),
    cst.GreaterThan: (">", True),
    cst.LessThanEqual: (">", False),
    cst.Equal: ("==", True),
    cst.NotEqual: ("==", False),
    cst.In: ("in", True),
    cst.NotIn: ("in", False),
}


class Expressions:
    """Evaluates expressions in an environment, recording the events in them."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._model = state.model
        self.places = Places(state, self.value)
        self.own = OwnCode(state, self.value)
        self.transfer = Transfer(state, self.value, self.places, self.own)
        bindings = state.model.walk.bindings.values()
        bound = {binding.name for binding in bindings if binding.kind is not BindingKind.IMPORT}
        #: The names that stand for what is imported wherever they are read.
        self._imported = frozenset(binding.name for binding in bindings) - bound
        #: What searches found, by what fitted them.
        self._found: dict[tuple[Instance, frozenset[Event]], Instance] = {}
        #: Keeps what a generator yields; set by the interpreter.
        self.yielded: Callable[[Value], None] = lambda value: None
        self._kinds: dict[type[cst.CSTNode], Callable[[Any, Environment], Value]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Subscript: self._subscript,
            cst.Call: self._call,
            cst.Yield: self._yield,
            cst.Tuple: self._sequence,
            cst.List: self._sequence,
            cst.Dict: self._dict,
            cst.NamedExpr: self._named,
            cst.Lambda: lambda node, environment: Value(objects=frozenset([Function(node, environment)])),
            cst.ListComp: self._comprehension,
            cst.SetComp: self._comprehension,
            cst.GeneratorExp: self._comprehension,
            cst.DictComp: self._comprehension,
            cst.Comparison: self._comparison,
            cst.UnaryOperation: self._unary,
            cst.BinaryOperation: self._binary,
            cst.IfExp: self._conditional,
            cst.Index: lambda node, environment: self.value(node.value, environment),
            cst.FormattedStringText: _nothing,
            cst.SimpleString: _nothing,
            cst.Integer: _nothing,
            cst.Float: _nothing,
        }

    def value(self, node: cst.CSTNode, environment: Environment) -> Value:
        """Return the abstract value of an expression."""
        handler = self._kinds.get(type(node))
        if handler is not None:
            return handler(node, environment)
        return join([self.value(child, environment) for child in self._model.children(node)])

    def _call(self, node: cst.Call, environment: Environment) -> Value:
        site = self._model.call(node)
        if site.name == "builtins.next" and node.args:
            return self.each_of(node.args[0].value, environment)
        return self.transfer.call(site, environment)

    def _yield(self, node: cst.Yield, environment: Environment) -> Value:
        """A generator gives what it yields, like the elements of a list."""
        given = node.value.item if isinstance(node.value, cst.From) else node.value
        value = self.value(given, environment) if given is not None else NOTHING
        if not value.is_nothing:
            self.yielded(value if isinstance(node.value, cst.From) else replace(join([value]), elements={0: value}))
        return NOTHING

    # Names and attributes

    def _name(self, node: cst.Name, environment: Environment) -> Value:
        if node.value in self._imported or not node.value.strip("_"):
            return NOTHING  # ``____`` is a blank to fill in
        known = environment.get(node.value)
        if known is not None:
            return known
        if node.value in _LITERALS or is_setting(node.value) or self._model.qualified_name(node) is not None:
            return NOTHING
        # A name that nothing binds holds what an earlier, unseen step has put there.
        value = Value(frozenset([Rows(("name", node.value), named=part_named(node.value))]), certain=False)
        environment.set(node.value, value)
        return value

    def _attribute(self, node: cst.Attribute, environment: Environment) -> Value:
        name = node.attr.value
        base = self.value(node.value, environment)
        if base.objects:
            return self._attribute_of_objects(base, name, node)
        if base.is_nothing:
            key = dotted(node)
            known = environment.get(key) if key else None
            if known is not None:
                return known
            # An attribute of something of which nothing is known: a bundle of data, or a setting.
            return NOTHING
        if name == "columns" and base.rows:
            return Value(learned=frozenset() if base.columns.known else base.learned, labels=list_of(base))
        if name in _SHAPES:
            return NOTHING
        if name == "data" and base.rows:  # the table in a bundle of data, without its other parts
            return replace(base, columns=base.columns.unknown(node))
        if name == "index" and base.rows:
            return replace(base, columns=Columns(known=False), elements={}, indexes=True, computed_from=frozenset())
        if name in base.elements:
            return base.elements[name]
        if name in _VIEWS:
            return base
        key = dotted(node)
        known = environment.get(key) if key else None
        if known is not None:
            return known
        if not base.rows:
            return replace(base, elements={})
        part = part_named(name)
        if part is not Part.UNKNOWN and _PART.match(name):
            return base.select(Selection("kept under a name", name, part, made=node))
        return self._column(base, name)

    def _attribute_of_objects(self, base: Value, name: str, node: cst.Attribute) -> Value:
        found: list[Value] = []
        for each in in_order(base.objects):
            if isinstance(each, Instance):
                held = each.attributes.get(name)
                if held is not None:
                    found.append(held)
                    continue
                method = self.own.method(each, name)
                if method is not None:
                    found.append(Value(objects=frozenset([method])))
                elif fits_of(each):
                    found.append(self._fitted_attribute(each, name))
            elif type(each.node) is cst.ClassDef:
                held = self._attribute_of_class(each, each.node, name)
                found += [held] if held is not None else []
        if not found and base.rows:
            return self._column(base, name)
        return join(found) if len(found) != 1 else found[0]

    def _attribute_of_class(self, owner: Function, node: cst.ClassDef, name: str) -> Value | None:
        """Return what the body of a class of the unit binds a name to: ``class CFG: folds = KFold(5)``."""
        for line in node.body.body:
            for statement in line.body if type(line) is cst.SimpleStatementLine else ():
                if type(statement) is cst.Assign and any(
                    type(target.target) is cst.Name and target.target.value == name for target in statement.targets
                ):
                    return self.value(statement.value, owner.environment)
        return None

    def _fitted_attribute(self, instance: Instance, name: str) -> Value:
        """Return what an attribute of a fitted estimator holds: something learned, the best of a search, a score."""
        fits = fits_of(instance)
        if _OUT_OF_FOLD.search(name):
            return NOTHING  # each row's comes from a model that has not seen the row
        if name == "best_estimator_":
            return Value(objects=frozenset([self._best_of(instance, fits)]))
        if name in ("named_steps", "steps", "estimators_", "estimator", "model"):
            return Value(objects=frozenset([instance]))
        if name in ("best_score_", "cv_results_"):
            return Value(learned=fits, scores=fits)
        if name in ("labels_", "embedding_"):
            rows = join([fit.rows for fit in in_order(fits)])
            return with_learned(replace(rows, columns=Columns(known=False), computed_from=frozenset()), *fits)
        return Value(learned=fits)

    def _best_of(self, search: Instance, fits: frozenset[Event]) -> Instance:
        """Return the estimator that a search found and fitted: one object for each fit of the search."""
        best = self._found.get((search, fits))
        if best is None:
            tried = next(iter(search.parts)) if len(search.parts) == 1 else search
            best = self._found[search, fits] = Instance(
                search.made, tried.kind if tried is not search else None, tried.tags - {"search"}, tried.parts, fits
            )
        return best

    # Selections

    def _subscript(self, node: cst.Subscript, environment: Environment) -> Value:
        base_node: cst.CSTNode = node.value
        indexer = ""
        if type(base_node) is cst.Attribute and base_node.attr.value in INDEXERS:
            indexer = base_node.attr.value
            base_node = base_node.value
        base = self.value(base_node, environment)
        slices = [element.slice for element in node.slice]
        if len(slices) == 1 and not indexer and base.elements:
            element = self._element(base, slices[0], environment)
            if element is not None:
                return element
        indices = [self.value(each, environment) for each in slices]
        if base.labels is not None and not base.rows:
            reached = join([replace(base, labels=None), *indices])
            return Value(learned=reached.learned, scores=reached.scores, labels=base.labels.unknown(node))
        if not base.rows:
            # What says which rows to take gives none of its own.
            chooses = [each.mask is not None or each.indexes for each in indices]
            indices = [replace(v, rows=frozenset()) if c else v for v, c in zip(indices, chooses, strict=True)]
            return replace(join([replace(base, elements={}), *indices]), mask=None)
        chosen = replace(base, elements={}, mask=None)
        first = slices[0]
        if type(first) is cst.Index and type(first.value) is cst.Tuple:
            inner = [element.value for element in first.value.elements]
            if len(slices) == 1 and indexer:
                slices = [cst.Index(item) for item in inner]
                indices = [self.value(item, environment) for item in inner]
        if indexer or len(slices) > 1 or not self._names_columns(slices[0], indices[0], base_node):
            chosen = self._choose_rows(chosen, slices[0], indices[0], node, positions=indexer in ("iloc", "iat"))
            if len(slices) > 1:
                chosen = self._choose_columns(chosen, slices[1], indices[1], node)
            elif not indexer and self._may_list_columns(first, indices[0]):
                chosen = replace(chosen, columns=chosen.columns.unknown(node))
            return chosen
        return self._choose_columns(chosen, slices[0], indices[0], node)

    def _element(self, base: Value, index: cst.BaseSlice, environment: Environment) -> Value | None:
        if type(index) is not cst.Index:
            return None
        key = self._model.literal(index.value)
        if base.elements.keys() == {0} and base.elements[0].are_folds and not isinstance(key, (str, slice)):
            return base.elements[0]
        if EACH in base.elements and not isinstance(key, slice):
            return base.elements[EACH]
        if isinstance(key, (str, int)) and not isinstance(key, bool):
            if key in base.elements:
                return base.elements[key]
            if isinstance(key, int) and key < 0 and len(base.elements) + key in base.elements:
                return base.elements[len(base.elements) + key]
            if isinstance(key, str) and base.splits and len(base.elements) == 2:
                named = part_named(key)  # data split into a dict of parts, the training part first
                return None if named is Part.UNKNOWN else base.elements.get(0 if named is Part.TRAIN else 1)
        if key is UNKNOWN and not base.rows:
            self.value(index.value, environment)
            return join(base.elements.values())
        return None

    def _names_columns(self, index: cst.BaseSlice, value: Value, base: cst.CSTNode) -> bool:
        """Tell whether ``base[index]`` takes columns rather than rows."""
        if type(index) is not cst.Index:
            return False
        if value.mask is not None or value.indexes or value.splits or value.predicted:
            return False
        counter = index.value.left if type(index.value) is cst.BinaryOperation else index.value
        if type(counter) is cst.Name and counter.value in self._state.counters:
            return False
        literal = key_of(index.value, self._model)
        if isinstance(literal, str) or (isinstance(literal, list) and any(isinstance(each, str) for each in literal)):
            return True
        if isinstance(literal, (int, float, slice)) and not isinstance(literal, bool):
            return False
        if value.rows and isinstance(index.value, _COMPUTED):
            return False
        made = self._model.assigned_value(index.value) if type(index.value) is cst.Name else None
        if type(made) is cst.Subscript and len(made.slice) > 1 and type(made.value) is not cst.Attribute:
            return False  # numbers out of an array: the nearest rows of each row
        kind = self._model.kind(base)
        return kind is None or self._model.knowledge.tags(kind).isdisjoint(_ROWS_FIRST)

    def _may_list_columns(self, index: cst.BaseSlice, value: Value) -> bool:
        """Tell whether an index that was taken for one of rows is made by a function that may as well list columns."""
        if value.certain or value.mask is not None or type(index) is not cst.Index:
            return False
        return type(index.value) is cst.Call and self._model.call(index.value).receiver is None

    def _choose_rows(
        self, base: Value, index: cst.BaseSlice, value: Value, node: cst.Subscript, *, positions: bool
    ) -> Value:
        """Return the rows that an index takes."""
        if type(index) is cst.Slice:
            return self._slice(base, index, node)
        assert type(index) is cst.Index
        learned = value.learned - base.reached_by
        if learned and not value.indexes:
            event = self._state.event("select-rows", node, (base,), earlier=learned)
            base = with_learned(base, event)
        if value.scores:
            base = replace(base, scores=base.scores | value.scores)
        if value.mask is not None:
            return base.select(value.mask.change(made=node))
        if value.rows and (value.indexes or value.splits):
            return along(base, value)
        literal = self._model.literal(index.value)
        if isinstance(literal, str) and not positions:
            part = part_named(literal)
            if part is not Part.UNKNOWN and not base.splits:
                return _named_piece(base, literal, part)
        if any(
            type(each) is cst.Name and each.value in self._state.loop_names
            for each in self._model.descendants(index.value)
        ):
            return self._neighbour(base.each(node), base, index.value, node)
        return base.select(Selection(("filter", node), True, made=node))

    def _neighbour(self, row: Value, base: Value, index: cst.BaseExpression, node: cst.Subscript) -> Value:
        """``rows[i + 1]`` in a loop over ``i`` is the value of a later row, ``rows[i - 1]`` that of an earlier one."""
        if not (type(index) is cst.BinaryOperation and type(index.left) is cst.Name):
            return row
        if sign_of(index.right, self._model) != 1 or index.left.value not in self._state.loop_names:
            return row
        if type(index.operator) is cst.Add:
            return with_learned(row, self._state.event("look-ahead", node, (base,), tags=frozenset({"shifts"})))
        if isinstance(index.operator, cst.Subtract):
            return with_learned(row, self._state.event("look-back", node, (base,), tags=frozenset({"shifts"})))
        return row

    def _slice(self, base: Value, index: cst.Slice, node: cst.Subscript) -> Value:
        if index.lower is None and index.upper is None and index.step is None:
            return base
        if index.step is not None and self._model.literal(index.step) != 1:
            return base.select(Selection(("filter", node), True, made=node))  # every n-th row
        names = {
            name.value
            for end in (index.lower, index.upper)
            if end is not None
            for name in self._model.descendants(end)
            if type(name) is cst.Name
        }
        if names.intersection(self._state.loop_names):
            if index.lower is not None and index.upper is not None and base.rows and not self._is_batch(index):
                event = self._state.event("window", node, (base,))
                return with_learned(base, event).each(node)
            return base
        return base.select(slice_between(self._model, index.lower, index.upper, node))

    def _is_batch(self, index: cst.Slice) -> bool:
        """Tell whether slices in a loop lie side by side: ``rows[i:i + size]`` for ``i`` in steps of ``size``."""
        lower, upper = index.lower, index.upper
        if type(lower) is not cst.Name or type(upper) is not cst.BinaryOperation:
            return False
        if type(upper.operator) is not cst.Add or not upper.left.deep_equals(lower):
            return False
        for binding in self._model.bindings(lower):
            loop = binding.owner
            counted = loop.iter if isinstance(loop, (cst.For, cst.CompFor)) else None
            steps = counted.args if type(counted) is cst.Call else ()
            if len(steps) != 3:
                return False
            step, size = self._model.literal(steps[2].value), self._model.literal(upper.right)
            if isinstance(step, int) and isinstance(size, int):
                return step >= size
            return steps[2].value.deep_equals(upper.right)
        return False

    def _choose_columns(self, base: Value, index: cst.BaseSlice, value: Value, node: cst.Subscript) -> Value:
        """Return rows with only the columns that an index takes."""
        if type(index) is cst.Slice:
            if index.lower is None and index.upper is None:
                return base
            return replace(base, columns=base.columns.unknown(node), computed_from=frozenset())
        assert type(index) is cst.Index
        literal = key_of(index.value, self._model)
        if isinstance(literal, str):
            part = part_named(literal)
            if part is not Part.UNKNOWN and self._is_fresh(base):
                return _named_piece(base, literal, part)
            if part is not Part.UNKNOWN and _PART.match(literal) and not self._is_frame(node.value):
                return base.select(Selection("kept under a name", literal, part, made=node))
            return self._column(base, literal)
        listed = isinstance(literal, list) and bool(literal) and all(isinstance(each, str) for each in literal)
        if listed and not self._is_changed(index.value):
            return _only(base, frozenset(literal))
        several = self._one_of(index.value)
        if several:
            return _only(base, several, single=True)
        if value.labels is not None:
            columns = picked(base.columns, value.labels, base.sources)
        else:
            columns = base.columns.unknown(node)
        chosen = replace(base, scores=base.scores | value.scores, columns=columns, computed_from=frozenset())
        learned = value.learned - base.reached_by
        if not learned:
            return chosen
        return with_learned(chosen, self._state.event("select-columns", node, (base,), earlier=learned))

    def _is_changed(self, node: cst.BaseExpression) -> bool:
        """Tell whether a list that a name holds is changed somewhere: ``columns.remove("price")``."""
        if type(node) is not cst.Name:
            return False
        for mention in self._model.mentions(node.value):
            around = self._model.parent(mention)
            if type(around) is cst.Attribute and around.value is mention and around.attr.value in CHANGES:
                return True
            if type(around) is cst.AugAssign and around.target is mention:
                return True
        return False

    def _one_of(self, node: cst.BaseExpression) -> frozenset[str]:
        """Return the columns of which a loop variable is one: of a loop over a list that is spelt out."""
        if type(node) is not cst.Name or node.value not in self._state.loop_names:
            return frozenset()
        names: set[str] = set()
        for binding in self._model.bindings(node):
            loop = binding.owner
            listed = self._model.literal(loop.iter) if isinstance(loop, (cst.For, cst.CompFor)) else None
            if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
                return frozenset()
            names.update(listed)
        return frozenset(names)

    def _is_fresh(self, base: Value) -> bool:
        """Tell whether a value is what a call has loaded, of which a named piece may be a part of the data."""
        return (
            bool(base.rows)
            and all(isinstance(loading_call(rows.source), cst.Call) and not rows.path for rows in base.rows)
            and base.columns.only is None
            and not base.columns.made
            and (not base.certain or all(self._is_bundle(rows.source) for rows in base.rows))
        )

    def _is_frame(self, node: cst.CSTNode) -> bool:
        """Tell whether an expression surely is a table, whose subscripts are columns."""
        kind = self._model.kind(node)
        return kind is not None and "dataframe" in self._model.knowledge.tags(kind)

    def _is_bundle(self, source: Hashable) -> bool:
        """Tell whether a call loads something that keeps several arrays or tables under names."""
        call = loading_call(source)
        fact = self._model.call(call).fact if type(call) is cst.Call else None
        if fact is None or "loads-data" not in fact.roles:
            return False
        tags = self._model.knowledge.tags(fact.returns) if fact.returns is not None else frozenset()
        return "keyed" in tags or tags.isdisjoint(("dataframe", "dataset"))

    def _column(self, base: Value, name: str) -> Value:
        return _only(base, frozenset([name]), single=True)

    # Operators

    def _comparison(self, node: cst.Comparison, environment: Environment) -> Value:
        values = [self.value(node.left, environment)]
        values += [self.value(each.comparator, environment) for each in node.comparisons]
        joined = self._put_in(join(values), values, node)
        if values[0].labels is not None and not values[0].rows:
            labels = values[0].labels
            gone = names_of(self._model.literal(node.comparisons[0].comparator))
            unequal = len(node.comparisons) == 1 and isinstance(node.comparisons[0].operator, cst.NotEqual)
            return replace(values[0], labels=less(labels, gone) if unequal and gone else labels.unknown(node))
        if len(node.comparisons) != 1:
            return joined
        operator = node.comparisons[0].operator
        sign, side = _OPPOSITES.get(type(operator), ("", True))
        if not sign:
            return NOTHING  # ``is None`` says nothing about the content
        right = node.comparisons[0].comparator
        literal = self._model.literal(right)
        if sign == "==" and isinstance(literal, (str, int, float)):
            # Rows with one value are none of those with another.
            key = ("mask", code_key(node.left), sign, *self._settings_in(node.left, environment))
            return replace(joined, mask=Selection(key, literal if side else ("not", literal)))
        text = (code_key(node.left), sign, code_key(right), *self._settings_in(node, environment))
        drawn = any(
            type(each) is cst.Call and "draws-random" in self._model.call(each).roles
            for each in self._model.descendants(node)
        )
        if drawn:
            return replace(joined, mask=Selection(("mask", node), True, random=True))
        return replace(joined, mask=Selection(("mask", *text), side))

    def _settings_in(self, node: cst.BaseExpression, environment: Environment) -> Iterator[tuple[str, int]]:
        """Yield the settings in an expression with where they are bound: the same text may ask for something else."""
        settings: list[cst.Name] = []
        for each in (node, *self._model.descendants(node)):
            if type(each) is cst.Name and not isinstance(self._model.parent(each), (cst.Attribute, cst.Subscript)):
                held = environment.get(each.value)
                settings += [each] if held is None or not held.rows or not held.certain else []
        return versions(self._model, settings)

    def _unary(self, node: cst.UnaryOperation, environment: Environment) -> Value:
        value = self.value(node.expression, environment)
        if value.labels is not None and not value.rows:
            return replace(value, labels=self._left_out(node.expression, environment) or value.labels.unknown(node))
        if isinstance(node.operator, (cst.BitInvert, cst.Not)) and value.mask is not None:
            return replace(value, mask=flipped(value.mask))
        if type(node.operator) is cst.Minus and value.mask is not None:
            return replace(value, mask=None)
        return value

    def _left_out(self, node: cst.BaseExpression, environment: Environment) -> Columns | None:
        """Return the columns that ``frame.columns.isin([…])`` does not name."""
        call = self._model.call(node) if type(node) is cst.Call else None
        if call is None or call.last_name != "isin" or call.receiver is None or not call.positional:
            return None
        labels = self.value(call.receiver, environment).labels
        gone = names_of(self._model.literal(call.positional[0].value))
        return less(labels, gone) if labels is not None and gone is not None else None

    def listed(
        self, left: Value, operator: cst.CSTNode, right: Value, node: cst.BinaryOperation | cst.AugAssign
    ) -> Columns | None:
        """Return the columns in the sum or the difference of two lists of them."""
        if (left.labels is None and right.labels is None) or left.rows or right.rows:
            return None
        nodes = (node.left, node.right) if isinstance(node, cst.BinaryOperation) else (node.target, node.value)
        first, second = (
            value.labels if value.labels is not None else self._spelt_out(each)
            for value, each in zip((left, right), nodes, strict=True)
        )
        known = first if first is not None else second
        assert known is not None
        if first is None or second is None:
            return known.unknown(node)
        if isinstance(operator, (cst.Add, cst.AddAssign, cst.BitOr)):
            return both(first, second)
        if isinstance(operator, cst.Subtract) and second.known and second.only is not None:
            return less(first, second.only)
        return known.unknown(node)

    def _spelt_out(self, node: cst.BaseExpression) -> Columns | None:
        """Return the columns of a list that is spelt out: ``["a", "b"]``, ``set(["a"])``."""
        if type(node) is cst.Call and len(node.args) == 1 and self._model.call(node).last_name in SAME:
            node = node.args[0].value
        names = names_of(self._model.literal(node))
        return Columns(frozenset(names)) if names is not None else None

    def _binary(self, node: cst.BinaryOperation, environment: Environment) -> Value:
        left = self.value(node.left, environment)
        right = self.value(node.right, environment)
        labels = self.listed(left, node.operator, right, node)
        if labels is not None:
            return replace(join([left, right]), labels=labels, elements={})
        if type(node.operator) is cst.Add and left.elements and right.elements:
            return replace(join([left, right]), elements=_concatenated(left, right))
        for several in (left, right) if isinstance(node.operator, cst.Multiply) else ():
            if 0 in several.elements:  # ``[frame] * 3``
                return replace(several, elements=_concatenated(several, several))
        joined = self._put_in(join([left, right]), [left, right], node)
        return replace(joined, elements={}, mask=None) if joined.mask is not None or joined.elements else joined

    def _put_in(self, joined: Value, values: list[Value], node: cst.CSTNode) -> Value:
        """Note where statistics are put into rows: ``frame - mean``."""
        statistics = [value for value in values if value.is_table]
        if not statistics or not joined.rows or len(statistics) == len(values):
            return joined
        rows = join([value for value in values if not value.is_table])
        put = self._state.applied(rows, join(statistics), node)
        return replace(joined, learned=put.learned)

    def _conditional(self, node: cst.IfExp, environment: Environment) -> Value:
        test = self.value(node.test, environment)
        if test.scores and type(node.test) is cst.Comparison and is_contest(node.test, self._model):
            self._state.event("choose", node.test, (test,), scores=test.scores)
        truth = self.truth(node.test, environment)
        if truth is not None:
            return self.value(node.body if truth else node.orelse, environment)
        return join([self.value(node.body, environment), self.value(node.orelse, environment)])

    def truth(self, node: cst.BaseExpression, environment: Environment) -> bool | None:
        """Tell how a test comes out by what a function was given: ``if fit:``, ``if scaler is None:``; None if unknown."""
        if type(node) is cst.UnaryOperation and type(node.operator) is cst.Not:
            truth = self.truth(node.expression, environment)
            return None if truth is None else not truth
        if type(node) is cst.BooleanOperation:
            sides = [self.truth(side, environment) for side in (node.left, node.right)]
            decisive = isinstance(node.operator, cst.Or)
            return decisive if decisive in sides else None if None in sides else not decisive
        if type(node) is cst.Comparison:
            return self._truth_of_comparison(node, environment)
        constant = self._constant(node, environment)
        return None if constant is UNKNOWN else bool(constant)

    def _truth_of_comparison(self, node: cst.Comparison, environment: Environment) -> bool | None:
        operator, right = node.comparisons[0].operator, node.comparisons[0].comparator
        if len(node.comparisons) != 1 or not isinstance(operator, (cst.Is, cst.IsNot, cst.Equal, cst.NotEqual)):
            return None
        wanted = isinstance(operator, (cst.Is, cst.Equal))
        if self._is_none(right) and type(node.left) is cst.Name:
            held = environment.get(node.left.value)
            if held is not None and (held.objects or held.rows):
                return not wanted
        left, other = self._constant(node.left, environment), self._constant(right, environment)
        return None if left is UNKNOWN or other is UNKNOWN else (left == other) is wanted

    @staticmethod
    def _is_none(node: cst.BaseExpression) -> bool:
        return type(node) is cst.Name and node.value == "None"

    def _constant(self, node: cst.BaseExpression, environment: Environment) -> object:
        """Return the plain value that an expression has by what a function was given, or UNKNOWN."""
        if type(node) in _NAMES and not (type(node) is cst.Name and node.value in _LITERALS):
            held = self.value(node, environment)
            return held.constant if held.is_nothing else UNKNOWN
        if type(node) in _PLAIN:
            return self._model.literal(node)
        return UNKNOWN

    def _named(self, node: cst.NamedExpr, environment: Environment) -> Value:
        value = self.value(node.value, environment)
        self.places.assign(node.target, value, environment)
        return value

    # Containers

    def _sequence(self, node: cst.Tuple | cst.List, environment: Environment) -> Value:
        elements = {index: self.value(each.value, environment) for index, each in enumerate(node.elements)}
        if all(value.is_nothing for value in elements.values()):
            return NOTHING
        return replace(join(elements.values()), elements=elements)

    def _dict(self, node: cst.Dict, environment: Environment) -> Value:
        elements: dict[Any, Value] = {}
        others: list[Value] = []
        for each in node.elements:
            value = self.value(each.value, environment)
            key = self._model.literal(each.key) if type(each) is cst.DictElement else UNKNOWN
            if isinstance(key, (str, int)):
                elements[key] = value
            else:
                others += [value, *value.elements.values()]
                if isinstance(each, cst.StarredDictElement):
                    elements.update(value.elements)
        joined = join([*elements.values(), *others])
        return replace(joined, elements=elements) if not joined.is_nothing else NOTHING

    def _comprehension(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp, environment: Environment
    ) -> Value:
        labels = self._labels_of(node, environment)
        if labels is not None:
            return labels
        return self._comprehend(node, _clauses(node), environment.branch())

    def _labels_of(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp, environment: Environment
    ) -> Value | None:
        """Return the columns in ``[c for c in frame.columns if c != "price"]``, and what was learned to choose them."""
        clause = node.for_in
        if isinstance(node, cst.DictComp) or clause.inner_for_in is not None or type(clause.target) is not cst.Name:
            return None
        name = clause.target.value
        if type(node.elt) is not cst.Name or node.elt.value != name:
            return None
        held = self.value(clause.iter, environment)
        if (held.rows and not held.certain) or held.learned:
            return None
        labels = list_of(held) if held.rows and self._is_table(clause.iter) else held.labels
        if labels is None:
            return None
        inner = environment.branch()
        inner.set(name, NOTHING)
        with self._state.loop(node, [name]):
            tests = [self.value(condition.test, inner) for condition in clause.ifs]
        chosen = filtered(labels, name, [each.test for each in clause.ifs], self._model.literal)
        return Value(labels=chosen, learned=frozenset().union(*(test.learned - held.reached_by for test in tests)))

    def _is_table(self, node: cst.BaseExpression) -> bool:
        kind = self._model.kind(node)
        return kind is not None and "dataframe" in self._model.knowledge.tags(kind)

    def _comprehend(
        self,
        node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp,
        clauses: list[cst.CompFor],
        inner: Environment,
    ) -> Value:
        if not clauses:
            if isinstance(node, cst.DictComp):
                key, value = self.value(node.key, inner), self.value(node.value, inner)
                return replace(join([key, value]), elements={EACH: value.each(node)} if value.rows else {})
            iterables = [clause.iter for clause in _clauses(node)]
            value = self.value(node.elt, inner).together(*iterables)
            return replace(value, elements={}, mask=None) if value.elements or value.mask else value
        clause = clauses[0]
        self.places.assign(clause.target, self.each_of(clause.iter, inner), inner)
        with self._state.loop(node, names_in(clause.target), self.counters_in(clause)):
            for condition in clause.ifs:
                self.value(condition.test, inner)
            return self._comprehend(node, clauses[1:], inner)

    def counters_in(self, loop: cst.For | cst.CompFor) -> list[str]:
        """Return the names of a loop that count: of ``range`` and of ``enumerate``."""
        if type(loop.iter) is not cst.Call:
            return []
        name = self._model.call(loop.iter).name
        names = names_in(loop.target)
        return names if name == "builtins.range" else names[:1] if name == "builtins.enumerate" else []

    def each_of(self, node: cst.BaseExpression, environment: Environment) -> Value:
        """Return what a loop over an expression binds in each round."""
        if type(node) is cst.Call:
            call = self._model.call(node)
            arguments = [arg.value for arg in call.positional]
            if call.name == "builtins.range":
                return NOTHING  # positions
            if call.name == "builtins.enumerate" and arguments:
                inner = self.each_of(arguments[0], environment)
                return replace(inner, elements={0: NOTHING, 1: inner}, mask=None)
            if call.name == "builtins.zip" and arguments:
                elements = {index: self.each_of(arg, environment) for index, arg in enumerate(arguments)}
                return replace(join(elements.values()), elements=elements)
            if call.last_name == "values" and call.receiver is not None and not arguments:
                return self.each_of(call.receiver, environment)
            if call.last_name == "items" and call.receiver is not None and not arguments:
                inner = self.each_of(call.receiver, environment)
                return replace(inner, elements={0: NOTHING, 1: inner}, mask=None)
            if call.last_name in ("iterrows", "itertuples") and call.receiver is not None:
                row = self.value(call.receiver, environment).plain().each(node)
                return row if call.last_name == "itertuples" else replace(row, elements={0: NOTHING, 1: row})
            if "splits" in call.roles:
                return self.value(node, environment)
        value = self.value(node, environment)
        if value.labels is not None:
            value = replace(value, labels=None)
        if any("splitter" in instance.tags for instance in value.instances):
            return self.transfer.splits.split_by(value, node)
        if value.elements:
            several = list(value.elements.values())
            if value.are_folds:
                return value  # the index arrays of each fold
            merged = join(several)
            if all(each.elements.keys() == several[0].elements.keys() for each in several) and several[0].elements:
                keys = several[0].elements
                return replace(merged, elements={k: join([each.elements[k] for each in several]) for k in keys})
            return merged
        if value.grouped:
            return replace(value, elements={0: NOTHING, 1: value}, mask=None)
        if value.rows and not value.indexes and not value.objects:
            return value.plain().each(node)
        if value.indexes and type(node) is cst.Call:
            call = self._model.call(node)
            if call.name == "builtins.range" or "shuffles" in call.roles:
                return NOTHING  # a position, of any row
        return value.plain() if value.mask is not None else value


def _clauses(node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp) -> list[cst.CompFor]:
    found: list[cst.CompFor] = []
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        found.append(clause)
        clause = clause.inner_for_in
    return found


#: Attributes that hold predictions out of fold or out of bag.
_OUT_OF_FOLD = re.compile(r"(?:^|_)(?:oof|oob|out_of_fold|out_of_bag)(?:_|$)")
#: Keys under which containers keep parts of the data.
_PART = re.compile(r"(?i)^(?:[xy]_?)?(?:train|training|test|testing|val|valid|validation|eval|dev|holdout)$")


def _nothing(node: cst.CSTNode, environment: Environment) -> Value:
    return NOTHING


def _only(base: Value, names: frozenset[str], *, single: bool = False) -> Value:
    """Return rows with some of their columns; a single column knows which columns it was computed from."""
    columns = base.columns
    reached: frozenset[Any] = frozenset()
    computed: frozenset[str] = names
    for name in names:
        reached |= columns.made.get(name, frozenset())
        computed |= columns.sources.get(name, frozenset())
    if single:
        return replace(
            base,
            learned=base.learned | reached,
            columns=Columns(only=names, unread=columns.unread),
            computed_from=computed,
            elements={},
            mask=None,
        )
    made = {name: columns.made[name] for name in names if name in columns.made}
    sources = {name: columns.sources[name] for name in names if name in columns.sources}
    return replace(base, columns=Columns(names, frozenset(), made, sources), elements={}, mask=None)


def _named_piece(base: Value, name: str, part: Part) -> Value:
    """Return what a bundle of data keeps under the name of a part."""
    rows = mapped(base.rows, lambda held: Rows((held.source, name), held.path, part))
    return replace(base, rows=rows, elements={})


def _concatenated(left: Value, right: Value) -> dict[Any, Value]:
    if not all(isinstance(key, int) for key in (*left.elements, *right.elements)):
        return {}
    return dict(enumerate((*left.elements.values(), *right.elements.values())))


def is_contest(comparison: cst.Comparison, model: SemanticModel) -> bool:
    """Tell whether the better of two values is looked for, and not one that passes a written bound."""
    if len(comparison.comparisons) != 1 or not isinstance(comparison.comparisons[0].operator, _CONTESTS):
        return False
    sides = (comparison.left, comparison.comparisons[0].comparator)
    return not any(
        isinstance(model.literal(side), (int, float))
        for side in sides
        if not isinstance(side, (cst.Name, cst.Attribute, cst.Subscript))
    )


def names_in(target: cst.CSTNode) -> list[str]:
    """Return the names that a loop target binds."""
    if type(target) is cst.Name:
        return [target.value]
    if isinstance(target, (cst.Tuple, cst.List)):
        return [name for element in target.elements for name in names_in(element.value)]
    return []
