"""What the pages of one process share: stories told last, the scan spool, the name of the installation."""

import hashlib
import logging
import threading
from functools import cached_property
from pathlib import Path

from flask import Flask, current_app

from api.catalogue import LANGUAGES
from api.state import State
from trace import clock
from trace.instance import get_instance
from trace.scans import ScanSpool, Seen
from trace.stories import Story, StoryShelf
from trace.verdicts import Answer, Code, judge_code
from web.language import Speech

_NAME = "chasu-pages"
_FOLDER = Path(__file__).resolve().parent
_SENTENCES = _FOLDER.parent / "api" / "translations"
Drawn = tuple[bytes, ...]  # a page or JSON, cut where each pack has its own serial
KEPT = 512  # drawn pages and JSON texts, some 15 kB each; more lots than a town scans in an hour


class LookUp:
    """The state of the pages in one process."""

    def __init__(self, state: State, log: logging.Logger) -> None:
        self._shelf = StoryShelf()
        self._state = state
        self._log = log
        self._spool = ScanSpool(state.settings.spool_dir)
        self._speeches = {language: Speech(state.catalogue, language) for language in LANGUAGES}
        self._lock = threading.Lock()
        self._pages: dict[tuple[object, ...], Drawn] = {}

    def judge(self, code: Code) -> Answer:
        """Return what a code is at this moment."""
        return judge_code(self._state.sessions.asker, self._state.keys.ring(), self.instance, code)

    @cached_property
    def instance(self) -> str:
        """Return the name to which serials are bound; it never changes, so it is read once."""
        with self._state.sessions.read() as session:
            return get_instance(session).name

    def get_story(self, answer: Answer) -> Story:
        """Return the story behind an answer, kept or read where no replica's older one can be kept for its revision."""
        with self._state.sessions.latest() as session:
            return self._shelf.get_story(session, answer)

    def speech(self, language: str) -> Speech:
        """Return a language for a page."""
        return self._speeches[language]

    def find_page(self, key: tuple[object, ...]) -> Drawn | None:
        """Return what all packs of a lot share, if it is kept."""
        return self._pages.get(key)

    def keep_page(self, key: tuple[object, ...], page: Drawn) -> Drawn:
        """Keep it. What was drawn longest ago makes room."""
        with self._lock:
            self._pages[key] = page
            while len(self._pages) > KEPT:
                del self._pages[next(iter(self._pages))]
        return page

    def note_scan(self, answer: Answer, language: str) -> None:
        """Spool a scan. A full disk must not take the page away from its reader."""
        seen = Seen(
            scanned_at=clock.now(),
            verdict=answer.verdict.value,
            gtin=answer.code.gtin or None,
            serial=answer.code.serial,
            pack_id=answer.pack_id,
            position=answer.position,
            language=language,
        )
        try:
            self._spool.add(seen)
        except OSError:
            self._log.exception("a scan could not be spooled")

    @cached_property
    def edition(self) -> str:
        """Return a mark that changes with templates, style and sentences, so no reader keeps an old page."""
        files = sorted(path for path in (*_FOLDER.rglob("*"), *_SENTENCES.rglob("web.po")) if path.is_file())
        digest = hashlib.sha256()
        for path in files:
            if path.suffix in {".html", ".css", ".py", ".po"}:
                digest.update(path.read_bytes())
        return digest.hexdigest()[:12]


def set_look_up(app: Flask, look_up: LookUp) -> None:
    """Let an application's pages share this from now on."""
    app.extensions[_NAME] = look_up


def current_look_up() -> LookUp:
    """Return what the pages at work share."""
    look_up: LookUp = current_app.extensions[_NAME]
    return look_up
