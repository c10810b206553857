"""The REDCap project: instruments, fields, events, and the data dictionary file."""

from __future__ import annotations

from dataclasses import dataclass

from sclerotrial.simulate import catalogue
from sclerotrial.simulate.sheet import Sheet

PATH = "redcap/IMSSC_DataDictionary.csv"
COLUMNS = [
    "Variable / Field Name",
    "Form Name",
    "Section Header",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Field Note",
    "Text Validation Type OR Show Slider Number",
    "Text Validation Min",
    "Text Validation Max",
    "Identifier?",
    "Branching Logic (Show field only if...)",
    "Required Field?",
    "Custom Alignment",
    "Question Number (surveys only)",
    "Matrix Group Name",
    "Matrix Ranking?",
    "Field Annotation",
]

EVENTS = {
    "Screening": "screening_arm_1",
    "Baseline": "baseline_arm_1",
    "Week 2": "week_2_arm_1",
    "Month 1": "month_1_arm_1",
    "Month 3": "month_3_arm_1",
    "Month 6": "month_6_arm_1",
    "Early termination": "early_termination_arm_1",
    "Logs": "logs_arm_1",
}
_SCORED = ("visit_log", "mrss", "haq", "globals", "health_transition", "vitals")
FORMS_OF = {
    "Screening": ("demographics", "eligibility", "ssc_history", "visit_log", "vitals"),
    "Baseline": (*_SCORED, "biopsy_log"),
    "Week 2": ("visit_log", "vitals"),
    "Month 1": ("visit_log", "vitals", "drug_accountability"),
    "Month 3": (*_SCORED, "drug_accountability"),
    "Month 6": (*_SCORED, "drug_accountability", "biopsy_log"),
    "Early termination": (*_SCORED, "drug_accountability", "biopsy_log"),
    "Logs": ("disposition",),
}
REPEATING = ("adverse_events", "dosing", "concomitant_drugs")


@dataclass(frozen=True)
class Field:
    """One line of the data dictionary."""

    name: str
    form: str
    kind: str
    label: str
    choices: str = ""
    check: str = ""
    low: str = ""
    high: str = ""
    identifier: str = ""
    note: str = ""
    branch: str = ""
    required: str = ""
    matrix: str = ""

    @property
    def columns(self) -> list[str]:
        """Names of the export: one a field, one a choice of a checkbox."""
        if self.kind != "checkbox":
            return [self.name]
        return [f"{self.name}___{c.split(',')[0].strip()}" for c in self.choices.split("|")]


def _choices(*labels: str, start: int = 1, codes: tuple | None = None) -> str:
    keys = codes or tuple(range(start, start + len(labels)))
    return " | ".join(f"{k}, {v}" for k, v in zip(keys, labels, strict=True))


def _make() -> list[Field]:
    out: list[Field] = []

    def text(form: str, name: str, label: str, check: str = "", **more: str) -> None:
        out.append(Field(name, form, "text", label, check=check, **more))

    def radio(form: str, name: str, label: str, choices: str, **more: str) -> None:
        out.append(Field(name, form, "radio", label, choices, **more))

    def other(form: str, kind: str, name: str, label: str, choices: str = "", **more: str) -> None:
        out.append(Field(name, form, kind, label, choices, **more))

    f = "demographics"
    text(f, "record_id", "Subject number")
    text(f, "first_name", "First name", identifier="y")
    text(f, "last_name", "Last name", identifier="y")
    text(f, "initials", "Initials", identifier="y")
    text(f, "birth_date", "Date of birth", "date_ymd", identifier="y")
    text(f, "mrn", "Hospital number", identifier="y")
    text(f, "phone", "Telephone", "phone", identifier="y")
    text(f, "consent_date", "Date of signed consent", "date_ymd", required="y")
    radio(f, "sex", "Sex", _choices("Male", "Female"), required="y")
    radio(
        f,
        "race",
        "Race",
        _choices("White", "Black", "Asian", "First Nations", "Other", codes=(1, 2, 3, 4, 9)),
    )
    f = "eligibility"
    other(f, "yesno", "elig_ok", "Eligible for randomisation")
    radio(
        f,
        "elig_fail_reason",
        "Reason not eligible",
        _choices("mRSS below limit", "Pulmonary hypertension", "Declined", "Other"),
        branch='[elig_ok] = "0"',
    )
    other(f, "notes", "eligibility_comment", "Comment")
    f = "ssc_history"
    text(f, "raynaud_date", "Onset of Raynaud phenomenon", note="YYYY-MM-DD, or YYYY-MM")
    text(f, "onset_date", "First non-Raynaud symptom", note="YYYY-MM-DD, or YYYY-MM")
    other(f, "yesno", "mtx_current", "Current methotrexate")
    text(
        f,
        "mtx_dose",
        "Methotrexate (mg a week)",
        "number",
        low="0",
        high="30",
        branch='[mtx_current] = "1"',
    )
    other(
        f,
        "checkbox",
        "antibodies",
        "Antibodies present",
        _choices("ANA", "Anti-topoisomerase I", "Anti-RNA polymerase III", "Anti-centromere"),
    )
    other(
        f,
        "checkbox",
        "organs",
        "Organs involved",
        _choices("Lung", "Heart", "Kidney", "Gastrointestinal", "Digital ulcers"),
    )
    f = "visit_log"
    text(f, "visit_date", "Date of visit", "date_ymd")
    other(f, "yesno", "visit_done", "Visit done")
    _scores(text, radio, other)
    _safety(text, radio, other)
    _logs(text, radio, other)
    return out


def _scores(text, radio, other) -> None:
    f = "mrss"
    text(f, "mrss_date", "Date of skin score", "date_ymd")
    text(f, "mrss_rater", "Rater", note="R1, R2, ...")
    grades = _choices("Normal", "Mild", "Moderate", "Severe", start=0)
    sides = {"_r": ", right", "_l": ", left"}
    words = {"uparm": "Upper arm", "leg": "Lower leg"}
    for area in catalogue.AREAS:
        side = sides.get(area[-2:], "")
        stem = area[:-2] if side else area
        radio(
            f,
            f"mrss_{area}",
            words.get(stem, stem.capitalize()) + side,
            grades,
            matrix="mrss_areas",
        )
    text(f, "mrss_total", "Total skin score", "integer", low="0", high="51")
    f = "haq"
    text(f, "haq_date", "Date of questionnaire", "date_ymd")
    answers = _choices(
        "Without any difficulty",
        "With some difficulty",
        "With much difficulty",
        "Unable to do",
        start=0,
    )
    items = {
        "dress": ("Dress yourself", "Shampoo your hair"),
        "arise": ("Stand up from an armless chair", "Get in and out of bed"),
        "eat": ("Cut your meat", "Lift a full cup", "Open a new milk carton"),
        "walk": ("Walk outdoors on flat ground", "Climb up five steps"),
        "hyg": ("Wash and dry your body", "Take a tub bath", "Get on and off the toilet"),
        "reach": ("Get down a 5-pound object", "Bend down to pick up clothing"),
        "grip": ("Open car doors", "Open jars previously opened", "Turn taps on and off"),
        "act": ("Run errands and shop", "Get in and out of a car", "Do chores"),
    }
    for stem, labels in items.items():
        for k, label in enumerate(labels):
            radio(f, f"haq_{stem}_{k + 1}", label, answers, matrix="haq_items")
    other(f, "checkbox", "haq_aids", "Aids and devices", _choices(*catalogue.HAQ_AIDS))
    other(f, "checkbox", "haq_help", "Help from another person", _choices(*catalogue.HAQ_HELP))
    f = "globals"
    text(f, "glob_date", "Date of global assessments", "date_ymd")
    text(f, "ptga_mm", "Patient's global assessment (mm)", "number", low="0", high="100")
    text(f, "phga_mm", "Physician's global assessment (mm)", "number", low="0", high="100")
    text(f, "vas_line_mm", "Printed length of the line (mm)", "number")
    f = "health_transition"
    text(f, "htq_date", "Date of question", "date_ymd")
    radio(
        f,
        "htq",
        "Compared to one year ago, how is your health now?",
        _choices(
            "Much better now than one year ago",
            "Somewhat better",
            "About the same",
            "Somewhat worse",
            "Much worse",
        ),
    )


def _safety(text, radio, other) -> None:
    f = "vitals"
    text(f, "vs_date", "Date of vital signs", "date_ymd")
    text(f, "weight", "Weight", "number")
    radio(f, "weight_unit", "Unit of weight", _choices("kg", "lb", codes=("kg", "lb")))
    text(f, "sysbp", "Systolic pressure (mmHg)", "integer")
    text(f, "diabp", "Diastolic pressure (mmHg)", "integer")
    text(f, "pulse", "Pulse (beats/min)", "integer")
    other(f, "yesno", "edema", "Oedema on examination")
    f = "adverse_events"
    text(f, "ae_verbatim", "Event, in the words of the site")
    text(f, "ae_pt", "Coded preferred term")
    text(f, "ae_soc", "System organ class")
    text(f, "ae_start", "Start", note="YYYY-MM-DD, YYYY-MM or YYYY")
    text(f, "ae_end", "End", note="YYYY-MM-DD, YYYY-MM or YYYY")
    other(f, "yesno", "ae_ongoing", "Ongoing")
    radio(
        f,
        "ae_grade",
        "CTCAE grade",
        _choices("Mild", "Moderate", "Severe", "Life-threatening", "Death"),
    )
    other(f, "yesno", "ae_serious", "Serious")
    other(f, "yesno", "ae_hosp", "Led to admission")
    radio(
        f,
        "ae_rel",
        "Relation to study drug",
        _choices("Unrelated", "Unlikely", "Possible", "Probable", "Definite", start=0),
    )
    radio(
        f,
        "ae_action",
        "Action taken with study drug",
        _choices("None", "Dose reduced", "Interrupted", "Stopped", start=0),
    )
    radio(
        f,
        "ae_outcome",
        "Outcome",
        _choices(
            "Recovered",
            "Recovering",
            "Not recovered",
            "Recovered with sequelae",
            "Fatal",
            "Unknown",
            codes=(1, 2, 3, 4, 5, 9),
        ),
    )
    other(f, "notes", "ae_comment", "Comment")


def _logs(text, radio, other) -> None:
    f = "dosing"
    text(f, "ex_start", "First day at this dose", "date_ymd")
    text(f, "ex_end", "Last day at this dose", "date_ymd")
    text(f, "ex_dose", "Dose per intake (mg)", "number")
    radio(f, "ex_freq", "Frequency", _choices("once daily", "twice daily"))
    radio(
        f,
        "ex_reason",
        "Reason",
        _choices("Start", "Reduced for intolerance", "Re-introduced", "Escalated"),
    )
    f = "concomitant_drugs"
    text(f, "cm_drug", "Drug")
    text(f, "cm_class", "Group")
    text(f, "cm_start", "Start", note="YYYY-MM-DD, YYYY-MM or YYYY")
    text(f, "cm_end", "End", note="YYYY-MM-DD, YYYY-MM or YYYY")
    other(f, "yesno", "cm_ongoing", "Ongoing")
    text(f, "cm_dose", "Dose", "number")
    text(f, "cm_unit", "Unit")
    text(f, "cm_freq", "Frequency", note="daily, weekly, as needed")
    text(f, "cm_indication", "Indication")
    f = "drug_accountability"
    text(f, "da_date", "Date of count", "date_ymd")
    text(f, "da_dispensed", "Capsules dispensed", "integer")
    text(f, "da_returned", "Capsules returned", "integer")
    f = "disposition"
    other(f, "yesno", "ds_completed", "Completed six months of study drug")
    text(f, "ds_last_dose", "Date of last dose", "date_ymd")
    text(f, "ds_end", "Date of last contact", "date_ymd")
    radio(
        f,
        "ds_reason",
        "Reason study drug ended",
        _choices(
            "Completed", "Adverse event", "Withdrew consent", "Lost to follow-up", "Study closed"
        ),
    )
    f = "biopsy_log"
    text(f, "bx_date", "Date of biopsy", "date_ymd")
    radio(f, "bx_site", "Site", _choices("Forearm", "Upper arm"))
    radio(f, "bx_side", "Side", _choices("Right", "Left"))
    radio(
        f,
        "bx_site_score",
        "Skin score at the site",
        _choices("Normal", "Mild", "Moderate", "Severe", start=0),
    )
    text(f, "bx_barcode", "Barcode")


FIELDS = _make()
FORMS = list(dict.fromkeys(f.form for f in FIELDS))


#: fields that only trials with every kind of defect have, by the field that they follow
_SUM = f"sum({', '.join(f'[mrss_{a}]' for a in catalogue.AREAS)})"
MORE = {
    "mrss_total": [Field("mrss_sum", "mrss", "calc", "Sum of the areas", _SUM)],
    "haq_help": [
        *(
            Field(f"haq_cat_{k}", "haq", "text", f"Score: {k}", check="integer", low="0", high="3")
            for k in catalogue.HAQ_ITEMS
        ),
        Field("haq_di", "haq", "text", "Disability index", check="number", low="0", high="3"),
    ],
}


def fields(more: bool = False) -> list[Field]:
    """All fields of the project, with those of trials with every kind of defect or without."""
    return [x for f in FIELDS for x in (f, *(MORE.get(f.name, ()) if more else ()))]


def export_columns(more: bool = False) -> list[str]:
    """Columns of the data export: keys, fields in dictionary order, a status a form."""
    out = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"]
    for form in FORMS:
        mine = [f for f in fields(more) if f.form == form and f.name != "record_id"]
        out += [c for f in mine for c in f.columns]
        out.append(f"{form}_complete")
    return out


def checkboxes(form: str) -> list[str]:
    """Checkbox columns of a form; REDCap writes 0 in them where the form was never opened."""
    return [c for f in FIELDS if f.form == form and f.kind == "checkbox" for c in f.columns]


def sheet(more: bool = False) -> Sheet:
    """The data dictionary as REDCap writes it."""
    rows = [
        dict(
            zip(
                COLUMNS,
                (
                    f.name,
                    f.form,
                    "",
                    f.kind,
                    f.label,
                    f.choices,
                    f.note,
                    f.check,
                    f.low,
                    f.high,
                    f.identifier,
                    f.branch,
                    f.required,
                    "",
                    "",
                    f.matrix,
                    "",
                    "",
                ),
                strict=True,
            )
        )
        for f in fields(more)
    ]
    return Sheet(PATH, COLUMNS, rows)
