"""The nouns one may read: their columns as the world sees them. Row ids and persons are never among them."""

from trace.nouns.access import ACCOUNTS, API_KEYS, MANDATES
from trace.nouns.between import DELIVERIES, HAND_OVERS, INTAKES, OUTSIDE_LOTS, RETURNS
from trace.nouns.certified import CERTIFICATES
from trace.nouns.chain import EVENTS, LABEL_JOBS, LABEL_REPRINTS, LOTS, LOTS_TO_TRACE, PACKS, PICKINGS, SHIPMENTS
from trace.nouns.corrections import CORRECTIONS, EVENTS_TO_CORRECT
from trace.nouns.day_closes import DAY_CLOSES
from trace.nouns.firms import BRANDS, INPUT_PRODUCTS, LICENCES
from trace.nouns.growing import FIELD_WORK, INPUT_USES, PLOT_OPENINGS, PURCHASES, openings_of
from trace.nouns.making import BLENDS, RUNS
from trace.nouns.masterdata import FACILITIES, PARTIES, PLOT_VERSIONS, PLOTS, PRODUCTS, VILLAGES, plots_of, versions_of
from trace.nouns.packing import CASES, DESTRUCTIONS, REWORKS
from trace.nouns.paper_forms import FORM_RUNS, PAPER_FORMS
from trace.nouns.quality import FINDINGS, RECALLS, RELEASE_PLANS, REPORT_FILES, RESULTS, RETAINED_SAMPLES, SAMPLES
from trace.nouns.slips import SLIPS
from trace.nouns.uncertified import UNCERTIFIED

__all__ = [
    "ACCOUNTS",
    "API_KEYS",
    "BLENDS",
    "BRANDS",
    "CASES",
    "CERTIFICATES",
    "CORRECTIONS",
    "DAY_CLOSES",
    "DELIVERIES",
    "DESTRUCTIONS",
    "EVENTS",
    "EVENTS_TO_CORRECT",
    "FACILITIES",
    "FIELD_WORK",
    "FINDINGS",
    "FORM_RUNS",
    "HAND_OVERS",
    "INPUT_PRODUCTS",
    "INPUT_USES",
    "INTAKES",
    "LABEL_JOBS",
    "LABEL_REPRINTS",
    "LICENCES",
    "LOTS",
    "LOTS_TO_TRACE",
    "MANDATES",
    "OUTSIDE_LOTS",
    "PACKS",
    "PAPER_FORMS",
    "PARTIES",
    "PICKINGS",
    "PLOTS",
    "PLOT_OPENINGS",
    "PLOT_VERSIONS",
    "PRODUCTS",
    "PURCHASES",
    "RECALLS",
    "RELEASE_PLANS",
    "REPORT_FILES",
    "RESULTS",
    "RETAINED_SAMPLES",
    "RETURNS",
    "REWORKS",
    "RUNS",
    "SAMPLES",
    "SHIPMENTS",
    "SLIPS",
    "UNCERTIFIED",
    "VILLAGES",
    "openings_of",
    "plots_of",
    "versions_of",
]
