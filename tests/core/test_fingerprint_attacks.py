"""Ways to hide a dependency from a reader of texts, each with the exact names expected."""

import textwrap

import pytest

from sclerotrial.fingerprint import Code

P = "sclerotrial"


class Project:
    """A small package and a script, written from texts."""

    def __init__(self, folder):
        self.folder = folder
        self.root = folder / P
        self.write("__init__.py", "")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def lines(self, script):
        path = self.folder / "script.py"
        path.write_text(textwrap.dedent(script), encoding="utf-8")
        return set(Code(self.root).closure(path))

    def names(self, script):
        return short(self.lines(script))


def short(lines):
    """'function a.b' for each line; the package's own name and the script left out."""
    told = (" ".join(line.split()[:2]).replace(f"{P}.", "") for line in lines)
    return {line for line in told if line != "script script.py"}


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def case(name, files, script, expected):
    return pytest.param(files, script, set(expected), id=name)


#: package, script, and exactly what the script reaches
CASES = [
    case(
        "dispatch dict",
        {"a.py": "def f(): pass\ndef g(): pass\ndef h(): pass\nTABLE = {'f': f, 'g': g}\n"
                 "def run(k): return TABLE[k]()\n"},
        "from sclerotrial.a import run\nrun('f')\n",
        ["function a.run", "constant a.TABLE", "function a.f", "function a.g"],
    ),
    case(
        "registry filled by a decorator of another module",
        {"a.py": "TABLE = {}\ndef register(k):\n    def keep(f):\n        TABLE[k] = f\n"
                 "        return f\n    return keep\ndef run(k): return TABLE[k]()\n",
         "b.py": "from sclerotrial.a import register\n@register('haq')\ndef haq(): pass\n"
                 "def other(): pass\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import run\nrun('haq')\n",
        ["function a.run", "constant a.TABLE", "function a.register", "function b.haq"],
    ),
    case(
        "registry filled by assignment in another module",
        {"a.py": "TABLE = {}\ndef run(k): return TABLE[k]()\n",
         "b.py": "from sclerotrial.a import TABLE\ndef f(): pass\ndef g(): pass\nTABLE['f'] = f\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import run\nrun('f')\n",
        ["function a.run", "constant a.TABLE", "body b", "function b.f"],
    ),
    case(
        "list filled by append and by += elsewhere",
        {"a.py": "LIST = []\ndef run(): return [f() for f in LIST]\n",
         "b.py": "from sclerotrial.a import LIST\ndef f(): pass\ndef g(): pass\ndef h(): pass\n"
                 "LIST.append(f)\nLIST += [g]\n"},
        "from sclerotrial.a import run\nimport sclerotrial.b\nrun()\n",
        ["function a.run", "constant a.LIST", "constant b.LIST", "body b", "function b.f",
         "function b.g"],
    ),
    case(
        "a call whose value is kept in a constant nobody uses",
        {"a.py": "SEEN = []\ndef note(x):\n    SEEN.append(x)\n    return x\n",
         "b.py": "from sclerotrial.a import note\ndef f(): pass\n_done = note(f)\n"
          "plain = (f, 1)\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import SEEN\nprint(SEEN)\n",
        ["constant a.SEEN", "function a.note", "constant b._done", "function b.f"],
    ),
    case(
        "constant made by a function of the package",
        {"a.py": "def make(): return {}\nTABLE = make()\ndef f(): pass\ndef g(): pass\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "constant a.TABLE", "function a.make"],
    ),
    case(
        "plain instances made at import do not count unless used",
        {"a.py": "from dataclasses import dataclass\n@dataclass(frozen=True)\nclass Rule:\n"
                 "    name: str\nRULE = Rule('x')\nUSED = Rule('y')\ndef f(): return USED\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "constant a.USED", "function a.Rule"],
    ),
    case(
        "an instance made at import by a constructor that does things",
        {"a.py": "SEEN = []\nclass Rule:\n    def __init__(self, f): SEEN.append(f)\n"
                 "def g(): pass\nRULE = Rule(g)\ndef f(): return SEEN\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "constant a.SEEN", "constant a.RULE", "function a.Rule", "function a.g",
         "body a"],
    ),
    case(
        "decorator",
        {"a.py": "import functools\ndef twice(f):\n    @functools.wraps(f)\n"
         "    def g(): return f()\n"
                 "    return g\n@twice\ndef f(): pass\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.twice"],
    ),
    case(
        "inheritance, super and methods of instances",
        {"a.py": "class Base:\n    def go(self): return helper()\ndef helper(): pass\n",
         "b.py": "from sclerotrial.a import Base\nclass Sub(Base):\n"
                 "    def go(self): return super().go()\nclass Other(Base): pass\n"
                 "def make(): return Sub()\n"},
        "from sclerotrial.b import make\nmake().go()\n",
        ["function b.make", "function b.Sub", "function a.Base", "function a.helper"],
    ),
    case(
        "subclasses that register themselves",
        {"a.py": "KINDS = {}\nclass Base:\n    def __init_subclass__(cls): KINDS[cls.name] = cls\n"
                 "def run(k): return KINDS[k]()\n",
         "b.py": "from sclerotrial.a import Base\nclass Haq(Base):\n    name = 'haq'\n"
                 "class Deeper(Haq):\n    name = 'deeper'\nclass Other: pass\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import run\nrun('haq')\n",
        ["function a.run", "constant a.KINDS", "function a.Base", "function b.Haq",
         "function b.Deeper", "body b"],
    ),
    case(
        "subclasses found through their base",
        {"a.py": "class Base: pass\ndef run(): return Base.__subclasses__()\n",
         "b.py": "from sclerotrial.a import Base\nclass Haq(Base): pass\n",
          "c.py": "def f(): pass\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import run\nrun()\n",
        ["module a", "module b", "module ", "function a.run", "function a.Base", "function b.Haq"],
    ),
    case(
        "metaclass",
        {"a.py": "ALL = []\nclass Meta(type):\n    def __init__(cls, *a): ALL.append(cls)\n",
         "b.py": "from sclerotrial.a import Meta\nclass One(metaclass=Meta): pass\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import ALL\nprint(ALL)\n",
        ["constant a.ALL", "function a.Meta", "function b.One"],
    ),
    case(
        "dataclass default, property, class attribute of another class",
        {"a.py": "from dataclasses import dataclass, field\ndef f(): pass\ndef g(): pass\n"
                 "def h(): pass\nclass A:\n    at = 1\n    @property\n    def b(self): return g()\n"
                 "class B:\n    at = A.at\n@dataclass\nclass C:\n"
                 "    x: int = field(default_factory=f)\n    y: B = None\n"},
        "from sclerotrial.a import C\nC()\n",
        ["function a.C", "function a.f", "function a.B", "function a.A", "function a.g"],
    ),
    case(
        "annotations of a class count, also as text",
        {"a.py": "from __future__ import annotations\nfrom pydantic import BaseModel\n"
                 "from typing import Annotated, Literal\ndef check(v): return v\n"
                 "class In(BaseModel): pass\nclass Text(BaseModel): pass\nclass word: pass\n"
                 "class Out(BaseModel):\n    a: list[In]\n    b: 'list[Text]'\n"
                 "    c: Literal['word']\n    d: Annotated[int, check]\n"},
        "from sclerotrial.a import Out\nOut()\n",
        # 'word' is a text only, but could name the class: wrong towards running
        ["function a.Out", "function a.In", "function a.Text", "function a.check",
         "function a.word"],
    ),
    case(
        "annotations of a function do not count",
        {"a.py": "from __future__ import annotations\nclass Study: pass\n"
                 "def f(x: Study) -> 'Study': return x\n"},
        "from sclerotrial.a import f\nf(1)\n",
        ["function a.f"],
    ),
    case(
        "but where something looks at them",
        {"a.py": "import typing\nclass Study: pass\ndef f(x: Study) -> 'Study': return x\n",
         "b.py": "import functools\nclass Kind: pass\n@functools.singledispatch\ndef g(x): pass\n"
                 "@g.register\ndef _(x: Kind): pass\n"},
        "from sclerotrial.a import f\nfrom sclerotrial.b import g\nimport typing\n"
        "typing.get_type_hints(f)\ng(1)\n",
        ["function a.f", "function a.Study", "function b.g", "function b._", "function b.Kind"],
    ),
    case(
        "type alias with a class named as text",
        {"a.py": "class Row: pass\nclass Col: pass\nRows = list['Row']\ndef f(): return Rows\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "constant a.Rows", "function a.Row"],
    ),
    case(
        "conditional and try-except definitions",
        {"a.py": "import sys\nif sys.platform == 'x':\n    def f(): return g()\nelse:\n"
                 "    def f(): return h()\ntry:\n    from sclerotrial.b import fast as k\n"
                 "except ImportError:\n    from sclerotrial.c import slow as k\n"
                 "def g(): pass\ndef h(): pass\ndef run(): return f(), k()\ndef no(): pass\n",
         "b.py": "def fast(): pass\n", "c.py": "def slow(): pass\ndef no(): pass\n"},
        "from sclerotrial.a import run\nrun()\n",
        ["function a.run", "body a", "function a.g", "function a.h", "function b.fast",
         "function c.slow"],
    ),
    case(
        "one alias for two things in two functions",
        {"a.py": "def one():\n    from sclerotrial.b import f as x\n    return x()\n"
                 "def two():\n    from sclerotrial.c import g as x\n    return x()\n",
         "b.py": "def f(): pass\n", "c.py": "def g(): pass\n"},
        "from sclerotrial.a import one\none()\n",
        ["function a.one", "function b.f"],
    ),
    case(
        "redefinition of a name",
        {"a.py": "def g(): pass\ndef h(): pass\ndef f(): return g()\n_first = f\n"
                 "def f(): return h()\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.g", "function a.h", "body a"],
    ),
    case(
        "star import, also through a second one, and in the script",
        {"a.py": "from sclerotrial.b import *\ndef run(): return f()\n",
         "b.py": "from sclerotrial.c import *\ndef no(): pass\n",
         "c.py": "def f(): pass\ndef g(): pass\ndef no(): pass\n"},
        "from sclerotrial.a import run\nfrom sclerotrial.b import *\nrun(), g()\n",
        ["function a.run", "function c.f", "function c.g"],
    ),
    case(
        "star import with __all__ naming a module",
        {"p/__init__.py": "__all__ = ['sub']\n", "p/sub.py": "def f(): pass\ndef g(): pass\n"},
        "from sclerotrial.p import *\nsub.f()\n",
        ["function p.sub.f"],
    ),
    case(
        "relative imports",
        {"p/__init__.py": "from .x import f\nfrom . import y\n", "p/x.py":
         "from ..top import t\nfrom .y import g as gg\ndef f(): return t(), gg()\n",
         "p/y.py": "def g(): pass\ndef h(): pass\n", "top.py": "def t(): pass\ndef u(): pass\n"},
        "from sclerotrial.p import f\nf()\n",
        ["function p.x.f", "function top.t", "function p.y.g"],
    ),
    case(
        "re-export by a package, and a function named as its module",
        {"p/__init__.py": "from sclerotrial.p.haq import haq\nfrom sclerotrial.q import g as h\n",
         "p/haq.py": "def haq(): pass\n", "q.py": "def g(): pass\ndef no(): pass\n"},
        "from sclerotrial.p import h\nfrom sclerotrial import p\nh(), p.haq()\n",
        ["function q.g", "function p.haq.haq"],
    ),
    case(
        "a name that a module has from an import of its own",
        {"a.py": "from sclerotrial.b import f\nimport sclerotrial.c as c\n",
         "b.py": "def f(): pass\ndef no(): pass\n", "c.py": "def g(): pass\ndef no(): pass\n"},
        "import sclerotrial.a\nsclerotrial.a.f(), sclerotrial.a.c.g()\n",
        ["function b.f", "function c.g"],
    ),
    case(
        "module handed on, and getattr of it",
        {"a.py": "def f(): pass\ndef g(): pass\n"},
        "from sclerotrial import a\ngetattr(a, 'f')()\n",
        ["module a", "function a.f", "function a.g"],
    ),
    case(
        "package handed on counts with its modules",
        {"p/__init__.py": "def f(): pass\n", "p/x.py": "def g(): pass\n"},
        "import sclerotrial.p.x\nfrom sclerotrial import p\nshow(p)\n",
        ["module p", "module p.x", "function p.f", "function p.x.g"],
    ),
    case(
        "import_module of a known name, one attribute",
        {"a.py": "from importlib import import_module as load\n"
                 "def run(k): return load(f'sclerotrial.t.{k}').build()\n",
         "t/__init__.py": "", "t/x.py": "def build(): pass\ndef no(): pass\n",
         "t/y.py": "def build(): pass\ndef no(): pass\n", "z.py": "def build(): pass\n"},
        "from sclerotrial.a import run\nrun('x')\n",
        ["function a.run", "function t.x.build", "function t.y.build"],
    ),
    case(
        "import_module of a known name, any attribute",
        {"a.py": "import importlib as i\ndef run(k): return getattr(i.import_module("
                 "'sclerotrial.t.' + k), k)()\n",
         "t/__init__.py": "", "t/x.py": "def f(): pass\n", "z.py": "def build(): pass\n"},
        "from sclerotrial.a import run\nrun('x')\n",
        ["function a.run", "module t.x", "function t.x.f"],
    ),
    case(
        "import_module of an unknown name: the whole package",
        {"a.py": "from importlib import import_module\ndef run(k): return import_module(k)\n",
         "z.py": "def f(): pass\n"},
        "from sclerotrial.a import run\nrun('x')\n",
        ["function a.run", "module ", "module a", "module z", "function z.f"],
    ),
    case(
        "__import__, and the loader handed on as a value",
        {"a.py": "def run(k): return __import__(k)\n", "z.py": "def f(): pass\n"},
        "from sclerotrial.a import run\nrun('x')\n",
        ["function a.run", "module ", "module a", "module z", "function z.f"],
    ),
    case(
        "foreign packages loaded by name are none of ours",
        {"a.py": "from importlib import import_module\n"
                 "def run(k): return import_module(f'scipy.{k}')\n", "z.py": "def f(): pass\n"},
        "from sclerotrial.a import run\nrun('x')\n",
        ["function a.run"],
    ),
    case(
        "globals, eval, sys.modules",
        {"a.py": "def f(): pass\ndef run(k): return globals()[k]()\n",
         "b.py": "def f(): pass\ndef run(k): return eval(k)()\n",
         "c.py": "import sys\ndef f(): pass\n"
          "def run(k): return getattr(sys.modules[__name__], k)\n"},
        "from sclerotrial.a import run\nfrom sclerotrial.b import run as two\nrun('f'), two('f')\n",
        ["module a", "function a.run", "function a.f", "module b", "function b.run",
         "function b.f"],
    ),
    case(
        "modules taken from sys.modules",
        {"c.py": "import sys\ndef f(): pass\n"
         "def run(k): return getattr(sys.modules[__name__], k)\n"},
        "from sclerotrial.c import run\nrun('f')\n",
        ["module ", "module c", "function c.run", "function c.f"],
    ),
    case(
        "global statement",
        {"a.py": "X = 0\ndef put():\n    global X\n    X = make()\ndef make(): pass\n"
                 "def get(): return X\ndef no(): pass\n"},
        "from sclerotrial.a import put, get\nput(), get()\n",
        ["function a.put", "function a.get", "function a.make", "constant a.X"],
    ),
    case(
        "an import made global",
        {"a.py": "def put():\n    global f\n    from sclerotrial.b import f\n"
         "def get(): return f()\n",
         "b.py": "def f(): pass\ndef no(): pass\n"},
        "from sclerotrial.a import put, get\nput(), get()\n",
        ["function a.put", "function a.get", "function b.f"],
    ),
    case(
        "a name that no text binds: the whole module",
        {"a.py": "def put(m): setattr(m, 'late', 1)\ndef no(): pass\n"},
        "from sclerotrial.a import late\nlate()\n",
        ["module a", "function a.put", "function a.no"],
    ),
    case(
        "module __getattr__",
        {"a.py": "def __getattr__(name): return known[name]\nknown = {}\ndef no(): pass\n"},
        "from sclerotrial import a\na.anything()\n",
        ["function a.__getattr__", "constant a.known"],
    ),
    case(
        "partial, lambda, default, nested function, comprehension, walrus, match, f-string",
        {"a.py": "from functools import partial\n"
                 + "".join(f"def f{i}(*a): pass\n" for i in range(9))
                 + "P = partial(f0, 1)\nL = lambda: f1()\ndef run(x=f2):\n"
                 "    def inner(): return f3()\n    y = [f4(z) for z in x if (w := f5(z))]\n"
                 "    match y:\n        case f6.kind: return f'{f7(y)}'\n    return P, L, inner\n"},
        "from sclerotrial.a import run\nrun()\n",
        ["function a.run", "constant a.P", "constant a.L"] + [f"function a.f{i}" for i in range(8)],
    ),
    case(
        "walrus at the top of a module binds",
        {"a.py": "def g(): pass\nX = [(Y := {'k': g})]\ndef f(z=(Z := 3)): return Y\n"
                 "def h(): return Z\n"},
        "from sclerotrial.a import f, h\nf(), h()\n",
        ["function a.f", "function a.h", "function a.Z", "constant a.Y", "constant a.X",
         "function a.g"],
    ),
    case(
        "a local name is no use of the module's",
        {"a.py": "def helper(): pass\ndef other(): pass\ndef f(helper):\n"
                 "    return [helper for _ in range(3)]\n"
                 "def g(x):\n    return [other for other in x], other()\n"},
        "from sclerotrial.a import f, g\nf(1), g(1)\n",
        ["function a.f", "function a.g", "function a.other"],
    ),
    case(
        "but a class looks in the module for what it has not bound yet",
        {"a.py": "def helper(): pass\ndef f():\n    class A:\n        helper = helper\n"
         "    return A\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.helper"],
    ),
    case(
        "import in the body of a class",
        {"a.py": "class A:\n    from sclerotrial.b import f\n", "b.py": "def f(x): pass\n"},
        "from sclerotrial.a import A\nA().f()\n",
        ["function a.A", "function b.f"],
    ),
    case(
        "same name in two classes, members of an enum",
        {"a.py": "from enum import Enum\nclass A:\n    def go(self): return f()\nclass B:\n"
                 "    def go(self): return g()\nclass E(Enum):\n    X = 1\ndef f(): pass\n"
                 "def g(): pass\ndef run(): return A().go(), E.X\n"},
        "from sclerotrial.a import run\nrun()\n",
        ["function a.run", "function a.A", "function a.f", "function a.E"],
    ),
    case(
        "else of TYPE_CHECKING runs, what it guards does not",
        {"a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
         "    from sclerotrial.b import T\n"
                 "else:\n    from sclerotrial.c import T\ndef f(): return T()\n",
         "b.py": "print(1)\nclass T: pass\n", "c.py": "def T(): pass\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function c.T"],
    ),
    case(
        "a TYPE_CHECKING of one's own, and its negation",
        {"a.py": "import typing\nTYPE_CHECKING = True\nif TYPE_CHECKING:\n"
                 "    from sclerotrial.b import f\nif not typing.TYPE_CHECKING:\n"
                 "    from sclerotrial.b import g\ndef h(): return f(), g()\n",
         "b.py": "def f(): pass\ndef g(): pass\n"},
        "from sclerotrial.a import h\nh()\n",
        ["function a.h", "body a", "constant a.TYPE_CHECKING", "function b.f", "function b.g"],
    ),
    case(
        "what a module does when it is imported, through what it imports",
        {"a.py": "import sclerotrial.b\ndef f(): pass\n", "b.py": "from sclerotrial.c import g\n",
         "c.py": "import os\nos.environ['X'] = '1'\nprint(os)\ndef g(): pass\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "body c"],
    ),
    case(
        "what only runs as a program does not count",
        {"a.py": "def f(): pass\ndef main(): pass\nif __name__ == '__main__':\n    main()\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f"],
    ),
    case(
        "a name in the text of a query",
        {"a.py": "def limit(x): pass\ndef f(d): return d.query('@limit(A) > 1')\n"},
        "from sclerotrial.a import f\nf(1)\n",
        ["function a.f", "function a.limit"],
    ),
    case(
        "unicode names, in another normal form",
        {"a.py": "def \u00e9t\u00e9(): pass\ndef f(): return e\u0301te\u0301()\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.\u00e9t\u00e9"],
    ),
    case(
        "a folder without __init__",
        {"n/x.py": "def f(): pass\ndef no(): pass\n"},
        "import sclerotrial.n.x as x\nfrom sclerotrial.n import x as y\nx.f(), y.f()\n",
        ["function n.x.f"],
    ),
    case(
        "no Python in a module that is not reached, and in one that is",
        {"a.py": "def f(): pass\n", "b.py": "def (", "c.py": "def ("},
        "from sclerotrial.a import f\nfrom sclerotrial.b import g\nf(), g()\n",
        ["function a.f", "module b"],
    ),
    case(
        "calls in a default argument, in the body of a class, in a key of a sort",
        {"a.py": "def one(): pass\ndef two(): pass\ndef three(x): pass\n"
                 "def used(): pass\ndef f(x=one()): pass\nclass A:\n    x = two()\n"
                 "ORDER = sorted([1], key=three)\nPLAIN = sorted([1])\n"},
        "from sclerotrial.a import used\nused()\n",
        ["function a.used", "function a.f", "function a.one", "function a.A", "function a.two",
         "constant a.ORDER", "function a.three", "body a"],
    ),
    case(
        "a harmless word for a method of one's own",
        {"a.py": "class Box:\n    def get(self, k): SEEN.append(k)\nSEEN = []\nBOX = Box()\n"
                 "X = BOX.get('x')\nD = {'k': 1}\nY = D.get('x')\ndef f(): return SEEN\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "constant a.SEEN", "constant a.X", "constant a.BOX", "function a.Box",
         "body a"],
    ),
    case(
        "a base of another library that notes its subclasses",
        {"a.py": "import yaml\nimport enum\nclass A(yaml.YAMLObject):\n    yaml_tag = '!a'\n"
                 "class B(enum.Enum): pass\ndef f(): return yaml.load('!a', yaml.Loader)\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.A"],
    ),
    case(
        "an attribute of a function or class, set in the module",
        {"a.py": "def f(): return f.table\ndef g(): pass\nf.table = {'g': g}\ndef no(): pass\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.g", "body a"],
    ),
    case(
        "a function of another module, replaced",
        {"a.py": "def f(): pass\ndef no(): pass\n",
         "b.py": "import sclerotrial.a as a\ndef g(): pass\na.f = g\ndef no(): pass\n"},
        "import sclerotrial.b\nfrom sclerotrial.a import f\nf()\n",
        ["function a.f", "body b", "function b.g"],
    ),
    case(
        "a long sum",
        {"a.py": "def g(): pass\ndef f(): return " + " + ".join(["1"] * 800) + " + g()\n"},
        "from sclerotrial.a import f\nf()\n",
        ["function a.f", "function a.g"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "script", "expected"), CASES)
def test_exactly_what_is_reached(project, files, script, expected):
    for name, text in files.items():
        project.write(name, text)
    found = project.names(script)
    assert found == {line.replace("module ", f"module {P}") if line == "module " else line
                     for line in expected}  # fmt: skip
