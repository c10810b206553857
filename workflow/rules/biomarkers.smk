# Serum and skin: the instrument's own files, quantified, and the change of each marker scored.


rule read_assay:
    input:
        raw=lambda wildcards: PLAN.assay_inputs(wildcards.assay),
    output:
        csv=PLAN.to("assays/{assay}/readings.csv"),
    log:
        PLAN.log("read_assay/{assay}"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("read_assay"),
        raw=lambda wildcards: str(PLAN.raw),
        files=lambda wildcards: PLAN.assay_files(wildcards.assay),
        content=lambda wildcards: PLAN.digest(*PLAN.assay_inputs(wildcards.assay)),
        study=lambda wildcards: PLAN.facts(assays=[wildcards.assay]),
    message:
        "Reading the instrument's files of {wildcards.assay}"
    script:
        "../scripts/read_assay.py"


rule quantify_assay:
    input:
        readings=PLAN.to("assays/{assay}/readings.csv"),
        samples=PLAN.clean(PLAN.study.samples.form),
    output:
        levels=PLAN.to("assays/{assay}/levels.csv"),
        quality=PLAN.to("assays/{assay}/quality.csv"),
    log:
        PLAN.log("quantify_assay/{assay}"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("quantify_assay"),
        study=lambda wildcards: PLAN.facts("samples", assays=[wildcards.assay]),
    message:
        "Quantifying {wildcards.assay}: standard curves or delta Ct, limits, quality"
    script:
        "../scripts/quantify_assay.py"


rule derive_adbm:
    input:
        levels=expand(PLAN.to("assays/{assay}/levels.csv"), assay=PLAN.assays),
        samples=PLAN.clean(PLAN.study.samples.form),
        adsl=PLAN.dataset("adsl"),
    output:
        csv=PLAN.to("adam/adbm.csv"),
        xpt=PLAN.to("adam/adbm.xpt"),
        findings=PLAN.to("findings/adbm.csv"),
    log:
        PLAN.log("derive_adbm"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adbm"),
        study=PLAN.facts("study", "assays", "samples", "visits"),
    message:
        "Deriving adbm: biomarkers of serum and skin, with change from baseline"
    script:
        "../scripts/derive_adbm.py"


rule score_change:
    input:
        adbm=PLAN.dataset("adbm"),
    output:
        csv=PLAN.to("biomarkers/change.csv"),
    log:
        PLAN.log("score_change"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("score_change"),
    message:
        "Writing the change of each biomarker"
    script:
        "../scripts/score_change.py"


# of a wide panel all features, of which only those declared are reported
rule score_wide:
    input:
        raw=lambda wildcards: PLAN.assay_inputs(wildcards.assay),
        samples=PLAN.clean(PLAN.study.samples.form),
        adsl=PLAN.dataset("adsl"),
    output:
        parquet=PLAN.to("wide/{assay}.parquet"),
    log:
        PLAN.log("score_wide/{assay}"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("score_wide"),
        raw=lambda wildcards: str(PLAN.raw),
        files=lambda wildcards: PLAN.assay_files(wildcards.assay),
        content=lambda wildcards: PLAN.digest(*PLAN.assay_inputs(wildcards.assay)),
        study=lambda wildcards: PLAN.facts(
            "study", "samples", "visits", assays=[wildcards.assay]
        ),
    message:
        "Scoring the change of every feature of {wildcards.assay}"
    script:
        "../scripts/score_wide.py"


# everything that depends on the assays' files, no further
rule biomarkers:
    input:
        PLAN.wide,
        PLAN.to("biomarkers/change.csv"),
        PLAN.to("adam/adbm.xpt"),
        expand(PLAN.to("assays/{assay}/quality.csv"), assay=PLAN.assays),
