"""The REDCap export: one longitudinal table with repeating instruments."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from sclerotrial.simulate import dictionary, trial
from sclerotrial.simulate.endpoints import haq_answers, skin_areas
from sclerotrial.simulate.options import stream
from sclerotrial.simulate.safety import methotrexate
from sclerotrial.simulate.sheet import Sheet
from sclerotrial.simulate.trial import Subject
from sclerotrial.simulate.truth import Truth

PATH = "redcap/IMSSC_DATA.csv"
EFFICACY = ("mrss", "haq", "globals", "health_transition")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (float, np.floating)):
        return f"{value:g}" if value != int(value) else str(int(value))
    return str(value)


def _row(subject: str, visit: str, forms: dict[str, dict]) -> dict[str, str]:
    """One event row: the forms filled, and the marks of those assigned but not opened."""
    row = {"record_id": subject, "redcap_event_name": dictionary.EVENTS[visit]}
    for form in dictionary.FORMS_OF[visit]:
        row |= dict.fromkeys(dictionary.checkboxes(form), "0")
        filled = forms.get(form)
        row[f"{form}_complete"] = "2" if filled else "0"
        row |= {k: _text(v) for k, v in (filled or {}).items()}
    return row


def _repeats(subject: str, form: str, rows: list[dict]) -> list[dict[str, str]]:
    return [
        {
            "record_id": subject,
            "redcap_event_name": dictionary.EVENTS["Logs"],
            "redcap_repeat_instrument": form,
            "redcap_repeat_instance": str(k + 1),
            **{c: _text(v) for c, v in r.items()},
            f"{form}_complete": "2",
        }
        for k, r in enumerate(rows)
    ]


def _history(truth: Truth, s: Subject) -> dict:
    rng = stream(truth.options.seed, "history", s.id)
    months = float(np.clip(np.exp(rng.normal(np.log(14), 0.7)), 2, 60))
    onset = s.consent - timedelta(days=int(30.44 * months))
    raynaud = onset - timedelta(days=int(rng.integers(20, 700)))
    u = rng.random()
    antibody = 2 if u < 0.4 else 3 if u < 0.6 else 4 if u < 0.65 else 0
    organs = [p for p in (0.45, 0.08, 0.03, 0.6, 0.3)]
    return {
        "raynaud_date": raynaud.isoformat()[:7] if rng.random() < 0.5 else raynaud.isoformat(),
        "onset_date": onset.isoformat()[:7] if rng.random() < 0.4 else onset.isoformat(),
        "mtx_current": int(s.stratum == "Y"),
        "mtx_dose": methotrexate(truth.options, s) if s.stratum == "Y" else None,
        "antibodies___1": int(rng.random() < 0.95),
        **{f"antibodies___{k}": int(antibody == k) for k in (2, 3, 4)},
        **{f"organs___{k + 1}": int(rng.random() < p) for k, p in enumerate(organs)},
    }


def _demographics(truth: Truth, subject: str, sex: str, consent) -> dict:
    rng = stream(truth.options.seed, "race", subject)
    race = rng.choice([1, 2, 3, 4, 9], p=[0.8, 0.06, 0.06, 0.06, 0.02])
    return {
        **trial.person(truth.options.seed, subject, sex, consent),
        "consent_date": consent.isoformat(),
        "sex": sex,
        "race": int(race),
    }


def _scored(truth: Truth, s: Subject) -> dict[str, dict[str, dict]]:
    """The four efficacy forms a visit."""
    options = truth.options
    value = {
        v: {p: truth.score(s.id, v, p) for p in ("MRSS", "HAQDI", "PTGA", "PHGA", "HTQ")}
        for v in s.efficacy()
    }
    areas = skin_areas(options, s, {v: int(x["MRSS"]) for v, x in value.items()})
    answers = haq_answers(options, s, {v: x["HAQDI"] for v, x in value.items()})
    rng = stream(options.seed, "rater", s.id)
    rater = "R1" if rng.random() < 0.7 else "R2"
    out = {}
    for visit, x in value.items():
        when = s.visits[visit].isoformat()
        truth.areas[(s.id, visit)] = areas[visit]
        out[visit] = {
            "mrss": {
                "mrss_date": when,
                "mrss_rater": rater,
                **{
                    f"mrss_{a}": int(v)
                    for a, v in zip(trial.catalogue.AREAS, areas[visit], strict=True)
                },
                "mrss_total": int(x["MRSS"]),
                **({"mrss_sum": int(x["MRSS"])} if options.every else {}),
            },
            "haq": {
                "haq_date": when,
                **answers[visit]["items"],
                **{f"haq_aids___{k}": int(k in answers[visit]["aids"]) for k in range(1, 14)},
                **{f"haq_help___{k}": int(k in answers[visit]["help"]) for k in range(1, 9)},
                **(_typed(x["HAQDI"], answers[visit]["categories"]) if options.every else {}),
            },
            "globals": {
                "glob_date": when,
                "ptga_mm": x["PTGA"],
                "phga_mm": x["PHGA"],
                "vas_line_mm": 100,
            },
            "health_transition": {"htq_date": when, "htq": x["HTQ"]},
        }
    return out


def _typed(index: float, categories: dict[str, int]) -> dict[str, object]:
    """Scores that a site works out by hand."""
    return {**{f"haq_cat_{k}": v for k, v in categories.items()}, "haq_di": f"{index:g}"}


def _accountability(truth: Truth, s: Subject) -> dict[str, dict]:
    """Capsules given out and brought back for the time up to each count."""
    rng = stream(truth.options.seed, "accountability", s.id)
    since, out = s.first_dose, {}
    for visit in ("Month 1", "Month 3", "Early termination", "Month 6"):
        if visit not in s.visits:
            continue
        until = s.visits[visit]
        taken = sum(
            d.freq * max(0, (min(d.end, until - timedelta(days=1)) - max(d.start, since)).days + 1)
            for d in s.doses
        )
        if taken:
            given = -(-max(taken + 4, 2 * (until - since).days) // 10) * 10
            slip = int(rng.choice([0, 0, 0, 1, 2, -1]))
            out[visit] = {
                "da_date": until.isoformat(),
                "da_dispensed": given,
                "da_returned": min(given, max(0, given - taken + slip)),
            }
        since = until
    return out


def _biopsy(truth: Truth, s: Subject, visit: str) -> dict | None:
    barcode = truth.skin_barcodes.get((s.id, visit))
    if barcode is None:
        return None
    rng = stream(truth.options.seed, "biopsy", s.id)
    site, side = 1 if rng.random() < 0.85 else 2, 2 if rng.random() < 0.6 else 1
    area = ("forearm", "uparm")[site - 1] + ("_r", "_l")[side - 1]
    score = truth.areas[(s.id, visit)][trial.catalogue.AREAS.index(area)]
    return {
        "bx_date": s.visits[visit].isoformat(),
        "bx_site": site,
        "bx_side": side,
        "bx_site_score": int(score),
        "bx_barcode": barcode,
    }


def _events(truth: Truth, s: Subject) -> list[dict]:
    return [
        {
            "ae_verbatim": e.verbatim,
            "ae_pt": e.pt,
            "ae_soc": e.soc,
            "ae_start": e.start.isoformat(),
            "ae_end": "" if e.end is None else e.end.isoformat(),
            "ae_ongoing": int(e.end is None),
            "ae_grade": e.grade,
            "ae_serious": int(e.hospital),
            "ae_hosp": int(e.hospital),
            "ae_rel": e.related,
            "ae_action": e.action,
            "ae_outcome": e.outcome,
            "ae_comment": e.comment,
        }
        for e in truth.events
        if e.subject == s.id
    ]


def _subject(truth: Truth, s: Subject) -> list[dict[str, str]]:
    scored, counts = _scored(truth, s), _accountability(truth, s)
    signs = {r["AVISIT"]: r for r in truth.vitals if r["USUBJID"] == s.id}
    rows = []
    for visit in (v for v in dictionary.EVENTS if v != "Logs"):
        if visit not in s.visits and visit != s.missed:
            continue
        if visit == s.missed:
            rows.append(_row(s.id, visit, {"visit_log": {"visit_done": 0}}))
            continue
        when = s.visits[visit].isoformat()
        sign = {k: v for k, v in signs[visit].items() if k not in ("USUBJID", "AVISIT")}
        forms = {
            "visit_log": {"visit_date": when, "visit_done": 1},
            "vitals": {"vs_date": when, "weight_unit": "kg", **sign},
            **scored.get(visit, {}),
        }
        if visit in counts:
            forms["drug_accountability"] = counts[visit]
        if biopsy := _biopsy(truth, s, visit):
            forms["biopsy_log"] = biopsy
        if visit == "Screening":
            forms["demographics"] = _demographics(truth, s.id, s.sex, s.consent)
            forms["eligibility"] = {"elig_ok": 1}
            forms["ssc_history"] = _history(truth, s)
        rows.append(_row(s.id, visit, forms))
    done = s.role == "completer"
    end = {
        "ds_completed": int(done),
        "ds_last_dose": s.last_dose.isoformat(),
        "ds_end": s.end.isoformat(),
        "ds_reason": s.reason,
    }
    rows.append(_row(s.id, "Logs", {"disposition": end}))
    doses = [
        {
            "ex_start": d.start.isoformat(),
            "ex_end": d.end.isoformat(),
            "ex_dose": d.mg,
            "ex_freq": d.freq,
            "ex_reason": d.reason,
        }
        for d in s.doses
    ]
    drugs = [
        {k: v for k, v in r.items() if k != "USUBJID"} for r in truth.drugs if r["USUBJID"] == s.id
    ]
    rows += _repeats(s.id, "adverse_events", _events(truth, s))
    rows += _repeats(s.id, "dosing", doses)
    return rows + _repeats(s.id, "concomitant_drugs", drugs)


def sheet(truth: Truth) -> Sheet:
    """The data export of all screened."""
    rows = [r for s in truth.subjects for r in _subject(truth, s)]
    words = {"1": "mRSS too low", "2": "echo: raised pressure", "3": "", "4": "other trial"}
    for f in truth.failures:
        forms = {
            "demographics": _demographics(truth, f["id"], f["sex"], f["consent"]),
            "eligibility": {
                "elig_ok": 0,
                "elig_fail_reason": f["reason"],
                "eligibility_comment": words[f["reason"]],
            },
        }
        rows.append(_row(f["id"], "Screening", forms))
    return Sheet(PATH, dictionary.export_columns(truth.options.every), rows)
