"""What is looked up by a name that is made while running: modules, and files of the package."""

from __future__ import annotations

import ast
from collections.abc import Callable

from sclerotrial.fingerprint.walk import Chain, chain_of

#: a way to look something up: its kind and what it is about
Look = tuple[str, str, str]

_LOAD = {"import_module", "__import__"}
_LIST = {"iter_modules", "walk_packages"}
#: other ways to load code
_OTHER = {
    "spec_from_file_location", "module_from_spec", "exec_module", "load_module", "find_spec",
    "resolve_name", "run_module", "run_path", "find_loader", "reload", "entry_points", "pkgutil",
    "SourceFileLoader",
}  # fmt: skip
#: names that are asked for as text, of the own module
_OWN = {"globals", "locals", "vars", "eval", "exec", "__builtins__"}
#: whatever has been imported can be found
_ARRIVED = {"__subclasses__", "_getframe", "currentframe", "get_objects", "get_referrers"}
_DOCS = {"__doc__", "getdoc", "getcomments", "model_json_schema", "use_attribute_docstrings"}
_SOURCE = {"getsource", "getsourcelines", "findsource", "linecache"}
_HINTS = {
    "__annotations__", "get_type_hints", "get_annotations", "signature", "getfullargspec",
    "validate_call", "validate_arguments", "Signature", "create_model", "make_dataclass",
}  # fmt: skip
_FILES = {
    "__file__", "__path__", "__spec__", "__loader__", "__cached__", "get_data", "getfile",
    "getsourcefile", "pkg_resources", "importlib_resources",
}  # fmt: skip
_RESOURCES = "importlib.resources"
#: a word of these makes a statement worth a second look
TRIGGERS = (
    _LOAD | _LIST | _OTHER | _OWN | _ARRIVED | _DOCS | _SOURCE | _HINTS | _FILES
    | {"resources", "importlib", "modules", "inspect"}
)  # fmt: skip


def looks_of(
    node: ast.stmt,
    words: set[str],
    dotted: Callable[[Chain], list[str]],
    module: str,
    package: str,
    constant: bool,
) -> list[Look]:
    """How a statement looks things up by name.

    Parameters
    ----------
    node : statement
    words : set of str
        All names in it, those of what it imports included.
    dotted : function of a chain
        The full names that a chain stands for by imports.
    module, package : str
        Where it stands.
    constant : bool
        Whether it is no function: what it finds can be used elsewhere.

    Returns
    -------
    list of (kind, what, attribute)
        ``own``: that module;
        ``load``: modules whose name begins with that, of which an attribute is used ('*': any);
        ``files``: data files below that package, ``files+`` with its source; ``flag``: docs,
        hints, arrived or source, which widen what counts everywhere.
    """
    looks: set[Look] = set()
    texts = {n.value for n in ast.walk(node) if isinstance(n, ast.Constant)} - {None}
    files = "files+" if any(isinstance(t, str) and ".py" in t for t in texts) else "files"
    if words & _LOAD or ("importlib" in words and not words & {"resources", "metadata"}):
        looks |= _loads(node, dotted, package)
    if words & (_LIST | _OTHER):
        own = "__path__" in words and not words & _OTHER - {"pkgutil"}
        looks.add(("load", f"{package}." if own else "", "*"))
    if words & _OWN:
        looks |= {("own", module, "*")} if _calls_own(node) else set()
    if any(name == "sys.modules" for n in ast.walk(node) for name in dotted(chain_of(n))):
        looks.add(("flag", "arrived", ""))
    if words & _FILES - ({"__path__"} if words & _LIST else set()):
        looks.add((files, "", ""))
    looks |= _resources(node, dotted, package, files, constant)
    for flag, those in (
        ("docs", _DOCS), ("hints", _HINTS), ("arrived", _ARRIVED | _SOURCE), ("source", _SOURCE),
    ):  # fmt: skip
        if words & those:
            looks.add(("flag", flag, ""))
    return sorted(looks)


def _loads(node: ast.stmt, dotted: Callable, package: str) -> set[Look]:
    """Modules that ``import_module`` is asked for."""
    looks: set[Look] = set()
    called: set[int] = set()
    attribute = {
        id(n.value): n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)
    }  # what is taken of the module at once
    for n in ast.walk(node):
        if isinstance(n, ast.Call) and _names_a_loader(n.func, dotted):
            called.add(id(n.func))
            named = [k.value for k in n.keywords if k.arg == "name"]
            start = _start(([*n.args, *named] or [None])[0], package)
            # a relative name, or what '__import__' gives, is not followed further
            whole = len(n.args) > 1 or chain_of(n.func)[-1:] == ("__import__",)
            text, done = ("", False) if start is None or start[0].startswith(".") else start
            what = f"={text}" if done else text
            looks.add(("load", what, "*" if whole else attribute.get(id(n), "*")))
    for n in ast.walk(node):
        if id(n) not in called and _names_a_loader(n, dotted):
            looks.add(("load", "", "*"))  # handed on as a value
    return looks


def _names_a_loader(node: ast.AST, dotted: Callable) -> bool:
    if isinstance(node, ast.Attribute) and node.attr in _LOAD:
        return True
    chain = chain_of(node)
    names = [*dotted(chain), ".".join(chain)]
    return any(name.rpartition(".")[2] in _LOAD for name in names)


def _start(node: ast.AST | None, package: str) -> tuple[str, bool] | None:
    """How a text begins, and whether that is all of it."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value, True
    if isinstance(node, ast.Name) and node.id in ("__name__", "__package__"):
        return package, True
    if isinstance(node, ast.FormattedValue) and node.conversion == -1 and node.format_spec is None:
        return _start(node.value, package)
    parts: list[ast.AST] = []
    if isinstance(node, ast.JoinedStr):
        parts = node.values
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [node.left, node.right]
    text = ""
    for part in parts:
        begun = _start(part, package)
        if begun is None:
            return text, False
        text += begun[0]
        if not begun[1]:
            return text, False
    return (text, True) if parts else None


def _calls_own(node: ast.stmt) -> bool:
    return any(isinstance(n, ast.Name) and n.id in _OWN for n in ast.walk(node))


def _resources(
    node: ast.stmt, dotted: Callable, package: str, files: str, constant: bool
) -> set[Look]:
    """Files that ``importlib.resources`` is asked for."""
    looks: set[Look] = set()
    calls = {id(n.func): n for n in ast.walk(node) if isinstance(n, ast.Call)}
    inner = {id(n.value) for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    up = any(isinstance(n, ast.Constant) and n.value == ".." for n in ast.walk(node)) or any(
        isinstance(n, ast.Attribute) and n.attr in ("parent", "parents") for n in ast.walk(node)
    )
    for n in ast.walk(node):
        names = dotted(chain_of(n)) if id(n) not in inner else []
        if not any((name + ".").startswith(_RESOURCES + ".") for name in names):
            continue
        call = calls.get(id(n))
        start = _start(call.args[0], package) if call is not None and call.args else None
        known = start is not None and start[1] and not constant and not up
        looks.add((files, start[0] if known else "", ""))
    return looks
