# What the results are worth: claims judged, numbers traced, bytes listed and compared.


rule judge_claims:
    input:
        ard=PLAN.to("ard.csv"),
    output:
        PLAN.to("claims.csv"),
    log:
        PLAN.log("judge_claims"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("judge_claims"),
        study=PLAN.facts(*PLAN.claimed),
    message:
        "Judging every statement of the published abstract"
    script:
        "../scripts/judge_claims.py"


rule trace_lineage:
    input:
        ard=PLAN.to("ard.csv"),
        data=[*PLAN.adam(*PLAN.datasets), PLAN.to("queries.csv")],
    output:
        PLAN.to("lineage.parquet"),
    log:
        PLAN.log("trace_lineage"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("trace_lineage"),
        study=PLAN.facts("endpoints", "laboratory", "vitals", "assays"),
    message:
        "Tracing every number back to its raw cells"
    script:
        "../scripts/trace_lineage.py"


rule reconcile_rows:
    input:
        crf=[PLAN.to(f"crf/{form}.csv") for form in PLAN.forms],
        clean=PLAN.clean(*PLAN.forms),
        data=PLAN.adam(*PLAN.datasets),
        queries=PLAN.to("queries.csv"),
        lineage=PLAN.to("lineage.parquet"),
    output:
        PLAN.to("reconciliation.csv"),
    log:
        PLAN.log("reconcile_rows"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("reconcile_rows"),
    message:
        "Counting rows from form to dataset to report"
    script:
        "../scripts/reconcile_rows.py"


# what differs from the former results, if there are any (published/ or --config against=DIR)
rule tell_impact:
    input:
        ard=PLAN.to("ard.csv"),
        intake=PLAN.to("intake.csv"),
        change=[PLAN.to("biomarkers/change.csv")] if PLAN.assays else [],
        claims=PLAN.to("claims.csv"),
        old_ard=PLAN.former("ard.csv"),
        old_intake=PLAN.former("intake.csv"),
        old_change=PLAN.former("biomarkers/change.csv"),
        old_claims=PLAN.former("claims.csv"),
    output:
        PLAN.to("impact.html"),
    log:
        PLAN.log("tell_impact"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("tell_impact"),
        study=PLAN.facts("study"),
    message:
        "Telling what changed against the former results"
    script:
        "../scripts/tell_impact.py"


rule write_crate:
    input:
        results=PLAN.presented,
        intake=PLAN.to("intake.csv"),
    output:
        PLAN.to("ro-crate-metadata.json"),
    log:
        PLAN.log("write_crate"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("write_crate"),
        results=lambda wildcards: str(PLAN.out),
        released=PLAN.released,
        study=PLAN.facts("study"),
    message:
        "Describing the results as a research object"
    script:
        "../scripts/write_crate.py"


rule write_manifest:
    input:
        results=PLAN.presented,
        crate=PLAN.to("ro-crate-metadata.json"),
    output:
        PLAN.to("manifest.sha256"),
    log:
        PLAN.log("write_manifest"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("write_manifest"),
        results=lambda wildcards: str(PLAN.out),
    message:
        "Listing the results with their checksums"
    script:
        "../scripts/write_manifest.py"


# compares with the published results, a line each difference. It makes nothing, so it runs each time
# it is asked for; it waits for all that the manifest lists, so that what is missing is made first
rule verify:
    input:
        results=[*PLAN.presented, PLAN.to("ro-crate-metadata.json")],
        manifest=PLAN.to("manifest.sha256"),
        published=[
            file
            for name in ("manifest.sha256", "ard.csv", "claims.csv", "queries.csv")
            for file in PLAN.former(name)
        ],
    log:
        PLAN.log("verify"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("verify"),
        results=lambda wildcards: str(PLAN.out),
        published=lambda wildcards: str(PLAN.against),
    message:
        "Comparing with the published results"
    script:
        "../scripts/verify.py"
