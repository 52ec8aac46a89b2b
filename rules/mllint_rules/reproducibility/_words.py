"""Words by which code tells what a value is for, and the roles of calls whose outcome is a result of the program."""

from __future__ import annotations

import re

#: Names of things that may differ from run to run without any harm to a result.
HARMLESS = re.compile(
    r"(?i)(?:^|_)(?:dummy|fake|port|delay|sleep|wait|jitter|backoff|timeout|user_?agents?|proxy|colou?rs?|palette|cmap|"
    r"tmp|temp|suffix|prefix|token|salt|nonce|password|passwd|secret|uid|uuid|filename|dirname|run_?name|"
    r"preview|demo|quote|greeting|joke|reply|response|answer|message)(?:_|s?$)"
)
#: Names of functions that show something to a person, wait, or only measure.
SHOWS = re.compile(
    r"(?:^|_)(?i:show|display|plot\w*|visuali[sz]e|view|print|preview|demo|imshow|scatter\w*|hist\w*|bar|barh|"
    r"boxplot|contourf?|pie|suptitle|title|[xy]label|[xy]ticks|annotate|legend|image_?grid|make_grid|render|sleep|wait|"
    r"retry|backoff|benchmark|profile|timeit|time|summary|flops|trace|export|onnx|jitter|log|debug|html|input|markdown|write)(?:_|$|[A-Z])"
)
#: Methods that change what they are called on, so that a bare call of them does more than show something.
CHANGES = re.compile(r"(?:append|extend|add|insert|update|push|put|fit|train|step|setdefault|shuffle|copy_|set_\w+)$")
#: Names of the parts of data that a model is only evaluated on.
EVALUATION = re.compile(r"(?i)(?:^|_)(?:test|val|valid|validation|eval|evaluation|dev)(?:_|set|loader|$)")
#: Roles of calls whose outcome is a result of the program.
WORK = frozenset(
    {"fits", "fits-and-transforms", "trains", "scores", "cross-validates", "searches", "splits"}
    | {"saves-model", "tracks"}
)
#: Roles of calls that write what they are given to a file.
KEEPS = frozenset({"saves-data", "writes-file"})
