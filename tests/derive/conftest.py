"""A small trial by hand: who did what on which day is told beside each form."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.instruments import haq, mrss

PLACE = ["USUBJID", "VISIT", "INSTANCE"]


def form(fields: str, *rows: str, file: str = "redcap/data.csv", first_line: int = 2):
    """A clean form from lines of text, cells parted by '|'."""
    names = [*PLACE, *fields.split()]
    cells = [[c.strip() for c in row.split("|")] for row in rows]
    df = pd.DataFrame(cells, columns=names, dtype=str)
    df["SRCFILE"] = file
    df["SRCLINE"] = [str(first_line + i) for i in range(len(df))]
    return df


def skin(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """A skin score form: total made of 3, 3, ... and a rest, from (subject, visit, day, total)."""
    fields = [a["FIELD"] for a in mrss.areas()]
    lines = []
    for subject, visit, day, total in rows:
        areas = [max(0, min(3, total - 3 * i)) for i in range(len(fields))]
        lines.append("|".join([subject, visit, "", day, "R1", *map(str, areas)]))
    return form("mrss_date mrss_rater " + " ".join(fields), *lines)


def haq_form(*rows: tuple[str, str, str, int]) -> pd.DataFrame:
    """A questionnaire with the same answer to every item."""
    fields = [i["FIELD"] for i in haq.items()]
    ticks = [s["FIELD"] for s in haq.support()]
    lines = [
        "|".join([s, v, "", d, *[str(a)] * len(fields), *["0"] * len(ticks)]) for s, v, d, a in rows
    ]
    return form("haq_date " + " ".join([*fields, *ticks]), *lines)


@pytest.fixture
def make():
    """The builders, for tests that need a form of their own."""

    class Makers:
        pass

    Makers.form = staticmethod(form)
    Makers.skin = staticmethod(skin)
    Makers.haq = staticmethod(haq_form)
    return Makers


def small_trial() -> dict[str, pd.DataFrame]:
    """Clean forms of five people.

    IM01 took 400 mg for 182 days. IM02 took 400 mg for 14 days, nothing for 6, 200 mg for 10, and
    stopped for an event. IM03 took placebo for 182 days. IM04 was randomised and never dosed.
    SF01 failed screening.
    """
    return {
        "demographics": form(
            "consent_date sex race age",
            "IM01|Screening||2008-05-01|2|1|50",
            "IM02|Screening||2008-05-02|1|3|41",
            "IM03|Screening||2008-05-03|2|1|60",
            "IM04|Screening||2008-05-04|2|9|35",
            "SF01|Screening||2008-05-05|2|1|44",
        ),
        "eligibility": form("elig_ok elig_fail_reason", "SF01|Screening||0|2"),
        "ssc_history": form(
            "onset_date mtx_current mtx_dose antibodies___2 antibodies___3 organs___1",
            "IM01|Screening||2007-05|1|15|1|0|1",
            "IM02|Screening||2006-11-20|0||0|1|0",
        ),
        "allocation": form(
            "rand_no rand_date stratum block arm",
            "IM01||1|101|2008-05-12|Y|1|IMATINIB",
            "IM02||2|201|2008-05-13|N|1|IMATINIB",
            "IM03||3|202|2008-05-14|N|1|PLACEBO",
            "IM04||4|203|2008-05-15|N|1|IMATINIB",
            file="allocation/list.csv",
        ),
        "dosing": form(
            "ex_start ex_end ex_dose ex_freq ex_reason",
            "IM01|Logs|1|2008-05-12|2008-11-09|200|2|1",
            "IM02|Logs|1|2008-05-13|2008-05-26|200|2|1",
            "IM02|Logs|2|2008-06-02|2008-06-11|200|1|3",
            "IM03|Logs|1|2008-05-14|2008-11-11|200|2|1",
        ),
        "disposition": form(
            "ds_completed ds_last_dose ds_end ds_reason",
            "IM01|Logs||1|2008-11-09|2008-11-10|1",
            "IM02|Logs||0|2008-06-11|2008-11-12|2",
            "IM03|Logs||1|2008-11-11|2008-11-12|1",
            "IM04|Logs||0||2008-05-20|3",
        ),
        "visit_log": form(
            "visit_date visit_done",
            "IM01|Baseline||2008-05-12|1",
            "IM01|Month 6||2008-11-10|1",
            "IM02|Baseline||2008-05-13|1",
            "IM02|Month 6||2008-11-12|1",
            "IM03|Baseline||2008-05-14|1",
            "IM03|Month 6||2008-11-12|1",
        ),
        "mrss": skin(
            ("IM01", "Baseline", "2008-05-12", 30),
            ("IM01", "Month 3", "2008-08-11", 28),
            ("IM01", "Month 6", "2008-11-10", 24),
            ("IM02", "Baseline", "2008-05-13", 20),
            ("IM02", "Month 3", "2008-08-12", 22),
            ("IM03", "Baseline", "2008-05-14", 25),
            ("IM03", "Month 6", "2008-11-12", 25),
            ("IM04", "Baseline", "2008-05-15", 33),
        ),
        "haq": haq_form(
            ("IM01", "Baseline", "2008-05-12", 1),
            ("IM01", "Month 6", "2008-11-10", 2),
        ),
        "globals": form(
            "glob_date ptga_mm phga_mm vas_line_mm",
            "IM01|Baseline||2008-05-12|50|40|100",
            "IM01|Month 6||2008-11-10|49|40|98",
        ),
        "health_transition": form(
            "htq_date htq",
            "IM01|Baseline||2008-05-12|3",
            "IM01|Month 6||2008-11-10|1",
        ),
        "vitals": form(
            "vs_date weight weight_unit sysbp diabp pulse edema",
            "IM01|Baseline||2008-05-12|60|kg|120|70|66|0",
            "IM01|Month 1||2008-06-09|66|kg|121|71|67|1",
            "IM01|Month 6||2008-11-10|57|kg|||68|0",
        ),
        "lab": form(
            "sample_date test result value cens unit ref_low ref_high raw_result raw_unit",
            "IM01||1|2008-05-10|HGB|130|130||g/L|120|160|13.0|g/dL",
            "IM01||2|2008-05-12|HGB|118|118||g/L|120|160|118|g/L",
            "IM01||3|2008-08-11|HGB|95|95||g/L|120|160|95|g/L",
            "IM01||4|2008-05-12|CRP|<0.6|0.6|<|mg/L|0|5|<0.6|mg/L",
            "IM01||5|2008-11-10|CRP|||||0|5|hemolysed|mg/L",
            "IM01||6|2008-08-11|CRP|7|7||mg/L|0|5|7|mg/L",
            file="laboratory/list.csv",
        ),
        "adverse_events": form(
            "ae_verbatim ae_pt ae_soc ae_start ae_end ae_ongoing ae_grade ae_serious ae_hosp "
            "ae_rel ae_action ae_outcome",
            "IM01|Logs|1|sick|nausea|GI|2008-05-12|2008-05-20|0|2|0|0|3|0|1",
            "IM01|Logs|2|sick|Nausea|GI|2008-05-21|2008-05-25|0|3|0|0|3|0|1",
            "IM01|Logs|3|bald|Alopecia|Skin|2008-06||1|1|0|0|2|0|3",
            "IM02|Logs|1|swollen|Oedema peripheral|General|2008-05-20|2008-05-29|0|3|1|1|4|2|1",
            "IM02|Logs|2|swollen|Oedema peripheral|General|2008-06-04||1|2|0|0|4|3|3",
            "IM02|Logs|3|cold|Nasopharyngitis|Infections|2008-05-01|2008-05-05|0|1|0|0|0|0|1",
            "IM03|Logs|1|tired|Fatigue|General||2008-05-30|0|1|0|0|1|0|1",
        ),
        "concomitant_drugs": form(
            "cm_drug cm_class cm_start cm_end cm_ongoing cm_dose cm_unit cm_freq cm_indication",
            "IM01|Logs|1|methotrexate|Methotrexate|2007||1|15|mg|weekly|skin",
            "IM02|Logs|1|furosemide|Diuretic|2008-05-22|2008-06-20|0|40|mg|daily|oedema",
            "IM02|Logs|2|mycophenolate|Immunosuppressant|2008-07-01||1|1000|mg|daily|skin",
        ),
    }


@pytest.fixture
def trial() -> dict[str, pd.DataFrame]:
    """The clean forms, to be changed at will."""
    return small_trial()


@pytest.fixture(scope="session")
def datasets(study) -> dict[str, pd.DataFrame]:
    """All datasets of the small trial, derived once; not to be changed."""
    from sclerotrial.derive import adae, adcm, adex, adlb, adqs, adsl, adtte, advs

    clean = small_trial()
    out = {"adsl": adsl.derive_adsl(study, clean)[0]}
    out["adex"] = adex.derive_adex(study, clean, out["adsl"])[0]
    both = (out["adsl"], out["adex"])
    out["adqs"] = adqs.derive_adqs(study, clean, *both)[0]
    out["adlb"] = adlb.derive_adlb(study, clean, *both)[0]
    out["advs"] = advs.derive_advs(study, clean, *both)[0]
    out["adae"] = adae.derive_adae(study, clean, *both)[0]
    out["adcm"] = adcm.derive_adcm(study, clean, *both)[0]
    out["adtte"] = adtte.derive_adtte(study, clean, out["adsl"], out["adae"])[0]
    return out


@pytest.fixture
def derived(datasets):
    """adsl and adex of the small trial."""
    return datasets["adsl"].copy(), datasets["adex"].copy()
