"""Where the order of a sequence comes to matter, for the rules about sets and directory listings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from mllint import Binding, BindingKind, CallSite, Context
from mllint_rules.reproducibility._words import SHOWS

#: Callees that hand the order of their argument on to their result.
_KEEPS_ORDER = frozenset(
    {"builtins.list", "builtins.tuple", "builtins.iter", "builtins.reversed", "builtins.map", "builtins.filter"}
    | {"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook", "rich.progress.track"}
    | {"itertools.chain", "itertools.islice", "copy.copy", "copy.deepcopy"}
)
#: Last names of callees after which the order of their argument, or of what they are called on, is forgotten.
_SORTS = frozenset({"sort", "sorted", "natsorted", "natsort", "humansorted", "argsort", "lexsort", "unique", "set"})
_READS = frozenset({"read_text", "read_bytes", "open"})
#: Roles of calls that draw rows by position.
_DRAWS = frozenset({"splits", "shuffles", "samples"})
_DEPTH = 8
#: The largest number of files that one takes to look at them.
_FEW = 20
#: Names of switches that make a program small enough to try.
_DEBUGS = re.compile(r"(?i)debug|smoke|dry_?run|quick|fast_?dev|sanity")


class Use(NamedTuple):
    """A place where the order of a sequence decides a result, and how."""

    node: cst.CSTNode
    what: str


class Order:
    """Follows one sequence to where its order matters.

    Args:
        ctx: the unit.
        rows: whether the elements are files, whose order decides that of the rows read from them.
    """

    def __init__(self, ctx: Context, *, rows: bool) -> None:
        self._ctx = ctx
        self._model = ctx.model
        self._rows = rows
        self._seen: set[cst.CSTNode] = set()
        #: What one loop fills together, so that it stays paired whatever the order.
        self._together: set[str] = set()

    def matters(self, node: cst.CSTNode, depth: int = _DEPTH) -> Use | None:
        """Return the first use that depends on the order of the sequence ``node``, or None if none surely does."""
        if depth == 0 or node in self._seen:
            return None
        self._seen.add(node)
        above = self._model.parent(node)
        if isinstance(above, cst.Arg):
            return self._as_argument(node, above, depth)
        if isinstance(above, cst.Subscript) and above.value is node:
            return self._as_subscripted(above, depth)
        if isinstance(above, cst.For) and above.iter is node:
            return self._as_loop(above, depth)
        if isinstance(above, cst.CompFor) and above.iter is node:
            return self._as_comprehension(above, depth)
        if isinstance(above, cst.Assign) and above.value is node:
            return self._as_value(above, depth)
        if isinstance(above, cst.StarredElement):
            collection = self._model.parent(above)
            return self.matters(collection, depth - 1) if isinstance(collection, (cst.List, cst.Tuple)) else None
        if isinstance(above, cst.IfExp) and above.test is not node:
            return self.matters(above, depth - 1)
        if isinstance(above, cst.BinaryOperation) and isinstance(above.operator, cst.Add):
            return self.matters(above, depth - 1)
        if isinstance(above, cst.AugAssign) and isinstance(above.operator, cst.AddAssign):
            return self._of_target(above.target, depth)
        return None

    # How a sequence is used

    def _as_argument(self, node: cst.CSTNode, arg: cst.Arg, depth: int) -> Use | None:
        outer = self._model.parent(arg)
        if not isinstance(outer, cst.Call):
            return None
        call = self._model.call(outer)
        name = call.name or ""
        if call.last_name in _SORTS:
            return None
        if name == "builtins.enumerate":
            return self._as_numbered(outer, depth)
        if name == "builtins.zip":
            if len(outer.args) == 1 or all(self._model.text(arg.value) in self._together for arg in outer.args):
                return None
            return Use(outer, "its elements are paired with others")
        if name in _KEEPS_ORDER:
            return self.matters(outer, depth - 1)
        if arg.keyword is not None and arg.keyword.value in ("columns", "feature_names", "vocabulary", "categories"):
            return Use(arg, f"it decides the order of `{arg.keyword.value}`")
        if call.last_name == "extend" and call.receiver is not None:
            return self._of_target(call.receiver, depth)
        if not self._is_data(call, node) or self._draws_at_random(call):
            return None
        if not _DRAWS.isdisjoint(call.roles):
            return Use(outer, f"`{call.last_name}` draws from it by position")
        if call.literal("axis", default=0) not in (0, "index"):
            return None  # side by side: columns, which have names
        if "merges-rows" in call.roles:
            return Use(outer, "it decides the order of the rows") if self._rows else None
        if "keeps-rows" in call.roles and not call.constructs:
            return self.matters(outer, depth - 1)
        return None

    def _is_data(self, call: CallSite, node: cst.CSTNode) -> bool:
        fact = call.fact
        return fact is not None and any(value is node for value in call.arguments_for(fact.data))

    def _as_numbered(self, node: cst.CSTNode, depth: int) -> Use | None:
        """``enumerate`` numbers the elements; that matters where the number is kept, not where it is only printed."""
        above = self._model.parent(node)
        if isinstance(above, cst.Arg):  # dict(enumerate(...)), list(enumerate(...))
            return Use(node, "its elements are numbered")
        if isinstance(above, cst.CompFor):
            return Use(node, "its elements are numbered")
        if isinstance(above, cst.For) and isinstance(above.target, cst.Tuple):
            number = above.target.elements[0].value
            if isinstance(number, cst.Name) and self._is_kept(number.value, above.body):
                return Use(node, "its elements are numbered")
        return None

    def _is_kept(self, name: str, body: cst.CSTNode) -> bool:
        """Tell whether a loop stores the number ``name``, or something at it."""
        for node in self._model.descendants(body):
            if isinstance(node, cst.Assign):
                places = [node.value, *(t.target for t in node.targets if isinstance(t.target, cst.Subscript))]
                if any(self._is_bare(name, place) for place in places):
                    return any(isinstance(t.target, cst.Subscript) for t in node.targets)
            if (
                isinstance(node, cst.Call)
                and self._model.call(node).last_name == "append"
                and any(self._is_bare(name, arg.value) for arg in node.args)
            ):
                return True
        return False

    def _is_bare(self, name: str, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Name):
            return node.value == name
        if isinstance(node, cst.Subscript):
            return any(
                isinstance(inner, cst.Name) and inner.value == name
                for element in node.slice
                for inner in self._model.descendants(element)
            )
        return False

    def _as_subscripted(self, node: cst.Subscript, depth: int) -> Use | None:
        if len(node.slice) != 1:
            return None
        index = node.slice[0].slice
        if isinstance(index, cst.Slice):
            above = self._model.parent(node)
            if isinstance(above, cst.Element):
                above = self._model.parent(self._model.parent(above) or above)
            if isinstance(above, (cst.Assign, cst.AnnAssign)):
                if self._is_a_few(index) or self._is_for_debugging(node):
                    return None  # to have a look at them
                return Use(node, "a part of it is taken by position")
            return self.matters(node, depth - 1)
        value = self._model.literal(index.value) if isinstance(index, cst.Index) else None
        if isinstance(value, str) or (isinstance(value, int) and value != -1):
            return None  # a look at one element, or at the only one
        if isinstance(index, cst.Index) and (self._is_counter(index.value) or self._is_drawn(index.value)):
            return None  # one after the other, or any
        return Use(node, "an element is taken by position")

    def _is_drawn(self, index: cst.CSTNode) -> bool:
        """Tell whether an index is drawn at random without a seed."""
        made = self._model.assigned_value(index) if isinstance(index, cst.Name) else index
        return isinstance(made, cst.Call) and self._draws_at_random(self._model.call(made))

    def _is_counter(self, index: cst.CSTNode) -> bool:
        """Tell whether an index is the variable of a loop, or one more or less."""
        if isinstance(index, cst.BinaryOperation) and isinstance(index.right, cst.Integer):
            index = index.left
        bindings = self._model.bindings(index) if isinstance(index, cst.Name) else []
        return bool(bindings) and all(binding.kind is BindingKind.LOOP for binding in bindings)

    def _is_a_few(self, index: cst.Slice) -> bool:
        upper = self._model.literal(index.upper) if index.upper is not None else None
        return isinstance(upper, int) and 0 < upper <= _FEW and index.step is None

    def _is_for_debugging(self, node: cst.CSTNode) -> bool:
        return any(
            isinstance(above, cst.If) and _DEBUGS.search(self._model.text(above.test))
            for above in self._model.ancestors(node)
        )

    def _as_loop(self, loop: cst.For, depth: int) -> Use | None:
        names = {node.value for node in self._model.descendants(loop.target) if isinstance(node, cst.Name)}
        if names.isdisjoint(node.value for node in self._inside(loop.body) if isinstance(node, cst.Name)):
            return None  # it only counts them
        numbered = self._numbers_keys(loop, names)
        if numbered is not None:
            return numbered
        appends = [
            (node, call.receiver)
            for node in self._inside(loop.body)
            if isinstance(node, cst.Call) and (call := self._model.call(node)).last_name == "append" and call.receiver
        ]
        self._together.update(self._model.text(receiver) for _, receiver in appends)
        for node, receiver in appends:
            if self._is_begun_in(loop, receiver):
                continue
            if self._rows and self._reads_files(loop, names) and self._is_used(receiver):
                return Use(node, "what is read from the files is collected in this order")
            found = self._of_target(receiver, depth)
            if found is not None:
                return found
        return None

    def _is_begun_in(self, loop: cst.For, collection: cst.CSTNode) -> bool:
        """Tell whether a collection is made anew for each file."""
        bindings = self._model.bindings(collection) if isinstance(collection, cst.Name) else []
        return any(loop in self._model.ancestors(binding.node) for binding in bindings)

    def _is_used(self, collection: cst.CSTNode) -> bool:
        """Tell whether what is collected is neither sorted nor only counted, shown and gone through."""
        if self._is_sorted(collection) or any(self._is_mixed(use) for use in self._reads(collection)):
            return False
        reads = [use for use in self._reads(collection) if not isinstance(self._model.parent(use), cst.Attribute)]
        return not reads or not all(
            self._is_counted(use) or self._is_one(use) or self._is_gone_through(use) or is_shown(use, self._ctx)
            for use in reads
        )

    def _is_mixed(self, use: cst.CSTNode) -> bool:
        """Tell whether an unseeded draw leaves nothing of the order: the seed comes first."""
        arg = self._model.parent(use)
        outer = self._model.parent(arg) if isinstance(arg, cst.Arg) else None
        return isinstance(outer, cst.Call) and self._draws_at_random(self._model.call(outer))

    def _draws_at_random(self, call: CallSite) -> bool:
        """Tell whether a call draws from what it is given without a seed, so that sorting would not make runs equal."""
        if call.name is None or (_DRAWS.isdisjoint(call.roles) and "draws-random" not in call.roles):
            return False
        if call.fact is not None and call.fact.seed is not None:
            return self._ctx.draws_unseeded(call)
        generator = self._ctx.knowledge.generator_behind(call.name)
        return generator is not None and not self._ctx.is_seeded(generator, call.node)

    def _is_one(self, use: cst.CSTNode) -> bool:
        """Tell whether one element is read whose place is written out: the only one, or one to look at."""
        above = self._model.parent(use)
        if not isinstance(above, cst.Subscript) or not isinstance(above.slice[0].slice, cst.Index):
            return False
        place = self._model.literal(above.slice[0].slice.value)
        return isinstance(place, int) and place >= 0

    def _is_gone_through(self, use: cst.CSTNode) -> bool:
        """Tell whether all that is read is one element after the other, perhaps with those of other lists beside it."""
        above = self._model.parent(use)
        if isinstance(above, cst.Arg):
            outer = self._model.parent(above)
            if not isinstance(outer, cst.Call) or self._model.call(outer).name not in (
                "builtins.zip",
                "builtins.enumerate",
            ):
                return False
            above = self._model.parent(outer)
        return isinstance(above, (cst.For, cst.CompFor))

    def _is_counted(self, use: cst.CSTNode) -> bool:
        for node in self._model.ancestors(use):
            if isinstance(node, cst.Call) and self._model.call(node).name in ("builtins.len", "builtins.bool"):
                return True
            if isinstance(node, cst.Raise):
                return True
            if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                return isinstance(node, cst.If)
        return False

    def _numbers_keys(self, loop: cst.For, names: set[str]) -> Use | None:
        """Find ``index[word] = len(index)`` and ``index[word] = n; n += 1``."""
        counters = {
            node.target.value
            for node in self._inside(loop.body)
            if isinstance(node, cst.AugAssign) and isinstance(node.target, cst.Name)
        }
        for node in self._inside(loop.body):
            if not isinstance(node, cst.Assign) or not isinstance(node.targets[0].target, cst.Subscript):
                continue
            target = node.targets[0].target
            keys = {name.value for name in self._model.descendants(target) if isinstance(name, cst.Name)}
            value = node.value
            if isinstance(value, cst.Name) and value.value in counters and keys & names:
                return Use(node, "its elements are numbered")
            if (
                isinstance(value, cst.Call)
                and self._model.call(value).name == "builtins.len"
                and keys & names
                and len(value.args) == 1
                and value.args[0].value.deep_equals(target.value)
            ):
                return Use(node, "its elements are numbered")
        return None

    def _reads_files(self, loop: cst.For, names: set[str]) -> bool:
        for node in self._inside(loop.body):
            if not isinstance(node, cst.Call):
                continue
            call = self._model.call(node)
            if {"loads-data", "reads-file"}.intersection(call.roles):
                return True
            receiver = call.receiver
            if call.last_name in _READS and isinstance(receiver, cst.Name) and receiver.value in names:
                return True
        return False

    def _as_comprehension(self, clause: cst.CompFor, depth: int) -> Use | None:
        above = self._model.parent(clause)
        if isinstance(above, cst.ListComp):
            return self.matters(above, depth - 1)
        if isinstance(above, cst.GeneratorExp):
            return self.matters(above, depth - 1)
        return None

    def _as_value(self, statement: cst.Assign, depth: int) -> Use | None:
        if len(statement.targets) != 1:
            return None
        return self._of_target(statement.targets[0].target, depth)

    # What happens to the name that a sequence is bound to

    def _of_target(self, target: cst.CSTNode, depth: int) -> Use | None:
        if self._is_sorted(target) or any(self._is_mixed(use) for use in self._reads(target)):
            return None
        for use in self._reads(target):
            found = self.matters(use, depth - 1)
            if found is not None:
                return found
        return None

    def _reads(self, target: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the places that read what ``target`` names: a variable or an attribute of ``self``."""
        model = self._model
        if isinstance(target, cst.Name):
            binding = model.walk.bindings.get(target)
            bindings = [binding] if binding is not None else model.bindings(target)
            if len(bindings) == 1 and bindings[0].kind is BindingKind.ASSIGNMENT:
                yield from (use for use in model.uses(bindings[0]) if not self._is_rebound(bindings[0], use))
        elif _is_self_attribute(target):
            owner = model.class_around(target)
            for node in model.mentions(target.attr.value):  # type: ignore[attr-defined]
                if node is not target and _is_self_attribute(node) and model.class_around(node) is owner:
                    yield node

    def _is_rebound(self, binding: Binding, use: cst.CSTNode) -> bool:
        """Tell whether a name gets another value on every way from a binding to a use."""
        start, end = self._model.order(binding.node), self._model.order(use)
        around_binding = set(self._model.ancestors(binding.node))
        around_use = set(self._model.ancestors(use))
        before_use = [block for block in self._blocks(use) if block not in around_binding]
        after_binding = [block for block in self._blocks(binding.node) if block not in around_use]
        common = [block for block in self._blocks(use) if block in around_binding][:1]
        return any(
            start < self._model.order(statement) < end
            and statement not in around_use
            and _surely_binds(statement, binding.name)
            for block in (*before_use, *after_binding, *common)
            for statement in self._statements(block)
        )

    def _blocks(self, node: cst.CSTNode) -> Iterator[cst.IndentedBlock | cst.Module]:
        """Yield the blocks around code in its function, the innermost first."""
        for above in self._model.ancestors(node):
            if isinstance(above, (cst.FunctionDef, cst.Lambda)):
                return
            if isinstance(above, (cst.IndentedBlock, cst.Module)):
                yield above

    def _statements(self, block: cst.IndentedBlock | cst.Module) -> Iterator[cst.CSTNode]:
        """Yield the statements of a block; all cells of a notebook are one."""
        if isinstance(block, cst.IndentedBlock):
            yield from block.body
            return
        for cell in self._ctx.unit.cells:
            yield from cell.module.body if cell.module is not None else ()

    def _is_sorted(self, target: cst.CSTNode) -> bool:
        """Tell whether what ``target`` names is sorted in place, or bound to its sorted self."""
        for use in self._reads(target):
            above = self._model.parent(use)
            if isinstance(above, cst.Attribute) and above.attr.value in _SORTS:
                return True
            if isinstance(above, cst.Arg):
                outer = self._model.parent(above)
                if isinstance(outer, cst.Call) and self._model.call(outer).last_name in _SORTS:
                    holder = self._model.parent(outer)
                    if isinstance(holder, cst.Assign):
                        return True
        return False

    def _inside(self, body: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the code of a loop body."""
        return self._model.descendants(body)


def _surely_binds(node: cst.CSTNode | None, name: str) -> bool:
    """Tell whether a statement or block assigns to a name whichever way it runs."""
    if isinstance(node, cst.If):
        return _surely_binds(node.body, name) and _surely_binds(node.orelse, name)
    if isinstance(node, (cst.Else, cst.With)):
        return _surely_binds(node.body, name)
    if isinstance(node, (cst.IndentedBlock, cst.SimpleStatementLine, cst.SimpleStatementSuite)):
        return any(_surely_binds(statement, name) for statement in node.body)
    if isinstance(node, cst.Assign):
        return any(isinstance(t.target, cst.Name) and t.target.value == name for t in node.targets)
    return False


def _is_self_attribute(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self"


#: Callees that only give a value another form.
_CONVERTS = frozenset({"str", "int", "float", "len", "repr", "list", "tuple", "round", "type", "format", "item"})


def is_shown(use: cst.CSTNode, ctx: Context) -> bool:
    """Tell whether what reads a value only shows it to a person."""
    for node in ctx.model.ancestors(use):
        if isinstance(node, cst.FormattedString):
            return True
        if isinstance(node, cst.Call):
            name = ctx.model.call(node).last_name
            if name in _CONVERTS:
                continue
            return SHOWS.search(name) is not None
        if isinstance(node, cst.Expr):
            return True
        if isinstance(node, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            return False
    return False
