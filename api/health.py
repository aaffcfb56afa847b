"""`/healthz` (alive), `/readyz` (fit for work, and if not, why) and `/metrics`."""

from math import isinf
from pathlib import Path

from flask import Blueprint, Response, g, jsonify
from flask.typing import ResponseReturnValue

from api.languages import language
from api.metrics import CONTENT_TYPE
from api.state import current_state
from trace import health
from trace.replicas import Replica, Standing

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that this process answers; asks nothing of the database."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether database, migrations, keys and worker are well, part by part; and how a replica stands."""
    state = current_state()
    with state.sessions.latest() as session:  # of its own: a database that fails must not fail this answer
        parts = health.check(session, state.settings.keys_dir, state.settings.spool_dir)
    well = all(outcome == "ok" for outcome in parts.values())
    beside = {"replica": state.sessions.replica.standing().value} if state.sessions.replica else {}  # none needs it
    spoken, told = language(), {**parts, **beside}
    details = {name: state.catalogue.sentence(code, {}, spoken) for name, code in told.items() if code != "ok"}
    response = jsonify({"status": "ok" if well else "not-ready", "parts": parts, **beside, "details": details})
    response.status_code = 200 if well else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return counters for Prometheus."""
    state = current_state()
    lines = list(state.metrics.lines())
    for name, value in health.count_records(g.session).items():
        lines += _gauge(name, value)
    lines += _of_replica(state.sessions.replica) if state.sessions.replica else []
    waiting = sum(file.stat().st_size for file in _spooled(state.settings.spool_dir))
    lines += _gauge("spool_bytes", waiting)
    return Response("\n".join(lines) + "\n", content_type=CONTENT_TYPE)


def _gauge(name: str, value: object) -> list[str]:
    return [f"# TYPE chasu_{name} gauge", f"chasu_{name} {value}"]


def _of_replica(replica: Replica) -> list[str]:
    answers, lag = replica.standing() is Standing.OK, replica.lag_s()
    values = {"answers": f"{answers:d}", "lag_seconds": "+Inf" if isinf(lag) else f"{lag:.3f}"}
    return [line for name, value in values.items() for line in _gauge(f"replica_{name}", value)]


def _spooled(directory: Path) -> list[Path]:
    return [file for file in directory.glob("*") if file.is_file()] if directory.is_dir() else []
