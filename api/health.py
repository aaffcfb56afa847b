"""`/healthz` (alive), `/readyz` (fit for work, and if not, why) and `/metrics`."""

from pathlib import Path

from flask import Blueprint, Response, g, jsonify
from flask.typing import ResponseReturnValue

from api.languages import language
from api.metrics import CONTENT_TYPE
from api.state import current_state
from trace import health

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    """Say that this process answers; asks nothing of the database."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    """Say whether database, migrations, keys and worker are well, part by part."""
    state = current_state()
    with state.sessions.read() as session:  # of its own: a database that fails must not fail this answer
        parts = health.check(session, state.settings.keys_dir, state.settings.spool_dir)
    well = all(outcome == "ok" for outcome in parts.values())
    spoken = language()
    details = {name: state.catalogue.sentence(code, {}, spoken) for name, code in parts.items() if code != "ok"}
    response = jsonify({"status": "ok" if well else "not-ready", "parts": parts, "details": details})
    response.status_code = 200 if well else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return counters for Prometheus."""
    state = current_state()
    lines = list(state.metrics.lines())
    for name, value in health.count_records(g.session).items():
        lines += [f"# TYPE chasu_{name} gauge", f"chasu_{name} {value}"]
    waiting = sum(file.stat().st_size for file in _spooled(state.settings.spool_dir))
    lines += ["# TYPE chasu_spool_bytes gauge", f"chasu_spool_bytes {waiting}"]
    return Response("\n".join(lines) + "\n", content_type=CONTENT_TYPE)


def _spooled(directory: Path) -> list[Path]:
    return [file for file in directory.glob("*") if file.is_file()] if directory.is_dir() else []
