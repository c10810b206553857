"""The logic language: words, tree, values. Expectations are those of the public descriptions."""

from __future__ import annotations

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sclerotrial.logic import UNKNOWN, Expression, LogicError, MissingCode, parse
from sclerotrial.logic.syntax import Binary, Call, Literal, Ref


def value(text, today="", **fields):
    return Expression(text, today)(fields)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("[age]", Ref("age")),
        ("[antibodies(2)]", Ref("antibodies", code="2")),
        ("[baseline_arm_1][mrss_total]", Ref("mrss_total", event="baseline_arm_1")),
        ("[b_arm_1][organs(5)]", Ref("organs", code="5", event="b_arm_1")),
        ("[drug][3]", Ref("drug", instance="3")),
        ("[drug][last-instance]", Ref("drug", instance="last-instance")),
        (
            "[logs_arm_1][drug][previous-instance]",
            Ref("drug", event="logs_arm_1", instance="previous-instance"),
        ),
        ("[previous-event-name][weight]", Ref("weight", event="previous-event-name")),
        ("[event-name]", Ref("event-name")),
        ("[sex:value]", Ref("sex", modifiers=("value",))),
        ("[lab.result]", Ref("result", form="lab")),
    ],
)
def test_references(text, ref):
    assert parse(text) == ref


def test_checkbox_codes_become_columns_as_in_an_export():
    assert parse("[pain(-99)]").column == "pain____99"
    assert parse("[pain(A)]").column == "pain___a"


def test_tree_of_a_branching_logic():
    assert parse("[sex] = '0' and [given_birth] = \"1\"") == Binary(
        "and",
        Binary("=", Ref("sex"), Literal("0")),
        Binary("=", Ref("given_birth"), Literal("1")),
    )
    assert parse("sqrt([a])") == Call("sqrt", (Ref("a"),))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("2 ^ 3 ^ 2", 512),  # from the right, as in algebra
        ("-2 ^ 2", -4),
        ("10 - 4 - 3", 3),
        ("12 / 4 / 3", 1),
        ("7 % 4", 3),
        ("1 = 1 and 2 = 3 or 4 = 4", True),  # and before or
        ("1 = 1 or 2 = 3 and 4 = 5", True),
        ("not 1 = 2 and 1 = 2", False),  # not before and
        ("not (1 = 2)", True),
        ("!(1 = 2) && 3 != 4 || 5 <> 5", True),
        ("1 < 2", True),
        ("'b' > 'a'", True),
        ("'10' > '9'", True),  # numbers in quotes are numbers
        ("'18.0' = 18", True),
        ("'Enrolled' = 'enrolled'", False),  # RC-BL-02: texts compare with case
        ("true = 1", True),
        ("false = 0", True),
        ("'a' = \"a\"", True),
        ("“a” = ‘a’", True),  # as word processors turn them
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", True),  # as web pages write them
        ("1 + // one\n 2 /* two */ + 3", 6),
        ("# a note\n4", 4),
        ("1\r\n+\t1", 2),
    ],
)
def test_signs_and_their_strength(text, result):
    assert value(text) == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("[x] = ''", True),
        ("[x] <> ''", False),
        ("[x] = 0", False),  # RC-BL-02: a blank is not 0
        ("[x] <> 0", True),
        ("[x] < 5", False),
        ("[x] >= 5", False),
        ("[x] + 5", ""),  # RC-CALC-01: with + any blank makes a blank
        ("-[x]", ""),
        ("5 / 0", ""),
        ("sum([x], 5)", 5),
        ("sum([x])", 0),
        ("mean([x], 4, 6)", 5),
        ("min([x], 4, 6)", 4),
        ("max([x])", ""),
        ("round([x], 1)", ""),
        ("if([x] = '', 'none', [x])", "none"),
        ("if([x], 1, 2)", 2),
        ("isblankormissingcode([x])", True),
        ("isblankormissingcode([x]) = true", True),
        ("datediff([x], '2008-05-01', 'd')", ""),
        ("length([x])", 0),
    ],
)
def test_a_blank(text, result):
    assert value(text, x="") == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("round(14.384, 1)", 14.4),
        ("roundup(14.384, 1)", 14.4),
        ("roundup(14.304, 1)", 14.4),
        ("rounddown(14.384, 1)", 14.3),
        ("round(2.5)", 3),
        ("round(-2.5)", -3),
        ("round(1.005, 2)", 1.01),  # as it is written, not as the float lies below
        ("round(1234, -2)", 1200),
        ("sqrt(16)", 4),
        ("sqrt(-1)", ""),
        ("abs(-7.1)", 7.1),
        ("(4)^(3)", 64),
        ("exponential(0)", 1),
        ("log(100, 10)", 2),
        ("log(0)", ""),
        ("mod(10, 4)", 2),
        ("median(1, 9, 4, 2)", 3),
        ("stdev(2, 4, 4, 4, 5, 5, 7, 9)", math.sqrt(32 / 7)),
        ("stdev(2)", ""),
        ("sum(1, 2, 3)", 6),
        ("isnumber('12.5')", True),
        ("isnumber('12,5')", False),
        ("isinteger('12')", True),
        ("isinteger('12.0')", False),
        ("contains('Rob Taylor', 'TAYLOR')", True),
        ("not_contain('Rob Taylor', 'smith')", True),
        ("starts_with('Robert', 'rob')", True),
        ("ends_with('Taylor', 'LOR')", True),
        ("find('y', 'Taylor')", 3),
        ("find('z', 'Taylor')", 0),
        ("left('Taylor', 3)", "Tay"),
        ("right('Taylor', 4)", "ylor"),
        ("right('Taylor', 0)", ""),
        ("mid('Taylor', 2, 3)", "ayl"),
        ("length('Taylor')", 6),
        ("trim(' hello ')", "hello"),
        ("upper('John Doe')", "JOHN DOE"),
        ("lower('John Doe')", "john doe"),
        ("replace_text('a-b-c', '-', '')", "abc"),
        ("concat('Rob', ' ', 'Taylor')", "Rob Taylor"),
        ("concat_ws(' and ', 'Peas', '', 'Tomatoes')", "Peas and Tomatoes"),
        ("right(concat('00', 7), 3)", "007"),
        ("mid('4890-2318', find('-', '4890-2318')+1, length('4890-2318'))", "2318"),
        ("round((70*10000)/((175)^(2)),1)", 22.9),
        ("dayoftheweek('2008-04-30')", 3),  # a Wednesday
        ("year('2008-04-30')", 2008),
        ("month('2008-04-30 10:15')", 4),
        ("day('2008-04-30')", 30),
        ("age_at_date('1960-02-29', '2008-02-28')", 47),
        ("age_at_date('1960-02-29', '2008-02-29')", 48),
        ("calcdate('2008-01-31', 14, 'd')", "2008-02-14"),
        ("calcdate('2008-01-15', 1, 'M')", "2008-02-15"),
    ],
)
def test_functions(text, result):
    found = value(text)
    assert found == (pytest.approx(result) if isinstance(result, float) else result)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("datediff('2008-05-01', '2008-05-15')", 14),
        ("datediff('2008-05-01', '2008-05-15', 'd')", 14),
        ("datediff('2008-05-15', '2008-05-01', 'd')", 14),  # without sign
        ("datediff('2008-05-15', '2008-05-01', 'd', true)", -14),
        ("datediff('2008-05-15', '2008-05-01', 'd', 'ymd', true)", -14),
        ("datediff('2008-05-15', '2008-05-01', 'd', 'ymd', 'true')", -14),
        ("datediff('05/01/2008', '05/15/2008', 'd', 'mdy')", 14),
        ("datediff('01-05-2008', '15-05-2008', 'd', 'dmy', true)", 14),
        ("datediff('2008-05-01', '2009-05-01', 'y')", 365 / 365.2425),
        ("datediff('2008-05-01', '2008-06-01', 'M')", 31 / 30.44),
        ("datediff('2008-05-01 10:00', '2008-05-01 12:30', 'h')", 2.5),
        ("datediff('2008-05-01 10:00', '2008-05-01 12:30', 'm')", 150),
        ("datediff('2008-05-01 10:00', '2008-05-01 10:00:30', 's')", 30),
        ("datediff('2008-05-01 23:00', '2008-05-02', 'd')", 1),
        ("datediff('2008-05', '2008-05-15', 'd')", ""),
        ("datediff('2008-05-01', 'x', 'd')", ""),
        ("datediff('2008-02-30', '2008-05-01', 'd')", ""),
    ],
)
def test_datediff(text, result):
    assert value(text) == (pytest.approx(result) if isinstance(result, float) else result)


def test_what_no_export_can_say_stays_unknown():
    assert value("datediff([d], 'today', 'd')", d="2008-05-01") is UNKNOWN
    assert value("datediff([d], 'today', 'd')", today="2008-05-11", d="2008-05-01") == 10
    assert value("[a] = 'today'", a="today") is True  # a word where no date is asked
    assert value("[a] > 1 and [b] = 1", a=UNKNOWN, b="0") is False
    assert value("[a] > 1 or [b] = 1", a=UNKNOWN, b="1") is True
    assert value("[a] > 1 or [b] = 1", a=UNKNOWN, b="0") is UNKNOWN
    assert value("not [a]", a=UNKNOWN) is UNKNOWN
    assert value("[a] + 1", a=UNKNOWN) is UNKNOWN
    assert value("if([b] = 1, [b], [a])", a=UNKNOWN, b="1") == "1"


def test_codes_of_missing_values_are_told_apart():
    code = MissingCode("-99")
    assert value("isblankormissingcode([a])", a=code) is True
    assert value("isblanknotmissingcode([a])", a=code) is False
    assert value("ismissingcode([a])", a=code) is True
    assert value("ismissingcode([a])", a="-99") is False
    assert value("hasmissingcode([a], 'UNK, -99')", a=code) is True
    assert value("hasmissingcode([a], 'UNK')", a=code) is False
    assert value("[a] < 5", a=code) is False
    assert value("[a] = '-99'", a=code) is True
    assert value("[a] + 1", a=code) == ""


def test_dates_compare_as_far_as_both_are_known():
    assert value("[a] < [b]", a="2008-05-01", b="2008-05-12") is True
    for sign, holds in (("<", False), (">", False), ("<=", True), (">=", True)):
        assert value(f"[a] {sign} [b]", a="2008-05", b="2008-05-12") is holds
    assert value("[a] <= [b]", a="2008-05-12T08:00", b="2008-05-12") is True
    assert value("[a] = [b]", a="2008-05-12T08:00", b="2008-05-12 08:00") is True


@pytest.mark.parametrize(
    ("text", "word", "at"),
    [
        ("[a] =", "missing at the end", 6),
        ("[a] = x", "quotation marks", 7),
        ("raund([a])", "'round'", 1),
        ("([a]", "parenthesis", 1),
        ("[a = 1", "bracket", 1),
        ("[a] = 'x", "quotation mark", 7),
        ("[a] 1", "joins", 5),
        ("if([a], 1)", "3 arguments, not 2", 1),
        ("{a} = 1", "Curly", 1),
        ("[a] and or [b]", "between two conditions", 9),
        ("[a(1] = 1", "no reference", 1),
        ("[a][b][c][d]", "More brackets", 4),
        ("", "missing", 1),
        ("[a] = 1 ; [b]", "sign ';'", 9),
    ],
)
def test_what_is_no_logic_is_told_with_its_place(text, word, at):
    with pytest.raises(LogicError) as told:
        parse(text)
    assert word in told.value.what
    assert told.value.at == at


def test_long_and_deep_logic_is_read():
    assert value(" or ".join(["[a] = 1"] * 5000), a="1") is True
    deep = "".join(f"if([a] = {i}, {i}, " for i in range(90)) + "-1" + ")" * 90
    assert value(deep, a="89") == 89
    with pytest.raises(LogicError, match="deep"):
        parse("(" * 5000 + "1" + ")" * 5000)


def test_each_distinct_set_of_values_is_evaluated_once():
    x = Expression("[a] * 2")
    seen = []
    run = x._run
    x._run = lambda row: seen.append(row) or run(row)
    assert x.over([["1", "2", "1", "1"]], 4) == [2, 4, 2, 2]
    assert len(seen) == 2
    assert Expression("1 = 1").over([], 3) == [True, True, True]


NUMBER = st.one_of(st.integers(-50, 50), st.floats(-50, 50).map(lambda x: round(x, 3)))


@st.composite
def arithmetic(draw, depth=3):
    """(text, value by Python) of a random calculation."""
    if depth == 0 or draw(st.booleans()):
        x = draw(NUMBER)
        return (f"({x})", float(x))
    sign = draw(st.sampled_from("+-*/"))
    (a, x), (b, y) = draw(arithmetic(depth=depth - 1)), draw(arithmetic(depth=depth - 1))
    if x == "" or y == "" or (sign == "/" and y == 0):
        return f"({a} {sign} {b})", ""
    return f"({a} {sign} {b})", {"+": x + y, "-": x - y, "*": x * y, "/": x / (y or 1)}[sign]


@given(arithmetic())
def test_arithmetic_agrees_with_python(case):
    text, expected = case
    found = value(text)
    assert found == expected or found == pytest.approx(expected)


@given(st.text(alphabet="[]()'\"ab1 =<>+-*/.,:andor\n#/", max_size=40))
def test_no_text_breaks_the_reader(text):
    with contextlib.suppress(LogicError):
        Expression(text)({})
