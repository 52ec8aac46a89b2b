"""The fixes of declarative rules: from a table of a rule file and a finding to edits."""

from __future__ import annotations

import builtins
import io
import tokenize
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import TYPE_CHECKING

import libcst as cst

from mllint.diagnostics.fix import Applicability, Fix
from mllint.rule.declarative import schema
from mllint.rule.layout import FixError
from mllint.semantic.calls import Argument, CallSite
from mllint.text.edits import Edit
from mllint.text.ranges import Range

if TYPE_CHECKING:
    from mllint.rule.context import Context
    from mllint.semantic.model import ImportedName
    from mllint.semantic.scopes import Binding

Lookup = Callable[[CallSite, str], Argument]
_APPLICABILITIES = {applicability.label: applicability for applicability in Applicability}
#: Expressions that need parentheses where something follows or precedes them.
_LOOSE = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.UnaryOperation,
    cst.IfExp,
    cst.Lambda,
    cst.Await,
    cst.Yield,
    cst.NamedExpr,
    cst.Tuple,
    cst.GeneratorExp,
)

#: Places where an expression stands alone.
_HOLDERS = (cst.Arg, cst.Expr, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return)


@dataclass(frozen=True)
class Target:
    """What a finding is about.

    ``name`` is the declared name that matched; ``node`` the call, the expression, or the part of an import statement;
    ``imported`` the imported name, where an import statement is reported.
    """

    name: str
    node: cst.CSTNode
    call: CallSite | None = None
    imported: ImportedName | None = None


def make_fix(spec: schema.AnyFix | None, target: Target, argument: Lookup, ctx: Context) -> Fix | None:
    """Return the fix of a finding, or None where it cannot be made.

    Args:
        spec: the table of the rule file.
        target: what was found.
        argument: looks up an argument of a call by name.
        ctx: the unit.
    """
    if spec is None:
        return None
    maker = _Maker(target, argument, ctx)
    try:
        edits = maker.edits(spec)
        message = fill(spec.message, maker.word)
    except FixError:
        return None
    if not edits or message is None:
        return None
    return Fix(message, edits, _APPLICABILITIES[spec.applicability])


def fill(text: str, word: Callable[[str, str], str | None]) -> str | None:
    """Replace the placeholders of a text.

    Args:
        text: the text; doubled braces stand for single ones.
        word: gives what a placeholder stands for, from its name and the part after its colon, or None.

    Returns:
        The text, or None if any placeholder has no value.
    """
    parts: list[str] = []
    for before, field, detail, _ in Formatter().parse(text):
        parts.append(before)
        if field is not None:
            value = word(field, detail or "")
            if value is None:
                return None
            parts.append(value)
    return "".join(parts)


class _Maker:
    """Makes the edits for one finding."""

    def __init__(self, target: Target, argument: Lookup, ctx: Context) -> None:
        self.target = target
        self.ctx = ctx
        self.model = ctx.model
        self.lookup = argument
        self.extra: list[Edit] = []
        self.imported_thing: str | None = None

    def edits(self, spec: schema.AnyFix) -> list[Edit]:
        if spec.import_ is not None:
            module, _, name = spec.import_.partition(":")
            self.imported_thing, extra = self.ctx.fix.import_name(module, name or None, self.target.node)
            self.extra += extra
        match spec:
            case schema.SetKeyword(name=name, value=value):
                edits = self.set_keyword(name, value)
            case schema.ReplaceValue(name=name, value=value):
                edits = [self.replace_value(self.passed(name), value)]
            case schema.RenameKeyword(from_=old, to=new):
                edits = self.rename_keyword(old, new)
            case schema.RemoveArgument(name=name):
                edits = [self.remove_argument(self.passed(name))]
            case schema.RenameCallee(to=new):
                edits = self.rename_callee(new)
            case schema.ReplaceCall(template=template):
                edits = self.replace_call(template)
            case schema.ReplaceName(to=new):
                edits = self.move(self.target.name, new)
            case schema.MoveImport(from_=old, to=new):
                edits = self.move(old, new)
        return [*edits, *self.extra]

    # Calls

    @property
    def call(self) -> CallSite:
        if self.target.call is None:
            raise FixError("no call was matched")
        return self.target.call

    def passed(self, name: str) -> cst.Arg:
        """Return the argument for a parameter as it is written in the call."""
        argument = self.lookup(self.call, name)
        if not argument.present or argument.node is None:
            raise FixError(f"`{name}` is not written in the call")
        return argument.node

    def set_keyword(self, name: str, value: str) -> list[Edit]:
        argument = self.lookup(self.call, name)
        if argument.absent:
            return self.ctx.fix.add_keyword(self.call.node, name, self.code(value))
        return [self.replace_value(self.passed(name), value)]

    def replace_value(self, arg: cst.Arg, value: str) -> Edit:
        place = self.model.outer_range(arg.value)
        return self.replacing(place, self.code(value))

    def rename_keyword(self, old: str, new: str) -> list[Edit]:
        arg = self.passed(old)
        if arg.keyword is None or not self.lookup(self.call, new).absent:
            raise FixError(f"`{old}` is passed by position, or `{new}` is passed too")
        return [self.ctx.fix.replace(arg.keyword, new)]

    def remove_argument(self, arg: cst.Arg) -> Edit:
        args = self.call.node.args
        index = next(number for number, other in enumerate(args) if other is arg)
        if arg.keyword is None and any(other.keyword is None for other in args[index + 1 :]):
            raise FixError("the arguments after it would move up")
        return self.ctx.fix.remove_argument(self.call.node, arg)

    def rename_callee(self, new: str) -> list[Edit]:
        func = self.call.node.func
        if isinstance(func, cst.Attribute):
            return [self.ctx.fix.rename_callee(self.call.node, new)]
        module = (self.call.name or "").rpartition(".")[0]
        if not isinstance(func, cst.Name) or not module or not self._is_imported(func):
            raise FixError("what is called is neither an attribute nor imported")
        expression, edits = self.ctx.fix.import_name(module, new, func)
        return [self.ctx.fix.replace(func, expression), *edits]

    def replace_call(self, template: str) -> list[Edit]:
        node = self.call.node
        code = self.code(template)
        parent = self.model.parent(node)
        is_alone = isinstance(parent, _HOLDERS)
        if not is_alone and isinstance(cst.parse_expression(code), _LOOSE):
            code = f"({code})"
        return [self.replacing(self.model.range(node), code)]

    def code(self, template: str) -> str:
        """Fill a template of code, with parentheses around what would otherwise fall apart."""
        pieces = list(Formatter().parse(template.strip()))
        parts: list[str] = []
        for number, (before, field, detail, _) in enumerate(pieces):
            parts.append(before)
            if field is None:
                continue
            after = pieces[number + 1][0] if number + 1 < len(pieces) else ""
            left, right = before.rstrip()[-1:], after.lstrip()[:1]
            is_delimited = (left in "([{,=" if left else number == 0) and (
                right in ")]}," if right else number + 1 == len(pieces)
            )
            parts.append(self.word(field, detail or "", is_delimited))
        return "".join(parts)

    def word(self, field: str, detail: str, is_delimited: bool = True) -> str:
        """Return what a placeholder of code stands for.

        Raises:
            FixError: it stands for nothing here.
        """
        if field == "seed":
            return str(self.ctx.settings.seed)
        if field == "name":
            return self.target.name
        if field == "import" and self.imported_thing is not None:
            return self.imported_thing
        if field == "call":
            node = self.target.call.node.func if self.target.call is not None else self.target.node
            return self.model.text(node)
        if field == "receiver" and self.call.receiver is not None:
            return self._text(self.call.receiver, is_delimited=False)
        if field == "arguments":
            args = self.call.node.args
            if not args:
                return ""
            return self.ctx.unit.text[self.model.range(args[0]).start : self.model.range(args[-1]).end]
        if field in ("argument", "value") and detail:
            value = self.lookup(self.call, detail).value
            if value is not None:
                return self._text(value, is_delimited)
        raise FixError(f"{{{field}}} stands for nothing here")

    def _text(self, node: cst.BaseExpression, is_delimited: bool) -> str:
        start, end = self.model.outer_range(node)
        text = self.ctx.unit.text[start:end]
        is_bare = not getattr(node, "lpar", ())
        return f"({text})" if isinstance(node, _LOOSE) and is_bare and not is_delimited else text

    def replacing(self, place: Range, text: str) -> Edit:
        """Replace a range, unless that would lose a comment."""
        lost = _comments(self.ctx.unit.text[place.start : place.end]) - _comments(text)
        if lost:
            raise FixError("a comment would be lost")
        return Edit.replace(place, text)

    # Names and imports

    def move(self, old: str, new: str) -> list[Edit]:
        """Use the name ``new`` in the place of ``old`` or of what is below it."""
        imported, node = self.target.imported, self.target.node
        if imported is None:
            return self._move_expression(node, old, new)
        if imported.target != old and not imported.target.startswith(old + "."):
            raise FixError(f"the import is not of `{old}`")
        if isinstance(imported.statement, cst.Import):
            return self._move_plain_import(imported, old, new)
        if imported.module == old or imported.module.startswith(old + "."):
            module = imported.statement.module
            assert module is not None
            return [self.ctx.fix.replace(module, new + imported.module[len(old) :])]
        return self._move_alias(imported, new + imported.target[len(old) :])

    def _move_expression(self, node: cst.CSTNode, old: str, new: str) -> list[Edit]:
        """Rewrite ``a.b.old`` as short as the names at hand allow."""
        parent, _, last = new.rpartition(".")
        if parent == "builtins" or (not parent and hasattr(builtins, last)):
            self._need_free(last, node)
            return [self.ctx.fix.replace(node, last)]
        if not parent:
            raise FixError("a module has to be imported")
        if isinstance(node, cst.Attribute):
            shared = _shared_parts(old, new)
            base: cst.CSTNode = node
            for _ in range(len(old.split(".")) - shared):
                if not isinstance(base, cst.Attribute):
                    break
                base = base.value
            else:
                if shared:
                    start = self.model.range(base).end
                    end = self.model.range(node).end
                    rest = ".".join(new.split(".")[shared:])
                    return [self.replacing(Range(start, end), f".{rest}")]
        expression, edits = self.ctx.fix.import_name(parent, last, node)
        return [self.ctx.fix.replace(node, expression), *edits]

    def _move_plain_import(self, imported: ImportedName, old: str, new: str) -> list[Edit]:
        alias = imported.alias
        assert alias is not None
        moved = new + imported.target[len(old) :]
        edits = [self.ctx.fix.replace(alias.name, moved)]
        if alias.asname is not None:
            return edits
        binding = self.model.walk.bindings.get(alias)
        if binding is None:
            raise FixError("the import binds nothing")
        for use in self.model.uses(binding):
            chain = self._chain_of(use, old)
            if chain is not None:
                edits.append(self.ctx.fix.replace(chain, new))
            elif old.partition(".")[0] != new.partition(".")[0]:
                raise FixError("the root of the old name is used for something else, too")
        return edits

    def _chain_of(self, use: cst.CSTNode, dotted: str) -> cst.CSTNode | None:
        """Return the expression ``a.b.c`` that begins with the name ``use``, if it is spelt like ``dotted``."""
        for part in dotted.split(".")[1:]:
            parent = self.model.parent(use)
            if not isinstance(parent, cst.Attribute) or parent.attr.value != part:
                return None
            use = parent
        return use

    def _move_alias(self, imported: ImportedName, moved: str) -> list[Edit]:
        """Rewrite ``from a import old``, and the uses of the name where it changes."""
        alias, statement = imported.alias, imported.statement
        if alias is None or not isinstance(statement, cst.ImportFrom) or statement.module is None:
            raise FixError("the import has no names that could be moved")
        binding = self.model.walk.bindings.get(alias)
        module, _, name = moved.rpartition(".")
        renames = alias.asname is None and name != imported.name
        uses = self.model.uses(binding) if renames and binding is not None else []
        if renames:
            self._need_only(binding)
            self._need_free(name, alias, wanted=f"{module}.{name}")
        edits = [self.ctx.fix.replace(use, name) for use in uses]
        if module == imported.module:
            return [*edits, self.ctx.fix.replace(alias.name, name)]
        names = statement.names
        assert not isinstance(names, cst.ImportStar)
        if not module and not hasattr(builtins, name):
            return [*edits, *self._import_module(statement, names, alias, name)]
        is_builtin = module in ("", "builtins")
        if is_builtin and alias.asname is not None:
            raise FixError("a name of the code stands for a builtin one")
        if len(names) == 1 and not is_builtin:
            return [*edits, self.ctx.fix.replace(statement.module, module), self.ctx.fix.replace(alias.name, name)]
        if len(names) == 1:
            return [*edits, self.ctx.fix.delete_statement(statement)]
        edits.append(self._without_alias(names, alias))
        if not is_builtin:
            bound = f" as {self.model.text(alias.asname.name)}" if alias.asname is not None else ""
            edits.append(self.ctx.fix.insert_before(statement, f"from {module} import {name}{bound}\n"))
        return edits

    def _import_module(
        self, statement: cst.ImportFrom, names: Sequence[cst.ImportAlias], alias: cst.ImportAlias, module: str
    ) -> list[Edit]:
        """Import a module by itself that was imported from a package: ``import joblib``."""
        bound = f" as {self.model.text(alias.asname.name)}" if alias.asname is not None else ""
        if len(names) == 1:
            return [self.replacing(self.model.range(statement), f"import {module}{bound}")]
        return [self._without_alias(names, alias), self.ctx.fix.insert_before(statement, f"import {module}{bound}\n")]

    def _without_alias(self, names: object, alias: cst.ImportAlias) -> Edit:
        assert isinstance(names, (list, tuple))
        index = next(number for number, other in enumerate(names) if other is alias)
        start, end = self.model.range(alias)
        if index + 1 < len(names):
            end = self.model.range(names[index + 1]).start
        else:
            start = self.model.range(names[index - 1]).end
            if isinstance(names[index - 1].comma, cst.Comma):
                end = max(end, self.model.range(names[index - 1].comma).end)
        return self.replacing(Range(start, end), "")

    def _is_imported(self, name: cst.Name) -> bool:
        bindings = self.model.bindings(name)
        return len(bindings) == 1 and isinstance(bindings[0].node, cst.ImportAlias)

    def _need_only(self, binding: Binding | None) -> None:
        """Go on only if nothing else binds the name that is about to change."""
        if binding is None or len(binding.scope.bindings[binding.name]) > 1:
            raise FixError("the name is bound in several places")

    def _need_free(self, name: str, node: cst.CSTNode, wanted: str = "") -> None:
        """Go on only if the code does not bind ``name`` to anything but ``wanted``."""
        home = self.model.scope(node).lookup(name)
        if home is None:
            return
        targets = {imported.target: imported.alias for imported in self.model.imports}
        if any(binding.node is not targets.get(wanted) for binding in home.bindings[name]):
            raise FixError(f"`{name}` means something else here")


def _shared_parts(first: str, second: str) -> int:
    """Count the leading parts that two qualified names share; the last part of each is never shared."""
    count = 0
    for one, other in zip(first.split(".")[:-1], second.split(".")[:-1], strict=False):
        if one != other:
            break
        count += 1
    return count


def _comments(code: str) -> set[str]:
    """Return the comments of a piece of code, which need not be complete."""
    if "#" not in code:
        return set()
    found: set[str] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(f"({code}\n)").readline):
            if token.type == tokenize.COMMENT:
                found.add(token.string)
    except (tokenize.TokenError, SyntaxError):
        found.add(code)  # it cannot be told; better no fix than a lost comment
    return found
