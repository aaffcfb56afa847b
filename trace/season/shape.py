"""The shape of a season file: every array, every field, its type. The checks between rows are next door."""

from trace import ids
from trace.season.cleaners import (
    Optional,
    Shape,
    anything,
    checked,
    choice,
    count,
    day,
    flag,
    many,
    mass,
    moment,
    number,
    point,
    record,
    region,
    shown_text,
    text,
)


def _licence(number_text: str) -> object:
    """Judge a licence: SC numbers have a fixed shape, workshop registrations are free text."""
    return ids.check_licence(number_text) if number_text.startswith("SC") else ()


ID = checked(ids.lot_code)
NAME = text(120)
WORD = text(60)
MOST_CAPACITY_G = 2**31 - 1  # 2,147 t of leaf a day

TOWN: Shape = {
    "name": NAME,
    "code": region,
    "county": Optional(NAME),
    "city": Optional(NAME),
    "province": Optional(NAME),
    "season": WORD,
    "timezone": WORD,
    "crs": choice("WGS-84", "CGCS2000"),
}

MASTER_DATA: dict[str, Shape] = {
    "villages": {
        "id": ID,
        "name": WORD,
        "code": checked(ids.village_code),
        "households": Optional(count()),
        "tea_households": Optional(count()),
        "center": Optional(point),
        "elevation_m": Optional(count(-500, 9000)),
    },
    "cooperatives": {
        "id": ID,
        "name": NAME,
        "uscc": Optional(checked(ids.check_uscc)),
        "villages": Optional(many(ID)),
        "led_by_village_branch": Optional(flag),
        "registered": Optional(day()),
        "delivers_to": Optional(ID),
    },
    "plants": {
        "id": ID,
        "name": NAME,
        "uscc": Optional(checked(ids.check_uscc)),
        "sc_licence": Optional(checked(_licence)),
        "sc_valid_to": Optional(day(future=True)),
        "tea_kinds": Optional(many(WORD)),
        "line_capacity_fresh_kg_per_day": Optional(mass(most=MOST_CAPACITY_G)),
        "location": Optional(point),
    },
    "brands": {
        "id": ID,
        "name": NAME,
        "owner_plant": ID,
        "supplied_by": Optional(many(ID)),
        "uses_gi_mark": Optional(flag),
        "gi_mark_holder_uscc": Optional(checked(ids.check_uscc)),
    },
    "farmers": {
        "id": ID,
        "village": ID,
        "coop": Optional(ID),
        "public_label": shown_text(60),
        "private": Optional(record({"name": WORD, "phone": Optional(text(30))})),
    },
    "plots": {
        "id": ID,
        "code": checked(ids.lot_code),
        "village": ID,
        "coop": Optional(ID),
        "holder_type": Optional(choice("farmer", "coop")),
        "holder": Optional(ID),
        "cultivar": WORD,
        "propagation": Optional(choice("seed", "clonal")),
        "planted_year": Optional(count(1700, 2200)),
        "area_mu_declared": number(zero=False),
        "area_m2_computed": Optional(number()),
        "area_mu_computed": Optional(number()),
        "certification": Optional(WORD),
        "opened": Optional(day()),
        "geometry": anything,
    },
    "input_products": {
        "id": ID,
        "kind": WORD,
        "name": NAME,
        "maker": Optional(NAME),
        "active": Optional(WORD),
        "other_actives": Optional(many(WORD)),
        "formulation": Optional(WORD),
        "registration": Optional(WORD),
        "registered_until": Optional(day(future=True)),
        "registered_crops": Optional(many(WORD)),
        "registered_targets": Optional(many(WORD)),
        "label_max_per_mu": Optional(number(zero=False)),
        "label_phi_days": Optional(count(0, 400)),
        "label_max_applications": Optional(count(0, 100)),
        "unit": Optional(text(20)),
        "note": Optional(shown_text(200)),
    },
    "skus": {
        "id": ID,
        "brand": ID,
        "name": NAME,
        "grade": Optional(WORD),
        "net_g": count(1),
        "pack": Optional(WORD),
        "gtin13": Optional(checked(ids.gtin14)),
        "shelf_life_months": Optional(count(1, 600)),
        "standard": Optional(WORD),
        "ingredients": Optional(text(200)),
        "storage": Optional(text(200)),
        "price_yuan": Optional(number()),
        "packaging_cost_yuan": Optional(number()),
        "packaging_layers": Optional(count(0, 50)),
        "gross_g": Optional(count(1)),
    },
}

_STEP: Shape = {"step": WORD}

CHAIN: dict[str, Shape] = {
    "inputs": {
        "id": ID,
        "plot": ID,
        "date": day(),
        "product": ID,
        "per_mu": Optional(number()),
        "unit": Optional(text(20)),
        "area_mu": Optional(number()),
        "total": Optional(number()),
        "target": Optional(WORD),
        "operator": Optional(ID),
        "supplier": Optional(shown_text(120)),
    },
    "harvests": {
        "id": ID,
        "plot": ID,
        "date": day(),
        "pluck_standard": WORD,
        "grade_in": Optional(WORD),
        "method": Optional(WORD),
        "weather": Optional(WORD),
        "fresh_kg": mass(),
        "pickers": Optional(count()),
        "claim": Optional(choice("明前", "雨前")),
    },
    "certificates": {
        "id": ID,
        "issuer": ID,
        "issuer_type": Optional(text(20)),
        "product": WORD,
        "quantity_kg": mass(),
        "origin": NAME,
        "issued": day(),
        "basis": many(NAME),
        "harvests": many(ID, 1),
    },
    "intakes": {
        "id": ID,
        "plant": ID,
        "coop": ID,
        "certificate": Optional(ID),
        "date": day(),
        "pluck_standard": Optional(WORD),
        "grade_in": Optional(WORD),
        "weather": Optional(WORD),
        "harvests": many(ID, 1),
        "delivered_kg": mass(),
        "received_kg": mass(),
        "transport_loss_kg": mass(zero=True),
        "moisture_pct": Optional(number(most=100)),
        "price_yuan_per_kg": Optional(number()),
    },
    "runs": {
        "id": ID,
        "plant": ID,
        "date": day(),
        "pluck_standard": Optional(WORD),
        "grade_in": Optional(WORD),
        "weather": Optional(WORD),
        "intakes": many(record({"intake": ID, "kg": mass()}), 1),
        "input_kg": mass(),
        "steps": Optional(many(record(_STEP, open_fields=True))),
        "output": record({"batch": ID, "kg": mass()}),
        "byproduct_kg": mass(zero=True),
        "retained_sample_kg": mass(zero=True),
        "water_and_loss_kg": mass(zero=True),
        "output_moisture_pct": Optional(number(most=100)),
        "fresh_to_made_ratio": Optional(number()),
    },
    "batches": {
        "id": ID,
        "run": ID,
        "plant": ID,
        "kind": WORD,
        "grade": Optional(WORD),
        "made": day(),
        "kg": mass(),
        "moisture_pct": Optional(number(most=100)),
    },
    "lots": {
        "id": ID,
        "plant": ID,
        "grade": Optional(WORD),
        "finished": day(),
        "inputs": many(record({"batch": ID, "kg": mass()}), 1),
        "input_kg": mass(),
        "finished_kg": mass(),
        "offgrade_kg": mass(zero=True),
        "retained_sample_kg": mass(zero=True),
        "loss_kg": mass(zero=True),
        "moisture_pct": Optional(number(most=100)),
        "storage": Optional(anything),
        "status": Optional(WORD),
        "bulk_stock_kg": mass(zero=True),
    },
    "tests": {
        "id": ID,
        "subject": ID,
        "type": text(40),
        "lab": NAME,
        "sampled": day(),
        "reported": day(),
        "items": many(
            record(
                {
                    "item": WORD,
                    "value": Optional(number(least=None)),
                    "result": Optional(WORD),
                    "unit": Optional(text(20)),
                    "loq": Optional(number()),
                    "limit": Optional(number()),
                    "limit_type": Optional(choice("max", "min")),
                    "basis": Optional(WORD),
                    "verdict": Optional(choice("pass", "fail")),
                }
            ),
            1,
        ),
        "verdict": Optional(choice("pass", "fail")),
    },
    "packs": {
        "id": ID,
        "lot": ID,
        "sku": ID,
        "packed": day(),
        "best_before": day(future=True),
        "units": count(1),
        "tea_used_kg": mass(),
        "net_total_kg": mass(),
        "overfill_kg": mass(zero=True),
        "labels_printed": Optional(count()),
        "labels_voided": Optional(count()),
        "serial_from": Optional(text(40)),
        "serial_to": Optional(text(40)),
        "units_in_stock": count(),
    },
    "shipments": {
        "id": ID,
        "pack": ID,
        "date": day(),
        "buyer": NAME,
        "units": count(1),
        "serial_from": text(40),
        "serial_to": text(40),
    },
    "recalls": {
        "id": ID,
        "lot": ID,
        "trigger_test": Optional(ID),
        "level": count(1, 3),
        "known_at": moment(),
        "must_start_by": Optional(moment(future=True)),
        "started_at": moment(),
        "packs": Optional(many(ID)),
        "units_packed": Optional(count()),
        "units_shipped": Optional(count()),
        "units_in_stock": Optional(count()),
        "buyers": Optional(many(NAME)),
        "plots": Optional(many(ID)),
    },
}

ARRAYS: dict[str, Shape] = {**MASTER_DATA, **CHAIN}
IGNORED = ("_doc", "violations", "expected_totals")  # documentation and a checker's answers: never read

# array → field → the array its ids stand in; a list field and a list of objects are looked into.
REFERENCES: dict[str, dict[str, str]] = {
    "cooperatives": {"villages": "villages", "delivers_to": "plants"},
    "brands": {"owner_plant": "plants", "supplied_by": "plants"},
    "farmers": {"village": "villages", "coop": "cooperatives"},
    "plots": {"village": "villages", "coop": "cooperatives"},
    "skus": {"brand": "brands"},
    "inputs": {"plot": "plots", "product": "input_products"},
    "harvests": {"plot": "plots"},
    "certificates": {"issuer": "cooperatives", "harvests": "harvests"},
    "intakes": {"plant": "plants", "coop": "cooperatives", "certificate": "certificates", "harvests": "harvests"},
    "runs": {"plant": "plants", "intakes.intake": "intakes"},
    "batches": {"run": "runs", "plant": "plants"},
    "lots": {"plant": "plants", "inputs.batch": "batches"},
    "tests": {"subject": "lots"},
    "packs": {"lot": "lots", "sku": "skus"},
    "shipments": {"pack": "packs"},
    "recalls": {"lot": "lots", "trigger_test": "tests", "packs": "packs", "plots": "plots"},
}

# Arrays whose ids name the same kind of thing, so that no two of them may use one: parties, and lots.
ONE_NAMESPACE: tuple[tuple[str, ...], ...] = (
    ("cooperatives", "plants", "farmers"),
    ("harvests", "intakes", "batches", "lots", "packs"),
)
BY_PRODUCTS = {"runs": "byproduct_kg", "lots": "offgrade_kg"}  # their by-product is the lot `ID-BP`

# array → the list inside one row that may name an id once only
LISTED_ONCE: dict[str, str] = {
    "certificates": "harvests",
    "runs": "intakes.intake",
    "lots": "inputs.batch",
}

# array → fields that no two rows may share, beside `id`
UNIQUE: dict[str, tuple[str, ...]] = {
    "villages": ("code",),
    "cooperatives": ("uscc",),
    "plants": ("uscc", "sc_licence"),
    "plots": ("code",),
    "skus": ("gtin13",),
}
