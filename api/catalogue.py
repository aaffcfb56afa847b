"""The catalogue: every sentence for people, by code, in Chinese and English. `api/translations/` holds the words.

`messages.po` has the refusals, `web.po` the pages. They are read as they are, at first need; no compiled form is kept.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from string import Formatter

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
_FOLDER = Path(__file__).with_name("translations")
_UNKNOWN = "…"
_NAMED = frozenset({"what", "reason", "array", "state", "role", "expected"})  # facts said by a name of their own


class _Facts(dict[str, object]):
    """Facts for a sentence; a missing one leaves an ellipsis instead of an error."""

    def __missing__(self, name: str) -> str:
        return _UNKNOWN


class Catalogue:
    """All sentences of one folder of translations."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._folder = folder

    @cached_property
    def _sentences(self) -> dict[str, dict[str, str]]:
        """Return language → code → sentence."""
        return {language: _read(self._folder / language / "LC_MESSAGES") for language in LANGUAGES}

    def codes(self, language: str) -> frozenset[str]:
        """Return every code that has a sentence in this language."""
        return frozenset(self._sentences[language])

    def has(self, code: str, language: str) -> bool:
        """Return whether there is a sentence for a code."""
        return code in self._sentences[language]

    def text(self, key: str, language: str) -> str:
        """Return the words as they stand; without a translation the Chinese ones, else the key itself."""
        if language not in self._sentences:
            language = DEFAULT_LANGUAGE
        return self._sentences[language].get(key) or self._sentences[DEFAULT_LANGUAGE].get(key, key)

    def sentence(self, code: str, facts: Mapping[str, object], language: str) -> str:
        """Return the sentence with its facts filled in; never raises for what is missing.

        A code may have a fuller sentence, `CODE.named`, for where everything it names is known.
        """
        said = {name: self._say(name, value, language) for name, value in facts.items()}
        named = self.text(f"{code}.named", language)
        known = self.has(f"{code}.named", language) and all(facts.get(name) not in (None, "") for name in _names(named))
        return (named if known else self.text(code, language)).format_map(_Facts(said))

    def finding(self, rule: str, facts: Mapping[str, object], language: str) -> str:
        """Return what a finding says."""
        return self.sentence(findings_sentence(rule, facts), facts, language)

    def reason(self, code: str, language: str) -> str:
        """Return why a link cannot be read."""
        key = f"reason.{code}"
        return self.text(key if self.has(key, language) else "reason.other", language)

    def title(self, code: str, language: str) -> str:
        """Return the short name of a problem."""
        key = f"title.{code}"
        text = self.text(key, language)
        return self.text("title.refused", language) if text == key else text

    def _say(self, name: str, value: object, language: str) -> object:
        """Return a fact as words: kinds of record, reasons, states and roles by their name, lists as an enumeration."""
        if name in _NAMED:
            key = f"what.{_one_of(str(value))}" if name == "array" else f"{name}.{value}"
            return self.text(key, language) if self.has(key, language) else str(value)
        if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
            items = [self._item(name, item, language) for item in value]
            between = ("；", "; ") if name == "items" else ("、", ", ")
            return between[language != "zh"].join(items) or self.text("none", language)
        return self.text("none", language) if value is None else str(value)

    def _item(self, name: str, item: object, language: str) -> str:
        """Return one of several as words: a rule by its name, what is still open in a case by its sentence."""
        if name == "items" and isinstance(item, Mapping):
            return self.sentence(f"recall.open.{item['item']}", item, language)
        key = f"{'rule' if name == 'rules' else name}.{item}"
        return self.text(key, language) if self.has(key, language) else str(item)


def findings_sentence(rule: str, facts: Mapping[str, object]) -> str:
    """Return the code of a finding's sentence: facts may be missing for a judgement, or tell one of several reasons."""
    if "missing" in facts:
        return f"finding.missing.{facts['missing']}"
    return f"finding.{rule}.{facts['why']}" if "why" in facts else f"finding.{rule}"


def _names(sentence: str) -> list[str]:
    """Return the facts that a sentence names."""
    return [name for _, name, _, _ in Formatter().parse(sentence) if name]


def _one_of(array: str) -> str:
    """Return what a list is of: `parties` of `party`."""
    return f"{array[:-3]}y" if array.endswith("ies") else array.removesuffix("s")


def _read(folder: Path) -> dict[str, str]:
    from babel.messages.pofile import read_po  # noqa: PLC0415 -- only where a sentence is wanted

    sentences: dict[str, str] = {}
    for file in sorted(folder.glob("*.po")):
        with file.open("rb") as opened:
            for message in read_po(opened):
                if message.id and isinstance(message.string, str):
                    sentences[str(message.id)] = message.string
    return sentences
