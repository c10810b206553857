# Analyses: from the datasets to the ARD, which holds every number that is reported.


rule analyse_feasibility:
    input:
        data=PLAN.adam("adsl", "adqs"),
    output:
        PLAN.to("ard/feasibility.csv"),
    log:
        PLAN.log("analyse_feasibility"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_feasibility"),
        study=PLAN.facts(
            "analyses",
            "endpoints",
            "visits",
            "efficacy_visits",
            "recruitment",
            "arms",
            "dosing",
        ),
    message:
        "Feasibility: enrolled of planned, accrual, retention, re-introduction"
    script:
        "../scripts/analyse_feasibility.py"


rule analyse_baseline:
    input:
        data=PLAN.adam("adsl", "adqs", "adlb", "advs"),
    output:
        PLAN.to("ard/baseline.csv"),
    log:
        PLAN.log("analyse_baseline"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_baseline"),
        study=PLAN.facts("analyses", "visits", "efficacy_visits", "endpoints"),
    message:
        "Baseline characteristics"
    script:
        "../scripts/analyse_baseline.py"


rule analyse_efficacy:
    input:
        data=PLAN.adam("adsl", "adqs", "adlb"),
    output:
        PLAN.to("ard/efficacy.csv"),
    log:
        PLAN.log("analyse_efficacy"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_efficacy"),
        study=PLAN.facts(
            "analyses", "endpoints", "visits", "efficacy_visits", run=["seed"]
        ),
    message:
        "Efficacy: change within groups, exact"
    script:
        "../scripts/analyse_efficacy.py"


rule analyse_completion:
    input:
        data=PLAN.adam("adsl", "adqs", "adlb"),
    output:
        PLAN.to("ard/completion.csv"),
    log:
        PLAN.log("analyse_completion"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_completion"),
        study=PLAN.facts(
            "analyses", "endpoints", "visits", "efficacy_visits", run=["seed"]
        ),
    message:
        "Completers against those who stopped, exact"
    script:
        "../scripts/analyse_completion.py"


rule analyse_safety:
    input:
        data=PLAN.adam("adsl", "adae", "adtte"),
    output:
        PLAN.to("ard/safety.csv"),
    log:
        PLAN.log("analyse_safety"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_safety"),
        study=PLAN.facts("analyses", "visits", "efficacy_visits"),
    message:
        "Adverse events"
    script:
        "../scripts/analyse_safety.py"


rule analyse_exposure:
    input:
        data=PLAN.adam("adsl"),
    output:
        PLAN.to("ard/exposure.csv"),
    log:
        PLAN.log("analyse_exposure"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_exposure"),
        study=PLAN.facts("analyses", "visits", "efficacy_visits"),
    message:
        "Exposure and dose intensity"
    script:
        "../scripts/analyse_exposure.py"


rule analyse_lab:
    input:
        data=PLAN.adam("adsl", "adlb", "advs"),
    output:
        PLAN.to("ard/lab.csv"),
    log:
        PLAN.log("analyse_lab"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_lab"),
        study=PLAN.facts("analyses", "laboratory", "visits", "efficacy_visits"),
    message:
        "Laboratory grades and shifts, weight"
    script:
        "../scripts/analyse_lab.py"


rule analyse_biomarkers:
    input:
        data=PLAN.adam("adsl", "adbm", *PLAN.correlated),
    output:
        PLAN.to("ard/biomarkers.csv"),
    log:
        PLAN.log("analyse_biomarkers"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_biomarkers"),
        study=PLAN.facts(
            "analyses", "run", "assays", "endpoints", "visits", "efficacy_visits"
        ),
    message:
        "Biomarkers of serum and skin, exact"
    script:
        "../scripts/analyse_biomarkers.py"


if PLAN.wide:

    rule analyse_wide:
        input:
            data=PLAN.adam("adsl"),
            panels=PLAN.wide,
        output:
            ard=PLAN.to("ard/wide.csv"),
            tests=PLAN.to("wide/tests.parquet"),
        log:
            PLAN.log("analyse_wide"),
        conda:
            "../../environment.yml"
        params:
            code=PLAN.code("analyse_wide"),
            study=PLAN.facts("analyses", "run", "assays", "visits", "efficacy_visits"),
        message:
            "Wide panels: every feature by moderated t"
        script:
            "../scripts/analyse_wide.py"


rule analyse_quality:
    input:
        data=[*PLAN.adam("adsl", "adqs", "adlb"), PLAN.to("queries.csv")],
        checks=PLAN.checks,
    output:
        PLAN.to("ard/quality.csv"),
    log:
        PLAN.log("analyse_quality"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("analyse_quality"),
        study=PLAN.facts(
            "analyses", "endpoints", "visits", "efficacy_visits", "intercurrent_events"
        ),
    message:
        "Data quality: queries, missing values, deviations, checks of assays"
    script:
        "../scripts/analyse_quality.py"


rule gather_ard:
    input:
        parts=[PLAN.to(f"ard/{name}.csv") for name in PLAN.analyses],
    output:
        ard=PLAN.to("ard.csv"),
        # the same rows by analysis: a figure is drawn again when those that it shows change
        reported=PLAN.reported(*PLAN.analyses),
    log:
        PLAN.log("gather_ard"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("gather_ard"),
        study=PLAN.facts("analyses", "run"),
    message:
        "Gathering the ARD: every number that is reported"
    script:
        "../scripts/gather_ard.py"
