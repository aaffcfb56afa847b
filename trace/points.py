"""Points on the ground, checked for the country they lie in (pure, and light enough for the first answer)."""

CHINA_BOX = (73.0, 3.0, 136.0, 54.0)  # longitude, latitude: domain/admin-and-codes.md §9


def in_china(longitude: float, latitude: float) -> bool:
    """Tell whether a point in degrees lies in the box around China."""
    west, south, east, north = CHINA_BOX
    return west <= longitude <= east and south <= latitude <= north


def check_point(longitude: float, latitude: float) -> str | None:
    """Return the code of what is wrong with a point, if anything."""
    if in_china(longitude, latitude):
        return None
    return "axes-swapped" if in_china(latitude, longitude) else "outside-the-country"
