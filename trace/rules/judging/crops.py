"""Which crop a lot is of, where what was recorded does not say it."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from trace.certifying import find_pickings_behind
from trace.rules.tables import TEA
from trace.vocabulary import Scheme, shipped_codes


def crops_of_lots(session: Session, recorded: Mapping[int, str | None]) -> dict[int, str | None]:
    """Return the crop of each lot (row id): as recorded, else tea where all of it was picked by a standard of tea's."""
    crops = dict(recorded)
    unsaid = [lot for lot, crop in crops.items() if crop is None]
    if not unsaid:
        return crops
    tea = shipped_codes(Scheme.PLUCK_STANDARD)
    for lot, pickings in find_pickings_behind(session, unsaid).items():
        if pickings and all(one.crop == TEA or one.pluck_standard in tea for one in pickings):
            crops[lot] = TEA
    return crops
