"""A client of `/v1` with nothing but Python's own library: writes that may be repeated, lists that come whole.

from examples.client import Chasu
tea = Chasu("http://127.0.0.1:8000", token)
tea.post("pickings", {"plot": "P001", "picked_at": "2026-04-18T06:30:00+08:00",
                      "mass": {"value": "25", "unit": "jin"}, "pluck_standard": "一芽一叶"})
for lot in tea.every("lots", kind="leaf"):
    print(lot["code"], lot["mass_g"])
"""

import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

Record = dict[str, Any]
_AGAIN = frozenset({429, 502, 503, 504})  # not done, or not known to be done: a repeat under the same key is safe


class RefusedError(Exception):
    """The service says no: `problem` is its answer (RFC 9457), `errors` the faults by field."""

    def __init__(self, problem: Record) -> None:
        self.problem = problem
        self.code: str = problem.get("code", "")
        self.errors: list[Record] = problem.get("errors", [])
        faults = [f"{fault['field']}: {fault['detail']}" for fault in self.errors]
        super().__init__("; ".join([f"{problem.get('status')} {self.code}: {problem.get('detail')}", *faults]))


class UnreachableError(Exception):
    """No answer came, however often it was asked."""


@dataclass(frozen=True)
class Chasu:
    """A service, and the key to it."""

    url: str
    token: str
    language: str = "zh"
    tries: int = 8
    timeout_s: float = 40.0  # longer than a wait for events
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def post(self, noun: str, record: Record | Sequence[Record], *, key: str | None = None) -> Any:
        """Write one record or many, once, however often the network makes it try. Raises `RefusedError`."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key or str(uuid.uuid4())}
        return self._ask("POST", f"/v1/{noun}", json.dumps(record).encode(), headers)

    def get(self, noun: str, *code: str, **parameters: object) -> Any:
        """Read a list's first page, or one record by its code. Raises `RefusedError`."""
        path = "/".join(["", "v1", noun, *(quote(part, safe="") for part in code)])
        asked = urlencode({name: value for name, value in parameters.items() if value is not None})
        return self._ask("GET", f"{path}?{asked}" if asked else path, b"", {})

    def every(self, noun: str, **parameters: object) -> Iterator[Record]:
        """Yield every record of a list, page by page."""
        after: str | None = None
        while True:
            page = self.get(noun, **{"limit": 200, **parameters, "after": after})
            yield from page["items"]
            after = page["next"]
            if after is None:
                return

    def follow(self, after: str | None = None, **parameters: object) -> Iterator[tuple[Record, str]]:
        """Yield events for ever, each with the token to go on after it and its page; waits for those to come."""
        while True:
            page = self.get("events", wait=30, after=after, **parameters)
            after = page["next"]
            for event in page["items"]:
                yield event, str(after)

    def trace(self, lot: str, direction: str = "back") -> Record:
        """Return where a lot came from, or where it went."""
        found: Record = self.get(f"lots/{quote(lot)}/trace", direction=direction)
        return found

    def labels(self, job: str, kind: str = "pdf") -> bytes:
        """Return the labels of a print job as a file: pdf, png or svg (a zip of several), or links, one a line."""
        return self._send("GET", f"/v1/label-jobs/{quote(job)}/labels?{urlencode({'format': kind})}", b"", {})

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Any:
        answer = self._send(method, path, body, headers)
        return json.loads(answer) if answer else None

    def _send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        given = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, **headers}
        for attempt in range(self.tries):
            if attempt:
                self.sleep(min(0.1 * 2**attempt, 5.0))
            try:
                status, answer = self._once(method, path, body, given)
            except (OSError, http.client.HTTPException):
                continue
            if status in _AGAIN:
                continue
            if status >= 400:
                raise RefusedError(json.loads(answer))
            return answer
        raise UnreachableError(f"{method} {path}")

    def _once(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        where = urlsplit(self.url)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=self.timeout_s)
        try:
            connection.request(method, where.path.rstrip("/") + path, body or None, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()
