"""Time: values of later and earlier rows, windows over rows, and rows in the order of time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import libcst as cst

from mllint.semantic.flow.known_call import KnownCall
from mllint.semantic.flow.values import NOTHING, Value, join, replace, with_learned

if TYPE_CHECKING:
    from mllint.semantic.calls import CallSite
    from mllint.semantic.flow.events import Event
    from mllint.semantic.flow.state import State
    from mllint.semantic.model import SemanticModel

#: Names of columns that say when.
_TIME_NAMES = re.compile(
    r"(?i:(?:^|_|\b)(?:date|datetime|time|timestamp|ts|day|week|month|quarter|year|period|hour|minute|dt)s?(?:$|_|\b)"
    r"|(?:^|_)(?:date|time)_?|(?:datetime|timestamp|(?<!up)(?<!candi)(?<!vali)date|(?<!life)(?<!run)(?<!over)time)$)"
    r"|[a-z](?:Date|Time|Day)(?:[A-Z_]|$)"
)


def in_time(state: State, call: KnownCall, value: Value) -> Value:
    """Note that rows a call gives got values of later or earlier rows, or that they are in the order of time."""
    site, fact, model = call.site, call.fact, state.model
    if not (fact.ahead_when or fact.behind_when or fact.ordered_when or "windows" in fact.tags):
        return value
    if not value.rows and "expression" not in call.result_tags:
        return value
    before = call.receiver if call.receiver.rows else join(call.data)
    data = (before if before.rows else value,)
    if call.goes_by_row:
        return value
    reached: list[Event] = []
    ahead = [_holds(site, condition, model) for condition in fact.ahead_when]
    behind = [_holds(site, condition, model) for condition in fact.behind_when]
    if None in ahead or None in behind:
        value = replace(value, computed_from=frozenset())  # of which rows it is computed cannot be told
    if "windows" in fact.tags:
        return with_learned(value, state.event("window", site.node, data, call=site))
    if _is_newest_first(data[0]):
        ahead, behind = behind, ahead
    if any(ahead):
        event = state.event("look-ahead", site.node, data, call=site, tags=frozenset(fact.tags))
        joined = call.data[-1] if call.data else NOTHING
        if "merges-rows" in fact.roles and joined.columns.known and joined.columns.only is not None:
            return _with_made(value, joined.columns.only, event)
        reached.append(event)
    elif any(behind):
        reached.append(state.event("look-back", site.node, data, call=site, tags=frozenset(fact.tags)))
    if fact.ordered_when and any(site.holds(condition) for condition in fact.ordered_when):
        reached.append(state.event("time-order", site.node, data, call=site, tags=frozenset(fact.tags)))
    return with_learned(value, *reached)


def ordered_by(state: State, call: KnownCall, held: Value) -> Value:
    """Return rows that were put in the order of some columns: in that of time, if one of these says when."""
    site = call.site
    literal = site.literal("by", 0, default=None) or site.literal("keys", default=None)
    names = [literal] if isinstance(literal, str) else literal if isinstance(literal, list) else []
    if any(isinstance(name, str) and _TIME_NAMES.search(name) for name in names):
        event = state.event("time-order", site.node, (held,), call=site)
        return with_learned(held, event)
    return held


def _holds(site: CallSite, condition: str, model: SemanticModel) -> bool | None:
    """Tell whether a condition holds, also where it asks for the sign of a number that a loop counts."""
    held = site.holds(condition)
    name, sign, bound = condition.partition("<" if "<" in condition else ">")
    if held is not None or bound != "0":
        return held
    node = site.argument(name).value
    found = sign_of(node, model) if node is not None else None
    return None if found is None else (found < 0) == (sign == "<")


def sign_of(node: cst.CSTNode, model: SemanticModel) -> int | None:
    """Return whether a number is above or below nothing, 1 or -1, as far as the code shows; counters may begin at 0."""
    literal = model.literal(node)
    if isinstance(literal, (int, float)) and not isinstance(literal, bool):
        return (literal > 0) - (literal < 0) or None
    if type(node) is cst.UnaryOperation and type(node.operator) is cst.Minus:
        inner = sign_of(node.expression, model)
        return -inner if inner is not None else None
    if type(node) is cst.Name:
        signs = {_sign_in_loop(binding.owner, model) for binding in model.bindings(node)}
        return signs.pop() if len(signs) == 1 else None
    return None


def _sign_in_loop(loop: cst.CSTNode, model: SemanticModel) -> int | None:
    if not isinstance(loop, (cst.For, cst.CompFor)) or type(loop.target) is not cst.Name:
        return None
    listed = model.literal(loop.iter)
    if isinstance(listed, (list, tuple)) and listed and all(isinstance(each, (int, float)) for each in listed):
        return 1 if min(listed) > 0 else -1 if max(listed) < 0 else None
    if type(loop.iter) is cst.Call and model.call(loop.iter).name == "builtins.range" and loop.iter.args:
        first = model.literal(loop.iter.args[0].value) if len(loop.iter.args) > 1 else 0
        return 1 if isinstance(first, int) and first >= 0 and len(loop.iter.args) < 3 else None
    return None


def _is_newest_first(value: Value) -> bool:
    """Tell whether rows were last sorted by time from the newest to the oldest."""
    sorts = [event for event in value.learned if event.kind == "time-order" and event.call is not None]
    last = max(sorts, key=lambda event: event.number, default=None)
    if last is None or last.call is None or "orders-rows" not in last.call.roles:
        return False
    backward = last.call.literal("ascending", default=True) is False
    return backward or last.call.literal("descending", default=False) is True


def _with_made(value: Value, names: Iterable[str], event: Event) -> Value:
    """Return rows some columns of which an event has reached."""
    made = dict(value.columns.made)
    for name in names:
        made[name] = made.get(name, frozenset()) | {event}
    return replace(value, columns=replace(value.columns, made=made))
