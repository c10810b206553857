"""A statement in one pass: its text without comments and docstrings, and the names in it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field

from sclerotrial.fingerprint.digests import digest

#: a dotted use: ('a', 'b', 'c') for ``a.b.c``
Chain = tuple[str, ...]

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: fields of the tree that are told by the place, or are about the writing only
_UNTOLD = {"ctx", "kind", "type_comment"}
_BODIES = {"body", "orelse", "finalbody"}
#: decorators that do not look at annotations
_BLIND = {
    "property", "staticmethod", "classmethod", "cached_property", "setter", "getter", "deleter",
    "cache", "lru_cache", "contextmanager", "abstractmethod", "overload", "override", "wraps",
}  # fmt: skip
#: a name in the text of a query of pandas
_AT = re.compile(r"@([^\W\d]\w*)")
_FIELDS: dict[type, tuple[str, ...]] = {}


@dataclass
class Names:
    """What was seen in a statement.

    Attributes
    ----------
    uses, notes : sets of chains
        Names that count, and names in annotations that nothing looks at while running.
    words : set of str
        Attributes of what is no plain name.
    stored : set of str
        Names that are bound anywhere in it.
    strings : set of str
        Texts that read like a name.
    imports : list of statements
        Imports in it; those of a class body apart in `class_imports`.
    docs : list of str
        Docstrings and other texts that stand alone.
    """

    uses: set[Chain] = field(default_factory=set)
    notes: set[Chain] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    strings: set[str] = field(default_factory=set)
    imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    class_imports: list[ast.Import | ast.ImportFrom] = field(default_factory=list)
    world: set[str] = field(default_factory=set)
    docs: list[str] = field(default_factory=list)


def chain_of(node: ast.AST) -> Chain:
    """('a', 'b', 'c') for ``a.b.c``; empty when it does not begin with a plain name."""
    parts: list[str] = []
    while node.__class__ is ast.Attribute:
        parts.append(node.attr)
        node = node.value
    if node.__class__ is not ast.Name:
        return ()
    return (node.id, *reversed(parts))


def is_text(node: ast.AST) -> bool:
    """Whether a statement is a text that stands alone, as docstrings do."""
    if node.__class__ is not ast.Expr or node.value.__class__ is not ast.Constant:
        return False
    return node.value.value.__class__ is str


def walk(top: ast.stmt) -> tuple[str, Names]:
    """Digest of a statement, and the names in it.

    Annotations of functions count for the digest; their names are kept apart, as nothing looks at
    them while running but for a decorator.
    """
    walker = _Walker()
    walker.run([top], walker.names.uses, False)
    for todo, uses, quoted in walker.later:
        walker.run([todo], uses, quoted)
    return digest("\n".join(walker.text)), walker.names


class _Walker:
    def __init__(self) -> None:
        self.text: list[str] = []
        self.names = Names()
        self.later: list[tuple[ast.AST, set[Chain], bool]] = []
        self._seen_by_decorator: set[int] = set()

    def run(self, stack: list, uses: set[Chain], quoted: bool) -> None:
        """Take down a tree from its top; `quoted` when texts in it are annotations."""
        say, pop, names = self.text.append, stack.pop, self.names
        while stack:
            node = pop()
            cls = node.__class__
            if cls is ast.Name:
                say("n " + node.id)
                uses.add((node.id,))
                if node.ctx.__class__ is not ast.Load:
                    names.stored.add(node.id)
                continue
            if cls is ast.Constant:
                self._constant(node.value, uses, quoted)
                continue
            if cls is ast.Attribute:
                chain = chain_of(node)
                if chain:
                    say("a " + ".".join(chain))
                    uses.add(chain)
                    continue
                names.words.add(node.attr)
            elif cls is str or node is None:
                say(repr(node))  # an item of a list, as in ``global a, b`` or ``{**a}``
                continue
            elif quoted and cls is ast.Subscript and chain_of(node.value)[-1:] == ("Literal",):
                self.later.append((node.slice, uses, False))
                node = node.value
                stack.append(node)
                say("Literal")
                continue
            fields = _FIELDS.get(cls)
            if fields is None:
                fields = _FIELDS[cls] = tuple(f for f in cls._fields if f not in _UNTOLD)
            if not fields:
                say(cls.__name__)
                continue
            special = _SPECIAL.get(cls)
            if special is not None:
                special(self, node, uses)
            head, kids = cls.__name__, []
            told = node.__dict__
            for name in fields:
                value = told.get(name)
                kind = value.__class__
                if kind is list:
                    if value:
                        if name in _BODIES:
                            value = self._without_texts(value)
                        head += f" {name}{len(value)}"
                        kids += value
                elif kind is str or kind is int:
                    head += f" {name}={value!r}"
                elif value is not None:
                    head += " " + name
                    if name == "annotation" or name == "returns":
                        self._annotation(node, value, uses)
                    else:
                        kids.append(value)
            say(head)
            kids.reverse()
            stack += kids

    def _constant(self, value: object, uses: set[Chain], quoted: bool) -> None:
        # a long number in hexadecimal has no decimal text
        self.text.append("c " + (hex(value) if value.__class__ is int else repr(value)))
        if value.__class__ is not str:
            return
        if value.isidentifier():
            self.names.strings.add(value)
        if "@" in value:
            uses |= {(name,) for name in _AT.findall(value)}
        if quoted:
            try:
                inside = ast.parse(value.strip(), mode="eval")
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return
            uses |= {chain for n in ast.walk(inside) if (chain := chain_of(n))}

    def _without_texts(self, body: list) -> list:
        kept = [node for node in body if not is_text(node)]
        if len(kept) == len(body):
            return body
        self.names.docs += [node.value.value for node in body if is_text(node)]
        return kept or [ast.Pass()]

    def _annotation(self, owner: ast.AST, value: ast.AST, uses: set[Chain]) -> None:
        live = owner.__class__ is ast.AnnAssign or id(owner) in self._seen_by_decorator
        self.later.append((value, uses if live else self.names.notes, True))

    # --- what some nodes bind or bring --------------------------------------------------------

    def _function(self, node: ast.FunctionDef, uses: set[Chain]) -> None:
        self.names.stored.add(node.name)
        marks = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
        if all(isinstance(m, (ast.Name, ast.Attribute)) and _last(m) in _BLIND for m in marks):
            return
        a = node.args
        given = [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]
        self._seen_by_decorator |= {id(node), *(id(g) for g in given if g is not None)}

    def _class(self, node: ast.ClassDef, uses: set[Chain]) -> None:
        self.names.stored.add(node.name)
        self.names.class_imports += [
            n
            for stmt in node.body
            if not isinstance(stmt, (*FUNCTIONS, ast.ClassDef))
            for n in ast.walk(stmt)
            if isinstance(n, (ast.Import, ast.ImportFrom))
        ]

    def _import(self, node: ast.Import | ast.ImportFrom, uses: set[Chain]) -> None:
        self.names.imports.append(node)

    def _arg(self, node: ast.arg, uses: set[Chain]) -> None:
        self.names.stored.add(node.arg)

    def _named(self, node: ast.AST, uses: set[Chain]) -> None:
        if node.name:
            self.names.stored.add(node.name)

    def _rest(self, node: ast.MatchMapping, uses: set[Chain]) -> None:
        if node.rest:
            self.names.stored.add(node.rest)

    def _global(self, node: ast.Global, uses: set[Chain]) -> None:
        self.names.world |= set(node.names)


_SPECIAL = {
    ast.FunctionDef: _Walker._function,
    ast.AsyncFunctionDef: _Walker._function,
    ast.ClassDef: _Walker._class,
    ast.Import: _Walker._import,
    ast.ImportFrom: _Walker._import,
    ast.arg: _Walker._arg,
    ast.ExceptHandler: _Walker._named,
    ast.MatchAs: _Walker._named,
    ast.MatchStar: _Walker._named,
    ast.MatchMapping: _Walker._rest,
    ast.Global: _Walker._global,
}


def _last(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
