"""Where the order of a sequence comes to matter, for the rules about sets and directory listings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from mllint import BindingKind, CallSite, Context
from mllint_rules.reproducibility._draws import is_shown

#: Callees that hand the order of their argument on to their result.
_KEEPS_ORDER = frozenset(
    {"builtins.list", "builtins.tuple", "builtins.iter", "builtins.reversed", "builtins.map", "builtins.filter"}
    | {"tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.tqdm_notebook", "rich.progress.track"}
    | {"itertools.chain", "itertools.islice", "copy.copy", "copy.deepcopy"}
)
#: Last names of callees after which the order of their argument, or of what they are called on, is forgotten.
_SORTS = frozenset({"sort", "sorted", "natsorted", "natsort", "humansorted", "argsort", "lexsort", "unique", "set"})
_READS = frozenset({"read_text", "read_bytes", "open"})
_DEPTH = 8


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
            return Use(outer, "its elements are paired with others") if len(outer.args) > 1 else None
        if name in _KEEPS_ORDER:
            return self.matters(outer, depth - 1)
        if arg.keyword is not None and arg.keyword.value in ("columns", "feature_names", "vocabulary", "categories"):
            return Use(arg, f"it decides the order of `{arg.keyword.value}`")
        if not self._is_data(call, node):
            return self._of_target(call.receiver, depth) if call.last_name == "extend" and call.receiver else None
        if {"splits", "shuffles", "samples"}.intersection(call.roles):
            return Use(outer, f"`{call.last_name}` draws from it by position")
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
                return Use(node, "a part of it is taken by position")
            return self.matters(node, depth - 1)
        value = self._model.literal(index.value) if isinstance(index, cst.Index) else None
        if isinstance(value, str) or (isinstance(value, int) and value != -1):
            return None  # a look at one element, or at the only one
        return Use(node, "an element is taken by position")

    def _as_loop(self, loop: cst.For, depth: int) -> Use | None:
        names = {node.value for node in self._model.descendants(loop.target) if isinstance(node, cst.Name)}
        numbered = self._numbers_keys(loop, names)
        if numbered is not None:
            return numbered
        for node in self._inside(loop.body):
            if not isinstance(node, cst.Call):
                continue
            call = self._model.call(node)
            if call.last_name == "append" and call.receiver is not None:
                if self._rows and self._reads_files(loop, names) and self._is_used(call.receiver):
                    return Use(node, "what is read from the files is collected in this order")
                found = self._of_target(call.receiver, depth)
                if found is not None:
                    return found
        return None

    def _is_used(self, collection: cst.CSTNode) -> bool:
        """Tell whether what is collected is neither sorted nor only counted and shown."""
        if self._is_sorted(collection):
            return False
        reads = [use for use in self._reads(collection) if not isinstance(self._model.parent(use), cst.Attribute)]
        return not reads or not all(self._is_counted(use) or is_shown(use, self._ctx) for use in reads)

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
        if self._is_sorted(target):
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
                yield from model.uses(bindings[0])
        elif _is_self_attribute(target):
            owner = model.class_around(target)
            for node in model.mentions(target.attr.value):  # type: ignore[attr-defined]
                if node is not target and _is_self_attribute(node) and model.class_around(node) is owner:
                    yield node

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


def _is_self_attribute(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self"
