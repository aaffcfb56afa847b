"""Words for what a program draws and writes: one language for a drawing, both for the heads of a spreadsheet."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.catalogue import LANGUAGES, Catalogue
from api.workbooks import Column, Kind


@dataclass(frozen=True)
class Speech:
    """A language of the catalogue."""

    catalogue: Catalogue
    language: str

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence."""
        return self.catalogue.sentence(key, facts, self.language)

    def word(self, scheme: str, code: str) -> str:
        """Return the word for a code where the catalogue has one, else the code."""
        key = f"{scheme}.{code}"
        return self.catalogue.text(key, self.language) if self.catalogue.has(key, self.language) else code


def column(catalogue: Catalogue, name: str, kind: Kind = Kind.TEXT, width: int | None = None) -> Column:
    """Return a column headed in Chinese and, below, in English."""
    return Column("\n".join(catalogue.text(f"column.{name}", language) for language in LANGUAGES), kind, width)


def columns(catalogue: Catalogue, kinds: Mapping[str, Kind]) -> list[Column]:
    """Return columns by their names, in order."""
    return [column(catalogue, name, kind) for name, kind in kinds.items()]
