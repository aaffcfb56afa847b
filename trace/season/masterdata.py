"""Master data of a season: parties, villages, plots, products. Known ones are matched, new ones written."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import select

from trace.brands import RegisterBrand, allow_suppliers, register_brands
from trace.db import portions
from trace.errors import Fault, InvalidError
from trace.facilities import RegisterFacility, RegisterLicence, register_facilities, register_licences
from trace.input_products import RegisterInputProduct, register_input_products
from trace.inputs import InputProduct
from trace.parties import Brand, Facility, Licence, Party, RegisterParty, register_parties
from trace.persons import Private
from trace.places import Plot, Village
from trace.plot_openings import OpenPlot, open_plots
from trace.plots import Change, RegisterPlot, register_plots
from trace.products import RegisterProduct, TradeItem, register_products
from trace.season.loading import Loading, Row, free_codes, known
from trace.seasons import SeasonPlot
from trace.villages import RegisterVillage, register_villages
from trace.vocabulary import Scheme, ensure_terms


def load_master_data(loading: Loading) -> None:
    """Write all that the chain's records refer to."""
    _load_terms(loading)
    _load_town(loading)
    _load_firms(loading)
    _load_licences(loading)
    _load_villages(loading)
    _load_farmers(loading)
    _load_others(loading)
    _load_plots(loading)
    _load_input_products(loading)
    _load_brands(loading)
    _load_trade_items(loading)


def _words(rows: Iterable[Row], *fields: str) -> list[str]:
    return [row[field] for row in rows for field in fields if row.get(field)]


def _load_terms(loading: Loading) -> None:
    arrays = loading.arrays
    steps = [step["step"] for run in arrays["runs"] for step in run["steps"] or ()]
    chain = ("picking", "hand-over", "intake", "run", "blend", "testing", "packing", "shipping", "recall")
    kinds = ("public-body", "cooperative", "plant", "grower", "buyer", "laboratory")
    words: dict[Scheme, Sequence[str]] = {
        Scheme.STEP: [*chain, *steps],
        Scheme.PARTY_KIND: kinds,
        Scheme.LOSS: ("transport", "water", "sample", "sorting", "overfill"),
        Scheme.GRADE: _words([*arrays["harvests"], *arrays["lots"], *arrays["skus"]], "grade_in", "grade"),
        Scheme.PLUCK_STANDARD: _words(arrays["harvests"], "pluck_standard"),
        Scheme.CULTIVAR: _words(arrays["plots"], "cultivar"),
        Scheme.PRODUCT_KIND: _words(arrays["batches"], "kind"),
        Scheme.CROP: _words(arrays["certificates"], "product"),
        Scheme.INPUT_KIND: _words(arrays["input_products"], "kind"),
        Scheme.ANALYTE: [item["item"] for test in arrays["tests"] for item in test["items"]],
    }
    for scheme, codes in words.items():
        ensure_terms(loading.session, scheme, codes)


def _add_parties(loading: Loading, news: Sequence[tuple[str, RegisterParty]]) -> None:
    """Register parties under (key, party), giving each a free code; one with a known credit code is that party.

    So a co-operative with a plant of its own is one party, though the file has a row for each.
    """
    session = loading.session
    credit_codes = [party.uscc for _, party in news if party.uscc]
    matched = {party.uscc: party for party in session.scalars(select(Party).where(Party.uscc.in_(credit_codes)))}
    fresh = {party.uscc or key: party for key, party in reversed(news) if party.uscc not in matched}
    fresh = dict(reversed(fresh.items()))  # of two rows with one credit code the first counts
    free = free_codes([party.code for party in fresh.values()], lambda codes: known(session, Party.code, codes))
    registered = register_parties(session, [replace(party, code=free[party.code]) for party in fresh.values()])
    made: dict[str | None, Party] = dict(zip(fresh, registered, strict=True))
    for key, party in news:
        loading.parties[key] = matched.get(party.uscc) or made[party.uscc or key]


def _load_town(loading: Loading) -> None:
    code = loading.town["code"]
    town = loading.session.scalar(select(Party).where(Party.code == code))
    if town is None:
        body = RegisterParty(code=code, name=loading.town["name"], kind="public-body", area_code=code)
        [town] = register_parties(loading.session, [body])
    loading.town_party = town


def _load_firms(loading: Loading) -> None:
    area = loading.town["code"]
    rows = [("cooperative", row) for row in loading.arrays["cooperatives"]]
    rows += [("plant", row) for row in loading.arrays["plants"]]
    _add_parties(
        loading,
        [
            (
                row["id"],
                RegisterParty(
                    code=row["id"],
                    name=row["name"],
                    kind=kind,
                    uscc=row["uscc"],
                    area_code=area,
                    led_by_village=row.get("led_by_village_branch"),
                    registered_on=row.get("registered"),
                ),
            )
            for kind, row in rows
        ],
    )
    for noun in ("cooperatives", "plants"):
        firms = loading.arrays[noun]
        loading.keep(noun, firms, [loading.parties[row["id"]] for row in firms])


def _load_licences(loading: Loading) -> None:
    session, plants = loading.session, loading.arrays["plants"]
    numbers = known(session, Licence.number, [row["sc_licence"] for row in plants if row["sc_licence"]])
    fresh = [
        RegisterLicence(
            party_id=loading.parties[row["id"]].id,
            number=row["sc_licence"],
            valid_to=row["sc_valid_to"],
            product_kinds=row["tea_kinds"] or [],
        )
        for row in plants
        if row["sc_licence"] and row["sc_valid_to"] and row["sc_licence"] not in numbers
    ]
    register_licences(session, fresh)
    places = known(session, Facility.code, [loading.parties[row["id"]].code for row in plants])
    register_facilities(session, [_facility(loading, row) for row in plants if _code(loading, row) not in places])


def _code(loading: Loading, row: Row) -> str:
    return loading.parties[row["id"]].code


def _facility(loading: Loading, row: Row) -> RegisterFacility:
    longitude, latitude = row["location"] or (None, None)
    return RegisterFacility(
        code=_code(loading, row),
        party_id=loading.parties[row["id"]].id,
        name=row["name"],
        longitude=longitude and float(longitude),
        latitude=latitude and float(latitude),
        capacity_g_per_day=row["line_capacity_fresh_kg_per_day"],
    )


def _load_villages(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["villages"]
    codes = [row["code"] for row in rows]
    villages = {village.code: village for village in session.scalars(select(Village).where(Village.code.in_(codes)))}
    fresh = register_villages(session, [_village(row) for row in rows if row["code"] not in villages])
    villages |= {village.code: village for village in fresh}
    loading.keep("villages", rows, [villages[row["code"]] for row in rows])


def _village(row: Row) -> RegisterVillage:
    longitude, latitude = row["center"] or (None, None)
    return RegisterVillage(
        code=row["code"],
        name=row["name"],
        longitude=longitude and float(longitude),
        latitude=latitude and float(latitude),
        households=row["households"],
        tea_households=row["tea_households"],
        elevation_m=row["elevation_m"],
    )


def _load_farmers(loading: Loading) -> None:
    """Write growers under their public labels; what is private goes to its own table."""
    rows = loading.arrays["farmers"]
    news = []
    for row in rows:
        coop = loading.parties.get(row["coop"])
        private = row["private"]
        grower = RegisterParty(
            code=row["id"],
            name=row["public_label"],
            kind="grower",
            area_code=loading.rows["villages"][row["village"]].code,
            member_of_id=coop.id if coop else None,
            person=Private(name=private["name"], phone=private["phone"]) if private else None,
        )
        news.append((row["id"], grower))
    _add_parties(loading, news)
    loading.keep("farmers", rows, [loading.parties[row["id"]] for row in rows])


def _load_others(loading: Loading) -> None:
    """Make parties for buyers and laboratories, in order of first appearance."""
    area = loading.town["code"]
    for prefix, kind, names in (
        ("BUY", "buyer", [row["buyer"] for row in loading.arrays["shipments"]]),
        ("LAB", "laboratory", [row["lab"] for row in loading.arrays["tests"]]),
    ):
        _add_parties(
            loading,
            [
                (f"{kind}/{name}", RegisterParty(code=f"{prefix}-{number}", name=name, kind=kind, area_code=area))
                for number, name in enumerate(dict.fromkeys(names), start=1)
            ],
        )


def _clonal(row: Row) -> bool | None:
    return None if row["propagation"] is None else row["propagation"] == "clonal"


def _plot(loading: Loading, row: Row) -> RegisterPlot:
    coop, holder = loading.parties.get(row["coop"]), loading.parties.get(row["holder"])
    return RegisterPlot(
        code=row["code"],
        village_id=loading.rows["villages"][row["village"]].id,
        cooperative_id=coop.id if coop else None,
        holder_id=holder.id if holder else None,
        cultivar=row["cultivar"],
        clonal=_clonal(row),
        planted_year=row["planted_year"],
        area_mu=row["area_mu_declared"],
        certification=row["certification"],
        crs=loading.town["crs"],
        geometry=row["geometry"],
    )


@contextmanager
def _in_the_file(noun: str, places: Sequence[int]) -> Iterator[None]:
    """Let a fault of a command name the row of the file from which the command came."""
    try:
        yield
    except InvalidError as error:
        moved = [re.sub(r"^\[(\d+)\]", lambda at: f"{noun}[{places[int(at[1])]}]", one.path) for one in error.faults]
        raise InvalidError([replace(one, path=path) for one, path in zip(error.faults, moved, strict=True)]) from None


def _load_plots(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["plots"]
    codes = [row["code"] for row in rows]
    plots = {
        plot.code: plot for few in portions(codes) for plot in session.scalars(select(Plot).where(Plot.code.in_(few)))
    }
    fresh = [place for place, row in enumerate(rows) if row["code"] not in plots]
    # A file answers for the land of its own villages: where another town's plots lie is not for it to mend.
    beside = Plot.village_id.in_([village.id for village in loading.rows["villages"].values()])
    with _in_the_file("plots", fresh):
        made = register_plots(session, [_plot(loading, rows[place]) for place in fresh], Change(), beside)
    plots |= {plot.code: plot for plot in made}
    loading.keep("plots", rows, [plots[row["code"]] for row in rows])
    session.add_all(
        SeasonPlot(
            season_id=loading.season_id,
            plot_id=plots[row["code"]].id,
            village_id=loading.rows["villages"][row["village"]].id,
            area_mu=row["area_mu_declared"],
            clonal=_clonal(row),
        )
        for row in rows
    )
    session.flush()
    openings = [OpenPlot(plot_id=plots[row["code"]].id, opened_on=row["opened"]) for row in rows if row["opened"]]
    open_plots(session, openings)


def _load_input_products(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["input_products"]
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, InputProduct.code, codes))
    products = [
        RegisterInputProduct(
            code=free[row["id"]],
            kind=row["kind"],
            name=row["name"],
            maker=row["maker"],
            active=row["active"],
            other_actives=row["other_actives"],
            formulation=row["formulation"],
            registration=row["registration"],
            registered_until=row["registered_until"],
            crops=row["registered_crops"],
            targets=row["registered_targets"],
            interval_days=row["label_phi_days"],
            max_applications=row["label_max_applications"],
            max_per_mu=row["label_max_per_mu"],
            unit=row["unit"],
            note=row["note"],
        )
        for row in rows
    ]
    loading.keep("input_products", rows, register_input_products(session, products))


def _load_brands(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["brands"]
    owners = {row["id"]: loading.parties[row["owner_plant"]].id for row in rows}
    there = select(Brand).where(Brand.owner_id.in_(set(owners.values())))
    brands = {(brand.owner_id, brand.name): brand for brand in session.scalars(there)}
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, Brand.code, codes))
    fresh: dict[tuple[int, str], Row] = {}
    for row in rows:
        if (owners[row["id"]], row["name"]) not in brands:
            fresh.setdefault((owners[row["id"]], row["name"]), row)
    commands = [
        RegisterBrand(code=free[row["id"]], name=name, owner_id=owner, gi_mark_holder=row["gi_mark_holder_uscc"])
        for (owner, name), row in fresh.items()
    ]
    for (key, row), brand in zip(fresh.items(), register_brands(session, commands), strict=True):
        allow_suppliers(session, brand, [loading.parties[code].id for code in row["supplied_by"] or ()])
        brands[key] = brand
    loading.keep("brands", rows, [brands[owners[row["id"]], row["name"]] for row in rows])


def _load_trade_items(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["skus"]
    gtins = [row["gtin13"] for row in rows if row["gtin13"]]
    items = {item.gtin: item for item in session.scalars(select(TradeItem).where(TradeItem.gtin.in_(gtins)))}
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, TradeItem.code, codes))
    _refuse_other_items(rows, items)
    fresh = [row for row in rows if not row["gtin13"] or row["gtin13"] not in items]
    made = iter(register_products(session, [_trade_item(loading, row, free[row["id"]]) for row in fresh]))
    loading.keep("skus", rows, [items.get(row["gtin13"]) or next(made) for row in rows])


def _refuse_other_items(rows: Sequence[Row], items: Mapping[str | None, TradeItem]) -> None:
    """Refuse a GTIN that an earlier season gave to another net content: it would be another trade item."""
    faults = [
        Fault(f"skus[{index}].net_g", "disagrees", {"value": row["net_g"], "other": items[row["gtin13"]].net_g})
        for index, row in enumerate(rows)
        if row["gtin13"] in items and items[row["gtin13"]].net_g != row["net_g"]
    ]
    if faults:
        raise InvalidError(faults)


def _trade_item(loading: Loading, row: Row, code: str) -> RegisterProduct:
    same = ("grade", "net_g", "name", "standard", "ingredients", "storage", "price_yuan", "packaging_cost_yuan")
    return RegisterProduct(
        code=code,
        gtin=row["gtin13"],
        brand_id=loading.rows["brands"][row["brand"]].id,
        packaging=row["pack"],
        shelf_life_months=row["shelf_life_months"],
        packaging_layers=row["packaging_layers"],
        gross_g=row["gross_g"],
        **{name: row[name] for name in same},
    )
