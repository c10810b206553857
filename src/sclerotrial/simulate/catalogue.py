"""Levels, terms and names that the generator draws from.

Biomarker levels and spreads: medians and between-person sigma(ln) of dcSSc from the literature
(IL-6, ET-1: Hindawi BMRI 2019/7908793; CCL2, CXCL10: PMID 18709691; PIIINP, TIMP-1: Front
Pharmacol 2022.805708; sCD163: studylib 6800327); those without a source are assumptions. All
names of persons are invented.
"""

from __future__ import annotations

AREAS = (
    "face", "chest", "abdomen", "fingers_r", "fingers_l", "hand_r", "hand_l",
    "forearm_r", "forearm_l", "uparm_r", "uparm_l", "thigh_r", "thigh_l",
    "leg_r", "leg_l", "foot_r", "foot_l",
)  # fmt: skip
AREA_WEIGHTS = (1.6, 1.5, 1.1, 2.9, 2.9, 2.6, 2.6, 2.2, 2.2, 1.6, 1.6, 1.4, 1.4, 1.5, 1.5, 1.6, 1.6)

HAQ_ITEMS = {
    "dress": 2, "arise": 2, "eat": 3, "walk": 2, "hyg": 3, "reach": 2, "grip": 3, "act": 3,
}  # fmt: skip
HAQ_WEIGHTS = (1.3, 1.1, 1.4, 1.0, 1.5, 1.6, 1.8, 1.6)
HAQ_AIDS = (
    "Cane", "Walker", "Crutches", "Wheelchair", "Dressing devices", "Built-up utensils",
    "Special chair", "Raised toilet seat", "Bathtub seat", "Jar opener", "Bathtub bar",
    "Long-handled reach", "Long-handled bathroom",
)  # fmt: skip
HAQ_HELP = (
    "Dressing", "Arising", "Eating", "Walking", "Hygiene", "Reach", "Gripping", "Errands",
)  # fmt: skip
# Devices of a category, as codes of the checkbox; activities has none.
AIDS_OF = {
    "dress": (5,), "arise": (7,), "eat": (6,), "walk": (1,), "hyg": (8, 11, 13),
    "reach": (12,), "grip": (10,), "act": (),
}  # fmt: skip

# PARAMCD: name on the plate, median (pg/mL), sigma(ln) between persons, within-person CV,
# highest standard, bead region.
SERUM = {
    "IL6": ("IL-6", 3.8, 1.00, 0.40, 2000.0, 13),
    "CCL2": ("MCP-1", 390.0, 0.48, 0.18, 20000.0, 26),
    "CXCL10": ("IP-10", 160.0, 0.50, 0.30, 1500.0, 44),
    "ET1": ("ET-1", 10.0, 0.55, 0.20, 1500.0, 21),
    "TGFB1": ("TGF-b1", 50.0, 0.75, 0.25, 130000.0, 64),
    "PIIINP": ("PIIINP", 10300.0, 0.44, 0.15, 250000.0, 34),
    "TIMP1": ("TIMP-1", 110700.0, 0.50, 0.15, 1500000.0, 52),
    "SCD163": ("sCD163", 61600.0, 0.31, 0.10, 1000000.0, 75),
    "VEGF": ("VEGF", 400.0, 0.50, 0.25, 30000.0, 37),
}
# PARAMCD: target name in the run file, mean dCt, SD between persons, SD between visits.
SKIN = {
    "COL1A1": ("COL1A1", 1.5, 1.2, 0.55),
    "COL1A2": ("COL1A2", 1.0, 1.1, 0.55),
    "CCN2": ("CTGF", 4.5, 1.1, 0.50),
    "COMP": ("COMP", 6.5, 1.5, 0.60),
    "THBS1": ("THBS1", 5.5, 1.3, 0.60),
    "IFI44": ("IFI44", 8.0, 1.4, 0.65),
    "SIGLEC1": ("SIGLEC1", 17.6, 1.3, 0.60),
    "SERPINE1": ("PAI-1", 7.5, 1.2, 0.55),
}
REFERENCE_CT = {"GAPDH": 19.2, "RPLP0": 18.4}

# PARAMCD: name in the hospital list, unit, unit of the later period, decimals, median,
# sigma(ln) between, sigma(ln) within, reference range of women, of men.
LABORATORY = {
    "CRP": ("CRP", "mg/L", "mg/L", 1, 5.0, 1.0, 0.35, (0, 5), (0, 5)),
    "ESR": ("ESR", "mm/h", "mm/hr", 0, 30.0, 0.40, 0.20, (0, 30), (0, 20)),
    "HGB": ("Hemoglobin", "g/L", "g/L", 0, 128.0, 0.06, 0.02, (115, 155), (130, 175)),
    "WBC": ("WBC", "10^9/L", "x10E9/L", 1, 7.6, 0.25, 0.12, (4, 11), (4, 11)),
    "NEUT": ("Neutrophils", "10^9/L", "x10E9/L", 1, 5.2, 0.28, 0.15, (2, 7.5), (2, 7.5)),
    "PLAT": ("PLT", "10^9/L", "x10E9/L", 0, 300.0, 0.25, 0.08, (150, 400), (150, 400)),
    "ALT": ("ALT", "U/L", "IU/L", 0, 22.0, 0.35, 0.20, (0, 35), (0, 45)),
    "CREAT": ("Creatinine", "µmol/L", "umol/L", 0, 66.0, 0.16, 0.06, (45, 90), (60, 110)),
    "CK": ("CK", "U/L", "IU/L", 0, 70.0, 0.55, 0.25, (0, 190), (0, 230)),
    "ALB": ("Albumin", "g/L", "g/L", 0, 39.0, 0.07, 0.03, (35, 50), (35, 50)),
}
CRP_LIMIT = 0.6

ENDPOINTS = ("MRSS", "HAQDI", "PTGA", "PHGA", "HTQ", "CRP", "ESR")
EFFECTS = (*ENDPOINTS, *SERUM, *SKIN)

GENERAL = "General disorders and administration site conditions"
GUT = "Gastrointestinal disorders"
MUSCLE = "Musculoskeletal and connective tissue disorders"
SKIN_SOC = "Skin and subcutaneous tissue disorders"
# preferred term: system organ class, words written by the site, probability on imatinib,
# whether it comes early, days it lasts.
EVENTS = {
    "Oedema peripheral": (GENERAL, ("swollen ankles", "leg edema", "pedal edema"), 0.72, True, 28),
    "Face oedema": (GENERAL, ("facial puffiness", "swelling of face"), 0.30, True, 18),
    "Fluid retention": (
        "Metabolism and nutrition disorders", ("fluid retention", "retaining fluid"),
        0.50, True, 30,
    ),
    "Fatigue": (GENERAL, ("fatigue", "feels very tired", "tiredness"), 0.66, True, 40),
    "Nausea": (GUT, ("nausea", "feeling sick", "nauseated after dose"), 0.75, True, 14),
    "Vomiting": (GUT, ("vomiting", "emesis x3"), 0.28, True, 5),
    "Diarrhoea": (GUT, ("diarrhea", "loose stools"), 0.52, True, 9),
    "Muscle spasms": (MUSCLE, ("cramps in calves", "muscle cramps", "leg cramps"), 0.55, True, 25),
    "Myalgia": (MUSCLE, ("myalgia", "aching muscles"), 0.35, True, 20),
    "Headache": ("Nervous system disorders", ("headache",), 0.22, True, 3),
    "Alopecia": (SKIN_SOC, ("hair loss", "alopecia"), 0.28, False, 90),
    "Anaemia": ("Blood and lymphatic system disorders", ("anemia", "low Hb"), 0.33, False, 45),
    "Rash": (SKIN_SOC, ("rash on trunk",), 0.12, False, 12),
}  # fmt: skip
NAMED = (
    "Oedema peripheral", "Fluid retention", "Fatigue", "Nausea", "Muscle spasms", "Diarrhoea",
    "Alopecia", "Anaemia",
)  # fmt: skip
OEDEMA = ("Oedema peripheral", "Face oedema", "Fluid retention")
PLACEBO_EVENTS = {
    "Headache": ("Nervous system disorders", ("headache",), 4),
    "Nasopharyngitis": ("Infections and infestations", ("common cold", "head cold"), 7),
    "Nausea": (GUT, ("mild nausea",), 3),
    "Fatigue": (GENERAL, ("tired",), 10),
}

FIRST_FEMALE = (
    "Alberta", "Bettina", "Coralie", "Delphine", "Evangeline", "Fenella", "Gwyneth", "Harriet",
    "Imogen", "Jocasta", "Kerensa", "Lavinia", "Marguerite", "Nerissa", "Ottoline", "Philippa",
)  # fmt: skip
FIRST_MALE = (
    "Ambrose", "Barnaby", "Cedric", "Dunstan", "Edgar", "Fergus", "Godfrey", "Humphrey",
)  # fmt: skip
LAST = (
    "Applegarth", "Brockenbury", "Carrowmere", "Dunlevin", "Eastlake-Moor", "Farnborrow",
    "Gillespine", "Hollowby", "Inglethorn", "Jessamy", "Kettlewick", "Larkindale", "Merrowby",
    "Nettlefold", "Oakhanger", "Penhallick", "Quillfeather", "Rosthwaite", "Silverbeck",
    "Thistledown",
)  # fmt: skip
