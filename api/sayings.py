"""Fields of an answer that say facts as a sentence, in the language asked for."""

from typing import Any

from marshmallow import Schema, fields
from marshmallow.utils import get_value

from api.languages import language
from api.speech import Speech
from api.state import current_state


class Said(fields.String):
    """What a finding says; nothing where its facts are not told."""

    _CHECK_ATTRIBUTE = False
    speech: Speech | None = None  # of the request that is answered, unless it has been kept

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002 -- declared by marshmallow
        rule, facts = get_value(obj, "rule"), get_value(obj, "facts")
        if facts is None:
            return None
        speech = self.speech or _speech()
        return speech.catalogue.finding(rule, facts, speech.language)


def keep_speech(schema: Schema) -> Schema:
    """Let a schema go on in the language of this request once that has ended, as a stream does."""
    for field in schema.fields.values():
        if isinstance(field, Said):
            field.speech = _speech()
    return schema


def _speech() -> Speech:
    return Speech(current_state().catalogue, language())
