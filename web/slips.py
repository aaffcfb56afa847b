"""`/s/{token}`: one weigh slip, for whoever has its link; no person's name, no other record, and no index has it."""

from http import HTTPStatus

from flask import Blueprint, Response, abort, g, render_template

from trace.clock import COUNTRY
from trace.mass import jin_and_kilograms
from trace.nouns.slips import REVERSED, find_shared_slip
from trace.prices import plain_digits, said_price
from trace.records import Record
from web.frames import frame, html, speech
from web.pages import add_headers, keep_unlisted

blueprint = Blueprint("slip-pages", __name__)
blueprint.after_request(add_headers)
blueprint.after_request(keep_unlisted)


@blueprint.get("/s/<token>")
def shared_slip(token: str) -> Response:
    """Show the slip of a link."""
    row = find_shared_slip(g.session, token)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    page = render_template("pages/slip.html", **frame(speech()), **_shown(row))
    return html(page)


def _shown(row: Record) -> dict[str, object]:
    """Return what the page tells of a slip."""
    price = said_price(row["as_typed"], row["price_yuan_per_kg"])
    weights = {name: row[f"{name}_g"] for name in ("net", "gross", "tare", "deduction")}
    return {
        "row": row,
        "reversed": row["state"] == REVERSED,
        "weighed_at": row["weighed_at"].astimezone(COUNTRY),
        "price": price and {"unit": price.unit, "yuan": plain_digits(price.value)},
        "weights": {name: jin_and_kilograms(mass_g) for name, mass_g in weights.items() if mass_g is not None},
    }
