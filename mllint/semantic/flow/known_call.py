"""A call of which something is known, with what it is given: what all transfer rules of calls are handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.values import Environment, Function, Value

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.knowledge import FunctionFact
    from mllint.semantic.model import SemanticModel


@dataclass(slots=True, eq=False)
class KnownCall:
    """A call of which something is known.

    Attributes:
        model: the semantic model of the unit.
        site: the call as it is written.
        fact: what is known of the callee.
        receiver: the value of what stands before the dot; nothing for functions.
        arguments: the values of the arguments, by the expressions given for them.
        environment: the names that the call sees.
        data: the values of the parameters that carry data.
        rows: these, or else the receiver, if it holds rows.
    """

    model: SemanticModel
    site: CallSite
    fact: FunctionFact
    receiver: Value
    arguments: dict[cst.BaseExpression, Value]
    environment: Environment
    data: tuple[Value, ...]
    rows: tuple[Value, ...]

    @property
    def node(self) -> cst.Call:
        """The call."""
        return self.site.node

    @property
    def is_on_value(self) -> bool:
        """Whether it is a method of a value, not a function of a module or class."""
        if self.site.receiver is None:
            return False
        return not self.receiver.is_nothing or self.model.qualified_name(self.site.receiver) is None

    @property
    def is_construction(self) -> bool:
        """Whether it makes an instance of a known class."""
        return self.site.name is not None and self.model.knowledge.is_class(self.site.name)

    @property
    def functions(self) -> list[Function]:
        """The functions and classes of the unit that it is given, to apply them to something."""
        return [each for value in self.arguments.values() for each in value.functions]

    @property
    def result_tags(self) -> frozenset[str]:
        """The tags of the class of what it returns."""
        kind = self.site.receiver_kind if self.fact.returns == "self" else self.fact.returns
        return self.model.knowledge.tags(kind) if kind is not None else frozenset()

    @property
    def goes_by_row(self) -> bool:
        """Whether it works along each row, or on the columns, and not along the rows."""
        for name in ("axis", "dim") if self.site.node.args else ():
            axis = self.site.literal(name, default=None)
            if (
                axis == "columns"
                or (isinstance(axis, int) and axis != 0)
                or (isinstance(axis, tuple) and 0 not in axis)
            ):
                return True
        return False
