"""Input products: fertilizers, pesticides and traps, as their pack labels say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from trace.faults import Faults
from trace.inputs import InputProduct
from trace.instance import lock_instance
from trace.revisions import KEPT, Kept, change, given, lock_row
from trace.rules.uses import PESTICIDE
from trace.vocabulary import Scheme, code_of, ensure_terms


@dataclass(frozen=True, kw_only=True)
class RegisterInputProduct:
    """Ask for an input product; `interval_days` is the safety interval of its label."""

    code: str
    kind: str
    name: str
    maker: str | None = None
    active: str | None = None
    other_actives: list[str] | None = None
    formulation: str | None = None
    registration: str | None = None
    registered_until: date | None = None
    crops: list[str] | None = None
    targets: list[str] | None = None
    interval_days: int | None = None
    max_applications: int | None = None
    max_per_mu: Decimal | None = None
    label_sha256: str | None = None
    unit: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class AmendInputProduct:
    """Ask for other facts of an input product. What was used before is judged by the new ones from then on."""

    product_id: int
    kind: str | Kept = KEPT
    name: str | Kept = KEPT
    maker: str | Kept | None = KEPT
    active: str | Kept | None = KEPT
    other_actives: list[str] | Kept | None = KEPT
    formulation: str | Kept | None = KEPT
    registration: str | Kept | None = KEPT
    registered_until: date | Kept | None = KEPT
    crops: list[str] | Kept | None = KEPT
    targets: list[str] | Kept | None = KEPT
    interval_days: int | Kept | None = KEPT
    max_applications: int | Kept | None = KEPT
    max_per_mu: Decimal | Kept | None = KEPT
    label_sha256: str | Kept | None = KEPT
    unit: str | Kept | None = KEPT
    note: str | Kept | None = KEPT


_PESTICIDES = ("杀虫剂", "杀螨剂", "杀菌剂", "除草剂", "植物生长调节剂", "生物农药")  # 农药管理条例 art. 2
_COLUMNS = tuple(field.name for field in fields(AmendInputProduct) if field.name != "product_id")


def register_input_products(session: Session, commands: Sequence[RegisterInputProduct]) -> list[InputProduct]:
    """Write new input products. Raises `InvalidError`."""
    lock_instance(session)
    faults = Faults()
    for place, command in enumerate(commands):
        faults.judge_code(f"[{place}].code", command.code)
        _judge_product(faults, f"[{place}].", command)
    codes = [(f"[{place}].code", command.code) for place, command in enumerate(commands)]
    faults.judge_free(session, InputProduct.code, codes)
    faults.refuse()
    products = [InputProduct(**{**vars(command), "kind": _kind(command.kind)}) for command in commands]
    ensure_terms(session, Scheme.INPUT_KIND, [product.kind for product in products])
    session.add_all(products)
    session.flush()
    return products


def _kind(said: str) -> str:
    """Return the kind that is meant: what somebody calls 农药 or 除草剂 is judged as a pesticide."""
    return PESTICIDE if said.strip() in _PESTICIDES else code_of(Scheme.INPUT_KIND, said)


def _judge_product(faults: Faults, at: str, product: RegisterInputProduct | InputProduct) -> None:
    for name in ("kind", "name"):
        if not getattr(product, name).strip():
            faults.fault(f"{at}{name}", "empty")
    for name in ("interval_days", "max_applications"):
        if (getattr(product, name) or 0) < 0:
            faults.fault(f"{at}{name}", "out-of-range")
    if product.other_actives and not product.active:
        faults.fault(f"{at}active", "missing-field")
    if product.max_per_mu is not None and not product.unit:
        faults.fault(f"{at}unit", "missing-field")
    faults.judge_shown(f"{at}note", product.note)


def hold_labels(session: Session, products: Iterable[InputProduct]) -> None:
    """Keep the labels of products, and of all others of their registrations, as they are until the transaction ends.

    Whoever uses products holds their labels, so that a use and a label mended at the same time see each other.
    """
    known = list(products)
    held = _of_one_label({one.id for one in known}, {one.registration for one in known})
    session.scalars(held.with_for_update(read=True).execution_options(populate_existing=True)).all()


def lock_labels(session: Session, products: Iterable[int], registrations: Iterable[str | None]) -> None:
    """Make whoever would use products (row ids), or any of some registrations, wait until this transaction ends."""
    session.scalars(_of_one_label(products, registrations).with_for_update(key_share=True)).all()


def _of_one_label(products: Iterable[int], registrations: Iterable[str | None]) -> Select[InputProduct]:
    of = or_(InputProduct.id.in_(list(products)), InputProduct.registration.in_([one for one in registrations if one]))
    return select(InputProduct).where(of).order_by(InputProduct.id)


def amend_input_product(session: Session, command: AmendInputProduct) -> InputProduct:
    """Change an input product. Raises `InvalidError`."""
    product = lock_row(session, InputProduct, command.product_id)
    values, faults = given(command, but=["product_id"]), Faults()
    if "kind" in values:
        values["kind"] = _kind(values["kind"])
    after = InputProduct(**{name: values.get(name, getattr(product, name)) for name in _COLUMNS})
    _judge_product(faults, "", after)
    faults.refuse()
    ensure_terms(session, Scheme.INPUT_KIND, [after.kind])
    change(product, values)
    session.flush()
    return product
