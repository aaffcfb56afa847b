"""Problems as pages: a person with a browser gets words, not JSON."""

from dataclasses import replace
from http import HTTPStatus

from flask import Response, render_template

from api.problems import Problem
from web.frames import frame, html, speech


def error_page(problem: Problem) -> Response:
    """Return the page of a problem."""
    spoken = speech()
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:  # why is for the operator: /readyz and the log say it
        problem = replace(problem, code="unavailable", facts={})
    words = {"heading": problem.title(spoken.language), "detail": problem.detail(spoken.language)}
    response = html(render_template("pages/error.html", **frame(spoken), **words, problem=problem), problem.status)
    response.headers.extend(problem.headers)
    response.headers["Content-Language"] = spoken.tag
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept-Language")
    return response
