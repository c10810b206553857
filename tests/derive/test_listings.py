"""Skin scores beside the oedema of the day."""

from __future__ import annotations

import math

from sclerotrial.derive.listings import HAQ_COLUMNS, haq_answers, skin_and_oedema


def test_oedema_stands_beside_the_skin_score(datasets):
    table = skin_and_oedema(*(datasets[n] for n in ("adqs", "advs", "adae", "adcm")))
    rows = table.set_index(["USUBJID", "AVISIT", "DTYPE"])
    # IM01, month 6: weight 60 -> 57 kg, no oedema on examination
    first = rows.loc[("IM01", "Month 6", "")]
    assert (first["ONEXAM"], first["EDEMAFL"], first["EVENTS"]) == ("N", "", "")
    assert first["WTGAIN"] == -5
    # IM02, month 3: the second event of oedema is going on, furosemide ended on 20 June
    second = rows.loc[("IM02", "Month 3", "")]
    assert second["EVENTS"] == "Oedema peripheral, grade 2, 2008-06-04 to ?"
    assert (second["EDEMAFL"], second["DIURETIC"]) == ("Y", "")
    assert math.isnan(second["WTGAIN"])
    assert len(table) == (datasets["adqs"].query("PARAMCD == 'MRSS'")["ANL02FL"] == "Y").sum()
    # the flag of adqs and the columns here say the same
    told = (table["EVENTS"] != "") | (table["ONEXAM"] == "Y")
    assert told.tolist() == (table["EDEMAFL"] == "Y").tolist()


def test_each_answer_of_the_haq_is_followed_to_its_score(study, trial, datasets):
    trial["haq"].loc[1, ["haq_grip_1", "haq_grip_2", "haq_grip_3"]] = ["1", "", "0"]
    trial["haq"].loc[1, ["haq_aids___10", "haq_help___8"]] = "1"
    table = haq_answers(study, trial)
    assert len(table) == 2 * (20 + 13 + 8)
    row = table[table["VISIT"] == "Month 6"].set_index("FIELD")
    # grip 1, blank, 0 and a jar opener: 2; activities 2, 2, 2 and help: 2 already
    assert row.loc["haq_grip_1", "EFFECT"] == "sets the category"
    assert row.loc["haq_grip_2", "EFFECT"] == "blank"
    assert row.loc["haq_grip_3", "EFFECT"] == "below the highest answer, 1"
    assert row.loc["haq_aids___10", "EFFECT"] == "raises 1 to 2"
    assert row.loc["haq_help___8", "EFFECT"] == "no effect: the highest answer is 2"
    assert row.loc["haq_grip_3", ["UNAIDED", "SCORE", "SRCLINE"]].tolist() == [1, 2, "3"]
    # the scores are those of adqs
    first = table[table["VISIT"] == "Baseline"].drop_duplicates("PARAMCD").set_index("PARAMCD")
    adqs = datasets["adqs"].query("PARCAT1 == 'HAQ category' and VISIT == 'Baseline'")
    assert first["SCORE"].to_dict() == adqs.set_index("PARAMCD")["AVAL"].to_dict()
    assert list(haq_answers(study, {}).columns) == HAQ_COLUMNS
