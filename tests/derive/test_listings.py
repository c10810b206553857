"""Skin scores beside the oedema of the day."""

from __future__ import annotations

import math

from sclerotrial.derive.listings import skin_and_oedema


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
