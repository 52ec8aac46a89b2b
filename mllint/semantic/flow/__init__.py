"""The flow of origins: which rows a value holds, and what reached it on the way.

An abstract interpretation over statements in order, cells in order. It knows no library: what an API does is known by
its roles alone. ``rows`` tells which rows two values share, ``values`` is the lattice, ``events`` what rules read;
``interpreter`` runs statements, ``expressions`` and ``transfer`` give expressions and calls their values, ``places``
gives them to targets, and ``state`` keeps the record and the bounds.
"""

from mllint.semantic.flow.events import Event
from mllint.semantic.flow.interpreter import Flow
from mllint.semantic.flow.rows import Overlap, Part, Rows, Selection, part_named
from mllint.semantic.flow.values import Columns, Instance, Value

__all__ = ["Columns", "Event", "Flow", "Instance", "Overlap", "Part", "Rows", "Selection", "Value", "part_named"]
