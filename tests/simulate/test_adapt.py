"""The configuration of a trial of another size or design: no more of the published one."""

import re

from sclerotrial.simulate.options import Options
from sclerotrial.simulate.write import write_study
from sclerotrial.study import load

HONEST = Options(seed=7, patients=12, arms=(1, 1), calibrate="none", defects="none")


def test_free_draws_have_no_paper_no_claims_and_no_reason_of_the_published_trial(tmp_path, root):
    write_study(tmp_path, HONEST, root / "config")
    study = load(tmp_path / "config")
    assert not study.paper
    assert study.claims == []
    assert study.recruitment.stop_reason == ""
    assert study.recruitment.ratio == "1:1"


def test_several_patients_on_placebo_are_a_group_like_the_others(tmp_path, root):
    write_study(tmp_path, HONEST, root / "config")
    plan = load(tmp_path / "config").analyses
    assert not plan.groups["placebo"].single
    assert plan.shared_hidden == []
    for part in (plan.efficacy, plan.exposure, plan.biomarkers):
        assert "placebo" in part.groups
        assert part.single == []
    assert plan.families["arms_primary"].members == [
        "efficacy.mrss.imatinib_vs_placebo.month6.chg.permutation.p"
    ]


def test_one_patient_on_placebo_stays_single(tmp_path, root):
    options = Options(seed=7, patients=5, arms=(4, 1), calibrate="none", defects="none")
    write_study(tmp_path, options, root / "config")
    listed = (tmp_path / "data/raw/allocation/allocation_list.csv").read_text()
    study = load(tmp_path / "config")
    placebo = len(re.findall(r"^\d+,IM\d+,.*,PLACEBO$", listed, flags=re.M))
    assert placebo == 1
    assert study.analyses.groups["placebo"].single


def test_another_calibrated_seed_keeps_the_configuration_as_it_is(tmp_path, root):
    write_study(tmp_path, Options(seed=5), root / "config")
    for path in (root / "config").glob("*.yaml"):
        assert (tmp_path / "config" / path.name).read_bytes() == path.read_bytes()


def test_claims_of_a_former_study_in_the_folder_do_not_stay(tmp_path, root):
    write_study(tmp_path, Options(seed=5, defects="none"), root / "config")
    assert (tmp_path / "config/claims.yaml").is_file()
    options = Options(seed=7, calibrate="none", defects="none")
    write_study(tmp_path, options, root / "config")
    assert not (tmp_path / "config/claims.yaml").exists()


def test_rules_on_typed_scores_come_with_their_fields(tmp_path, root):
    options = Options(seed=7, patients=12, calibrate="none", defects="0")
    write_study(tmp_path, options, root / "config")
    rules = [r.id for r in load(tmp_path / "config").forms.rules]
    assert rules.count("haq_index") == 1
    assert sum(r.startswith("haq_category_") for r in rules) == 8
    head = (tmp_path / "data/raw/redcap/IMSSC_DATA.csv").read_text("utf-8").split("\n")[0]
    assert {"haq_di", "haq_cat_dress", "mrss_sum"} <= set(head.split(","))
    assert "haq_index" not in (root / "config/forms.yaml").read_text("utf-8")
