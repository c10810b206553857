# Analysis datasets (ADaM) from the cleaned forms: a dataset a rule.


rule derive_adsl:
    input:
        forms=PLAN.clean(
            "demographics",
            "eligibility",
            "ssc_history",
            "allocation",
            "visit_log",
            "dosing",
            "disposition",
            "drug_accountability",
            "adverse_events",
            "concomitant_drugs",
            "vitals",
            "lab",
            *PLAN.endpoint_forms("adqs"),
        ),
    output:
        csv=PLAN.to("adam/adsl.csv"),
        xpt=PLAN.to("adam/adsl.xpt"),
        findings=PLAN.to("findings/adsl.csv"),
    log:
        PLAN.log("derive_adsl"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adsl"),
        study=PLAN.facts(
            "study",
            "arms",
            "dosing",
            "visits",
            "endpoints",
            "forms",
            "laboratory",
            "vitals",
            "safety",
            "efficacy_visits",
            "intercurrent_events",
        ),
    message:
        "Deriving adsl: who was screened, randomised, treated, and completed"
    script:
        "../scripts/derive_adsl.py"


rule derive_adex:
    input:
        forms=PLAN.clean("dosing", "disposition"),
        adsl=PLAN.dataset("adsl"),
    output:
        csv=PLAN.to("adam/adex.csv"),
        xpt=PLAN.to("adam/adex.xpt"),
        findings=PLAN.to("findings/adex.csv"),
    log:
        PLAN.log("derive_adex"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adex"),
        study=PLAN.facts("forms", "dosing"),
    message:
        "Deriving adex: doses, interruptions, re-introduction"
    script:
        "../scripts/derive_adex.py"


rule derive_adqs:
    input:
        forms=PLAN.clean(
            *PLAN.endpoint_forms("adqs"), "visit_log", "vitals", "adverse_events"
        ),
        adsl=PLAN.dataset("adsl"),
        adex=PLAN.dataset("adex"),
    output:
        csv=PLAN.to("adam/adqs.csv"),
        xpt=PLAN.to("adam/adqs.xpt"),
        findings=PLAN.to("findings/adqs.csv"),
    log:
        PLAN.log("derive_adqs"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adqs"),
        study=PLAN.facts(
            "endpoints",
            "composites",
            "forms",
            "visits",
            "efficacy_visits",
            "intercurrent_events",
        ),
    message:
        "Deriving adqs: skin score, HAQ, globals, Health Transition"
    script:
        "../scripts/derive_adqs.py"


rule derive_adlb:
    input:
        forms=PLAN.clean("lab"),
        adsl=PLAN.dataset("adsl"),
        adex=PLAN.dataset("adex"),
    output:
        csv=PLAN.to("adam/adlb.csv"),
        xpt=PLAN.to("adam/adlb.xpt"),
        findings=PLAN.to("findings/adlb.csv"),
    log:
        PLAN.log("derive_adlb"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adlb"),
        study=PLAN.facts(
            "laboratory",
            "endpoints",
            "visits",
            "efficacy_visits",
            "intercurrent_events",
            "safety",
        ),
    message:
        "Deriving adlb: laboratory, with grades and shifts"
    script:
        "../scripts/derive_adlb.py"


rule derive_advs:
    input:
        forms=PLAN.clean("vitals", "visit_log"),
        adsl=PLAN.dataset("adsl"),
        adex=PLAN.dataset("adex"),
    output:
        csv=PLAN.to("adam/advs.csv"),
        xpt=PLAN.to("adam/advs.xpt"),
        findings=PLAN.to("findings/advs.csv"),
    log:
        PLAN.log("derive_advs"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_advs"),
        study=PLAN.facts(
            "vitals",
            "endpoints",
            "forms",
            "visits",
            "efficacy_visits",
            "intercurrent_events",
            "safety",
        ),
    message:
        "Deriving advs: weight, blood pressure, oedema on examination"
    script:
        "../scripts/derive_advs.py"


rule derive_adae:
    input:
        forms=PLAN.clean("adverse_events"),
        adsl=PLAN.dataset("adsl"),
        adex=PLAN.dataset("adex"),
    output:
        csv=PLAN.to("adam/adae.csv"),
        xpt=PLAN.to("adam/adae.xpt"),
        findings=PLAN.to("findings/adae.csv"),
    log:
        PLAN.log("derive_adae"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adae"),
        study=PLAN.facts("forms", "safety"),
    message:
        "Deriving adae: adverse events"
    script:
        "../scripts/derive_adae.py"


rule derive_adcm:
    input:
        forms=PLAN.clean("concomitant_drugs", "ssc_history"),
        adsl=PLAN.dataset("adsl"),
        adex=PLAN.dataset("adex"),
    output:
        csv=PLAN.to("adam/adcm.csv"),
        xpt=PLAN.to("adam/adcm.xpt"),
        findings=PLAN.to("findings/adcm.csv"),
    log:
        PLAN.log("derive_adcm"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adcm"),
        study=PLAN.facts("forms"),
    message:
        "Deriving adcm: concomitant drugs"
    script:
        "../scripts/derive_adcm.py"


rule derive_adtte:
    input:
        forms=PLAN.clean("disposition"),
        adsl=PLAN.dataset("adsl"),
        adae=PLAN.dataset("adae"),
    output:
        csv=PLAN.to("adam/adtte.csv"),
        xpt=PLAN.to("adam/adtte.xpt"),
        findings=PLAN.to("findings/adtte.csv"),
    log:
        PLAN.log("derive_adtte"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("derive_adtte"),
        study=PLAN.facts("safety"),
    message:
        "Deriving adtte: time to first event and to the end of treatment"
    script:
        "../scripts/derive_adtte.py"


rule define_data:
    input:
        data=PLAN.adam(*PLAN.datasets),
    output:
        PLAN.to("adam/define.xml"),
    log:
        PLAN.log("define_data"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("define_data"),
        released=PLAN.released,
        study=PLAN.facts("study"),
    message:
        "Describing datasets and variables: define.xml"
    script:
        "../scripts/define_data.py"


rule list_skin_and_oedema:
    input:
        adqs=PLAN.dataset("adqs"),
        advs=PLAN.dataset("advs"),
        adae=PLAN.dataset("adae"),
        adcm=PLAN.dataset("adcm"),
    output:
        PLAN.to("listings/skin_and_oedema.csv"),
    log:
        PLAN.log("list_skin_and_oedema"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("list_skin_and_oedema"),
    message:
        "Listing skin scores beside the oedema of the day"
    script:
        "../scripts/list_skin_and_oedema.py"


rule list_haq_answers:
    input:
        forms=PLAN.clean(*PLAN.endpoint_forms("adqs")),
    output:
        PLAN.to("listings/haq_answers.csv"),
    log:
        PLAN.log("list_haq_answers"),
    conda:
        "../../environment.yml"
    params:
        code=PLAN.code("list_haq_answers"),
        study=PLAN.facts("endpoints"),
    message:
        "Listing what each answer of the HAQ did to its score"
    script:
        "../scripts/list_haq_answers.py"
