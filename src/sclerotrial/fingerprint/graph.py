"""Where the names of the package lead, each worked out once for all scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sclerotrial.fingerprint.classes import acts
from sclerotrial.fingerprint.digests import digest, file_sha256
from sclerotrial.fingerprint.source import Facts, Module, Source
from sclerotrial.fingerprint.walk import Chain

if TYPE_CHECKING:
    from pathlib import Path

    from sclerotrial.fingerprint.closure import Code

#: ("arrive", module): it is imported; ("name", module, name, rest): a name of it is used, and
#: ``rest`` of that; ("piece", module, place): a statement of it; ("own", module): the whole of it;
#: ("all", module): with the modules below it
Node = tuple
#: names that a module has without binding them
_GIVEN = {"__name__", "__package__", "__dict__", "__builtins__"}


class Step(NamedTuple):
    """What a node brings: lines of the closure, further nodes, flags that widen everything."""

    lines: tuple[str, ...] = ()
    leads: tuple[Node, ...] = ()
    flags: frozenset[str] = frozenset()
    sources: tuple[Source, ...] = ()


class Graph:
    """The nodes of the package under some flags.

    Parameters
    ----------
    code : Code
    flags : set of str
        ``docs``: docstrings count; ``hints``: annotations are looked at; ``arrived``, ``source``:
        whatever is imported can be found, as an object or as text.
    """

    def __init__(self, code: Code, flags: frozenset[str]) -> None:
        self.code = code
        self.flags = flags
        self.known: dict[Node, Step] = {}
        self._ordered: dict[str, set[int]] = {}

    def step(self, node: Node) -> Step:
        """What a node brings, worked out once."""
        kind, name, *rest = node
        self._lines: list[str] = []
        self._leads: dict[Node, None] = {}
        self._flags: set[str] = set()
        module = self.code.module(name)
        getattr(self, f"_{kind}")(module, *rest)
        step = Step(tuple(self._lines), tuple(self._leads), frozenset(self._flags))
        self.known[node] = step
        return step

    def of_statements(self, module: Module) -> Step:
        """What all statements of a script bring."""
        self._lines, self._leads, self._flags = [], {}, set()
        sources = list(module.loads)
        for place in range(len(module.pieces)):
            self._piece(module, place)
            sources += module.facts(module.pieces[place]).loads
        for source in sources:
            self._load(source)
        for base, name in (s for named in module.imports.values() for s in named):
            if name is not None and not self.code.has(f"{base}.{name}"):
                self._source((base, name), ())
        leads = tuple(self._leads)
        return Step(tuple(self._lines), leads, frozenset(self._flags), tuple(sources))

    def whole(self, module: Module) -> str:
        """Digest of all that a module runs, in its order, and of what it imports."""
        links = sorted(f"{base}:{name}" for base, name in module.loads)
        parts = [self._digest(module, [i]) for i in range(len(module.pieces))]
        return digest("\n".join([module.broken, *parts, *links]))

    def file(self, path: Path) -> str:
        """The line of a file of the package."""
        where = path.relative_to(self.code.root).as_posix()
        return f"file {where} {file_sha256(path)[:12]}"

    def in_order(self, module: Module, reached: set[int]) -> set[str]:
        """The line of what runs at import; it tells when reached statements change places."""
        if module.name not in self._ordered:
            twice = {i for p in module.names.values() if len(p) > 1 for i in p}
            does = {i for i, p in enumerate(module.pieces) if acts(self.code, module, p)}
            self._ordered[module.name] = does | twice
        tells = self._ordered[module.name]
        if tells.isdisjoint(reached):
            return set()
        order = []
        for i in sorted(reached):
            piece = module.pieces[i]
            if piece.kind == "body":
                order.append(self._digest(module, [i]))
            elif piece.kind == "constant" or i in tells:
                order.append(",".join(piece.names))
        alone = len(order) == 1 and not any(module.pieces[i].kind == "body" for i in reached)
        return set() if alone else {f"body {module.name} {digest(chr(10).join(order))}"}

    def _digest(self, module: Module, places: list[int]) -> str:
        facts = [module.facts(module.pieces[i]) for i in places]
        docs = [f.docs for f in facts] if "docs" in self.flags else []
        return digest("\n".join([*(f.digest for f in facts), *docs]))

    def _to(self, *node: object) -> None:
        self._leads[node] = None

    # --- the kinds of nodes -------------------------------------------------------------------

    def _arrive(self, module: Module) -> None:
        """What counts as soon as a module is imported."""
        if module.broken:
            self._lines.append(f"module {module.name} {module.broken}")
        above = module.name.rpartition(".")[0]
        if self.code.has(above):
            self._to("arrive", above)
        for source in module.loads:
            self._load(source)
        for place, piece in enumerate(module.pieces):
            if acts(self.code, module, piece):
                self._to("piece", module.name, place)
                for name in piece.names:
                    self._to("name", module.name, name, ())

    def _load(self, source: Source) -> None:
        """An import is carried out."""
        base, name = source
        while base and not self.code.has(base):  # a folder without __init__.py
            if name is not None and self.code.has(f"{base}.{name}"):
                self._to("arrive", f"{base}.{name}")
            base, _, name = base.rpartition(".")
        for dotted in filter(None, (base, f"{base}.{name}" if name else "")):
            if self.code.has(dotted):
                self._to("arrive", dotted)

    def _name(self, module: Module, name: str, rest: Chain) -> None:
        """A name of a module is used, and ``rest`` of what it stands for."""
        self._to("arrive", module.name)
        places = module.names.get(name, [])
        if places:
            kinds = {module.pieces[i].kind for i in places}
            kind = "function" if "function" in kinds else "constant"
            self._lines.append(f"{kind} {module.name}.{name} {self._digest(module, places)}")
        for place in places:
            self._to("piece", module.name, place)
        for source in module.imports.get(name, ()):
            self._source(source, rest)
        if module.binds(name) or module.broken:
            return
        if name == "__doc__":
            self._flags.add("docs")
        elif name in ("__file__", "__path__", "__spec__", "__loader__"):
            self._look(("files", "", ""))
        elif name not in _GIVEN:
            self._unbound(module, name, rest)

    def _unbound(self, module: Module, name: str, rest: Chain) -> None:
        """A name that the text of a module does not bind is taken from it."""
        found = "__getattr__" in module.names
        if found:
            self._to("name", module.name, "__getattr__", ())
        for base in module.stars:
            found |= self._star(base, name, rest, set())
        if not found:
            self._to("all", module.name)

    def _star(self, base: str, name: str, rest: Chain, done: set[str]) -> bool:
        """Follow a name that may have come by ``from base import *``; whether it has."""
        module = self.code.module(base)
        if module is None or base in done:
            return False
        done.add(base)
        found = False
        if self.code.has(f"{base}.{name}"):
            self._path(f"{base}.{name}", rest)
            found = True
        if module.binds(name) or "__getattr__" in module.names:
            self._to("name", base, name, rest)
            return True
        for further in module.stars:
            found |= self._star(further, name, rest, done)
        return found

    def _all(self, module: Module) -> None:
        """A module counts whole, and the modules below it."""
        self._to("own", module.name)
        if module.path.name == "__init__.py":
            for below in self.code.below(f"{module.name}."):
                self._to("own", below)

    def _own(self, module: Module) -> None:
        """A module counts whole, with what it imports by name."""
        self._to("arrive", module.name)
        self._lines.append(f"module {module.name} {self.whole(module)}")
        for place in range(len(module.pieces)):
            self._to("piece", module.name, place)
        for name in module.names:
            self._to("name", module.name, name, ())
        for base, name in (s for sources in module.imports.values() for s in sources):
            if name is not None and not self.code.has(f"{base}.{name}"):
                self._source((base, name), ())

    def _piece(self, module: Module, place: int) -> None:
        """A statement is reached: follow what it uses."""
        facts = module.facts(module.pieces[place])
        chains = [*facts.uses, *(facts.notes if "hints" in self.flags else ())]
        for chain in chains:
            self._chain(module, facts, chain)
        for source in facts.loads:
            self._load(source)
        for look in facts.looks:
            self._look(look)

    # --- following ----------------------------------------------------------------------------

    def _chain(self, module: Module, facts: Facts, chain: Chain) -> None:
        root, rest = chain[0], chain[1:]
        if root in module.names and self.code.module(module.name) is module:
            self._to("name", module.name, root, ())
        sources = [*facts.imports.get(root, ()), *module.imports.get(root, ())]
        for source in sources:
            self._source(source, rest)
        if not sources and not module.has(root):
            for base in module.stars:
                self._star(base, root, rest, set())

    def _source(self, source: Source, rest: Chain) -> None:
        base, name = source
        if base.split(".")[0] == self.code.package:
            self._path(base, (name, *rest) if name is not None else rest)

    def _path(self, base: str, rest: Chain) -> None:
        """``base.a.b`` is used: down the modules as far as they go, then the name."""
        while True:
            module = self.code.module(base)
            if module is not None:
                self._to("arrive", base)
            if not rest:
                for name in [base] if module is not None else self.code.below(f"{base}."):
                    self._to("all", name)
                return
            below = f"{base}.{rest[0]}"
            is_module = self.code.has(below) or (
                module is None and bool(self.code.below(f"{below}."))
            )
            if module is not None and (not is_module or module.binds(rest[0])):
                self._to("name", base, rest[0], rest[1:] if rest[0] in module.imports else ())
            if not is_module or (module is not None and _hides(module, rest[0], below)):
                return
            base, rest = below, rest[1:]

    def _look(self, look: tuple[str, str, str]) -> None:
        """Something is looked up by a name made while running."""
        kind, what, attribute = look
        if kind == "flag":
            self._flags.add(what)
        elif kind.startswith("files"):
            found = self.code.data(what, source=kind == "files+")
            self._lines += [self.file(path) for path in found]
        elif kind == "own":
            if self.code.has(what):  # a script counts whole as it is
                self._to("own", what)
        else:
            for name in self.code.below(what):
                module = self.code.module(name)
                self._to("arrive", name)
                if attribute == "*":
                    self._to("all", name)
                elif module.binds(attribute) or "__getattr__" in module.names:
                    self._to("name", name, attribute, ())


def _hides(module: Module, name: str, below: str) -> bool:
    """Whether a package takes out of its module of some name a thing of the same name."""
    sources = module.imports.get(name, [])
    return (
        bool(sources)
        and not module.has(name)
        and all(base == below and taken is not None for base, taken in sources)
    )
