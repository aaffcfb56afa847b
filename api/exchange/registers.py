"""The registers that go out and come in, in the order in which one may name what another brought: what each is made of.

A record goes out as the body that would make it. Most of its fields stand under their own name in what readers see; the
others are told here, and so are those that no reader sees.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask.views import MethodView
from marshmallow import Schema
from sqlalchemy.orm import Session

from api import (
    brands,
    cases,
    certificates,
    deliveries,
    destructions,
    facilities,
    field_work,
    hand_overs,
    input_products,
    inputs,
    intakes,
    licences,
    outside,
    packs,
    parties,
    pickings,
    plots,
    products,
    purchases,
    results,
    returns,
    reworks,
    runs,
    samples,
    shipments,
    villages,
)
from api.exchange import telling as tell
from api.exchange.slots import Form, form_of
from api.fields import Body
from trace import nouns
from trace.accounts import Caller, Role
from trace.deliveries import DeliveryKind
from trace.entries.cases import enter_cases
from trace.entries.certificates import enter_certificates
from trace.entries.deliveries import enter_deliveries
from trace.entries.destructions import enter_destructions
from trace.entries.field_work import enter_field_work
from trace.entries.firms import enter_brands, enter_facilities, enter_licences, enter_products
from trace.entries.form import Form as Entry
from trace.entries.inputs import enter_input_uses, read_input_uses
from trace.entries.intakes import enter_intakes
from trace.entries.outside import enter_outside
from trace.entries.packs import enter_packs
from trace.entries.parties import enter_parties
from trace.entries.pickings import enter_pickings, read_pickings
from trace.entries.places import enter_plots, enter_villages
from trace.entries.purchases import enter_purchases
from trace.entries.results import enter_results
from trace.entries.returns import enter_returns
from trace.entries.reworks import enter_reworks
from trace.entries.runs import Work, enter_runs
from trace.entries.samples import enter_samples
from trace.entries.shipments import enter_shipments
from trace.input_products import register_input_products
from trace.nouns import exchanged
from trace.records import Noun, Record

Enter = Callable[[Session, Caller, Sequence[Any]], object]
Tell = Callable[[Record], Any]


@dataclass(frozen=True, kw_only=True)
class Register:
    """One register.

    `check` finds all that `enter` could refuse without writing anything; where it is missing only entering tells.
    """

    name: str
    noun: Noun
    body: type[Body]
    view: type[MethodView]  # whose `post` says which roles may write
    enter: Enter
    check: Enter | None = None
    key: str = "code"
    told: Mapping[str, Tell] = field(default_factory=dict)  # fields that stand under another name
    untold: Collection[str] = ()  # fields that no reader sees: never compared
    filled: Collection[str] = ()  # fields that a form fills in itself where they are empty
    by_day: Collection[str] = ()  # moments of which the day alone is kept

    @cached_property
    def schema(self) -> Schema:
        """Return what reads a record."""
        return self.body()

    @cached_property
    def form(self) -> Form:
        """Return the columns."""
        return form_of(self.schema, self.key)

    def load(self, raw: Any) -> Any:
        """Return the command that a body asks for. Raises `ValidationError`."""
        return self.schema.load(raw)

    @property
    def roles(self) -> frozenset[Role]:
        """Return who may write."""
        found: frozenset[Role] = self.view.post.roles  # type: ignore[attr-defined]  # marked by `open_to`
        return found

    def knows(self, record: Record, name: str) -> bool:
        """Return whether a record tells what stands under a name in its body."""
        names = {name, f"{name}_g", "owner" if name == "party" else name}
        return name not in self.untold and (name in self.told or not names.isdisjoint(record))

    def tell(self, record: Record) -> dict[str, Any]:
        """Return a record as the body that would make it, without what is empty."""
        found = {
            name: self.told[name](record) if name in self.told else tell.tell_field(record, name, one)
            for name, one in self.schema.fields.items()
        }
        return {name: raw for name, raw in found.items() if raw is not None}


def _check_pickings(session: Session, caller: Caller, records: Sequence[Any]) -> None:
    read_pickings(Entry(session, caller, records), records)


def _check_inputs(session: Session, caller: Caller, records: Sequence[Any]) -> None:
    read_input_uses(Entry(session, caller, records), records)


_PLOT = {"outline": tell.column("outline"), "crs": lambda _: "WGS-84"}  # in which outlines are kept
_PRICED: Mapping[str, Tell] = {"price": tell.price, "price_yuan_per_kg": tell.price_per_kg}
_WORK: dict[str, Any] = {
    "told": {
        "inputs": tell.draws("inputs"),
        "output": tell.output,
        "by_product": tell.by_product,
        "sample": tell.kept_sample,
    },
    "untold": ("steps",),
    "filled": ("output.code", "by_product.code"),
}
REGISTERS: Mapping[str, Register] = {
    one.name: one
    for one in (
        Register(
            name="parties",
            noun=nouns.PARTIES,
            body=parties.EnterPartySchema,
            view=parties.Parties,
            enter=enter_parties,
            untold=("private",),
            filled=("area_code",),
        ),
        Register(
            name="villages",
            noun=nouns.VILLAGES,
            body=villages.EnterVillageSchema,
            view=villages.Villages,
            enter=enter_villages,
            told={"center": tell.point},
        ),
        Register(
            name="plots",
            noun=nouns.PLOTS,
            body=plots.EnterPlotSchema,
            view=plots.Plots,
            enter=enter_plots,
            told=_PLOT,
            filled=("cooperative",),
            untold=("crs",),
        ),
        Register(
            name="facilities",
            noun=nouns.FACILITIES,
            body=facilities.EnterFacilitySchema,
            view=facilities.Facilities,
            enter=enter_facilities,
            told={"location": tell.point, "capacity": lambda record: tell.mass_of(record, "", "capacity_g_per_day")},
        ),
        Register(
            name="licences",
            noun=nouns.LICENCES,
            body=licences.EnterLicenceSchema,
            key="number",
            view=licences.Licences,
            enter=enter_licences,
            told={"number": tell.column("code")},
        ),
        Register(
            name="brands",
            noun=nouns.BRANDS,
            body=brands.EnterBrandSchema,
            view=brands.Brands,
            enter=enter_brands,
            told={"owner": tell.column("party")},
            filled=("owner",),
        ),
        Register(
            name="products",
            noun=nouns.PRODUCTS,
            body=products.EnterProductSchema,
            view=products.Products,
            enter=enter_products,
            told={"net": tell.grams("net_g"), "gross": tell.grams("gross_g")},
        ),
        Register(
            name="input-products",
            noun=nouns.INPUT_PRODUCTS,
            body=input_products.EnterInputProductSchema,
            view=input_products.InputProducts,
            enter=lambda session, _, records: register_input_products(session, records),
        ),
        Register(
            name="purchases",
            noun=nouns.PURCHASES,
            body=purchases.EnterPurchaseSchema,
            view=purchases.Purchases,
            enter=enter_purchases,
        ),
        Register(
            name="field-work",
            noun=nouns.FIELD_WORK,
            body=field_work.EnterFieldWorkSchema,
            view=field_work.FieldWorks,
            enter=enter_field_work,
        ),
        Register(
            name="inputs",
            noun=nouns.INPUT_USES,
            body=inputs.EnterInputUseSchema,
            view=inputs.InputUses,
            enter=enter_input_uses,
            check=_check_inputs,
        ),
        Register(
            name="pickings",
            noun=nouns.PICKINGS,
            body=pickings.EnterPickingSchema,
            view=pickings.Pickings,
            enter=enter_pickings,
            check=_check_pickings,
        ),
        Register(
            name="certificates",
            noun=nouns.CERTIFICATES,
            body=certificates.EnterCertificateSchema,
            view=certificates.Certificates,
            enter=enter_certificates,
            filled=("issuer_form",),
        ),
        Register(
            name="hand-overs",
            noun=nouns.HAND_OVERS,
            body=hand_overs.EnterHandOverSchema,
            view=hand_overs.HandOvers,
            told={"lots": tell.draws("lots"), "deduction": tell.deduction, **_PRICED},
            filled=_PRICED,
            enter=lambda session, caller, records: enter_deliveries(session, caller, records, DeliveryKind.HAND_OVER),
        ),
        Register(
            name="outside-lots",
            noun=nouns.OUTSIDE_LOTS,
            body=outside.EnterOutsideSchema,
            view=outside.OutsideLots,
            enter=enter_outside,
            filled=("kind",),
        ),
        Register(
            name="intakes",
            noun=nouns.INTAKES,
            body=intakes.EnterIntakeSchema,
            view=intakes.Intakes,
            enter=enter_intakes,
            untold=("hand_overs", "deliveries"),
            told={"lots": tell.draws("lots"), "mass": tell.net_mass, "deduction": tell.deduction, **_PRICED},
            filled=("supplier", "lots", "mass", "pluck_standard", "grade", *_PRICED),
        ),
        Register(
            name="runs",
            noun=exchanged.RUNS_WHOLE,
            body=runs.EnterRunSchema,
            view=runs.Runs,
            **_WORK,
            enter=lambda session, caller, records: enter_runs(session, caller, records, Work.RUN),
        ),
        Register(
            name="blends",
            noun=exchanged.BLENDS_WHOLE,
            body=runs.EnterRunSchema,
            view=runs.Blends,
            enter=lambda session, caller, records: enter_runs(session, caller, records, Work.BLEND),
            **_WORK,
        ),
        Register(
            name="samples",
            noun=nouns.SAMPLES,
            body=samples.EnterSampleSchema,
            view=samples.Samples,
            enter=enter_samples,
            told={"lot": tell.lot_of_other},
        ),
        Register(
            name="results",
            noun=exchanged.RESULTS_WHOLE,
            body=results.EnterResultSchema,
            view=results.Results,
            enter=enter_results,
            by_day=("sampled_at",),
            told={
                "lot": tell.lot_of_other,
                "items": tell.items,
                "sampled_at": tell.sampled_at,
                "sample": lambda _: None,
            },
            untold=("sample", "items.limit_type"),
            filled=("lot", "sampled_at", "purpose"),
        ),
        Register(
            name="packs",
            noun=exchanged.PACKS_WHOLE,
            body=packs.EnterPackSchema,
            view=packs.Packs,
            enter=enter_packs,
            told={"inputs": tell.draws("inputs")},
        ),
        Register(
            name="cases",
            noun=nouns.CASES,
            body=cases.EnterCaseSchema,
            view=cases.Cases,
            key="sscc",
            enter=enter_cases,
            told={"packs": tell.ranges("contents"), "cases": tell.cases_within},
        ),
        Register(
            name="shipments",
            noun=nouns.SHIPMENTS,
            body=shipments.EnterShipmentSchema,
            view=shipments.Shipments,
            enter=enter_shipments,
            untold=("cases",),
            filled=("packs",),
            told={"packs": tell.ranges("ranges"), "note_number": tell.column("delivery_note")},
        ),
        Register(
            name="deliveries",
            noun=nouns.DELIVERIES,
            body=deliveries.EnterDeliverySchema,
            view=deliveries.Deliveries,
            told={"lots": tell.draws("lots")},
            enter=lambda session, caller, records: enter_deliveries(session, caller, records, DeliveryKind.SHIPMENT),
        ),
        Register(
            name="returns",
            noun=nouns.RETURNS,
            body=returns.EnterReturnSchema,
            view=returns.Returns,
            enter=enter_returns,
            told={"first": tell.position("first"), "last": tell.position("last")},
        ),
        Register(
            name="reworks",
            noun=nouns.REWORKS,
            body=reworks.EnterReworkSchema,
            view=reworks.Reworks,
            enter=enter_reworks,
            told={"packs": tell.ranges("packs")},
            untold=("losses",),
        ),
        Register(
            name="destructions",
            noun=nouns.DESTRUCTIONS,
            body=destructions.EnterDestructionSchema,
            view=destructions.Destructions,
            enter=enter_destructions,
            untold=("witness",),
            told={"first": tell.position("first"), "last": tell.position("last")},
        ),
    )
}
EVERYWHERE_FILLED = frozenset({"party", "mode"})  # the caller's own party, and live
