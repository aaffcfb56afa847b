"""Valid things of the chain, made through the domain's own verbs with all they rest on; a test says the rest."""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from trace import ids
from trace.conformity import Certify, ConformityCertificate, record_certificates
from trace.events import LIVE, Entry
from trace.findings import Finding, Judgement, NewFinding, Severity, raise_findings
from trace.inputs import InputProduct, InputUse, UseInput, use_inputs
from trace.intakes import Intake, TakeIn, record_intakes
from trace.lots import Lot, LotKind
from trace.packs import Pack, PackTea, record_packs
from trace.parties import Brand, Party
from trace.pickings import Pick, Picking, record_pickings
from trace.places import Plot, Village
from trace.plots import Change, version_of
from trace.products import TradeItem
from trace.quality import Measured, Report, Result, Sampled, record_results
from trace.recalls import Recall, StartRecall, start_recalls
from trace.releases import find_unreleased, keep_releases
from trace.reworks import Rework
from trace.runs import MakeTea, Run, record_runs

CHINA = timezone(timedelta(hours=8))
AREA = "379901101"  # a town that does not exist, as in the demo season
PICKED_AT = datetime(2026, 4, 20, 6, 0, tzinfo=CHINA)

_numbers = itertools.count(1)


def count_from(first: int) -> None:
    """Number what this process makes from `first` on, so that processes in turn can fill one database."""
    global _numbers  # noqa: PLW0603 -- one counter for all factories
    _numbers = itertools.count(first)


def new_code(prefix: str) -> str:
    """Return a code that no other call has returned."""
    return f"{prefix}{next(_numbers):05d}"


def make_party(session: Session, **overrides: Any) -> Party:
    """Make a co-operative; `kind` makes it another party."""
    code = overrides.pop("code", None) or new_code("C")
    values: dict[str, Any] = {"name": f"茶叶合作社 {code}", "kind": "cooperative", "area_code": AREA, **overrides}
    party = Party(code=code, **values)
    session.add(party)
    session.flush()
    return party


def make_plant(session: Session, **overrides: Any) -> Party:
    """Make a processing plant."""
    return make_party(session, **{"code": new_code("PL"), "kind": "plant", **overrides})


def make_village(session: Session, **overrides: Any) -> Village:
    """Make a village."""
    number = next(_numbers)
    values = {"code": f"{AREA[:6]}{number:06d}", "name": f"茶沟村{number}", **overrides}
    village = Village(**values)
    session.add(village)
    session.flush()
    return village


def make_plot(session: Session, *, village: Village | None = None, **overrides: Any) -> Plot:
    """Make a plot of one mu or so."""
    village = village or make_village(session)
    west, south, side = 119.2, 35.2, 0.00025
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    values: dict[str, Any] = {
        "code": new_code("P"),
        "cultivar": "群体种",
        "area_mu": Decimal("0.95"),
        "area_m2": 632.0,
        "crs": "WGS-84",
        "outline": {"type": "Polygon", "coordinates": [ring]},
        **overrides,
    }
    plot = Plot(village_id=village.id, **values)
    session.add(plot)
    session.flush()
    session.add(version_of(plot, plot.from_on, Change()))
    return plot


def make_input_use(
    session: Session,
    *,
    plot: Plot | None = None,
    product: InputProduct | None = None,
    recorder: Party | None = None,
    **overrides: Any,
) -> InputUse:
    """Record one use of a pesticide with an interval of seven days."""
    plot, recorder = plot or make_plot(session), recorder or make_party(session)
    if product is None:
        code = new_code("IP")
        label = {"registration": f"PD-{code}", "crops": ["茶树"], "max_applications": 5, "max_per_mu": Decimal(40)}
        product = InputProduct(code=code, kind="pesticide", name="示例农药", interval_days=7, unit="mL", **label)
        session.add(product)
        session.flush()
    used_at = PICKED_AT - timedelta(days=20)
    command = {
        "code": new_code("I"),
        "plot_id": plot.id,
        "plot_code": plot.code,
        "product_id": product.id,
        "product_code": product.code,
        "used_on": used_at.date(),
        "used_at": used_at,
        "recorder_id": recorder.id,
        "per_mu": Decimal(30),
        **overrides,
    }
    return use_inputs(session, [UseInput(**command)], LIVE)[0]


def make_picking(
    session: Session, *, party: Party | None = None, plot: Plot | None = None, entry: Entry = LIVE, **overrides: Any
) -> Picking:
    """Record one picking of 10 kg."""
    party, plot = party or make_party(session), plot or make_plot(session)
    command = {
        "code": new_code("H"),
        "party_id": party.id,
        "party_code": party.code,
        "plot_id": plot.id,
        "plot_code": plot.code,
        "picked_at": PICKED_AT,
        "mass_g": 10_000,
        "pluck_standard": "一芽一叶",
        **overrides,
    }
    return record_pickings(session, [Pick(**command)], entry)[0]


def make_leaf(session: Session, mass_g: int = 10_000, **overrides: Any) -> Lot:
    """Record one picking and return its lot."""
    return get_lot_of(session, make_picking(session, mass_g=mass_g, **overrides))


def make_certificate(
    session: Session, *, issuer: Party | None = None, lots: Sequence[Lot] | None = None, **overrides: Any
) -> ConformityCertificate:
    """Record one conformity certificate over lots of leaf."""
    issuer = issuer or make_party(session)
    lots = lots or [make_leaf(session, party=issuer)]
    command = {
        "code": new_code("Q"),
        "issuer_id": issuer.id,
        "issuer_code": issuer.code,
        "issuer_form": "producer",
        "product": "茶鲜叶",
        "origin": "上茶沟村",
        "issued_at": PICKED_AT + timedelta(hours=4),
        "basis": ["质量安全控制符合要求"],
        "mass_g": sum(lot.mass_g for lot in lots),
        "lots": [(lot.id, lot.uri) for lot in lots],
        **overrides,
    }
    return record_certificates(session, [Certify(**command)], LIVE)[0]


def make_intake(
    session: Session,
    *,
    plant: Party | None = None,
    supplier: Party | None = None,
    taken: Sequence[tuple[Lot, int]] | None = None,
    **overrides: Any,
) -> Intake:
    """Record one hand-over and intake of all of `taken`, as (lot, grams); nothing is lost on the way."""
    plant, supplier = plant or make_plant(session), supplier or make_party(session)
    if taken is None:
        leaf = make_leaf(session, party=supplier)
        taken = [(leaf, leaf.mass_g)]
    command = {
        "code": new_code("N"),
        "receiver_id": plant.id,
        "receiver_code": plant.code,
        "supplier_id": supplier.id,
        "supplier_code": supplier.code,
        "certificate_id": None,
        "handed_over_at": PICKED_AT + timedelta(hours=6),
        "received_at": PICKED_AT + timedelta(hours=8),
        "taken": [(lot.uri, mass_g) for lot, mass_g in taken],
        "received_g": sum(mass_g for _, mass_g in taken),
        **overrides,
    }
    return record_intakes(session, [TakeIn(**command)], LIVE)[0]


def make_run(
    session: Session,
    *,
    plant: Party | None = None,
    taken: Sequence[tuple[Lot, int]] | None = None,
    entry: Entry = LIVE,
    **overrides: Any,
) -> Run:
    """Record one run of `taken`, as (lot, grams): a fifth of it is made tea, the rest water."""
    plant = plant or make_plant(session)
    if taken is None:
        received = get_lot_of(session, make_intake(session, plant=plant))
        taken = [(received, received.mass_g)]
    return record_runs(session, [run_command(plant, taken, **overrides)], entry)[0]


def run_command(plant: Party, taken: Sequence[tuple[Lot, int]], **overrides: Any) -> MakeTea:
    """Return the command that makes tea of `taken`."""
    entered = sum(mass_g for _, mass_g in taken)
    output_code = overrides.pop("output_code", None) or new_code("B")
    kept = {"output_g": entered // 5, "by_product_g": 0, "sample_g": 0, **overrides}
    command = {
        "code": new_code("R"),
        "step": "run",
        "plant_id": plant.id,
        "plant_code": plant.code,
        "done_at": PICKED_AT + timedelta(hours=10),
        "taken": [(lot.uri, mass_g) for lot, mass_g in taken],
        "output_code": output_code,
        "output_kind": LotKind.MADE,
        "by_product_code": f"{output_code}-S",
        "lost": ("water", entered - kept["output_g"] - kept["by_product_g"] - kept["sample_g"]),
        **kept,
    }
    return MakeTea(**command)


def make_blend(session: Session, *, taken: Sequence[tuple[Lot, int]] | None = None, **overrides: Any) -> Run:
    """Record one blend: all of `taken` becomes a finished lot."""
    if taken is None:
        made = get_lot_of(session, make_run(session))
        taken = [(made, made.mass_g)]
    entered = sum(mass_g for _, mass_g in taken)
    blend = {"step": "blend", "output_kind": LotKind.FINISHED, "output_code": new_code("T"), "output_g": entered}
    when = PICKED_AT + timedelta(hours=12)
    return make_run(session, taken=taken, **{**blend, "done_at": when, "lost": ("sorting", 0), **overrides})


def make_tea(session: Session, *, plant: Party | None = None, **overrides: Any) -> Lot:
    """Return a finished lot with all that lies behind it, let go."""
    plant = plant or make_plant(session)
    made = get_lot_of(session, make_run(session, plant=plant))
    lot = get_lot_of(session, make_blend(session, plant=plant, taken=[(made, made.mass_g)], **overrides))
    let_go(session, lot)
    return lot


def let_go(session: Session, *lots: Lot) -> None:
    """Let lots go that nobody has let go, as a season's file does."""
    waiting = set(find_unreleased(session, [lot.uri for lot in lots]))
    keep_releases(session, [(lot.id, PICKED_AT + timedelta(hours=13)) for lot in lots if lot.code in waiting])


def make_gtin() -> str:
    """Return a new GTIN-14 below the demonstration prefix of GS1."""
    body = f"0952{next(_numbers):09d}"
    return body + ids.gs1_check_digit(body)


def make_brand(session: Session, *, owner: Party | None = None, **overrides: Any) -> Brand:
    """Make a brand."""
    owner = owner or make_plant(session)
    brand = Brand(**{"code": new_code("BR"), "name": "云溪岭", "owner_id": owner.id, **overrides})
    session.add(brand)
    session.flush()
    return brand


def make_trade_item(session: Session, *, brand: Brand | None = None, **overrides: Any) -> TradeItem:
    """Make a retail item of 100 g with a GTIN."""
    brand = brand or make_brand(session)
    values = {"code": new_code("S"), "gtin": make_gtin(), "name": "绿茶", "net_g": 100, "grade": "一级", **overrides}
    item = TradeItem(brand_id=brand.id, **values)
    session.add(item)
    session.flush()
    return item


def make_pack(
    session: Session,
    *,
    packer: Party | None = None,
    lot: Lot | None = None,
    item: TradeItem | None = None,
    entry: Entry = LIVE,
    **overrides: Any,
) -> Pack:
    """Pack ten units of a trade item from a lot, to the gram; `taken` names several lots, as (lot, grams)."""
    packer = packer or make_plant(session)
    lot = lot or make_tea(session, plant=packer)
    let_go(session, lot, *(taken for taken, _ in overrides.get("taken") or ()))
    command = pack_command(session, packer, lot, item, **overrides)
    return record_packs(session, [command], entry)[0]


def pack_command(session: Session, packer: Party, lot: Lot, item: TradeItem | None = None, **overrides: Any) -> PackTea:
    """Return the command that packs ten units from a lot."""
    item = item or make_trade_item(session)
    units = overrides.pop("units", 10)
    taken = overrides.pop("taken", None) or [(lot, overrides.pop("used_g", units * item.net_g))]
    command = {
        "code": new_code("PK"),
        "packer_id": packer.id,
        "packer_code": packer.code,
        "taken": [(taken_lot.uri, taken_lot.code, mass_g) for taken_lot, mass_g in taken],
        "trade_item_id": item.id,
        "gtin": item.gtin,
        "net_g": item.net_g,
        "packed_at": PICKED_AT + timedelta(days=2),
        "best_before": date(2027, 10, 22),
        "units": units,
        **overrides,
    }
    return PackTea(**command)


def make_result(
    session: Session,
    *,
    lot: Lot | None = None,
    laboratory: Party | None = None,
    items: Sequence[Measured] | None = None,
    **overrides: Any,
) -> Result:
    """Record one report on a lot: bifenthrin found, below its limit."""
    lot = lot or make_tea(session)
    laboratory = laboratory or make_party(session, code=new_code("LAB-"), kind="laboratory")
    command = {
        "code": new_code("A"),
        "lot": (lot.id, lot.uri),
        "laboratory_id": laboratory.id,
        "laboratory_code": laboratory.code,
        "sample": Sampled(PICKED_AT + timedelta(days=1), "commissioned"),
        "reported_at": PICKED_AT + timedelta(days=1, hours=5),
        "items": items or [make_measured()],
        **overrides,
    }
    return record_results(session, [Report(**command)], LIVE)[0]


def make_measured(**overrides: Any) -> Measured:
    """Return one analyte as reported."""
    values: dict[str, Any] = {
        "analyte": "联苯菊酯",
        "value": Decimal("0.010"),
        "words": None,
        "unit": "mg/kg",
        "loq": Decimal("0.005"),
        "limit_value": Decimal("5"),
        "limit_basis": "GB 2763",
        "passed": True,
        **overrides,
    }
    return Measured(**values)


def make_finding(session: Session, *, lot: Lot | None = None, severity: Severity = Severity.REASON) -> Finding:
    """Raise one finding on a lot; above `note` it holds the lot and everything made of it."""
    lot = lot or make_leaf(session)
    judgement = Judgement(rule="harvest_inside_phi", severity=severity, record=lot.id, facts={"days": 3})
    new = NewFinding(judgement=judgement, noun="lot", record=lot.code, party_id=lot.party_id, lots=[lot.id])
    return raise_findings(session, [new])[0]


def make_recall(session: Session, *, lot: Lot | None = None, **overrides: Any) -> Recall:
    """Start the recall of a lot."""
    lot = lot or make_tea(session)
    owner = session.get_one(Party, lot.party_id)
    command = {
        "code": new_code("RC"),
        "lots": [(lot.id, lot.uri)],
        "owner_id": owner.id,
        "owner_code": owner.code,
        "level": 2,
        "known_at": PICKED_AT + timedelta(days=10),
        "started_at": PICKED_AT + timedelta(days=10, hours=3),
        "result_id": None,
        **overrides,
    }
    return start_recalls(session, [StartRecall(**command)], LIVE)[0]


def get_lot_of(session: Session, made: Picking | Intake | Run | Pack | Rework) -> Lot:
    """Return the lot that a record made (of a run: its output)."""
    return session.get_one(Lot, made.output_lot_id if isinstance(made, Run) else made.lot_id)
