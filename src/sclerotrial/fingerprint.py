"""What a step's result depends on besides its inputs: the functions that its script can reach.

The closure starts at a script and follows names through the package, function by function, as
text: nothing is imported or run. Comments, docstrings and formatting do not count. Where a use
cannot be told from the text (a module handed on as a value, a package that looks its modules up),
the whole module or package counts: wrong only towards running again.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

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
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, '' when there is none."""
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return _file_sha(str(path), stat.st_size, stat.st_mtime_ns)


@dataclass
class _Module:
    """The top-level definitions of a module, and what its names stand for."""

    name: str
    path: Path
    defs: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    body: list[ast.stmt] = field(default_factory=list)

    @property
    def package(self) -> str:
        return self.name if self.path.name == "__init__.py" else self.name.rpartition(".")[0]


def _without_docstring(node: ast.AST) -> None:
    for child in ast.walk(node):
        body = getattr(child, "body", None)
        if (
            isinstance(child, (*_DEFS, ast.Module))
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
            and isinstance(body[0].value.value, str)
        ):
            child.body = body[1:] or [ast.Pass()]


def _bound(target: ast.AST) -> list[str]:
    return [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]


def _parse(name: str, path: Path) -> _Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    _without_docstring(tree)
    module = _Module(name, path)
    for node in tree.body:
        _file_statement(module, node)
    # an import inside a function binds names there only: knowing them module-wide errs towards more
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            _file_import(module, node)
    return module


def _file_statement(module: _Module, node: ast.stmt) -> None:
    if isinstance(node, _DEFS):
        module.defs.setdefault(node.name, []).append(node)
    elif isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return
    elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for bound in (b for t in targets for b in _bound(t)):
            module.defs.setdefault(bound, []).append(node)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    else:
        module.body.append(node)


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
        lines = {f"script {Path(script).name} {self._digest(self._everything(start))}"}
        seen: set[tuple[str, str]] = set()
        todo: list[tuple[_Module, str]] = []
        lines |= self._follow(start, self._everything(start), todo)
        while todo:
            module, name = todo.pop()
            if (module.name, "") not in seen:
                seen.add((module.name, ""))
                lines |= self._arrive(module, todo)
            if (module.name, name) in seen:
                continue
            seen.add((module.name, name))
            nodes = module.defs.get(name)
            if nodes is not None:
                kind = "function" if isinstance(nodes[0], _DEFS) else "constant"
                lines.add(f"{kind} {module.name}.{name} {self._digest(nodes)}")
                lines |= self._follow(module, nodes, todo)
            elif name == "*":
                lines.add(f"module {module.name} {self._digest(self._everything(module))}")
                todo += [(module, other) for other in module.defs]
            elif name in module.imports:
                self._reach(module.imports[name], todo)
        return sorted(lines)

    def _arrive(self, module: _Module, todo: list[tuple[_Module, str]]) -> set[str]:
        """What counts as soon as a module is imported at all."""
        lines: set[str] = set()
        if module.body:
            lines.add(f"body {module.name} {self._digest(module.body)}")
            lines |= self._follow(module, module.body, todo)
        if module.package != module.name:
            parent = self.module(module.package)
            if parent is not None:
                todo.append((parent, ""))
        return lines

    def _beside(
        self, module: _Module, names: set[str], todo: list[tuple[_Module, str]]
    ) -> set[str]:
        """Files and modules beside a module, where its code reads or looks them up."""
        lines: set[str] = set()
        if names & _FILES:
            for path in sorted(module.path.parent.rglob("*")):
                hidden = "__pycache__" in path.parts or path.suffix in (".py", ".pyc")
                if path.is_file() and not hidden:
                    where = path.relative_to(self.root).as_posix()
                    lines.add(f"file {where} {file_sha256(path)[:12]}")
        if names & _DYNAMIC:
            for path in sorted(module.path.parent.rglob("*.py")):
                rest = path.relative_to(self.root).with_suffix("").parts
                other = self.module(".".join((PACKAGE, *rest)).removesuffix(".__init__"))
                if other is not None:
                    todo.append((other, "*"))
        return lines

    def _everything(self, module: _Module) -> list[ast.stmt]:
        return [*module.body, *(n for nodes in module.defs.values() for n in nodes)]

    @staticmethod
    def _digest(nodes: Iterable[ast.AST]) -> str:
        return digest("\n".join(ast.dump(n) for n in nodes))

    def _follow(
        self, module: _Module, nodes: Iterable[ast.AST], todo: list[tuple[_Module, str]]
    ) -> set[str]:
        names: set[str] = set()
        for top in nodes:
            owned: set[int] = set()
            for node in ast.walk(top):
                names |= {n for n in (getattr(node, "id", None), getattr(node, "attr", None)) if n}
                if isinstance(node, ast.Attribute):
                    chain = _chain(node)
                    if chain and chain[0] in module.imports:
                        owned |= {id(n) for n in ast.walk(node)}
                        self._reach_chain(module.imports[chain[0]], chain[1:], todo)
                elif isinstance(node, ast.Name) and id(node) not in owned:
                    if node.id in module.defs:
                        todo.append((module, node.id))
                    elif node.id in module.imports:
                        self._reach(module.imports[node.id], todo)
        return self._beside(module, names, todo)

    def _reach(self, target: tuple[str, str | None], todo: list[tuple[_Module, str]]) -> None:
        """A name that stands for something imported is used as a value."""
        base, name = target
        if name is not None:
            sub = self.module(f"{base}.{name}")
            if sub is not None:
                todo.append((sub, "*"))
                return
        module = self.module(base)
        if module is not None:
            todo.append((module, name or "*"))

    def _reach_chain(
        self, target: tuple[str, str | None], rest: list[str], todo: list[tuple[_Module, str]]
    ) -> None:
        """``alias.a.b`` is used: walk down modules as far as they go, then take the name."""
        base, name = target
        path = [name, *rest] if name is not None else rest
        while path:
            deeper = self.module(f"{base}.{path[0]}")
            if deeper is None:
                break
            base, path = deeper.name, path[1:]
        module = self.module(base)
        if module is not None:
            todo.append((module, path[0] if path else "*"))


def _chain(node: ast.Attribute) -> list[str]:
    """['a', 'b', 'c'] for ``a.b.c``; empty when it does not begin with a plain name."""
    parts: list[str] = []
    current: ast.AST = node
    while isinstance(current, ast.Attribute):
        parts.append(current.attr)
        current = current.value
    if not isinstance(current, ast.Name):
        return []
    return [current.id, *reversed(parts)]
