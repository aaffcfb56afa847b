"""The recall case over HTTP: a file for each of its nouns."""

from api.recalling import codes, scopes

BLUEPRINTS = (scopes.blueprint, codes.blueprint)
