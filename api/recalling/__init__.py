"""The recall case over HTTP: a file for each of its nouns."""

from api.recalling import cases, codes, contacts, drills, notices, papers, scopes

BLUEPRINTS = (
    *(scopes.blueprint, codes.blueprint, contacts.blueprint, notices.blueprint, cases.blueprint),
    *(drills.blueprint, papers.blueprint),
)
