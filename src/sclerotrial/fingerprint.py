"""What a step's result depends on besides its inputs: the functions that its script can reach.

The closure starts at a script and follows names through the package, function by function, as
text: nothing is imported or run. Comments, docstrings and formatting do not count. Where a use
cannot be told from the text (a module handed on as a value, a package that looks its modules up),
the whole module or package counts: wrong only towards running again.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from sclerotrial.files import sha256

PACKAGE = "sclerotrial"
#: names whose use means that modules are looked up while running
_DYNAMIC = {"pkgutil", "importlib", "__import__", "import_module", "globals", "iter_modules"}
#: names whose use means that files beside the module are read
_FILES = {"__file__", "resources"}
_DEFS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def digest(data: bytes | str) -> str:
    """First 12 hex digits of the sha256."""
    raw = data.encode() if isinstance(data, str) else data
    return hashlib.sha256(raw).hexdigest()[:12]


@lru_cache(maxsize=4096)
def _file_sha(path: str, size: int, mtime_ns: int) -> str:
    return sha256(path)


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, '' when there is none."""
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return _file_sha(str(path), stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True)
class _Piece:
    """A top-level statement: its digest, and the names it uses as dotted chains ('a', 'b')."""

    digest: str
    uses: tuple[tuple[str, ...], ...]


@dataclass
class _Module:
    """The top-level definitions of a module, and what its names stand for."""

    name: str
    path: Path
    defs: dict[str, list[_Piece]] = field(default_factory=dict)
    constants: set[str] = field(default_factory=set)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    body: list[_Piece] = field(default_factory=list)

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]

    @property
    def everything(self) -> list[_Piece]:
        return [*self.body, *(piece for pieces in self.defs.values() for piece in pieces)]


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    if body and isinstance(body[0], ast.Expr):
        said = body[0].value
        if isinstance(said, ast.Constant) and isinstance(said.value, str):
            return body[1:] or [ast.Pass()]
    return body


def _bound(target: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]


def _parse(name: str, path: Path) -> _Module:
    tree = ast.parse(path.read_bytes())
    module = _Module(name, path)
    for node in _without_docstring(tree.body):
        _file_statement(module, node, _read(module, node))
    return module


def _file_statement(module: _Module, node: ast.stmt, piece: _Piece) -> None:
    if isinstance(node, _DEFS):
        module.defs.setdefault(node.name, []).append(piece)
    elif isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for bound in (b for t in targets for b in _bound(t)):
            module.constants |= {bound} - module.defs.keys()
            module.defs.setdefault(bound, []).append(piece)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    else:
        module.body.append(piece)


def _read(module: _Module, top: ast.stmt) -> _Piece:
    """A statement in one pass: its text without comments and docstrings, and the names in it."""
    text: list[str] = []
    uses: dict[tuple[str, ...], None] = {}

    def take(node: ast.AST) -> None:
        if isinstance(node, ast.Name):
            text.append(f"n {node.id}")
            uses[(node.id,)] = None
            return
        if isinstance(node, ast.Constant):
            text.append(f"c {node.value!r}")
            return
        if isinstance(node, ast.Attribute):
            chain = _chain(node)
            if chain:
                text.append(f"a {'.'.join(chain)}")
                uses[chain] = None
                return
            uses[("", node.attr)] = None
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            # inside a function it binds names there only: knowing them module-wide errs to more
            _file_import(module, node)
        text.append(f"{type(node).__name__}(")
        for name in node._fields:
            value = getattr(node, name, None)
            if name == "body" and isinstance(node, _DEFS):
                value = _without_docstring(value)
            if isinstance(value, list):
                text.append(f"{name} {len(value)}")
                for item in value:
                    take(item) if isinstance(item, ast.AST) else text.append(repr(item))
            elif isinstance(value, ast.expr_context):
                pass  # told by the place
            elif isinstance(value, ast.AST):
                text.append(name)
                take(value)
            elif value is not None:
                text.append(f"{name} {value!r}")
        text.append(")")

    take(top)
    return _Piece(digest("\n".join(text)), tuple(uses))


def _file_import(module: _Module, node: ast.Import | ast.ImportFrom) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            module.imports[bound] = (alias.name if alias.asname else bound, None)
        return
    base = node.module or ""
    if node.level:
        parts = module.package.split(".")
        parts = parts[: len(parts) - node.level + 1]
        base = ".".join([*parts, base] if base else parts)
    for alias in node.names:
        module.imports[alias.asname or alias.name] = (base, alias.name)


#: a module and a name in it; '*' is all of it, '' that it is imported
_Target = tuple[_Module, str]


class Code:
    """The source of the package, read once, asked for the closure of many scripts.

    Parameters
    ----------
    root : path
        The folder of the package (the one that holds its ``__init__.py``).
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        self._modules: dict[str, _Module | None] = {}
        self._known: dict[tuple[Path, str], tuple[set[str], list[_Target]]] = {}

    def module(self, name: str) -> _Module | None:
        """The module of that dotted name; None when it is not of the package."""
        if name not in self._modules:
            self._modules[name] = self._find(name)
        return self._modules[name]

    def _find(self, name: str) -> _Module | None:
        head, _, rest = name.partition(".")
        if head != PACKAGE:
            return None
        base = self.root.joinpath(*rest.split(".")) if rest else self.root
        for path in (base / "__init__.py", base.with_suffix(".py")):
            if path.is_file():
                return _parse(name, path)
        return None

    def closure(self, script: Path) -> list[str]:
        """What a script can reach: sorted lines such as ``function a.b.c 0f3a...``.

        Parameters
        ----------
        script : path
            A Python file whose names are followed.

        Returns
        -------
        list of str
            One line a function, class, constant, module body or data file, each with a digest.
        """
        start = _parse(Path(script).stem, Path(script))
        lines = {f"script {Path(script).name} {_digest(start.everything)}"}
        seen: set[tuple[str, str]] = set()
        todo = list(self._follow(start, "", start.everything, lines))
        while todo:
            module, name = todo.pop()
            if (module.name, "") not in seen:
                seen.add((module.name, ""))
                todo += self._arrive(module, lines)
            if (module.name, name) in seen:
                continue
            seen.add((module.name, name))
            pieces = module.defs.get(name)
            if pieces is not None:
                kind = "constant" if name in module.constants else "function"
                lines.add(f"{kind} {module.name}.{name} {_digest(pieces)}")
                todo += self._follow(module, name, pieces, lines)
            elif name == "*":
                lines.add(f"module {module.name} {_digest(module.everything)}")
                todo += [(module, other) for other in module.defs]
            elif name in module.imports:
                todo += self._reach(module.imports[name])
        return sorted(lines)

    def _arrive(self, module: _Module, lines: set[str]) -> list[_Target]:
        """What counts as soon as a module is imported at all."""
        todo: list[_Target] = []
        if module.body:
            lines.add(f"body {module.name} {_digest(module.body)}")
            todo += self._follow(module, "", module.body, lines)
        if module.package != module.name:
            parent = self.module(module.package)
            if parent is not None:
                todo.append((parent, ""))
        return todo

    def _follow(
        self, module: _Module, name: str, pieces: list[_Piece], lines: set[str]
    ) -> list[_Target]:
        """Where the names of a definition lead, worked out once; files it reads go to lines."""
        key = (module.path, name)
        if key not in self._known:
            todo: list[_Target] = []
            words: set[str] = set()
            for chain in {chain: None for piece in pieces for chain in piece.uses}:
                words.update(chain)
                if chain[0] in module.defs:
                    todo.append((module, chain[0]))
                if chain[0] in module.imports:
                    reach = self._reach if len(chain) == 1 else self._reach_chain
                    todo += reach(module.imports[chain[0]], *chain[1:])
            self._known[key] = (self._beside(module, words, todo), todo)
        beside, found = self._known[key]
        lines |= beside
        return found

    def _beside(self, module: _Module, words: set[str], todo: list[_Target]) -> set[str]:
        """Files and modules beside a module, where its code reads or looks them up."""
        lines: set[str] = set()
        if words & _FILES:
            for path in sorted(module.path.parent.rglob("*")):
                hidden = "__pycache__" in path.parts or path.suffix in (".py", ".pyc")
                if path.is_file() and not hidden:
                    where = path.relative_to(self.root).as_posix()
                    lines.add(f"file {where} {file_sha256(path)[:12]}")
        if words & _DYNAMIC:
            for path in sorted(module.path.parent.rglob("*.py")):
                rest = path.relative_to(self.root).with_suffix("").parts
                other = self.module(".".join((PACKAGE, *rest)).removesuffix(".__init__"))
                if other is not None:
                    todo.append((other, "*"))
        return lines

    def _reach(self, target: tuple[str, str | None]) -> list[_Target]:
        """A name that stands for something imported is used as a value."""
        base, name = target
        if name is not None:
            sub = self.module(f"{base}.{name}")
            if sub is not None:
                return [(sub, "*")]
        module = self.module(base)
        return [] if module is None else [(module, name or "*")]

    def _reach_chain(self, target: tuple[str, str | None], *rest: str) -> list[_Target]:
        """``alias.a.b`` is used: walk down modules as far as they go, then take the name."""
        base, name = target
        path = [name, *rest] if name is not None else list(rest)
        while path:
            deeper = self.module(f"{base}.{path[0]}")
            if deeper is None:
                break
            base, path = deeper.name, path[1:]
        module = self.module(base)
        return [] if module is None else [(module, path[0] if path else "*")]


def _digest(pieces: list[_Piece]) -> str:
    return digest("\n".join(piece.digest for piece in pieces))


def _chain(node: ast.Attribute) -> tuple[str, ...]:
    """('a', 'b', 'c') for ``a.b.c``; empty when it does not begin with a plain name."""
    parts: list[str] = []
    current: ast.AST = node
    while isinstance(current, ast.Attribute):
        parts.append(current.attr)
        current = current.value
    if not isinstance(current, ast.Name):
        return ()
    return (current.id, *reversed(parts))
