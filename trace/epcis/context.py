"""The JSON-LD @context of an EPCIS document: what the prefixes of its names and values stand for."""

from collections.abc import Iterator, Mapping

# CBV 2.0 §8.9 rule 15. A name's prefix must be declared by the document: `cbvmda:` in JSON without a declaration stays
# as it is, although https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld declares it; the reference does so.
_VALUE_PREFIXES = {
    "cbv": "https://ref.gs1.org/cbv/",
    "epcis": "https://ref.gs1.org/epcis/",
    "gs1": "https://gs1.org/voc/",
}


class Context:
    """The prefixes in force. Names become `{namespace}local`; CURIEs in values become full URIs."""

    def __init__(self, declared: Mapping[str, str]) -> None:
        self._declared = dict(declared)
        self._values = _VALUE_PREFIXES | self._declared

    @classmethod
    def of(cls, jsonld: object) -> "Context":
        """Read the value of `@context`: an object, an address, or a list of both. No address is ever fetched."""
        return cls(dict(_declarations(jsonld)))

    def extended(self, jsonld: object) -> "Context":
        """Return this context with the prefixes of an inner `@context` on top."""
        return Context(self._declared | dict(_declarations(jsonld)))

    def name(self, key: str) -> str:
        """Return `{namespace}local` for a declared prefix, any other name as it is."""
        prefix, colon, local = key.partition(":")
        if colon and prefix in self._declared:
            return f"{{{self._declared[prefix]}}}{local}"
        return key

    def value(self, text: str) -> str:
        """Return the full URI of a CURIE, any other text as it is."""
        prefix, colon, local = text.partition(":")
        return self._values[prefix] + local if colon and prefix in self._values else text


def _declarations(jsonld: object) -> Iterator[tuple[str, str]]:
    for part in jsonld if isinstance(jsonld, list) else [jsonld]:
        if isinstance(part, Mapping):
            for prefix, meaning in part.items():
                namespace = meaning.get("@id") if isinstance(meaning, Mapping) else meaning
                if isinstance(namespace, str) and not prefix.startswith("@"):
                    yield prefix, namespace


STANDARD = Context({})
