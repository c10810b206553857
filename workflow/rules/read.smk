# The raw exports: what each file is, and keyed rows of each form.


for SOURCE in PLAN.study.forms.sources:

    rule:
        name:
            f"read_{SOURCE}"
        input:
            raw=PLAN.raw_of(SOURCE),
        output:
            forms=PLAN.crf_of(SOURCE),
            findings=PLAN.to(f"findings/read/{SOURCE}.csv"),
        log:
            PLAN.log(f"read/{SOURCE}"),
        conda:
            "../../environment.yml"
        params:
            code=PLAN.code("read_source"),
            source=SOURCE,
            raw=lambda wildcards: str(PLAN.raw),
            content=PLAN.digest(*PLAN.raw_of(SOURCE)),
            study=PLAN.facts("forms", "visits", "endpoints", "laboratory"),
        message:
            f"Reading the {SOURCE} export"
        script:
            "../scripts/read_source.py"


rule describe_raw:
    input:
        raw=f"{PLAN.raw}/{{raw}}",
        samples=lambda wildcards: PLAN.manifest_for(wildcards.raw),
    output:
        PLAN.to("intake/{raw}.json"),
    log:
        PLAN.log("intake/{raw}"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("describe_raw"),
        raw=lambda wildcards: str(PLAN.raw),
        content=lambda wildcards: PLAN.digest(f"{PLAN.raw}/{wildcards.raw}"),
        study=PLAN.facts(
            "forms", "visits", "endpoints", "laboratory", "assays", "samples"
        ),
    message:
        "What is {wildcards.raw}?"
    script:
        "../scripts/describe_raw.py"


rule intake_table:
    input:
        files=expand(PLAN.to("intake/{raw}.json"), raw=PLAN.raw_files()),
    output:
        PLAN.to("intake.csv"),
    log:
        PLAN.log("intake_table"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("intake_table"),
    message:
        "Gathering what the raw files are"
    script:
        "../scripts/intake_table.py"


# stops a run where a file was refused, so that all problems are told together
rule check_intake:
    input:
        files=expand(PLAN.to("intake/{raw}.json"), raw=PLAN.raw_files()),
    output:
        PLAN.to("intake/checked.txt"),
    log:
        PLAN.log("check_intake"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("check_intake"),
    message:
        "Were all raw files accepted?"
    script:
        "../scripts/check_intake.py"


# prints the table, and stops where a file was refused; nothing depends on it
rule intake:
    input:
        table=PLAN.to("intake.csv"),
        files=expand(PLAN.to("intake/{raw}.json"), raw=PLAN.raw_files()),
    log:
        PLAN.log("intake"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("intake"),
    message:
        "Intake of the raw files"
    script:
        "../scripts/intake.py"
