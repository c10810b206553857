"""What a change does to the fingerprint: the exact lines that change, or none."""

import ast
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.fingerprint import Code

RUN = "from sclerotrial.a import f\nf()\n"


def write(folder, files):
    for name, text in {"__init__.py": "", **files}.items():
        path = folder / "sclerotrial" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def lines(folder, script=RUN):
    (folder / "script.py").write_text(script)
    return set(Code(folder / "sclerotrial").closure(folder / "script.py"))


def changed(folder, before, after, script=RUN, other=None):
    """Names of the lines that differ between two states of the package."""
    write(folder, before)
    first = lines(folder, script)
    write(folder, after)
    second = lines(folder, other or script)
    return {" ".join(line.split()[:2]).replace("sclerotrial.", "") for line in first ^ second}


def case(name, before, after, *told):
    return pytest.param({"a.py": before}, {"a.py": after}, set(told), id=name)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        case(
            "the same word imported from elsewhere",
            "from statistics import mean\ndef f(): return mean([1])\n",
            "from statistics import median as mean\ndef f(): return mean([1])\n",
            "function a.f",
        ),
        case(
            "another library under the same alias",
            "import math as m\ndef f(): return m.sqrt(-1)\n",
            "import cmath as m\ndef f(): return m.sqrt(-1)\n",
            "function a.f",
        ),
        case(
            "a foreign function among what is imported and not used",
            "from math import floor\ndef f(): return 1\n",
            "from math import ceil\ndef f(): return 1\n",
        ),
        case("1 and 1.0", "def f(): return 1\n", "def f(): return 1.0\n", "function a.f"),
        case("1 and True", "def f(): return 1\n", "def f(): return True\n", "function a.f"),
        case("text and bytes", "def f(): return ''\n", "def f(): return b''\n", "function a.f"),
        case("the same number", "def f(): return 1e3, 16\n", "def f(): return 1000.0, 0x10\n"),
        case("the same text", "def f(): return 'a' 'b', u'x'\n", 'def f(): return ("ab"), "x"\n'),
        case("a type comment", "def f():\n    x = 1 # type: int\n    return x\n",
             "def f():\n    x = 1\n    return x\n"),
        case("a text that stands alone", "def f():\n    return 1\n", "def f():\n    'a'\n    'b'\n"
             "    return 1\n"),
        case("a docstring and nothing else", "def f(): 'doc'\n", "def f(): pass\n"),
        case("a text that is a value", "def f(): return 'doc'\n", "def f(): return 'dog'\n",
             "function a.f"),
        case("line ends", b"X = '''a\r\nb'''\r\ndef f():\r\n    return X\r\n",
             b"X = '''a\nb'''\ndef f():\n    return X\n"),
        case("a mark of byte order", b"\xef\xbb\xbfdef f(): return 1\n", b"def f(): return 1\n"),
        case("an encoding", "# coding: latin-1\ndef f(): return 'é'\n",
             "# coding: utf-8\ndef f(): return 'é'\n", "function a.f"),
        case("a global statement", "x = 0\ndef f():\n    global x\n    x = 1\n",
             "x = 0\ndef f():\n    x = 1\n", "function a.f", "constant a.x"),
        case("a pattern of a match", "def f(x):\n    match x:\n        case [a, *_]: return a\n",
             "def f(x):\n    match x:\n        case [a, *b]: return a\n", "function a.f"),
        case("a keyword of a mapping", "def f(x): return {**x}\n", "def f(x): return {None: x}\n",
             "function a.f"),
        case("positional only", "def f(x, /, y=1): pass\n", "def f(x, y=1, /): pass\n",
             "function a.f"),
        case("a conversion in an f-string", "def f(x): return f'{x!r}'\n",
             "def f(x): return f'{x!s}'\n", "function a.f"),
        case("order of statements that run", "X = 1\nY = [X]\nX = 2\ndef f(): return X, Y\n",
             "X = 1\nX = 2\nY = [X]\ndef f(): return X, Y\n", "body a"),
        case("order of what changes a table", "T = []\nS = list(T)\nT.append(1)\n"
            "def f(): return S\n",
             "T = []\nT.append(1)\nS = list(T)\ndef f(): return S\n", "body a"),
        case("order of what is plain", "X = 1\nY = 2\ndef f(): return X, Y\n",
             "Y = 2\ndef f(): return X, Y\nX = 1\n"),
        case("a member of an enum, in a class", "import enum\nclass f(enum.Enum):\n    A = 1\n",
             "import enum\nclass f(enum.Enum):\n    A = 2\n", "function a.f"),
        case("the docstring that is used", "def f():\n    'one'\n    return f.__doc__\n",
             "def f():\n    'two'\n    return f.__doc__\n", "function a.f"),
        case("the docstring of a module that is used", "'one'\ndef f(): return __doc__\n",
             "'two'\ndef f(): return __doc__\n", "docstring a"),
        case("a comment where the text is used",
             "import inspect\ndef f(): return inspect.getsource(f)\n",
             "import inspect\ndef f(): return inspect.getsource(f)  # why\n", "file a.py"),
        case("a broken text", "def f(", "def g(", "module a"),
    ],
)  # fmt: skip
def test_a_change_tells_exactly_what_changed(tmp_path, before, after, told):
    assert changed(tmp_path, before, after) == told


def test_an_import_turned_from_one_reached_function_to_another(tmp_path):
    both = {"b.py": "def g(): return 1\n", "c.py": "def g(): return 2\n"}
    head = "import sclerotrial.b as b\nimport sclerotrial.c as c\ndef h(): return b.g(), c.g()\n"
    text = head + "from sclerotrial.{} import g\ndef f(): return g(), h()\n"
    before, after = ({**both, "a.py": text.format(name)} for name in "bc")
    assert changed(tmp_path, before, after) == {"function a.f"}


def test_the_order_of_statements_of_a_script_counts(tmp_path):
    one = "from sclerotrial.a import f\nx = 1\nf(x)\nx = 2\n"
    two = "from sclerotrial.a import f\nx = 1\nx = 2\nf(x)\n"
    files = {"a.py": "def f(x): pass\n"}
    assert changed(tmp_path, files, files, one, two) == {"script script.py"}


def test_what_a_script_imports_from_elsewhere_counts(tmp_path):
    files = {"a.py": "def f(x): pass\n"}
    one, two = (f"from sclerotrial.a import f\nfrom math import {n} as r\nf(r(1))\n"
                for n in ("ceil", "floor"))  # fmt: skip
    assert changed(tmp_path, files, files, one, two) == {"script script.py"}


def test_a_module_beside_the_script_counts(tmp_path):
    files = {"a.py": "def f(): pass\ndef g(): pass\n"}
    (tmp_path / "beside.py").write_text("from sclerotrial.a import f\nX = 1\n")
    write(tmp_path, files)
    before = lines(tmp_path, "import beside\n")
    assert {" ".join(line.split()[:2]) for line in before} == {
        "script script.py", "script beside.py", "function sclerotrial.a.f",
    }  # fmt: skip
    (tmp_path / "beside.py").write_text("from sclerotrial.a import f\nX = 2\n")
    told = {" ".join(line.split()[:2]) for line in before ^ lines(tmp_path, "import beside\n")}
    assert told == {"script beside.py"}


# --- files of the package -------------------------------------------------------------------------

FILES = {"p/__init__.py": "", "p/x.csv": "1", "p/deep/y.csv": "1", "q/__init__.py": "",
         "q/z.css": "1"}  # fmt: skip
P, Q = {"file p/x.csv", "file p/deep/y.csv"}, {"file q/z.css"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from importlib import resources\ndef f(): return resources.files('sclerotrial.p')\n", P),
        ("from importlib.resources import files as at\ndef f(): return at('sclerotrial.q')\n", Q),
        ("import importlib.resources\n"
         "def f(): return importlib.resources.files('sclerotrial.q') / 'z.css'\n", Q),
        ("from importlib import resources as r\ndef f(x): return r.files(x)\n", P | Q),
        ("from importlib import resources as r\n"
         "def f(): return r.files('sclerotrial.p') / '..' / 'q'\n", P | Q),
        ("from importlib import resources as r\nHERE = r.files('sclerotrial.p')\n"
         "def f(): return HERE\n", P | Q),
        ("from importlib import resources as r\ndef f(): return g(r.files)\ndef g(x): pass\n",
         P | Q),
        ("from importlib import resources as r\ndef f(): return r.files('pandas')\n", set()),
        ("from pathlib import Path\nHERE = Path(__file__).parent\ndef f(): return HERE / 'q'\n",
         P | Q),
        ("import pkgutil\ndef f(): return pkgutil.get_data('sclerotrial.p', 'x.csv')\n", P | Q),
        ("import sclerotrial.p as p\ndef f(): return p.__file__\n", P | Q),
        ("def f(resources): return resources['metadata']\n", set()),
    ],
)  # fmt: skip
def test_files_of_the_package_that_a_function_may_read(tmp_path, text, expected):
    write(tmp_path, {**FILES, "a.py": text})
    told = {" ".join(line.split()[:2]) for line in lines(tmp_path)}
    assert {line for line in told if line.startswith("file")} == expected


def test_a_file_named_in_one_module_and_read_by_another(tmp_path):
    files = {**FILES, "a.py": "from sclerotrial.b import read\nNAME = 'x'\n"
        "def f(): return read(NAME)\n",
             "b.py": "from importlib import resources\ndef read(name):\n"
                     "    return resources.files('sclerotrial.p') / f'{name}.csv'\n"}  # fmt: skip
    assert changed(tmp_path, files, {**files, "p/x.csv": "22"}) == {"file p/x.csv"}


def test_a_link_to_a_module_and_to_a_file_is_followed(tmp_path):
    write(tmp_path, {**FILES, "a.py": "from sclerotrial.b import g\n"
        "from importlib import resources\n"
                     "def f(): return g(), resources.files('sclerotrial.p')\n"})  # fmt: skip
    (tmp_path / "real.py").write_text("def g(): return 1\n")
    (tmp_path / "real.csv").write_text("1")
    os.symlink(tmp_path / "real.py", tmp_path / "sclerotrial/b.py")
    os.symlink(tmp_path / "real.csv", tmp_path / "sclerotrial/p/link.csv")
    os.symlink(tmp_path / "sclerotrial", tmp_path / "sclerotrial/p/loop")
    before = lines(tmp_path)
    (tmp_path / "real.py").write_text("def g(): return 2\n")
    (tmp_path / "real.csv").write_text("22")
    told = {" ".join(line.split()[:2]) for line in before ^ lines(tmp_path)}
    assert told == {"function sclerotrial.b.g", "file p/link.csv"}


def test_what_an_editor_leaves_behind_is_no_data(tmp_path):
    text = "from importlib import resources\ndef f(): return resources.files('sclerotrial.p')\n"
    files = {**FILES, "a.py": text}
    assert changed(tmp_path, files, {**files, "p/.x.csv.swp": "1", "p/x.csv~": "1"}) == set()


# --- properties -----------------------------------------------------------------------------------

names = st.sampled_from(["a", "b", "c"])
values = st.one_of(st.integers(), st.floats(allow_nan=False), st.booleans(), st.text(max_size=5),
                   st.binary(max_size=3), st.none()).map(repr)  # fmt: skip
expressions = st.recursive(
    st.one_of(names, values),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "*", "and", "<", "in"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda x: f"helper({x})"),
        inner.map(lambda x: f"(lambda a: {x})"),
        inner.map(lambda x: f"[{x} for b in c if {x}]"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[0]})"),
    ),
    max_leaves=8,
)
bodies = st.lists(
    st.one_of(
        expressions.map(lambda e: f"a = {e}"),
        expressions.map(lambda e: f"return {e}"),
        expressions.map(lambda e: f"if {e}:\n        b = {e}"),
        expressions.map(lambda e: f"for a in {e}: pass"),
    ),
    min_size=1,
    max_size=4,
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def module(body, doc="", unreached="1", limit="3"):
    said = f'    """{doc}"""\n' if doc else ""
    steps = "".join(f"    {step}\n" for step in body)
    return (
        f"LIMIT = {limit}\n\ndef helper(x):\n    return x if x else LIMIT\n\n"
        f"def f(a=1, b=2, c=()):\n{said}{steps}\ndef unreached():\n    return {unreached}\n"
    )


@quick
@given(bodies, st.text("abc xyz.", max_size=20))
def test_docstrings_comments_and_formatting_never_count(tmp_path, body, doc):
    plain = module(body)
    for other in (
        module(body, doc=doc or "x"),
        ast.unparse(ast.parse(plain)),
        "# first\n" + plain.replace("\n", "  # why\n").replace("):  #", ") :  #"),
        plain.replace("    ", "\t"),
        plain.replace("\n", "\r\n"),
    ):
        assert changed(tmp_path, {"a.py": plain}, {"a.py": other}) == set()


@quick
@given(bodies, values, values)
def test_a_constant_of_a_reached_function_always_counts(tmp_path, body, one, two):
    before, after = (module([*body, f"c = {value}"]) for value in (one, two))
    told = set() if one == two else {"function a.f"}
    assert changed(tmp_path, {"a.py": before}, {"a.py": after}) == told


@quick
@given(bodies, expressions)
def test_what_is_not_reached_never_counts(tmp_path, body, other):
    assert changed(
        tmp_path, {"a.py": module(body)}, {"a.py": module(body, unreached=other)}
    ) == set()  # fmt: skip


@quick
@given(bodies, st.integers(4, 9))
def test_a_constant_used_further_down_counts(tmp_path, body, limit):
    body = [*body, "helper(a)"]
    after = module(body, limit=str(limit))
    assert changed(tmp_path, {"a.py": module(body)}, {"a.py": after}) == {"constant a.LIMIT"}
