"""Sources: where rows come from that a call loads, and which part of the data it asks for."""

from __future__ import annotations

import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.rows import Part, Rows, part_named
from mllint.semantic.flow.values import Value
from mllint.semantic.scopes import ScopeKind
from mllint.semantic.walk import code_key

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.flow.state import State
    from mllint.semantic.model import SemanticModel

#: Parameters that name the part of the data to load.
_PART_PARAMETERS = frozenset({"split", "subset", "partition", "mode", "phase"})

_GIVES_SETTINGS = re.compile(
    r"(?i)(?:^|_)(?:args|arguments|cfg|configs?|configuration|device|env|environment|hparams|logger|logging|params"
    r"|parser|seed|settings|toml|tokenizer|yaml)$"
)


@lru_cache(maxsize=4096)
def gives_settings(name: str) -> bool:
    """Tell whether a function by its name gives settings and no rows: ``load_config``, ``parse_args``."""
    return _GIVES_SETTINGS.search(name) is not None


def loaded(state: State, site: CallSite, *, certain: bool = True) -> Value:
    """Return rows that a call loads, and note the loops in which it does."""
    source = _source_of(state, site)
    state.loaded_in.setdefault(source, tuple(state.loops))
    return Value(frozenset([Rows(source, named=_part_asked(state.model, site))]), certain=certain)


def _source_of(state: State, site: CallSite) -> Hashable:
    """Return where rows come from that a call loads: in an own function, what is loaded may depend on its call."""
    model = state.model
    function = model.function(site.node)
    if not state.calls or type(function) is not cst.FunctionDef:
        return site.node
    params = function.params
    if not (params.params or params.posonly_params or params.kwonly_params):
        return site.node
    names = [each for arg in site.node.args for each in model.descendants(arg) if type(each) is cst.Name]
    bindings = [binding for name in names for binding in model.bindings(name)]
    if not any(binding.scope.kind is ScopeKind.FUNCTION for binding in bindings):
        return site.node
    return ("called", site.node, *(code_key(call) for call in state.calls))


def loading_call(source: Hashable) -> Hashable:
    """Return the call that loads rows, without the calls of own functions around it."""
    return source[1] if isinstance(source, tuple) and source[0] == "called" else source


def _part_asked(model: SemanticModel, site: CallSite) -> Part:
    """Return the part of the data that a loading call asks for: ``train=False``, ``split="test"``, ``"test.csv"``."""
    for arg in site.node.args:
        literal = model.literal(arg.value)
        name = arg.keyword.value if arg.keyword is not None else ""
        if name == "train" and isinstance(literal, bool):
            return Part.TRAIN if literal else Part.TEST
        if name in _PART_PARAMETERS and isinstance(literal, str):
            return part_named(literal)
    return Part.UNKNOWN
