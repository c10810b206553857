"""The grammar and the bookkeeping of the ARD."""

from types import SimpleNamespace

import numpy as np
import pytest

from sclerotrial import ard
from sclerotrial.errors import InputErrors
from sclerotrial.inference import groups, paired
from sclerotrial.tabular import read_csv, write_csv

AT = ard.Scope("efficacy", "mrss", "imatinib", "month6", "chg", digits=1, unit="points", label="x")


def family(method, *members):
    return SimpleNamespace(method=method, members=list(members))


def test_an_id_is_made_of_the_parts_that_apply():
    assert AT.id("t", "ci_low") == "efficacy.mrss.imatinib.month6.chg.t.ci_low"
    assert ard.Scope("feasibility", "screened").id("", "count") == "feasibility.screened.count"
    assert ard.visit_part("Month 6") == "month6"
    assert ard.slug("Oedema, peripheral") == "oedema_peripheral"


def test_text_is_rounded_half_up_by_the_kind_of_number():
    assert AT.row("mean", 29.45)["TEXT"] == "29.5"
    assert AT.row("mean", -0.04)["TEXT"] == "0.0"
    assert AT.row("n", 9)["TEXT"] == "9"
    assert AT.row("percent", 66.65)["TEXT"] == "66.7"
    assert AT.row("percent", 66.65)["UNIT"] == "%"
    assert AT.row("p", 0.0004)["TEXT"] == "<0.001"
    assert AT.row("p", 0.28906)["TEXT"] == "0.289"
    assert AT.row("estimate", 1.23456, digits=3)["TEXT"] == "1.235"


def test_rows_of_a_result_carry_level_and_floor_where_they_belong():
    result = paired.hodges_lehmann([1, 2, 3, 4])
    low = ard.result_rows(AT, "hl", result, ("ci_low",))[0]
    assert (low["CONF_LEVEL"], low["CONF_ACHIEVED"]) == (0.95, 0.875)
    assert "no exact 95 % interval" in low["NOTE"]
    p = ard.result_rows(AT, "signflip", paired.sign_flip([1, 2, 3, 0, 0, 0]), ("p",))[0]
    assert (p["P_ATTAINABLE"], p["P_DESIGN"]) == (0.25, 0.03125)
    assert np.isnan(p["CONF_LEVEL"])


def test_no_test_is_printed_where_none_could_have_rejected():
    result = ard.printable(groups.rank_sum([1, 2, 3, 4, 5, 6, 7], [8, 9]))
    assert np.isnan(result.p)
    assert result.note == "no test printed: the smallest p of this design (7 v 2) is 0.056"
    assert result.p_design == pytest.approx(2 / 36)
    assert ard.printable(groups.rank_sum([1, 2, 3, 4, 5, 6], [7, 8, 9])).p == pytest.approx(2 / 84)


def test_rows_against_the_rules_are_defects():
    good = AT.row("mean", 1.0)
    with pytest.raises(ValueError, match="twice"):
        ard.frame([good, good])
    with pytest.raises(ValueError, match="refused without a note"):
        ard.frame([AT.row("mean", np.nan)])
    for id_ in ("efficacy.MRSS.mean", "nothing.mrss.mean", "efficacy.mrss.average", "efficacy"):
        with pytest.raises(ValueError, match="grammar"):
            ard.frame([{**good, "ID": id_}])
    assert len(ard.frame([])) == 0


def test_a_family_counts_the_tests_that_were_not_printed():
    rows = [
        AT.but(param="a").row("p", 0.02, part="signflip"),
        AT.but(param="b").row("p", 0.03, part="signflip"),
        AT.but(param="c").row("p", np.nan, part="signflip", note="no test printed"),
        AT.but(param="d").row("p", 0.01, part="signflip"),
        AT.but(param="a").row("mean", 1.0),
    ]
    plan = SimpleNamespace(
        families={
            "first": family("holm", "efficacy.[abc].imatinib.month6.chg.signflip.p"),
            "rest": family("none", "efficacy.*"),
        }
    )
    out = ard.bind([ard.frame(rows)], plan).set_index("ID")
    a, b, c, d, mean = out.index
    # Holm over three: 3 x 0.02, then the larger of that and 2 x 0.03
    assert out.loc[[a, b], "P_ADJ"].tolist() == pytest.approx([0.06, 0.06])
    assert np.isnan(out.loc[c, "P_ADJ"])
    assert out["FAMILY"].tolist() == ["first", "first", "first", "rest", "rest"]
    assert np.isnan(out.loc[[d, mean], "P_ADJ"]).all()


def test_bound_rows_survive_writing_and_reading(tmp_path):
    once = ard.bind([ard.frame([AT.row("mean", 1 / 3), AT.row("sd", np.nan, note="one patient")])])
    write_csv(once, tmp_path / "ard.csv")
    again = ard.bind([read_csv(tmp_path / "ard.csv")])
    write_csv(again, tmp_path / "again.csv")
    assert (tmp_path / "ard.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()
    assert again["VALUE"].tolist()[0] == pytest.approx(1 / 3, rel=1e-11)
    with pytest.raises(ValueError, match="twice"):
        ard.bind([once, again])


def test_lookup_suggests_the_nearest():
    table = ard.frame([AT.row("mean", 1.0)])
    assert ard.lookup(table, "efficacy.mrss.imatinib.month6.chg.mean")["VALUE"] == 1.0
    with pytest.raises(InputErrors, match="Did you mean 'efficacy.mrss.imatinib.month6.chg.mean'"):
        ard.lookup(table, "efficacy.mrss.imatinib.month6.chg.men")


def test_rows_that_show_one_person_can_be_hidden():
    table = ard.frame(
        [
            AT.row("mean", 1.0, n=9),
            AT.but(group="placebo").row("estimate", 33.0, n=1),
            AT.but(group="all").row("mean", 2.0, n=10),
        ]
    )
    out = ard.suppress(table, ["placebo", "all"])
    assert out["TEXT"].tolist() == ["1.0", "", ""]
    assert out["VALUE"].isna().tolist() == [False, True, True]
    assert out["NOTE"].tolist()[1] == "suppressed: would show one person"
    ard.check(out)
