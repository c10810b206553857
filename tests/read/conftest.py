"""Small studies and their raw files for the tests of the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

from sclerotrial.study_models import Study

HEAD = (
    "Variable / Field Name,Form Name,Section Header,Field Type,Field Label,"
    '"Choices, Calculations, OR Slider Labels",Field Note,'
    "Text Validation Type OR Show Slider Number,Text Validation Min,Text Validation Max,"
    "Identifier?,Branching Logic (Show field only if...),Required Field?,Custom Alignment,"
    "Question Number (surveys only),Matrix Group Name,Matrix Ranking?,Field Annotation\n"
)
DICTIONARY = HEAD + "".join(
    line + "\n"
    for line in (
        "record_id,demo,,text,Record,,,,,,,,,,,,,",
        "first_name,demo,,text,First name,,,,,,y,,,,,,,",
        "birth_date,demo,,text,Birth,,,date_ymd,,,y,,,,,,,",
        "consent_date,demo,,text,Consent,,,date_ymd,,,,,y,,,,,",
        'sex,demo,,radio,Sex,"1, Male | 2, Female",,,,,,,,,,,,',
        "pulse,vitals,,text,Pulse,,,integer,30,200,,,,,,,,",
        'organs,vitals,,checkbox,Organs,"1, Lung | 2, Heart, right | -9, None",,,,,,,,,,,,',
        "term,events,,text,Term,,,,,,,,,,,,,",
        "remark,events,,notes,Remark,,,,,,,,,,,,,",
    )
)
DATA = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,first_name,"
    "birth_date,consent_date,sex,demo_complete,pulse,organs___1,organs___2,organs____9,"
    "vitals_complete,term,remark,events_complete\n"
    "S01,screening_arm_1,,,Ada,1960-02-29,2008-02-28,2,2,71,1,0,0,2,,,\n"
    'S01,logs_arm_1,events,1,,,,,,,0,0,0,,headache,"two\nlines",2\n'
    "S01,logs_arm_1,events,2,,,,,,,0,0,0,,nausea,,2\n"
    "S02,screening_arm_1,,,Bob,1970-05-01,2008-05-01,1,2,,0,0,0,0,,,\n"
)


@pytest.fixture
def make_study():
    """A study from plain parts of its configuration."""

    def make(sources: dict, forms: dict | None = None, **more) -> Study:
        subject = more.pop("subject", {"pattern": r"^S\d{2}$", "digits": 2})
        top = {k: more.pop(k) for k in list(more) if k in ("visits", "assays", "samples")}
        return Study.model_validate(
            {
                "study": {"id": "T", "title": "Test"},
                "forms": {"subject": subject, "sources": sources, "forms": forms or {}, **more},
                **top,
            }
        )

    return make


@pytest.fixture
def crf_files(tmp_path: Path):
    """Write a REDCap export and its dictionary; gives the folder."""

    def write(data: str | bytes = DATA, dictionary: str = DICTIONARY) -> Path:
        content = data if isinstance(data, bytes) else data.encode()
        (tmp_path / "data.csv").write_bytes(content)
        (tmp_path / "dictionary.csv").write_text(dictionary, encoding="utf-8")
        return tmp_path

    return write


@pytest.fixture
def crf_study(make_study):
    """The study of `crf_files`: every instrument is a form."""
    return make_study(
        {
            "crf": {
                "format": "redcap",
                "file": "data.csv",
                "dictionary": "dictionary.csv",
                "forms": "auto",
            }
        },
        age={"birth_date": "birth_date", "at": "consent_date", "field": "age"},
        visits=[{"avisit": "Screening", "avisitn": -1, "event": "screening_arm_1"}],
        missing_codes=["-99"],
    )


@pytest.fixture
def crf_text() -> tuple[str, str]:
    """The export and the dictionary that `crf_files` writes when nothing else is asked."""
    return DATA, DICTIONARY
