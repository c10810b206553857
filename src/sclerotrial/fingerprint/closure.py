"""The closure of a script: everything of the package that it can reach."""

from __future__ import annotations

import functools
import gc
import hashlib
import os
from pathlib import Path

from sclerotrial.fingerprint import memory
from sclerotrial.fingerprint.graph import Graph, Node
from sclerotrial.fingerprint.source import Module, code_of_notebook, parse


class Code:
    """The source of the package, read once, asked for the closure of many scripts.

    Parameters
    ----------
    root : path
        The folder of the package (the one that holds its ``__init__.py``).
    kept : path, optional
        A file that `remember` wrote: what is known of modules whose text is the same. It is
        read here, and never written while closures are asked for.
    """

    def __init__(self, root: Path, kept: Path | None = None) -> None:
        self.root = Path(root)
        self._file = kept
        self._closures = memory.recall_closures(kept)
        self._found: dict[str, list[str]] = {}
        self._folders: dict[Path, str] = {}
        self._modules: dict[str, Module | None] = {}
        self._index: dict[str, Path] = {}
        self._graphs: dict[frozenset[str], Graph] = {}
        self._python: list[Path] = []
        self._files: list[Path] = []
        self.package = self.root.name
        self._walk(str(self.root), self.package, set())

    @functools.cached_property
    def _kept(self) -> dict:
        """What was kept of modules; not read where all closures are known."""
        return memory.recall(self._file)

    @functools.cached_property
    def _state(self) -> str:
        return memory.state(self.package, [*self._python, *self._files], self.root)

    def _beside(self, folder: Path) -> str:
        """State of the scripts of a folder; '' where those below it would have to be told too."""
        if folder not in self._folders:
            here = [e for e in os.scandir(folder) if not e.name.startswith((".", "__pycache__"))]
            scripts = [Path(e.path) for e in here if e.name.endswith(".py")]
            deep = any(e.is_dir() for e in here)
            self._folders[folder] = "" if deep else memory.state("", scripts, folder)
        return self._folders[folder]

    def _key(self, script: Path) -> str:
        """What the closure of a script rests on; '' where that is not all known."""
        beside = self._beside(script.parent)
        if not beside:
            return ""
        own = hashlib.sha256(script.read_bytes()).hexdigest()
        return " ".join([script.name, own, beside, self._state])

    def _walk(self, folder: str, name: str, above: set[str]) -> None:
        real = os.path.realpath(folder)
        if real in above or not os.path.isdir(folder):
            return  # a link that leads back
        here = sorted(os.scandir(folder), key=lambda entry: entry.name)
        for entry in here:
            stem, suffix = os.path.splitext(entry.name)
            if entry.is_dir():
                if entry.name != "__pycache__":
                    self._walk(entry.path, f"{name}.{entry.name}", above | {real})
            elif suffix == ".py" and entry.is_file():
                path = Path(entry.path)
                self._python.append(path)
                if stem == "__init__":
                    self._index[name] = path
                else:  # a folder of that name comes first
                    self._index.setdefault(f"{name}.{stem}", path)
            elif entry.is_file() and suffix != ".pyc" and not _is_leftover(entry.name):
                self._files.append(Path(entry.path))

    def module(self, name: str) -> Module | None:
        """The module of that dotted name; None when it is not of the package."""
        if name not in self._modules:
            path = self._index.get(name)
            self._modules[name] = None if path is None else self.read(name, path)
        return self._modules[name]

    def read(self, name: str, path: Path, script: bool = False) -> Module:
        """The module whose text is in that file."""
        raw = path.read_bytes()
        if path.suffix == ".ipynb":
            raw = code_of_notebook(raw)
        known = None if script else memory.module(self._kept, name, path, raw)
        return known or parse(name, path, raw, self.package, script)

    def remember(self, kept: Path) -> None:
        """Write what is known of the modules and closures so far, for `Code` of a later run."""
        kept = Path(kept)
        modules = [module for module in self._modules.values() if module]
        if modules:  # else all closures were known
            memory.remember(kept, modules, self._kept)
        memory.remember_closures(kept, self._found, self._closures)

    def has(self, name: str) -> bool:
        """Whether there is a module of that dotted name."""
        return name in self._index

    def below(self, start: str) -> list[str]:
        """Modules whose dotted name begins with that ('=' before it: the one of that name)."""
        if start.startswith("="):
            return [start[1:]] if start[1:] in self._index else []
        return [name for name in self._index if name.startswith(start)]

    def data(self, package: str, source: bool) -> list[Path]:
        """Data files below a package ('': of all), with the modules themselves if asked."""
        folder = self.root.joinpath(*package.split(".")[1:]) if package else self.root
        if package.split(".")[0] not in ("", self.package):
            return []
        files = [*self._files, *(self._python if source else ())]
        return [path for path in files if not package or folder in path.parents]

    def closure(self, script: Path) -> list[str]:
        """What a script can reach: sorted lines such as ``function a.b.c 0f3a...``.

        Parameters
        ----------
        script : path
            A Python file whose names are followed, or a notebook.

        Returns
        -------
        list of str
            One line a function, class, constant, module body or data file, each with a digest.
        """
        script = Path(script)
        key = self._key(script)
        lines = self._closures.get(key) if key else None
        if lines is None:
            lines = self._follow(script)
        if key:
            self._found[key] = lines
        return list(lines)

    def _follow(self, script: Path) -> list[str]:
        """The lines of a closure, from the text."""
        flags: frozenset[str] = frozenset()
        collects = gc.isenabled()
        gc.disable()  # trees have no cycles, and their many nodes would be gone through again
        try:
            while True:
                if flags not in self._graphs:
                    self._graphs[flags] = Graph(self, flags)
                reach = _Reach(self, self._graphs[flags])
                lines = reach.of_script(script)
                if reach.flags <= flags:
                    return lines
                flags |= reach.flags  # something reached looks at more than the text: once more
        finally:
            if collects:
                gc.enable()


def _is_leftover(name: str) -> bool:
    """Whether a file is what editors and file managers leave behind."""
    return name == ".DS_Store" or name.endswith(("~", ".swp", ".swo", ".swx"))


class _Reach:
    """One walk from a script."""

    def __init__(self, code: Code, graph: Graph) -> None:
        self.code = code
        self.graph = graph
        self.flags = set(graph.flags)
        self.lines: set[str] = set()
        self.seen: set[Node] = set()

    def of_script(self, path: Path) -> list[str]:
        """All lines of a script's closure."""
        self._go(self._script(path, path.parent, set()))
        while "arrived" in self.flags:
            waiting = [("own", m) for m in self._arrived() if ("own", m) not in self.seen]
            if not waiting:
                break
            self._go(waiting)
        places: dict[str, set[int]] = {}
        for node in self.seen:
            if node[0] == "piece":
                places.setdefault(node[1], set()).add(node[2])
        for name in self._arrived():
            module = self.code.module(name)
            self.lines |= self.graph.in_order(module, places.get(name, set()))
            if "docs" in self.flags:
                self.lines.add(f"docstring {name} {module.docs}")
            if "source" in self.flags:
                self.lines.add(self.graph.file(module.path))
        return sorted(self.lines)

    def _arrived(self) -> list[str]:
        return [node[1] for node in self.seen if node[0] == "arrive"]

    def _go(self, todo: list[Node]) -> None:
        seen, known = self.seen, self.graph.known
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            step = known.get(node) or self.graph.step(node)
            self.lines.update(step.lines)
            self.flags |= step.flags
            todo += step.leads

    def _script(self, path: Path, folder: Path, done: set[Path]) -> list[Node]:
        """What a script, and files beside it that it imports, lead to."""
        done.add(path)
        module = self.code.read(path.stem, path, script=True)
        self.lines.add(f"script {path.name} {self.graph.whole(module)}")
        step = self.graph.of_statements(module)
        self.lines.update(step.lines)
        self.flags |= step.flags
        leads = list(step.leads)
        for base, name in step.sources:
            for dotted in filter(None, (base, f"{base}.{name}" if name else "")):
                beside = folder.joinpath(*dotted.split("."))
                for other in (beside.with_suffix(".py"), beside / "__init__.py"):
                    if (
                        dotted.split(".")[0] != self.code.package
                        and other.is_file()
                        and other not in done
                    ):
                        leads += self._script(other, folder, done)
        return leads
