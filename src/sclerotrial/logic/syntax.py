"""From words to a tree: references, literals, operators and calls."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from sclerotrial.errors import did_you_mean
from sclerotrial.logic.functions import ARITY
from sclerotrial.logic.tokens import LogicError, Token, tokens

__all__ = ["Binary", "Call", "Literal", "LogicError", "Node", "Ref", "Unary", "parse", "refs"]


@dataclass(frozen=True)
class Literal:
    """A number, a text, or true and false."""

    value: float | str | bool


@dataclass(frozen=True)
class Ref:
    """A reference in brackets.

    Attributes
    ----------
    name : str
        The field, or the smart variable (with a dash in its name).
    code : str or None
        Code of a checkbox.
    event : str
        Event before it: a unique event name, or a smart variable such as previous-event-name;
        '' the row's own.
    instance : str
        Instance behind it: a number, or a smart variable such as last-instance; '' none.
    modifiers : tuple of str
        What stands behind colons: value, label, ...
    form : str
        Form of the field where one is named (``[form.field]``, an addition for rules of a study).
    """

    name: str
    code: str | None = None
    event: str = ""
    instance: str = ""
    modifiers: tuple[str, ...] = ()
    form: str = ""

    @property
    def smart(self) -> bool:
        """Whether it is a smart variable: these have a dash, which no field has."""
        return "-" in self.name

    @property
    def column(self) -> str:
        """The column of an export that holds it."""
        if self.code is None:
            return self.name
        return f"{self.name}___{re.sub(r'[^a-z0-9_]', '_', self.code.lower())}"


@dataclass(frozen=True)
class Unary:
    """'-' or 'not' before an operand."""

    sign: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """Two operands and the sign between them."""

    sign: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Call:
    """A function and its arguments."""

    name: str
    args: tuple[Node, ...]


Node = Literal | Ref | Unary | Binary | Call
#: strength with which a sign binds; the power binds from the right
_BINDS = {
    "or": 1, "and": 2, "=": 4, "<>": 4, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6, "^": 8,
}  # fmt: skip
_NOT, _MINUS = 3, 7
_BRACKET = re.compile(
    r"\s*(?:(?P<form>[A-Za-z][A-Za-z0-9_]*)\.)?(?P<name>[A-Za-z0-9][A-Za-z0-9_ -]*?)\s*"
    r"(?:\((?P<code>[^()]*)\))?(?P<rest>(?::[^:]*)*)\s*"
)
_INSTANCE = re.compile(r"\d+|(?:current|previous|next|first|last|new|any)-instance")


@lru_cache(maxsize=4096)
def parse(text: str) -> Node:
    """Read a condition or calculation.

    Parameters
    ----------
    text : str
        Such as ``[sex] = '1' and datediff([dob], [visit_date], 'y') >= 18``.

    Raises
    ------
    LogicError
        What is wrong and at which character.

    Notes
    -----
    Strength, weakest first: or, and, not, comparison, + -, * / %, sign, ^. REDCap asks for
    brackets around both sides of ^; without them it is decided to bind as in algebra.
    """
    reader = _Reader(tokens(text))
    try:
        node = reader.expression(0)
    except RecursionError:
        raise LogicError("Nested too deeply to be read", 1) from None
    end = reader.next()
    if end.kind != "end":
        raise LogicError(f"Nothing joins {end.text!r} to what stands before it", end.at)
    return node


class _Reader:
    def __init__(self, words: list[Token]) -> None:
        self.words, self.at = words, 0

    def peek(self) -> Token:
        return self.words[self.at]

    def next(self) -> Token:
        self.at += 1
        return self.words[self.at - 1]

    def expression(self, weakest: int) -> Node:
        node = self.operand()
        while True:
            word = self.peek()
            binds = _BINDS.get(word.text, 0) if word.kind in ("sign", "name") else 0
            if not binds or binds < weakest:
                return node
            self.next()
            right = self.expression(binds if word.text == "^" else binds + 1)
            node = Binary(word.text, node, right)

    def operand(self) -> Node:
        word = self.next()
        if word.kind == "number":
            return Literal(float(word.text))
        if word.kind == "text":
            return Literal(word.text)
        if word.kind == "ref":
            return self.reference(word)
        if word.kind == "name":
            return self.named(word)
        if word.text in ("-", "+"):
            inner = self.expression(_MINUS)
            return Unary("-", inner) if word.text == "-" else inner
        if word.text == "(":
            inner = self.expression(0)
            self.close(word)
            return inner
        missing = "something is missing at the end" if word.kind == "end" else f"not {word.text!r}"
        raise LogicError(f"A field, number or text is expected here, {missing}", word.at)

    def close(self, opened: Token) -> None:
        word = self.next()
        if word.text != ")" or word.kind != "sign":
            raise LogicError("A parenthesis is not closed", opened.at)

    def named(self, word: Token) -> Node:
        if word.text == "not":
            return Unary("not", self.expression(_NOT))
        if word.text in ("true", "false"):
            return Literal(word.text == "true")
        if self.peek().text != "(" or self.peek().kind != "sign":
            known = word.text in ("and", "or")
            what = (
                f"{word.text!r} stands between two conditions"
                if known
                else (
                    f"The word {word.text!r} needs quotation marks, or brackets when it is a field"
                )
            )
            raise LogicError(what, word.at)
        if word.text not in ARITY:
            hint = did_you_mean(word.text, ARITY)
            raise LogicError(f"The function {word.text!r} is not known.{hint}", word.at)
        opened = self.next()
        args: list[Node] = []
        if self.peek().text == ")" and self.peek().kind == "sign":
            self.next()
        else:
            args.append(self.expression(0))
            while self.peek().text == "," and self.peek().kind == "sign":
                self.next()
                args.append(self.expression(0))
            self.close(opened)
        least, most = ARITY[word.text]
        if len(args) < least or (most is not None and len(args) > most):
            wanted = f"{least}" if most == least else f"{least} to {most or 'any number of'}"
            raise LogicError(
                f"The function {word.text!r} takes {wanted} arguments, not {len(args)}", word.at
            )
        return Call(word.text, tuple(args))

    def reference(self, first: Token) -> Ref:
        """``[event][field][instance]``: up to three brackets in a row make one reference."""
        parts = [first]
        while self.peek().kind == "ref" and len(parts) < 3:
            parts.append(self.next())
        event = instance = ""
        if len(parts) > 1 and _INSTANCE.fullmatch(parts[-1].text.strip()):
            instance = parts.pop().text.strip()
        if len(parts) == 2:
            event = parts.pop(0).text.strip()
        if len(parts) != 1:
            raise LogicError("More brackets than event, field and instance", parts[1].at)
        word = parts[0]
        hit = _BRACKET.fullmatch(word.text)
        if not hit:
            raise LogicError(f"[{word.text}] is no reference to a field", word.at)
        modifiers = tuple(m.strip() for m in hit["rest"].split(":")[1:])
        code = hit["code"]
        return Ref(
            name=hit["name"].strip(),
            code=None if code is None else code.strip(),
            event=event,
            instance=instance,
            modifiers=modifiers,
            form=hit["form"] or "",
        )


def refs(node: Node) -> list[Ref]:
    """Every reference of a tree, once, in the order in which they stand."""
    found: dict[Ref, None] = {}
    todo: list[Node] = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, Ref):
            found.setdefault(part)
        elif isinstance(part, Unary):
            todo.append(part.operand)
        elif isinstance(part, Binary):
            todo += [part.right, part.left]
        elif isinstance(part, Call):
            todo += reversed(part.args)
    return list(found)


def calls(node: Node) -> set[str]:
    """Names of the functions of a tree."""
    todo, found = [node], set()
    while todo:
        part = todo.pop()
        if isinstance(part, Unary):
            todo.append(part.operand)
        elif isinstance(part, Binary):
            todo += [part.left, part.right]
        elif isinstance(part, Call):
            found.add(part.name)
            todo += part.args
    return found


def asks_today(node: Node) -> bool:
    """Whether the tree holds 'today' or 'now': its value depends on the day it is asked."""
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, Literal) and part.value in ("today", "now"):
            return True
        if isinstance(part, Unary):
            todo.append(part.operand)
        elif isinstance(part, Binary):
            todo += [part.left, part.right]
        elif isinstance(part, Call):
            todo += part.args
    return False
