"""Reads files of declarative rules; whatever is wrong in one is said with its row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec

from mllint.config.errors import ConfigError, ConfigProblem, did_you_mean
from mllint.diagnostics.diagnostic import Confidence, Severity
from mllint.diagnostics.fix import Applicability
from mllint.rule.declarative import schema
from mllint.rule.declarative.rule import Condition, DeclarativeRule, Expectation, Match
from mllint.rule.naming import class_name, is_kebab_case
from mllint.rule.rule import CATEGORIES, Tier
from mllint.text.toml import KeyPath, TomlError, nearest_row, parse_toml, toml_rows

#: Words of ``is`` beside tables and plain values.
WORDS = ("absent", "present", "none", "literal")
_WORDS_FOR_MESSAGES = ("call", "name", "value", "argument")
_WORDS_FOR_CODE = ("call", "receiver", "arguments", "argument", "seed", "import")
_APPLICABILITIES = {applicability.label: applicability for applicability in Applicability}
#: Which kinds of matches a kind of fix makes sense for.
_FIXES_OF_CALLS = (
    schema.SetKeyword,
    schema.ReplaceValue,
    schema.RenameKeyword,
    schema.RemoveArgument,
    schema.RenameCallee,
    schema.ReplaceCall,
)
_FIX_KINDS = [str(kind.__struct_config__.tag) for kind in (*_FIXES_OF_CALLS, schema.ReplaceName, schema.MoveImport)]
_SECTION_KEYS = {
    "what": "What it does",
    "why": "Why is this bad",
    "example": "Example",
    "use_instead": "Use instead",
    "fix_safety": "Fix safety",
    "notebook_behaviour": "Notebook behaviour",
    "references": "References",
}


def load_rules(path: Path) -> list[type[DeclarativeRule]]:
    """Read the rules of one file.

    Raises:
        ConfigError: the file cannot be read or does not have the form of a rule file; all problems are named at once.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError.at(path, 0, f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError.at(path, error.object[: error.start].count(b"\n") + 1, "is not UTF-8") from None
    return parse_rules(text, path)


def parse_rules(text: str, path: Path) -> list[type[DeclarativeRule]]:
    """Make the rules of the text of a rule file.

    Args:
        text: the content.
        path: the file, for errors.

    Raises:
        ConfigError: the text does not have the form of a rule file.
    """
    try:
        document = parse_toml(text)
    except TomlError as error:
        raise ConfigError.at(path, error.row, f"is not valid TOML: {error.message}") from None
    reader = _Reader(path, toml_rows(text))
    rules = reader.read(document)
    if reader.problems:
        raise ConfigError(reader.problems)
    return rules


class _Reader:
    """Turns a document into rules and collects what is wrong with it."""

    def __init__(self, path: Path, rows: dict[KeyPath, int]) -> None:
        self.path = path
        self.rows = rows
        self.problems: list[ConfigProblem] = []

    def problem(self, place: Sequence[str | int], message: str) -> None:
        self.problems.append(ConfigProblem(self.path, nearest_row(self.rows, place), message))

    def read(self, document: dict[str, Any]) -> list[type[DeclarativeRule]]:
        for key in document:
            if key != "rule":
                self.problem((key,), f'unknown key "{key}"; a rule file holds [[rule]] tables')
        tables = document.get("rule")
        if tables is None and self.problems:
            return []
        if not isinstance(tables, list) or not tables:
            self.problem(("rule",), "has no [[rule]] table")
            return []
        rules: list[type[DeclarativeRule]] = []
        for index, table in enumerate(tables):
            before = len(self.problems)
            spec = self._converted(table, index)
            if spec is None:
                continue
            self._check(spec, ("rule", index))
            if any(rule.name == spec.name for rule in rules):
                self.problem(("rule", index, "name"), f'rule "{spec.name}" is defined twice in this file')
            if len(self.problems) == before:
                rules.append(make_rule(spec, self.path))
        return rules

    def _converted(self, table: Any, index: int) -> schema.RuleSpec | None:
        try:
            return msgspec.convert(table, schema.RuleSpec)
        except msgspec.ValidationError as error:
            message, _, where = str(error).partition(" - at `$")
            place: tuple[str | int, ...] = ("rule", index, *_path_of(where.rstrip("`")))
            shown = _shown(place, table)
            if (word := _quoted(message, "contains unknown field")) is not None:
                message = f'unknown key "{word}"' + did_you_mean(word, _keys_at(place))
                place = (*place, word)
            elif (word := _quoted(message, "missing required field")) is not None:
                message = f'key "{word}" is missing'
            elif place[-2:] == ("fix", "kind") and (word := _quoted(message, "Invalid value")) is not None:
                message = f'there is no fix of the kind "{word}"' + did_you_mean(word, _FIX_KINDS)
            self.problem(place, f"{shown}{message[0].lower()}{message[1:]}")
            return None

    def _check(self, spec: schema.RuleSpec, place: KeyPath) -> None:
        if not is_kebab_case(spec.name):
            self.problem((*place, "name"), f'rule name "{spec.name}" is not kebab-case')
        if spec.category not in CATEGORIES:
            message = f'unknown category "{spec.category}"' + did_you_mean(spec.category, CATEGORIES)
            self.problem((*place, "category"), message)
        if spec.doc is not None and any(getattr(spec, key) for key in _SECTION_KEYS):
            self.problem((*place, "doc"), '"doc" is the whole page; it cannot stand beside single sections')
        if spec.doc is None and not spec.summary:
            self.problem(place, 'key "summary" is missing')
        if not spec.match:
            self.problem((*place, "match"), "a rule needs at least one [[rule.match]]")
        for number, match in enumerate(spec.match):
            where = (*place, "match", number)
            if spec.message is None and match.message is None:
                self.problem(where, '"message" is missing: the rule has none, nor has this match')
            self._check_match(match, spec, where)
            fix_place = (*where, "fix") if match.fix is not None else (*place, "fix")
            self._check_fix(match.fix or spec.fix, match, fix_place)
        messages = [((*place, "message"), spec.message), ((*place, "help"), spec.help)]
        for number, match in enumerate(spec.match):
            messages += [((*place, "match", number, key), getattr(match, key)) for key in ("message", "help")]
        for where, text in messages:
            self._check_template(text, where, _WORDS_FOR_MESSAGES)

    def _check_match(self, match: schema.MatchSpec, spec: schema.RuleSpec, place: KeyPath) -> None:
        targets = [key for key in ("call", "role", "attribute", "import_") if getattr(match, key)]
        if len(targets) != 1:
            self.problem(place, 'a match has exactly one of "call", "role", "attribute" and "import"')
        for key in targets:
            for name in schema.names_of(getattr(match, key)):
                if key != "role" and not all(part.isidentifier() for part in name.split(".")):
                    self.problem((*place, key.rstrip("_")), f'"{name}" is not a qualified name')
        if match.when and not (match.call or match.role):
            self.problem((*place, "when"), '"when" is about arguments, and only calls have them')
        for number, condition in enumerate(match.when):
            self._check_tests(condition.is_, (*place, "when", number, "is"))
        if match.version is not None:
            from packaging.specifiers import InvalidSpecifier, SpecifierSet

            try:
                SpecifierSet(match.version.range)
            except InvalidSpecifier:
                self.problem((*place, "version", "range"), f'"{match.version.range}" is not a version range')

    def _check_tests(self, value: Any, place: KeyPath) -> None:
        try:
            _tests(value)
        except ValueError as error:
            self.problem(place, str(error))

    def _check_fix(self, fix: schema.AnyFix | None, match: schema.MatchSpec, place: KeyPath) -> None:
        if fix is None:
            return
        is_call = bool(match.call or match.role)
        if isinstance(fix, _FIXES_OF_CALLS) and not is_call:
            self.problem(place, "this kind of fix changes a call, but the match is not of calls")
        if isinstance(fix, schema.MoveImport) and not match.import_:
            self.problem(place, 'a "move-import" fix needs a match of "import"')
        if isinstance(fix, schema.ReplaceName) and not match.attribute:
            self.problem(place, 'a "replace-name" fix needs a match of "attribute"')
        for key in ("value", "template"):
            code = getattr(fix, key, None)
            if self._check_template(code, (*place, key), _WORDS_FOR_CODE) and not _is_expression(code or "x"):
                self.problem((*place, key), f'"{key}" is not a Python expression')
            if code is not None and "{import}" in code and fix.import_ is None:
                self.problem((*place, key), '"{import}" needs the key "import" beside it')

    def _check_template(self, text: str | None, place: KeyPath, words: tuple[str, ...]) -> bool:
        """Say what is wrong with the placeholders of a text, and tell whether nothing is."""
        before = len(self.problems)
        try:
            fields = list(Formatter().parse(text or ""))
        except ValueError as error:
            self.problem(place, f"{error}; a brace that is no placeholder is doubled".lower())
            return False
        for _, field, detail, _ in fields:
            if field is not None and (field not in words or bool(detail) is not (field == "argument")):
                shown = f"{{{field}:{detail}}}" if detail else f"{{{field}}}"
                known = ", ".join(f"{{{word}:name}}" if word == "argument" else f"{{{word}}}" for word in words)
                self.problem(place, f"unknown placeholder {shown}; there are {known}")
        return len(self.problems) == before


def make_rule(spec: schema.RuleSpec, path: Path) -> type[DeclarativeRule]:
    """Make the rule class of a checked table."""
    fixes = {match.fix or spec.fix for match in spec.match} - {None}
    attributes = {
        "__doc__": _page(spec),
        "__module__": __name__,
        "name": spec.name,
        "category": spec.category,
        "tier": Tier(spec.tier),
        "severity": Severity(spec.severity),
        "confidence": Confidence(spec.confidence),
        "fixes": tuple(sorted({_APPLICABILITIES[fix.applicability] for fix in fixes if fix}, reverse=True)),
        "libraries": spec.libraries,
        "kinds": spec.kinds,
        "aliases": spec.aliases,
        "sources": spec.sources,
        "since": spec.since,
        "path": path,
        "examples": spec.examples,
        "matches": tuple(_match(match, spec) for match in spec.match),
    }
    attributes["triggers"] = _triggers(attributes["matches"])  # type: ignore[arg-type]
    return type(class_name(spec.name), (DeclarativeRule,), attributes)


def _match(match: schema.MatchSpec, spec: schema.RuleSpec) -> Match:
    guarded = match.unless_guarded
    if guarded is None:
        is_about_versions = match.version is not None or spec.category == "deprecated"
        guarded = bool(match.attribute or match.import_) or is_about_versions
    return Match(
        calls=schema.names_of(match.call),
        roles=schema.names_of(match.role),
        attributes=schema.names_of(match.attribute),
        imports=schema.names_of(match.import_),
        conditions=tuple(
            Condition(schema.names_of(condition.argument), condition.position, _tests(condition.is_))
            for condition in match.when
        ),
        version=match.version,
        unless_guarded=guarded,
        message=match.message or spec.message or "",
        help=match.help or spec.help,
        fix=match.fix or spec.fix,
    )


def _triggers(matches: Sequence[Match]) -> tuple[str, ...]:
    """Return the words one of which a file must hold; none if a match is by role."""
    if any(match.roles for match in matches):
        return ()
    names = (name for match in matches for name in (*match.calls, *match.attributes, *match.imports))
    return tuple(sorted({name.rpartition(".")[2] for name in names}))


def _tests(value: Any) -> tuple[Expectation, ...]:
    """Read what ``is`` says; the alternatives of a list are tests by themselves."""
    return tuple(_test(item) for item in value) if isinstance(value, list) else (_test(value),)


def _test(value: Any) -> Expectation:
    if isinstance(value, str):
        if value not in WORDS:
            known = ", ".join(f'"{word}"' for word in WORDS)
            raise ValueError(f'"is" takes one of the words {known}; a text is written {{ literal = "{value}" }}')
        return Expectation(value)
    if not isinstance(value, dict):
        return Expectation("equals", value)
    try:
        table = msgspec.convert(value, schema.ArgumentTest)
    except msgspec.ValidationError as error:
        raise ValueError(str(error).partition(" - at `$")[0].lower()) from None
    given = {key: item for key, item in msgspec.structs.asdict(table).items() if item is not msgspec.UNSET}
    if len(given) != 1:
        keys = ", ".join(f'"{name}"' for name in schema.ArgumentTest.__struct_encode_fields__)
        raise ValueError(f'a table in "is" has exactly one of the keys {keys}')
    ((key, item),) = given.items()
    if key in ("matches", "written", "not_written"):
        try:
            return Expectation(key.replace("_", "-"), re.compile(item))
        except re.error as error:
            raise ValueError(f'"{item}" is not a regular expression: {error}') from None
    if key == "kind":
        return Expectation("kind", schema.names_of(item))
    return Expectation("equals" if key == "literal" else "differs", item)


def _page(spec: schema.RuleSpec) -> str:
    """Return the rule's page as Markdown."""
    if spec.doc is not None:
        return f"{spec.summary}\n\n{spec.doc.strip()}" if spec.summary else spec.doc.strip()
    parts = [spec.summary.strip()]
    for key, title in _SECTION_KEYS.items():
        body = getattr(spec, key)
        if not body:
            continue
        if key == "references" and not isinstance(body, str):
            body = "\n".join(f"- <{entry}>" if "://" in entry and " " not in entry else f"- {entry}" for entry in body)
        if key in ("example", "use_instead") and "```" not in body:
            body = f"```python\n{body.strip()}\n```"
        parts.append(f"## {title}\n{body.strip()}")
    return "\n\n".join(parts)


def _is_expression(code: str) -> bool:
    filled = "".join(text + ("" if field is None else "x") for text, field, _, _ in Formatter().parse(code))
    try:
        ast.parse(filled.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return True


def _quoted(message: str, beginning: str) -> str | None:
    """Return the word in quotes after some words of a message of msgspec."""
    match = re.search(beginning + r" [`'](.*)[`']", message)
    return match[1] if match is not None else None


def _path_of(where: str) -> Iterator[str | int]:
    """Yield the parts of a path as msgspec writes it: ``.match[0].fix``."""
    for key, index in re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", where):
        yield int(index) if index else key


def _shown(place: Sequence[str | int], table: Any) -> str:
    name = table.get("name") if isinstance(table, dict) else None
    keys = ".".join(part for part in place[2:] if isinstance(part, str))
    label = f'rule "{name}": ' if isinstance(name, str) else ""
    return f'{label}"{keys}": ' if keys else label


def _keys_at(place: Sequence[str | int]) -> list[str]:
    """Return the keys that the table at a place may have."""
    tables: dict[str, tuple[type[msgspec.Struct], ...]] = {
        "rule": (schema.RuleSpec,),
        "match": (schema.MatchSpec,),
        "when": (schema.ConditionSpec,),
        "version": (schema.VersionSpec,),
        "examples": (schema.ExampleSpec,),
        "fix": (*_FIXES_OF_CALLS, schema.ReplaceName, schema.MoveImport),
    }
    last = next((part for part in reversed(place) if isinstance(part, str)), "rule")
    return [field.encode_name for table in tables.get(last, ()) for field in msgspec.structs.fields(table)]
