"""One small chain of tea, made by the domain's own verbs: two villages, one plant, one laboratory, one pack of ten."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from sqlalchemy.orm import Session

from trace.events import HISTORY
from trace.findings import Judgement, NewFinding, Severity, raise_findings
from trace.instance import get_instance
from trace.intakes import TakeIn, record_intakes
from trace.keys import KeyRing
from trace.label_jobs import serials, start_label_job
from trace.lots import Lot, LotKind
from trace.packs import Pack, PackTea, record_packs
from trace.parties import Brand, Licence, Party
from trace.persons import Person
from trace.pickings import Pick, record_pickings
from trace.places import Plot, Village
from trace.plots import Change, version_of
from trace.products import TradeItem
from trace.quality import Measured, Report, Sampled, record_results
from trace.recalls import StartRecall, start_recalls
from trace.runs import MakeTea, record_runs
from trace.shipments import Ship, record_shipments
from trace.units import Fate, UnitRange, Units
from trace.vocabulary import Scheme, ensure_terms

GTIN = "09520000010003"
LOT = "T001"
PLUCKED = datetime(2026, 4, 13, 6, tzinfo=timezone(timedelta(hours=8)))
FARMER, PHONE, PLOT_CODE = "李四真名", "10000000009", "3799011012019999"


@dataclass
class Tea:
    """A packed tea and what leads to it."""

    pack: Pack
    plant: Party
    finished: Lot
    printed: list[str]  # serials of the positions printed, from 1
    parties: dict[str, Party]


def _parties(session: Session) -> dict[str, Party]:
    parties = {
        code: Party(code=code, name=name, kind=kind, area_code="379901101")
        for code, name, kind in (
            ("379901101", "云溪岭镇", "public-body"),
            ("C9", "雾峪合作社", "cooperative"),
            ("F9", "上茶沟村 茶农 009", "grower"),
            ("PL9", "雾海制茶厂", "plant"),
            ("BUY-9", "某经销商", "buyer"),
            ("LAB-9", "示例检验中心", "laboratory"),
        )
    }
    session.add_all(parties.values())
    session.flush()
    session.add(Person(party_id=parties["F9"].id, name=FARMER, phone=PHONE))
    session.add(
        Licence(
            party_id=parties["PL9"].id, number="SC11437990100099", valid_to=date(2030, 1, 1), product_kinds=["绿茶"]
        )
    )
    return parties


def _plots(session: Session, parties: dict[str, Party]) -> list[Plot]:
    villages = [
        Village(code="379901101991", name="上茶沟村", elevation_m=212),
        Village(code="379901101992", name="雾峪村", elevation_m=305),
    ]
    session.add_all(villages)
    session.flush()
    plots = [
        Plot(
            code=f"{PLOT_CODE}{village.id}",
            village_id=village.id,
            cooperative_id=parties["C9"].id,
            holder_id=parties["F9"].id,
            cultivar="鸠坑群体种",
            area_mu=Decimal("4.2"),
            area_m2=2800.0,
            crs="WGS-84",
            outline={},
        )
        for village in villages
    ]
    session.add_all(plots)
    session.flush()
    session.add_all(version_of(plot, None, Change()) for plot in plots)
    session.flush()
    return plots


def _item(session: Session, owner: Party, gtin: str | None) -> TradeItem:
    brand = Brand(code="BR9", name="示例·雾峪青", owner_id=owner.id)
    session.add(brand)
    session.flush()
    item = TradeItem(
        code="S9",
        gtin=gtin,
        brand_id=brand.id,
        name="示例·雾峪青 绿茶 特级 50g",
        grade="特级",
        net_g=50,
        packaging="铁罐",
        shelf_life_months=18,
        standard="GB/T 14456.3",
        ingredients="茶鲜叶",
        storage="密封、避光、干燥、无异味",
        price_yuan=Decimal(128),
    )
    session.add(item)
    session.flush()
    return item


def _finish(session: Session, parties: dict[str, Party], plots: list[Plot]) -> Lot:
    """Pick, take in, process: 3 kg of one village and 1 kg of the other become 800 g of tea."""
    leaf = [
        Pick(
            code=f"H{number}",
            party_id=parties["C9"].id,
            party_code="C9",
            plot_id=plot.id,
            plot_code=plot.code,
            picked_at=PLUCKED + timedelta(days=number),
            mass_g=mass_g,
            pluck_standard="一芽一叶",
        )
        for number, (plot, mass_g) in enumerate(zip(plots, (3000, 1000), strict=True))
    ]
    pickings = record_pickings(session, leaf, HISTORY)
    lots = [session.get_one(Lot, picking.lot_id) for picking in pickings]
    intake = TakeIn(
        code="IT9",
        receiver_id=parties["PL9"].id,
        receiver_code="PL9",
        supplier_id=parties["C9"].id,
        supplier_code="C9",
        certificate_id=None,
        handed_over_at=PLUCKED + timedelta(days=1, hours=6),
        received_at=PLUCKED + timedelta(days=1, hours=8),
        taken=[(lot.uri, mass_g) for lot, mass_g in zip(lots, (3000, 1000), strict=True)],
        received_g=4000,
    )
    received = session.get_one(Lot, record_intakes(session, [intake], HISTORY)[0].lot_id)
    run = MakeTea(
        code="R9",
        step="run",
        plant_id=parties["PL9"].id,
        plant_code="PL9",
        done_at=PLUCKED + timedelta(days=1, hours=10),
        taken=[(received.uri, 4000)],
        output_code=LOT,
        output_kind=LotKind.FINISHED,
        output_g=800,
        by_product_code="BP9",
        by_product_g=0,
        sample_g=0,
        lost=("water", 3200),
        grade="特级",
        steps=[("摊放", {}), ("杀青", {}), ("揉捻", {})],
    )
    return session.get_one(Lot, record_runs(session, [run], HISTORY)[0].output_lot_id)


def _test(session: Session, finished: Lot, laboratory: Party) -> None:
    items = [
        Measured(
            analyte=analyte,
            value=value,
            words=words,
            unit=unit,
            loq=None,
            limit_value=Decimal(limit),
            limit_basis=basis,
            passed=True,
        )
        for analyte, value, words, unit, limit, basis in (
            ("联苯菊酯", None, "未检出", "mg/kg", "5", "GB 2763-2026"),
            ("水分", Decimal("5.130"), None, "%", "7.0", "GB/T 14456.1"),
        )
    ]
    report = Report(
        code="T9",
        lot=(finished.id, finished.uri),
        laboratory_id=laboratory.id,
        laboratory_code="LAB-9",
        sample=Sampled(PLUCKED + timedelta(days=7), "commissioned"),
        reported_at=PLUCKED + timedelta(days=9),
        items=items,
    )
    record_results(session, [report], HISTORY)


def make_tea(session: Session, keys: KeyRing, *, gtin: str | None = GTIN, printed: int = 5) -> Tea:
    """Make a pack of ten, print `printed` labels, ship positions 1 to 3."""
    parties = _parties(session)
    ensure_terms(session, Scheme.STEP, ["摊放", "杀青", "揉捻"])
    ensure_terms(session, Scheme.GRADE, ["特级"])
    ensure_terms(session, Scheme.ANALYTE, ["联苯菊酯", "水分"])
    item = _item(session, parties["PL9"], gtin)
    finished = _finish(session, parties, _plots(session, parties))
    _test(session, finished, parties["LAB-9"])
    command = PackTea(
        code="PK9",
        packer_id=parties["PL9"].id,
        packer_code="PL9",
        taken=[(finished.uri, LOT, 510)],
        trade_item_id=item.id,
        gtin=gtin,
        net_g=50,
        packed_at=PLUCKED + timedelta(days=13),
        best_before=date(2099, 10, 26),
        units=10,
    )
    pack = record_packs(session, [command], HISTORY)[0]
    codes = list(serials(session, start_label_job(session, pack, printed, keys.signing.id), keys)) if printed else []
    ship(session, pack, parties, 1, 3)
    return Tea(pack, parties["PL9"], finished, codes, parties)


def ship(session: Session, pack: Pack, parties: dict[str, Party], first: int, last: int) -> None:
    """Ship positions to the buyer."""
    units = Units(
        pack_id=pack.id,
        lot_uri=session.get_one(Lot, pack.lot_id).uri,
        net_g=50,
        first_position=first,
        last_position=last,
    )
    command = Ship(
        code=f"SH{first}",
        units=[units],
        seller_id=parties["PL9"].id,
        seller_code="PL9",
        buyer_id=parties["BUY-9"].id,
        buyer_code="BUY-9",
        shipped_at=PLUCKED + timedelta(days=20),
    )
    record_shipments(session, [command], HISTORY)


def settle(session: Session, tea: Tea, fate: Fate, position: int) -> None:
    """Give one position a fate."""
    session.add(UnitRange(pack_id=tea.pack.id, first_position=position, last_position=position, fate=fate))
    session.flush()


def hold(session: Session, tea: Tea, severity: Severity) -> None:
    """Let a rule find something in the finished lot."""
    judgement = Judgement(rule="output_exceeds_input", severity=severity, record=tea.finished.id)
    new = NewFinding(judgement=judgement, noun="run", record="R9", party_id=tea.plant.id, lots=[tea.finished.id])
    raise_findings(session, [new])


def recall(session: Session, tea: Tea) -> None:
    """Recall the finished lot."""
    command = StartRecall(
        code="RC9",
        lots=[(tea.finished.id, tea.finished.uri)],
        owner_id=tea.plant.id,
        owner_code="PL9",
        level=2,
        known_at=PLUCKED + timedelta(days=80),
        started_at=PLUCKED + timedelta(days=80, hours=12),
        result_id=None,
    )
    start_recalls(session, [command], HISTORY)


def instance_name(session: Session) -> str:
    """Return the name to which serials are bound."""
    return get_instance(session).name
