"""What runs as soon as a module is imported: calls in its statements outside of functions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sclerotrial.fingerprint.walk import FUNCTIONS, Chain, chain_of

#: a call that nothing is known of
UNKNOWN: Chain = ("?",)
#: builtins that change nothing and call nothing of ours back
_PLAIN = {
    "abs", "all", "any", "bool", "bytes", "chr", "classmethod", "complex", "dict", "divmod",
    "enumerate", "float", "frozenset", "getattr", "hasattr", "hash", "hex", "int", "isinstance",
    "issubclass", "len", "list", "max", "min", "object", "ord", "pow", "property", "range", "repr",
    "reversed", "round", "set", "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple",
    "zip",
}  # fmt: skip
#: methods that only look at what they are called on
_LOOKING = {
    "casefold", "copy", "count", "difference", "encode", "endswith", "format", "fromkeys", "get",
    "index", "intersection", "items", "join", "keys", "ljust", "lower", "lstrip", "maketrans",
    "partition", "removeprefix", "removesuffix", "replace", "rjust", "rpartition", "rsplit",
    "rstrip", "split", "splitlines", "startswith", "strip", "title", "translate", "union", "upper",
    "values", "zfill",
}  # fmt: skip
#: functions and folders of other packages that do neither
_FOREIGN = (
    "abc", "argparse", "collections", "contextlib.contextmanager", "contextlib.suppress",
    "dataclasses", "datetime", "decimal", "enum", "fractions.Fraction", "functools.cache",
    "functools.cached_property", "functools.lru_cache", "functools.partial",
    "functools.singledispatch", "functools.total_ordering", "functools.wraps", "html", "io",
    "itertools", "json", "logging.Formatter", "logging.Handler", "math", "numpy.arange",
    "numpy.array", "numpy.asarray", "numpy.finfo", "numpy.float64", "numpy.iinfo",
    "numpy.linspace", "numpy.log", "numpy.log10", "numpy.log2", "numpy.sqrt", "operator",
    "pathlib", "pydantic", "re.compile", "re.escape", "string", "threading",
    "types.MappingProxyType", "types.SimpleNamespace", "typing", "typing_extensions", "zoneinfo",
)  # fmt: skip
_LEAVES = {ast.Name, ast.Constant, ast.Load, ast.Store}
#: special methods of a class that run when a class is made of it
_HOOKS = {"__init_subclass__", "__set_name__", "__class_getitem__", "__prepare__"}
_MAKES = {"__new__", "__init__", "__post_init__", "__call__", "__setattr__", "__set__"}


@dataclass
class Names:
    """What the names of a module stand for.

    Attributes
    ----------
    bound, literal, imported : functions of a name
        Whether the module binds it, whether to displays and plain values only, and what imports
        it stands for.
    package : str
        The package whose own functions are no foreign ones.
    """

    bound: Callable[[str], bool]
    literal: Callable[[str], bool]
    imported: Callable[[str], Iterable[tuple[str, str | None]]]
    package: str

    def ours(self, name: str) -> bool:
        """Whether a name stands for something of the package, be it the module's own."""
        return self.bound(name) or any(
            base.split(".")[0] == self.package for base, _ in self.imported(name)
        )


def calls_at_import(
    node: ast.stmt,
    postponed: bool,
    names: Names,
) -> list[Chain]:
    """Calls that a top-level statement makes when its module is imported, the harmless left out.

    Parameters
    ----------
    node : statement
    postponed : bool
        Whether annotations are not evaluated (``from __future__ import annotations``).
    names : Names
        What the module binds and imports.

    Returns
    -------
    list of chains
        What is called; `UNKNOWN` where that cannot be told.
    """
    found: list[Chain] = []
    todo: list[ast.AST] = [node]
    while todo:
        at = todo.pop()
        cls = at.__class__
        if cls in FUNCTIONS:
            found += [_judge(d, names) for d in at.decorator_list]
            args = at.args
            todo += [*at.decorator_list, *args.defaults, *filter(None, args.kw_defaults)]
            if not postponed:
                given = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
                todo += [g.annotation for g in given if g is not None and g.annotation is not None]
                todo += [at.returns] if at.returns is not None else []
            continue
        if cls is ast.Lambda:
            todo += [*at.args.defaults, *filter(None, at.args.kw_defaults)]
            continue
        if cls is ast.ClassDef:
            found += [_judge(d, names) for d in at.decorator_list]
            found += [UNKNOWN for k in at.keywords if k.arg in (None, "metaclass")]
            found += [UNKNOWN for b in at.bases if _is_foreign(b, names)]
        elif cls is ast.Call:
            found.append(_judge(at, names))
        elif cls is ast.AnnAssign and postponed:
            todo += [at.target, *([at.value] if at.value is not None else [])]
            continue
        for value in at.__dict__.values():  # what a text holds besides trees is no matter here
            if isinstance(value, list):
                todo += [v for v in value if isinstance(v, ast.AST) and v.__class__ not in _LEAVES]
            elif isinstance(value, ast.AST) and value.__class__ not in _LEAVES:
                todo.append(value)
    return [chain for chain in dict.fromkeys(found) if chain]


def _judge(node: ast.AST, names: Names) -> Chain:
    """What a call or a decorator calls; empty when that is harmless."""
    func = node
    if isinstance(node, ast.Call):
        func = node.func
        handed = [k.value for k in node.keywords if k.arg in ("key", "default_factory")]
        if any(_may_be_ours(value, names) for value in handed):
            return UNKNOWN
    chain = chain_of(func)
    last = func.attr if isinstance(func, ast.Attribute) else ""
    if not chain:
        return () if last in _LOOKING else UNKNOWN
    root = chain[0]
    if names.ours(root):
        return () if last in _LOOKING and names.literal(root) else chain
    sources = list(names.imported(root))
    if sources:
        whole = [".".join(filter(None, (base, name, *chain[1:]))) for base, name in sources]
        return () if all(map(_harmless, whole)) else UNKNOWN
    if last:
        return () if last in _LOOKING or last in ("setter", "getter", "deleter") else UNKNOWN
    return () if root in _PLAIN or _is_error(root) else UNKNOWN


def _may_be_ours(node: ast.AST, names: Names) -> bool:
    """Whether a function handed on may be one of the package."""
    chain = chain_of(node)
    return names.ours(chain[0]) if chain else not isinstance(node, ast.Constant)


def _is_foreign(base: ast.AST, names: Names) -> bool:
    """Whether a base comes from elsewhere, and may note its subclasses there."""
    chain = chain_of(base.value if isinstance(base, ast.Subscript) else base)
    if not chain or names.ours(chain[0]):
        return False
    sources = names.imported(chain[0])
    whole = [".".join(filter(None, (origin, name, *chain[1:]))) for origin, name in sources]
    return not all(map(_harmless, whole))


def _harmless(name: str) -> bool:
    return any(name == known or name.startswith(known + ".") for known in _FOREIGN)


def _is_error(name: str) -> bool:
    thing = getattr(builtins, name, None)
    return isinstance(thing, type) and issubclass(thing, BaseException)


def is_hooked(node: ast.ClassDef) -> bool:
    """Whether the making of a subclass, or of the class itself, runs code of its own."""
    return bool(node.keywords) or any(
        n.name in _HOOKS for n in node.body if isinstance(n, FUNCTIONS)
    )


def is_plain(node: ast.ClassDef) -> bool:
    """Whether the making of an instance runs no code of the class."""
    return not node.keywords and not any(
        n.name in _MAKES for n in ast.walk(node) if isinstance(n, FUNCTIONS)
    )
