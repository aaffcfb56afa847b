"""Master data of a season: parties, villages, plots, products. Known ones are matched, new ones written."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import select

from trace.db import portions
from trace.errors import Fault, InvalidError
from trace.geometry import Outline, area_m2, find_overlaps
from trace.inputs import InputProduct
from trace.parties import Brand, BrandSupplier, Facility, Licence, Party
from trace.persons import Person
from trace.places import Plot, Village
from trace.products import TradeItem
from trace.season.loading import Loading, Row, free_codes, known
from trace.seasons import SeasonPlot
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


def _add_parties(loading: Loading, news: Sequence[tuple[str, Party]]) -> None:
    """Write parties under (key, party), giving each a free code; one with a known credit code is that party.

    So a co-operative with a plant of its own is one party, though the file has a row for each.
    """
    session = loading.session
    credit_codes = [party.uscc for _, party in news if party.uscc]
    matched = {party.uscc: party for party in session.scalars(select(Party).where(Party.uscc.in_(credit_codes)))}
    fresh = []
    for key, party in news:
        loading.parties[key] = matched.setdefault(party.uscc, party) if party.uscc else party
        if loading.parties[key] is party:
            fresh.append(party)
    free = free_codes([party.code for party in fresh], lambda codes: known(session, Party.code, codes))
    for party in fresh:
        party.code = free[party.code]
    session.add_all(fresh)
    session.flush()


def _load_town(loading: Loading) -> None:
    code = loading.town["code"]
    town = loading.session.scalar(select(Party).where(Party.code == code))
    if town is None:
        town = Party(code=code, name=loading.town["name"], kind="public-body", area_code=code)
        loading.session.add(town)
        loading.session.flush()
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
                Party(
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
    places = known(session, Facility.code, [loading.parties[row["id"]].code for row in plants])
    for row in plants:
        party = loading.parties[row["id"]]
        if row["sc_licence"] and row["sc_valid_to"] and row["sc_licence"] not in numbers:
            session.add(
                Licence(
                    party_id=party.id,
                    number=row["sc_licence"],
                    valid_to=row["sc_valid_to"],
                    product_kinds=row["tea_kinds"] or [],
                )
            )
        if party.code not in places:
            longitude, latitude = row["location"] or (None, None)
            session.add(
                Facility(
                    code=party.code,
                    party_id=party.id,
                    name=row["name"],
                    longitude=longitude and float(longitude),
                    latitude=latitude and float(latitude),
                    capacity_g_per_day=row["line_capacity_fresh_kg_per_day"],
                )
            )
    session.flush()


def _load_villages(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["villages"]
    codes = [row["code"] for row in rows]
    villages = {village.code: village for village in session.scalars(select(Village).where(Village.code.in_(codes)))}
    for row in rows:
        if row["code"] not in villages:
            longitude, latitude = row["center"] or (None, None)
            villages[row["code"]] = Village(
                code=row["code"],
                name=row["name"],
                longitude=longitude and float(longitude),
                latitude=latitude and float(latitude),
                households=row["households"],
                tea_households=row["tea_households"],
                elevation_m=row["elevation_m"],
            )
            session.add(villages[row["code"]])
    session.flush()
    loading.keep("villages", rows, [villages[row["code"]] for row in rows])


def _load_farmers(loading: Loading) -> None:
    """Write growers under their public labels; what is private goes to its own table."""
    rows = loading.arrays["farmers"]
    news = []
    for row in rows:
        coop = loading.parties.get(row["coop"])
        grower = Party(
            code=row["id"],
            name=row["public_label"],
            kind="grower",
            area_code=loading.rows["villages"][row["village"]].code,
            member_of_id=coop.id if coop else None,
        )
        news.append((row["id"], grower))
    _add_parties(loading, news)
    growers = [loading.parties[row["id"]] for row in rows]
    loading.session.add_all(
        Person(party_id=grower.id, name=row["private"]["name"], phone=row["private"]["phone"])
        for row, grower in zip(rows, growers, strict=True)
        if row["private"]
    )
    loading.session.flush()
    loading.keep("farmers", rows, growers)


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
                (f"{kind}/{name}", Party(code=f"{prefix}-{number}", name=name, kind=kind, area_code=area))
                for number, name in enumerate(dict.fromkeys(names), start=1)
            ],
        )


def _clonal(row: Row) -> bool | None:
    return None if row["propagation"] is None else row["propagation"] == "clonal"


def _new_plot(loading: Loading, row: Row) -> Plot:
    outline = _plain(row["geometry"])
    polygon = shapely.Polygon(outline["coordinates"][0])
    coop, holder = loading.parties.get(row["coop"]), loading.parties.get(row["holder"])
    return Plot(
        code=row["code"],
        village_id=loading.rows["villages"][row["village"]].id,
        cooperative_id=coop.id if coop else None,
        holder_id=holder.id if holder else None,
        cultivar=row["cultivar"],
        clonal=_clonal(row),
        planted_year=row["planted_year"],
        area_mu=row["area_mu_declared"],
        area_m2=round(area_m2(polygon), 1),
        certification=row["certification"],
        crs=loading.town["crs"],
        outline=outline,
    )


def _plain(value: Any) -> Any:
    """Return an outline with plain numbers: coordinates may be floats."""
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value if isinstance(value, str) or value is None else float(value)


def _refuse_overlaps(loading: Loading, fresh: Sequence[Row]) -> None:
    """Refuse a new plot that lies over one which an earlier season brought to the same villages."""
    villages = {village.id for village in loading.rows["villages"].values()}
    known = select(Plot.code, Plot.outline).where(Plot.village_id.in_(villages))
    there = [
        Outline(code, shapely.Polygon(outline["coordinates"][0]))
        for code, outline in loading.session.execute(known)
        if outline
    ]
    ours = {
        row["code"]: Outline(row["code"], shapely.Polygon(_plain(row["geometry"])["coordinates"][0])) for row in fresh
    }
    places = {row["code"]: index for index, row in enumerate(loading.arrays["plots"])}
    faults = [
        Fault(f"plots[{places[code]}].geometry", "outlines-overlap", {"other": other, "shared_m2": round(shared_m2, 1)})
        for code, other, shared_m2 in find_overlaps([*there, *ours.values()])
        if code in ours and other not in ours  # within the file it is checked already
    ]
    if faults:
        raise InvalidError(faults)


def _load_plots(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["plots"]
    codes = [row["code"] for row in rows]
    plots = {
        plot.code: plot for few in portions(codes) for plot in session.scalars(select(Plot).where(Plot.code.in_(few)))
    }
    _refuse_overlaps(loading, [row for row in rows if row["code"] not in plots])
    for row in rows:
        if row["code"] not in plots:
            plots[row["code"]] = _new_plot(loading, row)
            session.add(plots[row["code"]])
    session.flush()
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


def _load_input_products(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["input_products"]
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, InputProduct.code, codes))
    products = [
        InputProduct(
            code=free[row["id"]],
            kind=row["kind"],
            name=row["name"],
            active=row["active"],
            registration=row["registration"],
            interval_days=row["label_phi_days"],
            max_applications=row["label_max_applications"],
            unit=row["unit"],
            note=row["note"],
        )
        for row in rows
    ]
    session.add_all(products)
    session.flush()
    loading.keep("input_products", rows, products)


def _load_brands(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["brands"]
    owners = {row["id"]: loading.parties[row["owner_plant"]].id for row in rows}
    there = select(Brand).where(Brand.owner_id.in_(set(owners.values())))
    brands = {(brand.owner_id, brand.name): brand for brand in session.scalars(there)}
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, Brand.code, codes))
    for row in rows:
        key = (owners[row["id"]], row["name"])
        if key not in brands:
            brands[key] = Brand(
                code=free[row["id"]], name=row["name"], owner_id=key[0], gi_mark_holder=row["gi_mark_holder_uscc"]
            )
            session.add(brands[key])
            session.flush()
            suppliers = {loading.parties[code].id for code in row["supplied_by"] or ()}
            session.add_all(BrandSupplier(brand_id=brands[key].id, party_id=party) for party in sorted(suppliers))
    session.flush()
    loading.keep("brands", rows, [brands[owners[row["id"]], row["name"]] for row in rows])


def _load_trade_items(loading: Loading) -> None:
    session, rows = loading.session, loading.arrays["skus"]
    gtins = [row["gtin13"] for row in rows if row["gtin13"]]
    items = {item.gtin: item for item in session.scalars(select(TradeItem).where(TradeItem.gtin.in_(gtins)))}
    free = free_codes([row["id"] for row in rows], lambda codes: known(session, TradeItem.code, codes))
    _refuse_other_items(rows, items)
    became = []
    for row in rows:
        item = items.get(row["gtin13"]) if row["gtin13"] else None
        if item is None:
            item = _new_trade_item(loading, row, free[row["id"]])
            session.add(item)
        became.append(item)
    session.flush()
    loading.keep("skus", rows, became)


def _refuse_other_items(rows: Sequence[Row], items: Mapping[str | None, TradeItem]) -> None:
    """Refuse a GTIN that an earlier season gave to another net content: it would be another trade item."""
    faults = [
        Fault(f"skus[{index}].net_g", "disagrees", {"value": row["net_g"], "other": items[row["gtin13"]].net_g})
        for index, row in enumerate(rows)
        if row["gtin13"] in items and items[row["gtin13"]].net_g != row["net_g"]
    ]
    if faults:
        raise InvalidError(faults)


def _new_trade_item(loading: Loading, row: Row, code: str) -> TradeItem:
    same = ("grade", "net_g", "name", "standard", "ingredients", "storage", "price_yuan", "packaging_cost_yuan")
    return TradeItem(
        code=code,
        gtin=row["gtin13"],
        brand_id=loading.rows["brands"][row["brand"]].id,
        packaging=row["pack"],
        shelf_life_months=row["shelf_life_months"],
        packaging_layers=row["packaging_layers"],
        gross_g=row["gross_g"],
        **{name: row[name] for name in same},
    )
