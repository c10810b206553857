"""adqs of the small trial (`conftest.py`)."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sclerotrial.derive.adex import derive_adex
from sclerotrial.derive.adqs import derive_adqs
from sclerotrial.derive.adsl import derive_adsl
from sclerotrial.errors import InputErrors
from sclerotrial.study_endpoints import Endpoint
from sclerotrial.study_models import Form, IntercurrentEvent
from sclerotrial.tabular import as_text


def _run(study, trial):
    adsl, _ = derive_adsl(study, trial)
    adex, _ = derive_adex(study, trial, adsl)
    return derive_adqs(study, trial, adsl, adex)


def _value(df, subject, param, visit, column="AVAL", flag="ANL01FL"):
    key = (df["USUBJID"] == subject) & (df["PARAMCD"] == param) & (df["AVISIT"] == visit)
    return df.loc[key & (df[flag] == "Y"), column].tolist()


@pytest.fixture
def adqs(datasets):
    return datasets["adqs"]


def test_scores_and_changes(adqs):
    assert _value(adqs, "IM01", "MRSS", "Month 6") == [24]
    assert _value(adqs, "IM01", "MRSS", "Month 6", "CHG") == [-6]
    assert _value(adqs, "IM01", "MRSS", "Month 6", "PCHG") == [-20]
    assert _value(adqs, "IM01", "HAQDI", "Month 6", "CHG") == [1]
    assert _value(adqs, "IM01", "PTGA", "Month 6") == [50]  # 49 mm on a line of 98 mm
    assert _value(adqs, "IM01", "HTQ", "Month 6", "AVALC") == ["Much better"]
    assert math.isnan(_value(adqs, "IM01", "HTQ", "Month 6", "CHG")[0])


def test_every_area_and_category_is_a_parameter(adqs):
    day = adqs[(adqs["USUBJID"] == "IM01") & (adqs["AVISIT"] == "Baseline")]
    areas = day[day["PARCAT1"] == "mRSS area"]
    assert (len(areas), areas["AVAL"].sum()) == (17, 30)
    assert set(areas["SRCVAR"]) >= {"mrss_face", "mrss_foot_l"}
    assert (day["PARCAT1"] == "HAQ category").sum() == 8


def test_responders_of_the_configuration(adqs):
    # 30 -> 24: -6 points, -20 %: at least 5 yes, more than 20 % no, more than 25 % no, 5.3 yes
    row = adqs[(adqs["PARAMCD"] == "MRSS") & (adqs["AVISIT"] == "Month 6")].iloc[0]
    assert [row[f"CRIT{i}FL"] for i in (1, 2, 3, 4)] == ["Y", "", "", "Y"]
    assert row["CRIT2"] == "Fall of more than 20 %"
    base = adqs[(adqs["PARAMCD"] == "MRSS") & (adqs["AVISIT"] == "Baseline")]
    assert set(base["CRIT1"]) == {""}


def test_values_are_carried_forward_for_treated_subjects_only(adqs):
    locf = adqs[adqs["DTYPE"] == "LOCF"]
    assert set(locf["USUBJID"]) == {"IM01", "IM02", "IM03"}
    skin = locf[locf["PARAMCD"] == "MRSS"].set_index(["USUBJID", "AVISIT"])
    # IM02 has no month 6: that of month 3; IM03 has no month 3: baseline
    assert skin["AVAL"].to_dict() == {("IM02", "Month 6"): 22, ("IM03", "Month 3"): 25}
    assert skin.loc[("IM02", "Month 6"), "CHG"] == 2
    assert skin.loc[("IM03", "Month 3"), "CHG"] == 0
    assert skin.loc[("IM02", "Month 6"), "ADT"] == "2008-08-12"
    assert set(skin["ANL01FL"]) == {""}
    assert set(skin["ANL02FL"]) == {"Y"}
    assert _value(adqs, "IM02", "MRSS", "Month 6", flag="ANL02FL") == [22]


def test_intercurrent_events(adqs):
    # IM02 stopped on 11 June; month 3 is after that, with a reduced dose and an admission before
    row = adqs[(adqs["USUBJID"] == "IM02") & (adqs["PARAMCD"] == "MRSS")].iloc[1]
    assert (row["ONTRTFL"], row["ICEFL"]) == ("", "Y")
    assert row["ICE"] == "STOPAE DOSERED HOSP RESCUE"
    done = adqs[(adqs["USUBJID"] == "IM01") & (adqs["AVISIT"] == "Month 6")].iloc[0]
    assert (done["ONTRTFL"], done["ICEFL"], done["ICE"]) == ("Y", "", "")


def test_never_dosed_have_a_baseline_by_randomisation(adqs):
    row = adqs[(adqs["USUBJID"] == "IM04") & (adqs["PARAMCD"] == "MRSS")].iloc[0]
    assert (row["ADY"], row["ABLFL"], row["AVISIT"], row["TRT01A"]) == (1, "Y", "Baseline", "")


def test_records_that_are_not_used_are_told(study, trial, make):
    more = make.skin(
        ("IM01", "Month 6", "2008-11-05", 23),
        ("IM01", "Early termination", "2009-06-01", 22),
        ("SF01", "Baseline", "2008-05-06", 9),
    ).assign(SRCLINE=["90", "91", "92"])
    trial["mrss"] = pd.concat([trial["mrss"], more], ignore_index=True)
    adqs, notes = _run(study, trial)
    assert dict(zip(notes["RULE"], notes["SRCLINE"], strict=True)) == {
        "window_not_used": "90", "window_none": "91", "not_randomised": "92",
    }  # fmt: skip
    assert notes.loc[notes["SRCLINE"] == "90", "FIELD"].tolist() == ["MRSS MRSSPRO"]
    assert _value(adqs, "IM01", "MRSS", "Month 6") == [24]
    assert (adqs["SRCLINE"] == "91").any()


def test_a_blank_area_leaves_no_total_and_a_prorated_one(study, trial):
    trial["mrss"].loc[2, ["mrss_foot_l", "mrss_foot_r"]] = ""
    adqs, notes = _run(study, trial)
    assert _value(adqs, "IM01", "MRSS", "Month 6") == []
    # 24 is 3 in 8 areas and 0 elsewhere: 24 x 17 / 15
    assert _value(adqs, "IM01", "MRSSPRO", "Month 6") == [pytest.approx(27.2)]
    assert _value(adqs, "IM01", "MRSS", "Month 6", flag="ANL02FL") == [28]  # month 3
    told = notes[notes["RULE"] == "score_incomplete"].iloc[0]
    assert (told["FIELD"], told["ACTION"]) == ("MRSS", "set missing")
    assert told["MESSAGE"].startswith("15 of 17")


def test_a_form_without_date_takes_that_of_its_visit(study, trial):
    trial["mrss"].loc[2, "mrss_date"] = ""  # IM01, Month 6
    trial["mrss"].loc[1, "mrss_date"] = ""  # IM01, Month 3 is not in the visit log
    adqs, notes = _run(study, trial)
    assert _value(adqs, "IM01", "MRSS", "Month 6", "ADT") == ["2008-11-10"]
    assert _value(adqs, "IM01", "MRSS", "Month 3") == []
    assert sorted(notes["RULE"]) == ["date_from_visit", "date_none"]


def test_a_visit_whose_day_is_not_whole_gives_no_date(study, trial):
    trial["mrss"].loc[2, "mrss_date"] = ""  # IM01, Month 6
    trial["visit_log"].loc[1, "visit_date"] = "2008-11"
    adqs, notes = _run(study, trial)
    assert _value(adqs, "IM01", "MRSS", "Month 6") == []
    assert notes["RULE"].tolist() == ["date_none"]


def test_the_rule_of_a_haq_category_is_chosen_in_the_configuration(study, trial):
    trial["haq"].loc[1, "haq_grip_2"] = ""
    strict = study.endpoints["HAQDI"].model_copy(update={"category_rule": "complete"})
    strict = study.model_copy(update={"endpoints": {**study.endpoints, "HAQDI": strict}})
    for own, grip, count in ((study, [2], [8]), (strict, [], [7])):
        adqs, notes = _run(own, trial)
        assert _value(adqs, "IM01", "HAQGRIP", "Month 6") == grip
        assert _value(adqs, "IM01", "HAQDI", "Month 6", "NITEMS") == count
        assert _value(adqs, "IM01", "HAQDI", "Month 6") == [2]  # 6 of 8 are enough
        assert "score_incomplete" not in set(notes["RULE"])
    all_8 = strict.endpoints["HAQDI"].model_copy(update={"min_categories": 8})
    all_8 = study.model_copy(update={"endpoints": {**study.endpoints, "HAQDI": all_8}})
    adqs, notes = _run(all_8, trial)
    assert _value(adqs, "IM01", "HAQDI", "Month 6") == []
    assert notes["MESSAGE"].iloc[0].startswith("7 of 8 categories")


def test_scales_of_the_scleroderma_haq_by_configuration(study, trial, make):
    trial["shaq"] = make.form(
        "shaq_date shaq_pain_mm shaq_ulcers_mm line",
        "IM01|Baseline||2008-05-12|75|150|",
        "IM01|Month 6||2008-11-10|72.5|160|145",
    )
    entry = {"dataset": "adqs", "form": "shaq", "instrument": "shaq", "line_field": "line"}
    more = {
        "SHAQPAIN": Endpoint(param="Pain", field="shaq_pain_mm", **entry),
        "SHAQULC": Endpoint(param="Finger ulcers", field="shaq_ulcers_mm", **entry),
    }
    forms = {**study.forms.forms, "shaq": Form(source="redcap", date="shaq_date")}
    own = study.model_copy(
        update={
            "endpoints": {**study.endpoints, **more},
            "forms": study.forms.model_copy(update={"forms": forms}),
        }
    )
    adqs, notes = _run(own, trial)
    # 7.5 cm of 15: 1.5; 72.5 mm of a copy of 145 mm: 1.5; beyond its line: none
    assert _value(adqs, "IM01", "SHAQPAIN", "Baseline") == [1.5]
    assert _value(adqs, "IM01", "SHAQPAIN", "Month 6") == [pytest.approx(1.5)]
    assert _value(adqs, "IM01", "SHAQULC", "Baseline") == [3]
    assert _value(adqs, "IM01", "SHAQULC", "Month 6") == []
    assert notes["FIELD"].tolist() == ["shaq_ulcers_mm"]


def test_intercurrent_events_are_those_of_the_configuration(study, trial):
    events = [
        IntercurrentEvent(
            code="STOP", label="Stopped", strategy="composite", where='COMPLFL!="Y"',
            since="TRTEDT", later=63,
        )
    ]  # fmt: skip
    own = study.model_copy(update={"intercurrent_events": events})
    adqs, _ = _run(own, trial)
    # IM02 took the last dose on 11 June; month 3 on 12 August is 62 days later
    assert _value(adqs, "IM02", "MRSS", "Month 3", "ICE") == [""]
    events[0] = events[0].model_copy(update={"later": 62})
    adqs, _ = _run(own, trial)
    assert _value(adqs, "IM02", "MRSS", "Month 3", "ICE") == ["STOP"]
    assert _value(adqs, "IM01", "MRSS", "Month 6", "ICE") == [""]


def test_oedema_stands_beside_the_skin_score(study, trial):
    trial["vitals"].loc[2, "edema"] = "1"
    adqs, _ = _run(study, trial)
    skin = adqs[(adqs["PARAMCD"] == "MRSS") & (adqs["DTYPE"] == "")]
    flagged = skin.loc[skin["EDEMAFL"] == "Y", ["USUBJID", "AVISIT"]].values.tolist()
    # IM01 by the examination; IM02 by an event that still goes on at month 3
    assert flagged == [["IM01", "Month 6"], ["IM02", "Month 3"]]
    other = adqs[~adqs["PARAMCD"].str.startswith("MRSS")]
    assert set(other["EDEMAFL"]) == {""}


def test_text_frames_give_the_same(study, trial):
    adsl, _ = derive_adsl(study, trial)
    first, _ = derive_adqs(study, trial, adsl)
    again, _ = derive_adqs(study, trial, as_text(adsl))
    pd.testing.assert_frame_equal(as_text(first), as_text(again))


def test_without_forms_there_are_no_rows(study, derived):
    adqs, notes = derive_adqs(study, {}, derived[0])
    assert (len(adqs), len(notes)) == (0, 0)
    assert "CRIT4FL" in adqs.columns


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kept=st.sets(st.sampled_from(range(8))), random=st.randoms())
def test_each_treated_subject_has_one_value_a_visit_once_it_has_any(study, trial, kept, random):
    skin_only = {"endpoints": {"MRSS": study.endpoints["MRSS"]}, "vitals": {}, "laboratory": {}}
    study = study.model_copy(update=skin_only)
    rows = trial["mrss"].iloc[sorted(kept)]
    clean = trial | {"mrss": rows.sample(frac=1, random_state=random.randrange(100))}
    adsl, _ = derive_adsl(study, clean)
    adqs, _ = derive_adqs(study, clean, adsl)
    skin = adqs[(adqs["PARAMCD"] == "MRSS") & (adqs["ANL02FL"] == "Y") & (adqs["SAFFL"] == "Y")]
    assert not skin.duplicated(["USUBJID", "AVISIT"]).any()
    late = skin[skin["AVISIT"] == "Month 6"]
    assert set(late["USUBJID"]) == set(rows["USUBJID"]) - {"IM04"}
    same, _ = derive_adqs(study, trial | {"mrss": rows}, adsl)
    pd.testing.assert_frame_equal(adqs, same)


@pytest.mark.parametrize(
    ("code", "change", "what"),
    [
        ("PTGA", {"form": "mrss"}, "The form 'mrss' does not hold the field 'ptga_mm'."),
        ("PTGA", {"field": "ptga"}, "does not hold the field 'ptga'. Did you mean 'ptga_mm'"),
        ("MRSS", {"form": "globals"}, "The form 'globals' does not hold items of 'mrss'."),
    ],
)
def test_an_endpoint_scored_from_a_form_without_it_is_told(study, trial, code, change, what):
    wrong = {code: study.endpoints[code].model_copy(update=change)}
    other = study.model_copy(update={"endpoints": study.endpoints | wrong})
    with pytest.raises(InputErrors) as caught:
        _run(other, trial)
    assert [what in str(caught.value), len(caught.value.problems)] == [True, 1]
