"""Three parties for the table of roles: one's own, its neighbour one step away, and a stranger; a key for each role.

Every caller but the operator acts for the own party, so that only the role differs. The officer's area is that of the
own party alone.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from api.app import Api
from tests import factories
from tests.api.doors import ALL, Doors
from tests.api.goods_of_three import forms_of, move, repack, weigh_slips_of
from tests.api.quality_of_three import add_report, keep_of, plan_release
from tests.between import make_delivery, take_back
from tests.growing import make_field_work, make_purchase
from tests.packing import make_shipment
from trace.accounts import NewKey, OpenAccount, Role, give_key, open_account
from trace.db import Sessions
from trace.events import LIVE
from trace.events.sequencer import sequence_events
from trace.events.tables import Event, EventPosition
from trace.findings import Judgement, NewFinding, Severity, raise_findings
from trace.inputs import InputProduct
from trace.keys import ALPHABET
from trace.label_jobs import start_label_job
from trace.lineage import LineageEdge
from trace.lots import Lot
from trace.mandates import GiveMandate, give_mandate
from trace.packs import Pack
from trace.parties import Facility, Licence, Party
from trace.pickings import correct_picking
from trace.places import Plot, Village
from trace.quality import TakeSample, take_samples

LETTERS = {
    "O": Role.OPERATOR,
    "F": Role.OFFICER,
    "C": Role.COOP,
    "B": Role.BROKER,
    "P": Role.PLANT,
    "N": Role.BRAND,
    "L": Role.LABORATORY,
    "A": Role.AUDITOR,
}
SIDES = ("own", "neighbour", "foreign")
PARTIES = {"own": "X-1", "neighbour": "N-1", "foreign": "Z-1"}
AREAS = {"own": "379901101", "neighbour": "379902101", "foreign": "379903101"}
LATER = date(2100, 1, 1)  # a mandate that does not run yet opens nothing to those who are asked


def square(number: int, column: float = 0, wide: float = 1) -> dict[str, Any]:
    """Return an outline that overlaps no other of another number; or a strip beside it or of it."""
    side = 0.0005
    west, south = 119.0 + number / 1000 + column * side, 35.0
    east = west + wide * side
    ring = [[west, south], [east, south], [east, south + side], [west, south + side], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


@dataclass
class ThreeParties:
    """The doors, the code of each record by noun and side, and the account that holds each role's key."""

    doors: Doors
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    accounts: dict[str, str] = field(default_factory=dict)  # by letter, and by side for others' accounts
    ground: int = 2000  # where the plot last made lies

    def ask(self, method: str, path: str, letter: str, body: Any = None) -> TestResponse:
        """Ask as one of the roles."""
        headers = {"Authorization": f"Bearer {self.doors.tokens[letter]}"}
        headers |= {"If-Match": "*"} if method == "PATCH" else {}
        if isinstance(body, bytes):
            form = {"file": (io.BytesIO(body), "report.pdf")}
            return self.doors.client.open(path, method=method, headers=headers, data=form)
        return self.doors.client.open(path, method=method, headers=headers, json=body)

    def code(self, noun: str, side: str, letter: str, method: str = "GET") -> str:
        """Return the code of a record; of what a question changes for good there is a fresh one for each."""
        fresh: dict[str, Callable[[], str]] = {
            "keys": lambda: self._fresh_key(side, letter),
            "mandates": lambda: self._fresh_mandate(side),
            "certificates": lambda: self._fresh_certificate(side),
        }
        if method == "POST":
            fresh |= {
                "findings": lambda: self._fresh_finding(side),
                "plots": lambda: self._fresh_ground(side),
                "parties": lambda: self._fresh_grower(side),
            }
        return fresh[noun]() if noun in fresh else self.codes[noun][side]

    def send_to(self, side: str) -> str:
        """Hand a gram of leaf over to the party of a side, and return the hand-over's `PARTY/CODE`."""
        giver = "foreign" if side == "neighbour" else "neighbour"
        with self.doors.sessions.write.begin() as session:
            parties = {party.code: party for party in session.scalars(select(Party))}
            lot = session.scalars(select(Lot).where(Lot.code == self.codes["leaf"][giver])).one()
            delivery = make_delivery(session, items=[(lot, 1)], receiver=parties[PARTIES[side]])
            return f"{PARTIES[giver]}/{delivery.code}"

    def _fresh_ground(self, side: str) -> str:
        """Make a plot of a party on ground of its own."""
        self.ground += 3
        return self.fresh_plot(side)

    def fresh_plot(self, side: str, column: float = 0) -> str:
        """Make a plot of a party, for each question one that was not changed; or a neighbour of the one last made."""
        with self.doors.sessions.write.begin() as session:
            party = session.scalars(select(Party).where(Party.code == PARTIES[side])).one()
            village = session.scalars(select(Village).where(Village.code == self.codes["areas"][side])).one()
            outline = square(self.ground, column)
            return factories.make_plot(session, village=village, holder_id=party.id, outline=outline, area_mu=1).code

    def _fresh_grower(self, side: str) -> str:
        """Make a member of a party, for each question one that was not merged."""
        with self.doors.sessions.write.begin() as session:
            party = session.scalars(select(Party).where(Party.code == PARTIES[side])).one()
            area = AREAS[side]
            return factories.make_party(session, kind="grower", member_of_id=party.id, area_code=area).code

    def _fresh_finding(self, side: str) -> str:
        """Raise a finding on the leaf of a party, for each question one that nobody has answered."""
        with self.doors.sessions.write.begin() as session:
            lot = session.scalars(select(Lot).where(Lot.code == self.codes["lots"][side])).one()
            judgement = Judgement(rule=factories.new_code("rule"), severity=Severity.REASON, record=lot.id)
            new = NewFinding(judgement=judgement, noun="lot", record=lot.code, party_id=lot.party_id, lots=[lot.id])
            return f"{judgement.rule}:{raise_findings(session, [new])[0].record}"

    def _fresh_certificate(self, side: str) -> str:
        """Make a certificate over the leaf of a party, for each question one that nobody has taken back."""
        with self.doors.sessions.write.begin() as session:
            party = session.scalars(select(Party).where(Party.code == PARTIES[side])).one()
            lot = session.scalars(select(Lot).where(Lot.code == self.codes["lots"][side])).one()
            return factories.make_certificate(session, issuer=party, lots=[lot], mass_g=1).code

    def _fresh_key(self, side: str, letter: str) -> str:
        """Make a key: of the caller's own account, of another account of its party, or of a stranger's."""
        account = self.accounts[letter if side == "own" else side]
        with self.doors.sessions.write.begin() as session:
            return give_key(session, NewKey(account=account))[0].code

    def _fresh_mandate(self, side: str) -> str:
        """Make a mandate: given by the own party, given to it, or between others."""
        pairs = {"own": ("own", "neighbour"), "neighbour": ("neighbour", "own"), "foreign": ("foreign", "neighbour")}
        with self.doors.sessions.write.begin() as session:
            parties = {party.code: party.id for party in session.scalars(select(Party))}
            first, second = (parties[PARTIES[one]] for one in pairs[side])
            command = GiveMandate(principal_id=first, agent_id=second, from_on=LATER)
            return give_mandate(session, command).code


def open_three_parties(app: Api, sessions: Sessions) -> ThreeParties:
    """Return the prepared town."""
    town = ThreeParties(Doors(app, app.test_client(), {}, sessions))
    with sessions.write.begin() as session:
        parties = {
            side: factories.make_plant(session, code=code, area_code=AREAS[side]) for side, code in PARTIES.items()
        }
        _settle(session, town, parties)
        _give_keys(session, town)
    sequence_events(sessions.write)
    with sessions.read() as session:
        town.codes["events"] = {
            side: str(
                session.scalars(
                    select(EventPosition.position)
                    .join(Event, EventPosition.event_id == Event.id)
                    .where(Event.event_id == event)
                ).one()
            )
            for side, event in town.codes.pop("event ids").items()
        }
    return town


def _give_keys(session: Session, town: ThreeParties) -> None:
    tokens: dict[str, str] = {}
    for letter, role in LETTERS.items():
        party = None if role is Role.OPERATOR else PARTIES["own"]
        account = open_account(session, OpenAccount(name=f"茶农 {letter}", role=role, party=party))
        tokens[letter] = give_key(session, NewKey(account=account.code, scopes=ALL))[1]
        town.accounts[letter] = account.code
    for side, party in (("neighbour", PARTIES["own"]), ("foreign", PARTIES["foreign"])):
        account = open_account(session, OpenAccount(name=f"茶农 {side}", role=Role.PLANT, party=party))
        town.accounts[side] = account.code
    town.codes["accounts"] = {
        side: open_account(session, OpenAccount(name=f"{side} 2", role=Role.PLANT, party=code)).code
        for side, code in PARTIES.items()
    }
    town.doors.tokens = tokens


Sides = dict[str, str]  # side → code


def _settle(session: Session, town: ThreeParties, parties: dict[str, Party]) -> None:
    """Let each party pick, make, pack and ship; the neighbour's leaf, tea and packs are one step from the own."""
    plots = {side: factories.make_plot(session, holder_id=party.id, area_mu=100) for side, party in parties.items()}
    leaf = {
        side: factories.make_leaf(session, 200_000, party=party, plot=plots[side]) for side, party in parties.items()
    }
    made = _make_tea(session, parties, leaf)
    village = factories.make_village(session)
    town.codes |= {
        "parties": {side: party.code for side, party in parties.items()},
        "villages": dict.fromkeys(SIDES, village.code),
        "plots": {side: plot.code for side, plot in plots.items()},
        "facilities": {side: _facility(session, party).code for side, party in parties.items()},
        "pickings": {side: lot.code for side, lot in leaf.items()},
        "lots": {side: lot.code for side, lot in leaf.items()},
        "exports": dict.fromkeys(SIDES, ""),
        **_work(session, parties, made),
        **_register(session, parties),
        **_spray(session, parties, plots),
        **_trade(session, parties, made),
        **move(session, parties, made),
        **_judge(session, parties, leaf, made),
        **_send(session, parties, plots),
        **forms_of(session, parties),
        "corrections": {side: _correct(session, party, plots[side]) for side, party in parties.items()},
    }


def _correct(session: Session, party: Party, plot: Plot) -> str:
    """Let a party say that it did not pick; return the id of the event declared wrong."""
    picking = factories.make_picking(session, party=party, plot=plot)
    wrong = session.get_one(Event, picking.event_id).event_id
    correct_picking(session, picking, None, "did_not_occur", LIVE)
    return wrong


def _send(session: Session, parties: dict[str, Party], plots: dict[str, Plot]) -> dict[str, Sides]:
    """Let each hand leaf over, and keep some: the neighbour to one's own party, the stranger to the neighbour."""
    leaf = {side: factories.make_leaf(session, party=party, plot=plots[side]) for side, party in parties.items()}
    receivers = {"own": "neighbour", "neighbour": "own", "foreign": "neighbour"}
    sent = {
        side: make_delivery(session, items=[(leaf[side], 1_000)], receiver=parties[receivers[side]]) for side in SIDES
    }
    givers = {"own": "neighbour", "neighbour": "own", "foreign": "neighbour"}
    intakes = {
        side: factories.get_lot_of(
            session,
            factories.make_intake(session, plant=parties[side], supplier=parties[giver], taken=[(leaf[giver], 1_000)]),
        )
        for side, giver in givers.items()
    }
    return {
        "leaf": {side: lot.code for side, lot in leaf.items()},
        "hand-overs": {side: delivery.code for side, delivery in sent.items()},
        "intakes": {side: intakes[side].code for side in SIDES},
        **weigh_slips_of(session, parties, intakes),
    }


def _spray(session: Session, parties: dict[str, Party], plots: dict[str, Plot]) -> dict[str, Sides]:
    """Let each use an input on its plot, long before it picked there."""
    uses = {side: factories.make_input_use(session, plot=plots[side], recorder=parties[side]) for side in SIDES}
    products = {side: session.get_one(InputProduct, use.product_id) for side, use in uses.items()}
    bought = {side: make_purchase(session, product=products[side], buyer=parties[side]) for side in SIDES}
    work = {side: make_field_work(session, plot=plots[side], recorder=parties[side]) for side in SIDES}
    return {
        "inputs": {side: use.code for side, use in uses.items()},
        "input-products": {side: product.code for side, product in products.items()},
        "purchases": {side: purchase.code for side, purchase in bought.items()},
        "field-work": {side: done.code for side, done in work.items()},
    }


def _make_tea(session: Session, parties: dict[str, Party], leaf: dict[str, Lot]) -> dict[str, Lot]:
    """Let one's own party make tea of its own leaf and the neighbour's, the stranger of its own alone."""
    made = {}
    for side, givers in {"own": ("own", "neighbour"), "foreign": ("foreign",)}.items():
        taken = [(leaf[giver], leaf[giver].mass_g) for giver in givers]
        intake = factories.make_intake(session, plant=parties[side], supplier=parties[givers[-1]], taken=taken)
        received = factories.get_lot_of(session, intake)
        run = factories.make_run(session, plant=parties[side], taken=[(received, received.mass_g)])
        made[side] = factories.get_lot_of(session, run)
    return made


def _work(session: Session, parties: dict[str, Party], made: dict[str, Lot]) -> dict[str, Sides]:
    """Let each make more of tea: the neighbour of one's own."""
    sources = {"own": made["own"], "neighbour": made["own"], "foreign": made["foreign"]}
    runs, blends = (
        {side: make(session, plant=parties[side], taken=[(lot, 500)]) for side, lot in sources.items()}
        for make in (factories.make_run, factories.make_blend)
    )
    return {
        "runs": {side: run.code for side, run in runs.items()},
        "blends": {side: blend.code for side, blend in blends.items()},
        "tea": {side: factories.get_lot_of(session, blend).code for side, blend in blends.items()},
    }


def _register(session: Session, parties: dict[str, Party]) -> dict[str, Sides]:
    """Give each a licence, a brand, and a village in its area."""
    brands = {side: factories.make_brand(session, owner=party) for side, party in parties.items()}
    licences = {
        side: Licence(party_id=party.id, number=f"登记-{side}", valid_to=LATER, product_kinds=["绿茶"])
        for side, party in parties.items()
    }
    product = InputProduct(code="IP-1", kind="pesticide", name="示例农药")
    session.add_all([*licences.values(), product])
    villages = {side: factories.make_village(session, code=f"{area}201") for side, area in AREAS.items()}
    return {
        "licences": {side: licence.number for side, licence in licences.items()},
        "brands": {side: brand.code for side, brand in brands.items()},
        "input-products": dict.fromkeys(SIDES, product.code),
        "tables": dict.fromkeys(SIDES, "label-waste"),
        "areas": {side: village.code for side, village in villages.items()},
    }


def _trade(session: Session, parties: dict[str, Party], made: dict[str, Lot]) -> dict[str, Sides]:
    """Let each pack, print and ship, before a finding or a recall stops it; the neighbour packs one's own tea."""
    items = {
        side: factories.make_trade_item(session, brand=factories.make_brand(session, owner=party))
        for side, party in parties.items()
    }
    packed = {"own": ("own", "neighbour"), "neighbour": ("own", "neighbour"), "foreign": ("foreign", "foreign")}
    packs = {
        side: factories.make_pack(session, packer=parties[side], lot=made[tea], item=items[item], units=200)
        for side, (tea, item) in packed.items()
    }
    buyers = {"own": "neighbour", "neighbour": "own", "foreign": "neighbour"}
    shipments = {side: make_shipment(session, pack=pack, buyer=parties[buyers[side]]) for side, pack in packs.items()}
    returns = {side: take_back(session, shipment, (1, 1)) for side, shipment in shipments.items()}
    for pack in packs.values():
        start_label_job(session, pack, 2, ALPHABET[0])
    codes = {side: session.get_one(Lot, pack.lot_id).code for side, pack in packs.items()}
    return {
        "products": {side: item.code for side, item in items.items()},
        "packs": codes,
        "shipments": {side: shipment.code for side, shipment in shipments.items()},
        **repack(session, packs, {side: parties[buyer] for side, buyer in buyers.items()}),
        "returns": {side: returned.code for side, returned in returns.items()},
        "label-jobs": {side: f"{code}:1" for side, code in codes.items()},
        "event ids": {side: _packing(session, pack) for side, pack in packs.items()},
    }


def _judge(session: Session, parties: dict[str, Party], leaf: dict[str, Lot], made: dict[str, Lot]) -> dict[str, Sides]:
    """Let each report on a lot, and be found fault with; of the reports the neighbour's is on one's own tea."""
    tested = {"own": made["foreign"], "neighbour": made["own"], "foreign": made["foreign"]}
    samples = [
        TakeSample(
            code=f"SA-{party.code}",
            lot=(tested[side].id, tested[side].uri),
            taken_by_id=party.id,
            taken_by_code=party.code,
            taken_at=factories.PICKED_AT,
            purpose="factory",
        )
        for side, party in parties.items()
    ]
    take_samples(session, samples, LIVE)
    results = {side: factories.make_result(session, lot=tested[side], laboratory=parties[side]) for side in SIDES}
    files = {side: add_report(session, result) for side, result in results.items()}
    findings = {side: factories.make_finding(session, lot=lot) for side, lot in leaf.items()}
    recalls = {side: factories.make_recall(session, lot=lot) for side, lot in leaf.items()}
    return {
        "samples": {side: f"SA-{party.code}" for side, party in parties.items()},
        "results": {side: result.code for side, result in results.items()},
        "report-files": files,
        "retained-samples": {side: keep_of(session, party) for side, party in parties.items()},
        "release-plans": {side: plan_release(session, party) for side, party in parties.items()},
        "findings": {side: f"{finding.rule}:{finding.record}" for side, finding in findings.items()},
        "recalls": {side: recall.code for side, recall in recalls.items()},
    }


def _packing(session: Session, pack: Pack) -> str:
    """Return the id of the event that made a pack's lot."""
    event = select(LineageEdge.event_id).where(LineageEdge.child_id == pack.lot_id)
    return session.scalars(select(Event.event_id).where(Event.id.in_(event))).one()


def _facility(session: Session, party: Party) -> Facility:
    facility = Facility(code=f"SITE-{party.code}", party_id=party.id, name="茶叶初制厂")
    session.add(facility)
    session.flush()
    return facility
