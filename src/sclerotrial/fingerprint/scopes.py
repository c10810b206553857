"""Which names of a definition are looked up in its module: Python's own table of symbols tells."""

from __future__ import annotations

import ast
import io
import symtable
import tokenize
from functools import lru_cache


def global_names(raw: bytes, node: ast.stmt) -> set[str]:
    """Names that a top-level definition looks up in its module, in any of its scopes.

    Parameters
    ----------
    raw : bytes
        Text of the module.
    node : statement
        A function or class at its top.
    """
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    try:
        text = "\n".join(_lines(raw)[first - 1 : node.end_lineno])
        return _of_table(symtable.symtable(text, "definition", "exec"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # what cannot be told is looked up
        return {name for n in ast.walk(node) for name in [getattr(n, "id", None)] if name}


@lru_cache(maxsize=8)
def _lines(raw: bytes) -> list[str]:
    encoding = tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
    with io.TextIOWrapper(io.BytesIO(raw), encoding) as text:  # line ends as Python reads them
        return text.read().removeprefix("\ufeff").split("\n")


def _of_table(table: symtable.SymbolTable) -> set[str]:
    if table.get_type() == "function":
        found = {s.get_name() for s in table.get_symbols() if s.is_global()}
    else:  # a class looks in the module for what it has not bound yet
        found = {s.get_name() for s in table.get_symbols() if s.is_referenced() or s.is_global()}
    for child in table.get_children():
        found |= _of_table(child)
    return found
