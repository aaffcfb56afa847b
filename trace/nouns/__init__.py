"""The nouns one may read: their columns as the world sees them. Row ids and persons are never among them."""

from trace.nouns.chain import EVENTS, LABEL_JOBS, LOTS, LOTS_TO_TRACE, PACKS, SHIPMENTS
from trace.nouns.masterdata import FACILITIES, PARTIES, PLOTS, PRODUCTS, VILLAGES
from trace.nouns.quality import FINDINGS, RECALLS, RESULTS

__all__ = [
    "EVENTS",
    "FACILITIES",
    "FINDINGS",
    "LABEL_JOBS",
    "LOTS",
    "LOTS_TO_TRACE",
    "PACKS",
    "PARTIES",
    "PLOTS",
    "PRODUCTS",
    "RECALLS",
    "RESULTS",
    "SHIPMENTS",
    "VILLAGES",
]
