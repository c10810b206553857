"""A module as text: its statements, what each uses, and what its names stand for."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sclerotrial.fingerprint.digests import digest
from sclerotrial.fingerprint.imported import UNKNOWN, Names, calls_at_import, is_hooked, is_plain
from sclerotrial.fingerprint.lookups import TRIGGERS, Look, looks_of
from sclerotrial.fingerprint.scopes import global_names
from sclerotrial.fingerprint.walk import FUNCTIONS, Chain, chain_of, is_text, walk

#: where an import leads: a module, and a name in it (None: the module itself)
Source = tuple[str, str | None]
_DEFS = (*FUNCTIONS, ast.ClassDef)
_DISPLAYS = (
    ast.Constant, ast.JoinedStr, ast.Dict, ast.List, ast.Set, ast.Tuple, ast.DictComp,
    ast.ListComp, ast.SetComp,
)  # fmt: skip


class Facts(NamedTuple):
    """What a statement says: all that is known of it without the rest of the package."""

    digest: str
    docs: str
    uses: list[Chain]
    notes: list[Chain]
    #: imports within it, by the name that they bind, and all that they load
    imports: dict[str, list[Source]]
    loads: list[Source]
    looks: list[Look]


@dataclass
class Piece:
    """A top-level statement.

    Attributes
    ----------
    kind : str
        ``function`` (or class), ``constant``, ``body`` (anything else that runs).
    names : list of str
        What it binds.
    runs : list of chains
        What it calls when the module is imported, the harmless left out.
    is_class, bases : bool, list of chains
        Of a class: that it is one, and its bases.
    hooked, plain : bool
        Of a class: making a subclass, making an instance runs code of its own, or none.
    """

    kind: str
    names: list[str]
    runs: list[Chain]
    is_class: bool = False
    bases: list[Chain] = field(default_factory=list)
    hooked: bool = False
    plain: bool = False
    node: ast.stmt | None = None
    facts: Facts | None = None


@dataclass
class Module:
    """A module of the package, or a script.

    Attributes
    ----------
    names : dict
        The statements that bind a name, by their place.
    bound : set of str
        Names bound by statements of kind ``body``.
    imports, loads, stars : what it imports
        By name; all that importing it imports; modules taken with ``*``.
    broken : str
        Digest of the text when that is no Python.
    docs : str
        Digest of its docstring.
    """

    name: str
    package: str
    path: Path
    pieces: list[Piece] = field(default_factory=list)
    names: dict[str, list[int]] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    imports: dict[str, list[Source]] = field(default_factory=dict)
    loads: list[Source] = field(default_factory=list)
    stars: list[str] = field(default_factory=list)
    broken: str = ""
    docs: str = ""
    raw: bytes = b""
    _telling: set[str] | None = None

    @property
    def telling(self) -> set[str]:
        """Imported names that may look something up."""
        if self._telling is None:
            self._telling = {
                name
                for name, sources in self.imports.items()
                for base, taken in sources
                if not TRIGGERS.isdisjoint([*base.split("."), taken])
            }
        return self._telling

    def binds(self, name: str) -> bool:
        """Whether the text of the module binds a name."""
        return name in self.names or name in self.bound or name in self.imports

    def has(self, name: str) -> bool:
        """Whether a statement of the module, other than an import, binds a name."""
        return name in self.names or name in self.bound

    def is_literal(self, name: str) -> bool:
        """Whether a name is bound to displays, comprehensions and plain values only."""
        nodes = [self.pieces[i].node for i in self.names.get(name, ())]
        return name not in self.bound | self.imports.keys() and all(
            isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, _DISPLAYS)
            for node in nodes
        )

    def facts(self, piece: Piece) -> Facts:
        """What a statement of this module says, worked out once."""
        if piece.facts is None:
            piece.facts = _facts(self, piece)
            piece.node = None
        return piece.facts


def parse(name: str, path: Path, raw: bytes, package: str, script: bool = False) -> Module:
    """Read a module from its text.

    Parameters
    ----------
    name : str
        Its dotted name.
    path : path
        Where it stands: ``__init__.py`` is its own package.
    raw : bytes
        Its text.
    package : str
        Name of the package whose names are followed.
    script : bool
        Whether it is run as a program.
    """
    inside = path.name == "__init__.py"
    module = Module(name, name if inside else name.rpartition(".")[0], path, raw=raw)
    try:
        tree = ast.parse(raw)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        module.broken = digest(raw)
        return module
    body = tree.body
    module.docs = digest(repr(ast.get_docstring(tree)))
    postponed = False
    todo = list(reversed(body))
    later: list[tuple[ast.stmt, Piece]] = []
    while todo:
        node = todo.pop()
        cls = node.__class__
        if cls is ast.ImportFrom or cls is ast.Import:
            postponed |= cls is ast.ImportFrom and node.module == "__future__"
            add_import(module, node, module.imports, module.loads, module.stars)
        elif cls is ast.Pass or is_text(node):
            continue
        elif cls is ast.If and (
            _is_typing(module, node.test) or (not script and _is_main(node.test))
        ):
            todo += reversed(node.orelse)
        else:
            piece = _file(module, node)
            later.append((node, piece))
    _world(module, body)
    names = Names(module.has, module.is_literal, lambda n: module.imports.get(n, ()), package)
    for node, piece in later:
        if piece.kind == "body":
            continue
        piece.runs += calls_at_import(node, postponed, names)
    return module


def code_of_notebook(raw: bytes) -> bytes:
    """The code cells of a notebook as one text, without the lines that only IPython knows."""
    try:
        cells = [c for c in json.loads(raw)["cells"] if c["cell_type"] == "code"]
        lines = "\n".join("".join(c["source"]) for c in cells).splitlines()
    except (ValueError, KeyError, TypeError):
        return raw  # the step that reads it will say what is wrong
    return "\n".join(line for line in lines if not line.startswith(("%", "!"))).encode()


def _file(module: Module, node: ast.stmt) -> Piece:
    cls = node.__class__
    if cls in _DEFS:
        piece = Piece("function", [node.name, *_walrus(node)], [], node=node)
        if cls is ast.ClassDef:
            piece.is_class = True
            piece.bases = [chain_of(b) for b in node.bases]
            piece.hooked, piece.plain = is_hooked(node), is_plain(node)
    elif cls in (ast.Assign, ast.AnnAssign, ast.AugAssign):
        targets = node.targets if cls is ast.Assign else [node.target]
        where = [node] if b":=" in module.raw else targets
        names = [n.id for at in where for n in ast.walk(at) if _stores(n)]
        piece = Piece("constant", names, [], node=node)
        changed = [root for t in targets for root in _changed(t)]
        if changed or cls is ast.AugAssign:
            # what is changed may be known elsewhere by another name
            piece.runs.append(UNKNOWN)
            piece.names += [root for root in changed if root and root not in module.imports]
            piece.kind = "constant" if piece.names else "body"
        piece.names = list(dict.fromkeys(piece.names))
    else:
        piece = Piece("body", [], [UNKNOWN], node=node)
        for n in ast.walk(node):
            if _stores(n):
                module.bound.add(n.id)
            elif n.__class__ in _DEFS:
                module.bound.add(n.name)
            elif isinstance(n, (ast.Import, ast.ImportFrom)):
                add_import(module, n, module.imports, module.loads, module.stars)
            elif isinstance(n, (ast.MatchAs, ast.MatchStar, ast.ExceptHandler)) and n.name:
                module.bound.add(n.name)
            elif isinstance(n, ast.MatchMapping) and n.rest:
                module.bound.add(n.rest)
    for name in piece.names:
        module.names.setdefault(name, []).append(len(module.pieces))
    module.pieces.append(piece)
    return piece


def _changed(target: ast.AST) -> list[str]:
    """Names of what a target changes a part of ('' where it begins with no name)."""
    found = []
    for node in ast.walk(target):
        if isinstance(node, (ast.Subscript, ast.Attribute)):
            at = node
            while isinstance(at, (ast.Subscript, ast.Attribute)):
                at = at.value
            found.append(at.id if isinstance(at, ast.Name) else "")
    return found


def _stores(node: ast.AST) -> bool:
    return node.__class__ is ast.Name and node.ctx.__class__ is not ast.Load


def _walrus(node: ast.stmt) -> list[str]:
    """Names that the head of a definition binds besides its own."""
    heads: list[ast.AST] = list(node.decorator_list)
    if isinstance(node, ast.ClassDef):
        heads += [*node.bases, *node.keywords]
    else:
        heads += [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return [n.id for head in heads for n in ast.walk(head) if _stores(n)]


def _is_typing(module: Module, test: ast.expr) -> bool:
    """Whether a condition is the one that holds for type checkers only."""
    chain = chain_of(test)
    if not chain or chain[0] in module.names or chain[0] in module.bound:
        return False
    told = {".".join(filter(None, (b, n, *chain[1:]))) for b, n in module.imports.get(chain[0], ())}
    return bool(told) and told <= {"typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"}


def _is_main(test: ast.expr) -> bool:
    return ast.dump(test) == _MAIN


_MAIN = ast.dump(ast.parse('__name__ == "__main__"', mode="eval").body)


def _world(module: Module, body: list[ast.stmt]) -> None:
    """Names that functions bind in the module by ``global`` and an import."""
    if b"global" not in module.raw:
        return
    for node in (n for top in body for n in ast.walk(top)):
        if isinstance(node, FUNCTIONS):
            world = {n for g in ast.walk(node) if isinstance(g, ast.Global) for n in g.names}
            found: dict[str, list[Source]] = {}
            for n in ast.walk(node) if world else ():
                if isinstance(n, (ast.Import, ast.ImportFrom)):
                    add_import(module, n, found, [], [])
            for name in world & found.keys():
                module.imports.setdefault(name, []).extend(found[name])


def add_import(
    module: Module,
    node: ast.Import | ast.ImportFrom,
    imports: dict[str, list[Source]],
    loads: list[Source],
    stars: list[str],
) -> None:
    """File what an import binds and loads."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            loads.append((alias.name, None))
            imports.setdefault(bound, []).append((alias.name if alias.asname else bound, None))
        return
    base = node.module or ""
    if node.level:
        parts = module.package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        base = ".".join([*parts, base] if base else parts)
    for alias in node.names:
        loads.append((base, None if alias.name == "*" else alias.name))
        if alias.name == "*":
            stars.append(base)
        else:
            imports.setdefault(alias.asname or alias.name, []).append((base, alias.name))


def _facts(module: Module, piece: Piece) -> Facts:
    node = piece.node
    text, names = walk(node)
    inner: dict[str, list[Source]] = {}
    loads: list[Source] = []
    stars: list[str] = []
    for n in names.imports:
        add_import(module, n, inner, loads, stars)
    in_class: dict[str, list[Source]] = {}
    for n in names.class_imports:
        add_import(module, n, in_class, [], [])
    uses = names.uses | {(name,) for name in in_class}
    if node.__class__ not in FUNCTIONS:  # a class may be named by its text
        uses |= {(s,) for s in names.strings if _is_class(module, s)}
    doubtful = {n for n in names.stored & {chain[0] for chain in uses} if module.binds(n)}
    if doubtful and isinstance(node, _DEFS):
        doubtful -= global_names(module.raw, node)
        uses = {chain for chain in uses if chain[0] not in doubtful}
    roots = {chain[0] for chain in uses | names.notes}
    linked = {f"{b}:{a}" for root in roots for b, a in module.imports.get(root, ())}
    if module.stars and any(not module.binds(root) and root not in inner for root in roots):
        linked |= {f"{base}:*" for base in module.stars}

    def dotted(chain: Chain) -> list[str]:
        if not chain:
            return []
        known = [*inner.get(chain[0], ()), *module.imports.get(chain[0], ())]
        return [".".join(filter(None, (b, a, *chain[1:]))) for b, a in known]

    def follows(chain: Chain) -> bool:
        return bool(module.stars) or chain[0] in inner or module.binds(chain[0])

    parts = {word for chain in uses for word in chain} | roots
    looks: list[Look] = []
    if not (
        names.words.isdisjoint(TRIGGERS)
        and parts.isdisjoint(TRIGGERS)
        and roots.isdisjoint(module.telling)
        and not inner
    ):
        words = names.words | {word for chain in uses | names.notes for word in chain}
        words |= {p for chain in uses for name in dotted(chain[:1]) for p in name.split(".")}
        constant = piece.kind != "function"
        if not words.isdisjoint(TRIGGERS):
            looks = looks_of(node, words, dotted, module.name, module.package, constant)
    return Facts(
        digest("\n".join([text, *sorted(linked)])),
        digest("\n".join(map(repr, names.docs))),
        sorted(chain for chain in uses if follows(chain)),
        sorted(chain for chain in names.notes - uses if follows(chain)),
        inner,
        [*loads, *((base, None) for base in stars)],
        looks,
    )


def _is_class(module: Module, name: str) -> bool:
    return any(module.pieces[i].is_class for i in module.names.get(name, ()))
