"""The nouns one may read: their columns as the world sees them. Row ids and persons are never among them."""

from trace.nouns.access import ACCOUNTS, API_KEYS, MANDATES
from trace.nouns.chain import EVENTS, LABEL_JOBS, LOTS, PACKS, PICKINGS, SHIPMENTS
from trace.nouns.masterdata import FACILITIES, PARTIES, PLOTS, PRODUCTS, VILLAGES
from trace.nouns.quality import FINDINGS, RECALLS, RESULTS

__all__ = [
    "ACCOUNTS",
    "API_KEYS",
    "EVENTS",
    "FACILITIES",
    "FINDINGS",
    "LABEL_JOBS",
    "LOTS",
    "MANDATES",
    "PACKS",
    "PARTIES",
    "PICKINGS",
    "PLOTS",
    "PRODUCTS",
    "RECALLS",
    "RESULTS",
    "SHIPMENTS",
    "VILLAGES",
]
