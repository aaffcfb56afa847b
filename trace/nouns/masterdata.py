"""Master data as their readers see them: parties, villages, plots, facilities, products."""

from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from trace import visibility
from trace.accounts import Caller
from trace.parties import Brand, Facility, Party, called
from trace.places import Plot, PlotVersion, Village, plot_called
from trace.products import TradeItem
from trace.records import Noun, equal, plain

_SECOND = aliased(Party, name="second")


def _parties(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Party.code, Party.name, Party.kind, Party.uscc, Party.area_code),
            *(Party.led_by_village, Party.registered_on, Party.gs1_prefix, _SECOND.code.label("member_of")),
            *(Party.address, Party.contact, Party.revision),
        )
        .outerjoin(_SECOND, Party.member_of_id == _SECOND.id)
        .where(Party.merged_into_id.is_(None))
    )


PARTIES = Noun(
    name="party",
    key=Party.id,
    query=_parties,
    visible=visibility.parties,
    code=called,
    filters={"kind": equal(Party.kind)},
)


def _villages(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Village.code, Village.name, Village.longitude, Village.latitude),
        *(Village.households, Village.tea_households, Village.elevation_m),
    )


VILLAGES = Noun(
    name="village",
    key=Village.id,
    query=_villages,
    visible=visibility.villages,
    code=plain(Village.code),
    aliases="villages",
)


def _plots(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(Plot.code, Plot.cultivar, Plot.clonal, Plot.planted_year, Plot.area_mu, Plot.area_m2),
            *(Plot.certification, Plot.crs, Plot.outline, Plot.from_on, Plot.until_on),
            *(Village.code.label("village"), Village.name.label("village_name")),
            *(Party.code.label("cooperative"), _SECOND.code.label("holder")),
        )
        .join(Village, Plot.village_id == Village.id)
        .outerjoin(Party, Plot.cooperative_id == Party.id)
        .outerjoin(_SECOND, Plot.holder_id == _SECOND.id)
        .where(Plot.merged_into_id.is_(None))
    )


PLOTS = Noun(
    name="plot",
    key=Plot.id,
    query=_plots,
    visible=visibility.plots,
    code=plot_called,
    aliases="plots",
    filters={"village": equal(Village.code), "cooperative": equal(Party.code), "cultivar": equal(Plot.cultivar)},
)


def _versions(caller: Caller) -> Select[*tuple[Any, ...]]:
    """Select what plots were; why it changed is told to those who hold or keep the plot, not to who took its leaf."""
    version = PlotVersion
    following = func.lead(version.from_on, type_=Date).over(
        partition_by=version.plot_id, order_by=(version.from_on.asc().nulls_first(), version.id)
    )
    keeps = or_(visibility.own(caller, Plot.cooperative_id), visibility.own(caller, Plot.holder_id))
    return (
        select(
            *(version.from_on, following.label("following_on"), Plot.until_on.label("ended_on")),
            *(version.cultivar, version.planted_year, version.area_mu, version.area_m2, version.certification),
            *(version.outline, version.recorded_at, case((keeps, version.reason)).label("reason")),
            *(Party.code.label("cooperative"), _SECOND.code.label("holder")),
        )
        .join(Plot, version.plot_id == Plot.id)
        .outerjoin(Party, version.cooperative_id == Party.id)
        .outerjoin(_SECOND, version.holder_id == _SECOND.id)
    )


PLOT_VERSIONS = Noun(
    name="plot-version",
    key=PlotVersion.id,
    query=_versions,
    visible=visibility.plots,
    code=plain(Plot.code),
)


def versions_of(plot: int) -> Noun:
    """Return the noun of the versions of one plot (row id). They are recorded in the order of their days."""
    return replace(PLOT_VERSIONS, query=lambda caller: _versions(caller).where(PlotVersion.plot_id == plot))


def plots_of(village: int, day: date) -> Noun:
    """Return the noun of the plots that were there on a day, in one village (row id)."""
    there = or_(Plot.from_on.is_(None), Plot.from_on <= day), or_(Plot.until_on.is_(None), Plot.until_on >= day)
    return replace(PLOTS, query=lambda caller: _plots(caller).where(Plot.village_id == village, *there))


def _facilities(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return select(
        *(Facility.code, Facility.name, Facility.longitude, Facility.latitude, Facility.capacity_g_per_day),
        Party.code.label("party"),
    ).join(Party, Facility.party_id == Party.id)


FACILITIES = Noun(
    name="facility",
    key=Facility.id,
    query=_facilities,
    visible=visibility.facilities,
    code=plain(Facility.code),
    filters={"party": equal(Party.code)},
)


def _products(_caller: Caller) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(TradeItem.code, TradeItem.gtin, TradeItem.name, TradeItem.grade, TradeItem.net_g, TradeItem.packaging),
            *(TradeItem.shelf_life_months, TradeItem.standard, TradeItem.ingredients, TradeItem.storage),
            *(TradeItem.price_yuan, TradeItem.packaging_cost_yuan, TradeItem.packaging_layers, TradeItem.gross_g),
            *(TradeItem.volume_ml, TradeItem.packaging_form, TradeItem.claims),
            *(Brand.code.label("brand"), Brand.name.label("brand_name"), Party.code.label("party")),
        )
        .join(Brand, TradeItem.brand_id == Brand.id)
        .join(Party, Brand.owner_id == Party.id)
    )


def _product_code(code: str) -> ColumnElement[bool]:
    """Hold for the item of this code or GTIN, with or without leading zeros."""
    gtin = code.zfill(14) if code.isascii() and code.isdecimal() else code
    return (TradeItem.code == code) | (TradeItem.gtin == gtin)


PRODUCTS = Noun(
    name="product",
    key=TradeItem.id,
    query=_products,
    visible=visibility.products,
    code=_product_code,
    aliases="skus",
    filters={"brand": equal(Brand.code)},
)
