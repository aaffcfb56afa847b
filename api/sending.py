"""Sending notices: mail by SMTP, text messages and webhooks by HTTP POST; whatever is due, under a lease.

A webhook goes to an address that somebody typed, so its host is looked up here, must lie on the public network, and
the connection goes to the very address that was checked; redirects are not followed. However slowly the other side
trickles, one sending ends well within its lease, so that a single holder keeps no other from being told.
"""

import contextlib
import hashlib
import hmac
import http.client
import json
import logging
import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

from sqlalchemy.exc import DBAPIError

from api.catalogue import LANGUAGES
from api.state import State
from trace.recalling.contacts import Channel
from trace.recalling.hosts import is_public
from trace.recalling.notices import Leased, is_any_due, lease_notices, mark_failed, mark_sent

TIMEOUT_S = 10.0  # for each step of a conversation
SENDING_S = 60.0  # for the whole of it: half a lease
_PAUSE_S = 1.0
_IN_ADDRESSES = "/?%:@!$&'()*+,;=~"  # stand for themselves in path and query (RFC 3986); Chinese is written in bytes
_logger = logging.getLogger("chasu")


class UndeliveredError(Exception):
    """The other side did not take a notice; the text says why, without what was sent."""


_UNTAKEN = (UndeliveredError, OSError, http.client.HTTPException)
_UNADDRESSED = (ValueError, LookupError, TypeError, AttributeError)  # what `email` raises over an address that is none


def keep_sending(state: State, stop: threading.Event) -> None:
    """Send what is due until told to stop."""
    while not stop.is_set():
        try:
            while send_due(state) and not stop.is_set():
                pass
        except DBAPIError as error:  # a database that is away comes back
            _logger.warning("sending: %s", error.orig)
        stop.wait(_PAUSE_S)


def send_due(state: State) -> int:
    """Send a notice that is due, and note what became of it; return how many were tried.

    One at a time: a lease begins when its notice is sent, not when those before it are.
    """
    with state.sessions.latest() as session:
        if not is_any_due(session, state.settings.open_channels):  # without the write lock: most rounds have nothing
            return 0
    with state.sessions.write.begin() as session:
        leased = lease_notices(session, state.settings.open_channels, most=1)
    for notice in leased:
        try:
            _SENDERS[notice.channel](state, notice)
        except _UNTAKEN as error:
            with state.sessions.write.begin() as session:
                mark_failed(session, notice, f"{type(error).__name__}: {error}")
        else:
            with state.sessions.write.begin() as session:
                mark_sent(session, notice)
    return len(leased)


def _mail(state: State, notice: Leased) -> EmailMessage:
    """Return a mail; its Message-ID is the delivery id, so that a second copy can be told as one."""
    message = EmailMessage()
    subjects = [state.catalogue.text("recall.notice.mail", language) for language in LANGUAGES]
    message["Subject"] = " · ".join(subjects)
    message["From"] = state.settings.smtp_from or f"chasu@{urlsplit(state.settings.public_url).hostname}"
    message["Message-ID"] = f"<{notice.code}@{urlsplit(state.settings.id_url).hostname}>"
    message.set_content(f"{notice.text_zh}\n\n{notice.text_en}\n")
    try:
        message["To"] = notice.address
    except _UNADDRESSED as error:
        raise UndeliveredError("no such mail address") from error
    return message


def _send_email(state: State, notice: Leased) -> None:
    """Send a mail."""
    address, message = urlsplit(state.settings.smtp_url or ""), _mail(state, notice)
    kind = smtplib.SMTP_SSL if address.scheme == "smtps" else smtplib.SMTP
    port = address.port or (465 if address.scheme == "smtps" else 25)
    server = kind(address.hostname or "", port, timeout=TIMEOUT_S)
    try:
        with _cut_off(server.sock):
            if address.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
            if address.username:
                if not isinstance(server.sock, ssl.SSLSocket):
                    raise UndeliveredError("the mail server offers no encryption, so it gets no password")
                with _said_plainly("name or password of the mail server"):
                    server.login(unquote(address.username), unquote(address.password or ""))
            server.send_message(message)
            with contextlib.suppress(OSError):  # it has been taken, however the parting goes
                server.quit()
    finally:
        server.close()


def _send_sms(state: State, notice: Leased) -> None:
    """Hand a text message to the gateway."""
    body = {"delivery": notice.code, "to": notice.address, "text": notice.text_zh}
    token = state.settings.sms_token
    own = {"Authorization": f"Bearer {token}"} if token else {}
    # The operator's own address, which may well lie within the operator's network.
    _post(state.settings.sms_url or "", body, own, private=True)


def _send_webhook(state: State, notice: Leased) -> None:
    """Post a notice as JSON, signed with the secret that its receiver was given."""
    if notice.secret is None:
        raise UndeliveredError("the contact was erased")
    body = {
        "delivery": notice.code,
        "type": "recall-notice",
        "recipient": notice.recipient,
        "text": {"zh": notice.text_zh, "en": notice.text_en},
    }
    _post(notice.address, body, {}, secret=notice.secret, private=state.settings.private_webhooks)


_SENDERS = {Channel.EMAIL: _send_email, Channel.SMS: _send_sms, Channel.WEBHOOK: _send_webhook}


def signature(secret: str, body: bytes) -> str:
    """Return what `Chasu-Signature` says of a body: HMAC-SHA-256 under the contact's secret, in hex."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def _post(url: str, body: dict[str, Any], headers: dict[str, str], *, private: bool, secret: str | None = None) -> None:
    """Post JSON. Raises `UndeliveredError` for every answer but 2xx, `OSError` where there is none."""
    parts = urlsplit(url)
    data = json.dumps(body, ensure_ascii=False).encode()
    sent = {"Content-Type": "application/json", "Chasu-Delivery": body["delivery"], **headers}
    if secret:
        sent["Chasu-Signature"] = signature(secret, data)
    with contextlib.ExitStack() as held:
        connection = _connection(parts, lambda sock: held.enter_context(_cut_off(sock)), private=private)
        held.callback(connection.close)
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        with _said_plainly("token"):
            connection.request("POST", quote(path, safe=_IN_ADDRESSES), body=data, headers=sent)
        status = connection.getresponse().status
    if not 200 <= status < 300:
        raise UndeliveredError(f"HTTP {status}")


@contextlib.contextmanager
def _said_plainly(what: str) -> Iterator[None]:
    """Raise `UndeliveredError` over letters that the protocol cannot carry, without saying which."""
    try:
        yield
    except UnicodeError as error:
        raise UndeliveredError(f"the {what} has letters that cannot be sent") from error


@contextlib.contextmanager
def _cut_off(connected: socket.socket | None) -> Iterator[None]:
    """End a connection when the time of one sending is up. Raises `UndeliveredError` where there is none."""
    if connected is None:
        raise UndeliveredError("no connection")
    door = socket.socket(fileno=os.dup(connected.fileno()))  # stays good when the first is wrapped in TLS

    def shut() -> None:
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SENDING_S, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        door.close()


def _connection(
    parts: SplitResult, watch: Callable[[socket.socket], None], *, private: bool
) -> http.client.HTTPConnection:
    """Return a connection to where a host's name leads now. Raises `UndeliveredError` for a private address."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        port = parts.port or (443 if secure else 80)
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except ValueError as error:  # no port, or a name that the name service could never hold
        raise UndeliveredError("no such host or port") from error
    if not private and not all(is_public(address) for address in found):
        raise UndeliveredError("the host lies within a private network")
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        if secure
        else http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)
    )

    def connect(_: object, *more: Any) -> socket.socket:
        connected = socket.create_connection((found[0], port), *more)
        watch(connected)
        return connected

    # The certificate is checked for the name, the connection made to the address that was looked at.
    connection._create_connection = connect  # type: ignore[attr-defined]  # the one door `http.client` has
    return connection
