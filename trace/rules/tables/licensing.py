"""Look up the kinds of product that licences speak of, and what each of them holds."""

from collections.abc import Iterator

from trace.rules.tables.editions import InForce


def list_held(at: InForce, kind: str) -> list[str]:
    """Return the names that stand under a kind on a licence, its own first: under `大米` stands `粳米`."""
    found = at.find("licence-kinds", (kind,))
    return [kind, *(found["also"] or ())] if found else [kind]


def is_known_kind(at: InForce, kind: str) -> bool:
    """Return whether a kind of product, as `绿茶（炒青，卷曲形）`, stands under any kind of the table."""
    return any(kind.startswith(name) for name in _names(at))


def _names(at: InForce) -> Iterator[str]:
    for found in at.list_rows("licence-kinds"):
        yield found["kind"]
        yield from found["also"] or ()
