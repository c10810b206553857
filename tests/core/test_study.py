"""The configuration: what is accepted, and every error at once in three lines."""

import shutil

import pytest

from sclerotrial.errors import InputErrors
from sclerotrial.study import load
from sclerotrial.study_base import Model
from sclerotrial.study_models import Study


@pytest.fixture
def folder(root, tmp_path):
    shutil.copytree(root / "config", tmp_path / "config")
    return tmp_path / "config"


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder, **options):
    with pytest.raises(InputErrors) as caught:
        load(folder, options)
    return caught.value.problems


def test_shipped_study_mirrors_its_yaml(study):
    assert study.recruitment.planned == 20
    assert [a.code for a in study.arms] == ["IMATINIB", "PLACEBO"]
    assert study.endpoints["MRSS"].mcid.value == 5
    assert study.visits[-3].slug == "month6"
    assert study.active_arm.label == "Imatinib"
    assert "mrss" in study.forms_of("redcap")


def test_y_and_n_stay_text(study):
    assert list(study.forms.forms["allocation"].fields["stratum"].choices) == ["Y", "N"]


def test_all_errors_of_all_files_at_once(folder):
    edit(folder / "study.yaml", "planned: 20", "planed: 20")
    edit(folder / "assays.yaml", "scale: linear", "scale: linaer")
    edit(folder / "endpoints.yaml", "form: haq", "form: haqq")
    found = problems(folder)
    text = "\n".join(map(str, found))
    assert "Did you mean 'planned'?" in text
    assert "assays.luminex_serum.scale" in text
    assert len(found) == 2  # references are checked once the files hold


def test_a_reference_to_nothing_suggests_the_nearest(folder):
    edit(folder / "endpoints.yaml", "form: haq", "form: haqq")
    (only,) = problems(folder)
    assert "Did you mean 'haq'?" in only.what
    assert only.where.endswith("endpoints.yaml, key endpoints.HAQDI.form")


def test_the_line_of_a_wrong_key_is_told(folder):
    path = folder / "study.yaml"
    edit(path, "ctcae:", "ctace:")
    line = next(i for i, t in enumerate(path.read_text().splitlines(), 1) if "ctace:" in t)
    (only,) = problems(folder)
    assert f"line {line}, key safety.ctace" in only.where


def test_intercurrent_events_name_variables_of_adsl(folder):
    path = folder / "study.yaml"
    edit(path, 'DCSCD=="AE"', 'DSCD=="AE"')
    edit(path, "since: HOSPDT", "since: HOSPFL")
    edit(path, "code: RESCUE", "code: HOSP")
    found = problems(folder)
    text = "\n".join(map(str, found))
    assert "adsl has no variable 'DSCD'. Did you mean 'DCSCD'" in text
    assert "adsl has no variable 'HOSPFL' with a date. Did you mean 'HOSPDT'" in text
    assert "'HOSP' stands 2 times" in text
    assert "key intercurrent_events, code STOPAE, where" in text
    assert len(found) == 3
    edit(path, 'DSCD=="AE"', "DCSCD is AE")
    assert "cannot be read" in "\n".join(p.what for p in problems(folder))


def test_responders_and_indices_are_checked(folder):
    path = folder / "endpoints.yaml"
    edit(path, "code: CRIT4", "code: CRIT44")
    edit(path, "code: CRIT3, label: Fall of more than 25 %, percent: -25", "code: CRIT3, label: x")
    edit(path, "    field: phga_mm\n", "")
    edit(path, "    unit: mm\n    range: [0, 100]\n", "    unit: mm\n")
    index = (
        "composites:\n  CRISS: {param: ACR CRISS, rule: acr_criss, "
        "components: {mrss: MRS, ptga: PTGA}}\n"
    )
    edit(path, "endpoints:\n", index + "endpoints:\n")
    found = problems(folder)
    text = "\n".join(map(str, found))
    assert "'CRIT44' is not known. Did you mean 'CRIT4'" in text
    assert "'CRIT3' has no cut" in text
    assert "'PHGA' does not say which field" in text
    assert "'MRS' is not known. Did you mean 'MRSS'" in text
    assert "The range of 'PTGA' is not told" in text
    assert len(found) == 5


def test_a_key_twice_is_refused(folder):
    edit(folder / "config.yaml", "blinding: open", "blinding: open\nblinding: shared")
    (only,) = problems(folder)
    assert "stands twice" in only.what


def test_a_missing_file_and_a_missing_folder(folder, tmp_path):
    (folder / "forms.yaml").unlink()
    assert "missing" in problems(folder)[0].what
    assert "does not exist" in problems(tmp_path / "nowhere")[0].what


def test_an_unknown_option_of_the_command_line(folder):
    (only,) = problems(folder, sed=1)
    assert "Did you mean 'seed'?" in only.what


def test_each_key_stands_in_the_readme(root):
    text = (root / "config/README.md").read_text(encoding="utf-8")
    keys = {
        field.alias or name
        for kind in Model.__subclasses__()
        if kind is not Study
        for name, field in kind.model_fields.items()
    }
    assert len(keys) > 150
    assert sorted(k for k in keys if f"`{k}`" not in text and f"{k}:" not in text) == []
