"""Small studies and forms for the tests of the cleaner."""

from __future__ import annotations

import pandas as pd
import pytest

from sclerotrial.clean import clean_forms
from sclerotrial.read.dictionary import Dictionary, Field
from sclerotrial.study_models import Study

LABORATORY = {
    "HGB": {
        "param": "Haemoglobin",
        "names": ["HGB", "Hemoglobin"],
        "unit": "g/L",
        "units": {"g/L": 1, "g/dL": 10},
        "plausible": [50, 220],
    },
    "CRP": {
        "param": "C-reactive protein",
        "names": ["CRP", "C-Reactive Protein"],
        "unit": "mg/L",
        "units": {"mg/L": 1, "mg/dL": 10},
        "plausible": [0, 300],
    },
    "CREAT": {
        "param": "Creatinine",
        "names": ["Creatinine"],
        "unit": "umol/L",
        "units": {"umol/L": 1, "mg/dL": 88.42},
        "plausible": [20, 1000],
    },
    "WBC": {
        "param": "Leucocytes",
        "names": ["WBC"],
        "unit": "10^9/L",
        "units": {"10^9/L": 1},
        "plausible": [0.5, 50],
    },
}
VISITS = [
    {"avisit": "Screening", "avisitn": -1, "target": -14},
    {"avisit": "Baseline", "avisitn": 0, "target": 1},
    {"avisit": "Month 3", "avisitn": 3, "target": 92},
    {"avisit": "Month 6", "avisitn": 6, "target": 183},
    {"avisit": "Early termination", "avisitn": 90},
    {"avisit": "Logs", "avisitn": 99},
]


class Bench:
    """One study whose forms are given as rows; `run` cleans them."""

    def __init__(self) -> None:
        self.forms: dict[str, dict] = {}
        self.fields: dict[str, Field] = {"record_id": Field("record_id", "other", "text")}
        self.crf: dict[str, pd.DataFrame] = {}
        self.top: dict = {}
        self.more: dict = {}

    def add(self, name: str, rows: list[dict], known=(), *, table: bool = False, **form) -> Bench:
        """Add a form: its rows (subject, visit, instance besides the fields) and its fields."""
        self.forms[name] = {"source": "tab" if table else "crf"} | form
        if not table:
            self.forms[name]["instrument"] = name
        for field in known:
            self.fields[field.name] = field
        columns = dict.fromkeys(c for r in rows for c in r if c not in ("s", "v", "i"))
        keyed = []
        for line, row in enumerate(rows, start=2):
            cells = {c: row.get(c, "") for c in columns}
            at = {
                "USUBJID": row.get("s", "S01"),
                "VISIT": row.get("v", ""),
                "INSTANCE": row.get("i", str(line - 1) if table else ""),
            }
            keyed.append(at | cells | {"SRCFILE": f"{name}.csv", "SRCLINE": str(line)})
        self.crf[name] = pd.DataFrame(keyed, dtype=str)
        return self

    def study(self) -> Study:
        """The study of all forms added."""
        return Study.model_validate(
            {
                "study": {"id": "T", "title": "Test"},
                "visits": VISITS,
                "laboratory": LABORATORY,
                "recruitment": {"stopped": "2008-12-31"},
                "forms": {
                    "missing_codes": ["-9", "-99", "NA", "UNK"],
                    "free_text": ["ae_verbatim"],
                    "sources": {
                        "crf": {"format": "redcap", "file": "c", "dictionary": "d"},
                        "tab": {"format": "table", "file": "t", "subject": "subject"},
                    }
                    | self.more.pop("sources", {}),
                    "forms": self.forms,
                    **self.more,
                },
                **self.top,
            }
        )

    def run(self) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
        """Clean; cleaning again must change nothing."""
        study, dictionaries = self.study(), {"crf": Dictionary(self.fields, "d.csv")}
        clean, findings = clean_forms(study, self.crf, dictionaries)
        again, _ = clean_forms(study, clean, dictionaries)
        for name, frame in clean.items():
            pd.testing.assert_frame_equal(frame, again[name])
        return clean, findings


@pytest.fixture
def bench() -> Bench:
    """An empty study."""
    return Bench()


@pytest.fixture
def text_field():
    """A field of the form `f`: text with a validation, or of another type."""

    def make(name: str, kind: str = "text", form: str = "f", **more) -> Field:
        return Field(name, form, kind, **more)

    return make
