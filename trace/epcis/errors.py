"""What EPCIS input is refused for."""

from trace.errors import TraceError


class EpcisUnreadableError(TraceError):
    """EPCIS input that cannot be read or hashed; the fact `reason` says why, as a stable word."""

    code = "epcis-unreadable"
