"""What stands in a grower's book on paper."""

from collections.abc import Sequence

from api.slip_values import money, named, price_text
from labels.documents.book import BookValues
from trace.books import Book, Total, standard_of
from trace.mass import jin_and_kilograms
from trace.nouns.slips import REVERSED
from trace.records import Record


def book_values(book: Book) -> BookValues:
    """Return what stands on the paper of a book."""
    return BookValues(
        grower=named(book.name, book.grower, _person(book)),
        year=str(book.year),
        total=_total(book.whole),
        totals=[(title, [_total(one) for one in some]) for title, some in _parts(book) if some],
        slips=[_slip(slip) for slip in book.slips],
    )


def _parts(book: Book) -> list[tuple[str, Sequence[Total]]]:
    return [("按收购方", book.buyers), ("按标准等级", book.standards), ("按月份", book.months)]


def _person(book: Book) -> str | None:
    return next((slip["giver_person"] for slip in book.slips if slip["giver_person"]), None)


def _total(total: Total) -> tuple[str, str, str, str]:
    return total.name or "未注明", str(total.slips), jin_and_kilograms(total.net_g)[0], money(total.amount_yuan)


def _slip(slip: Record) -> tuple[str, ...]:
    void = slip["state"] == REVERSED
    jin, amount = jin_and_kilograms(slip["net_g"])[0], slip["amount_yuan"]
    return (
        f"{slip['weighed_on']:%m-%d}",
        f"{slip['code']} 作废" if void else slip["code"],
        slip["receiver_name"],
        standard_of(slip),
        f"（{jin}）" if void else jin,
        price_text(slip).partition("（")[0],
        "" if amount is None else f"（{money(amount)}）" if void else money(amount),
    )
