"""Which language a reader gets, and the words in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_interval
from flask import Request
from markupsafe import Markup, escape

from api.catalogue import LANGUAGES, Catalogue
from api.languages import preferred
from trace.stories import Word

_OPEN, _CLOSE = "\u2068", "\u2069"  # Unicode's own marks around a foreign piece of text
HTML_TAGS = {"zh": "zh-CN", "en": "en"}
_LOCALES = {"zh": "zh_CN", "en": "en_GB"}


def asked_language(asked: Request) -> str:
    """Return the language of `?lang=`, else the one the browser asks for."""
    chosen = asked.args.get("lang", "") if asked.query_string else ""
    return chosen if chosen in LANGUAGES else preferred(asked.environ.get("HTTP_ACCEPT_LANGUAGE", ""))


@dataclass(frozen=True)
class Speech:
    """One language for one page: sentences, words of the chain, days and shares."""

    catalogue: Catalogue
    language: str

    @property
    def other(self) -> str:
        """Return the language to switch to."""
        return next(language for language in LANGUAGES if language != self.language)

    @property
    def other_tag(self) -> str:
        """Return the name of that language in HTML."""
        return HTML_TAGS[self.other]

    @property
    def tag(self) -> str:
        """Return the language as HTML and HTTP name it."""
        return HTML_TAGS[self.language]

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of the pages."""
        return self.catalogue.sentence(f"page.{key}", facts, self.language)

    def marked(self, key: str, **facts: object) -> Markup:
        """Return a sentence whose facts stay on one line where they can."""
        isolated = {name: f"{_OPEN}{value}{_CLOSE}" for name, value in facts.items()}
        sentence = str(escape(self.say(key, **isolated)))
        span = sentence.replace(_OPEN, '<span class="whole-name">').replace(_CLOSE, "</span>")
        return Markup(span)  # noqa: S704 -- escaped above

    def term(self, scheme: str, word: str) -> str:
        """Return a word that the catalogue may know, else the word as recorded."""
        key = f"page.{scheme}.{word}"
        return self.catalogue.text(key, self.language) if self.catalogue.has(key, self.language) else word

    def word(self, word: Word) -> str:
        """Return a word of the chain."""
        return word.zh if self.language == "zh" else word.en

    def words(self, words: Iterable[Word]) -> str:
        """Return words of the chain as one line."""
        return self.listed(tuple(map(self.word, words)))

    def day(self, day: date) -> str:
        """Return a day in full."""
        return format_date(day, "long", locale=_LOCALES[self.language])

    def days(self, first: date, last: date) -> str:
        """Return a day, or the days from first to last."""
        if first == last:
            return self.day(first)
        skeleton = "yMMMd" if self.language == "zh" else "yMMMMd"
        return format_interval(first, last, skeleton, locale=_LOCALES[self.language])

    def share(self, share: float) -> str:
        """Return a share in whole percent; what rounds to nothing is less than one."""
        percent = round(share * 100)
        return f"{percent}%" if percent else "< 1%"

    def listed(self, names: Iterable[str]) -> str:
        """Return names as one line."""
        return ("、" if self.language == "zh" else ", ").join(names)

    def listed_whole(self, names: Iterable[str]) -> Markup:
        """Return names as one line, each of which stays whole where it can."""
        spans = [Markup('<span class="whole-name">{}</span>').format(name) for name in names]
        return Markup(self.listed(["{}"] * len(spans))).format(*spans)  # noqa: S704 -- commas and braces of ours

    def join(self, *sentences: str) -> str:
        """Return sentences one after the other, each ended."""
        end, space = ("。", "") if self.language == "zh" else (".", " ")
        return space.join(sentence if sentence.endswith(end) else sentence + end for sentence in sentences if sentence)
