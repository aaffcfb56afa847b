"""Settings: from the environment only, checked at start. `docs/settings.md` is this table as text (tested)."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from trace.recalling.contacts import Channel

ROOT = Path(__file__).resolve().parent.parent
_HOST = re.compile(r"[0-9A-Za-z.-]+(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Setting:
    """One variable: its default in words a reader can use, and what it means."""

    name: str
    default: str
    meaning: str
    meaning_en: str


SETTINGS = (
    Setting(
        "INSTANCE_DIR",
        "instance",
        "数据文件夹，以下默认路径都在其中",
        "the data folder; the default paths below lie in it",
    ),
    Setting(
        "DATABASE_URL",
        "sqlite:///instance/chasu.db",
        "数据库地址；大规模部署用 postgresql+psycopg://…",
        "the database; postgresql+psycopg://… for larger sites",
    ),
    Setting(
        "READ_DATABASE_URL",
        "DATABASE_URL",
        "PostgreSQL 只读副本的地址；落后主库不到 5 秒时由它应答读取",
        "a PostgreSQL replica, which answers readers while it lags less than 5 s",
    ),
    Setting(
        "SECRET_KEY",
        "instance/secret-key（首次使用时生成，0600 / made at first use, 0600）",
        "给翻页标记签名；多台机器须相同，至少 32 个字符",
        "signs paging tokens; the same on every machine, at least 32 characters",
    ),
    Setting("HOST", "127.0.0.1", "监听地址", "address to listen on"),
    Setting("PORT", "8000", "监听端口", "port to listen on"),
    Setting("PUBLIC_URL", "http://HOST:PORT", "印在标签链接里的网址", "web address in printed links"),
    Setting(
        "PUBLIC_HOSTS",
        "（无 / none）",
        "曾用的主机名，逗号分隔，旧标签仍算本站的",
        "former host names, comma-separated; labels with them are still ours",
    ),
    Setting(
        "ID_URL",
        "PUBLIC_URL",
        "自有标识符的前缀；首次启动写入数据库，此后不变",
        "prefix of our own identifiers; stored at the first start, fixed from then on",
    ),
    Setting(
        "KEYS_DIR",
        "instance/keys",
        "密钥文件夹，各进程共用，须备份",
        "the key folder, shared by all processes; back it up",
    ),
    Setting("SPOOL_DIR", "instance/spool", "扫码记录的暂存文件夹", "where scans wait to be posted"),
    Setting("FONT_DIR", "instance/fonts", "标签字体文件夹", "fonts for labels"),
    Setting(
        "RATE_LIMIT",
        "600",
        "每个账户每分钟的请求数上限，每个 `flask serve` 的各进程合计；0 表示不限",
        "requests a minute for each account, of all processes of one `flask serve` together; 0 for no limit",
    ),
    Setting(
        "FILE_LIMIT_MB",
        "10",
        "检验报告文件的大小上限，1 到 50；其他请求最多 5 MB",
        "the largest file of a laboratory's report, 1 to 50; any other request has 5 MB at most",
    ),
    Setting(
        "SMTP_URL",
        "（无 / none）",
        "发召回通知邮件的服务器，smtp://用户:密码@主机:25 或 smtps://…；未设则改为打印",
        "mail server for recall notices, smtp://user:password@host:25 or smtps://…; without it they are printed",
    ),
    Setting("SMTP_FROM", "chasu@（PUBLIC_URL 的主机 / its host）", "邮件的发件人", "who mails come from"),
    Setting(
        "SMS_URL",
        "（无 / none）",
        "短信网关：POST JSON（delivery、to、text）；未设则改为打印",
        "gateway for text messages: POST of JSON (delivery, to, text); without it they are printed",
    ),
    Setting("SMS_TOKEN", "（无 / none）", "短信网关的令牌（Bearer）", "the gateway's bearer token"),
    Setting(
        "PRIVATE_WEBHOOKS",
        "0",
        "1 表示允许推送到内网地址",
        "1 lets webhooks go to addresses within a private network",
    ),
)


class SettingsError(SystemExit):
    """Settings that cannot be used: one line each, Chinese and English. Ends the process without a traceback."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this process runs with."""

    database_url: str
    read_database_url: str | None
    secret_key: str | None
    host: str
    port: int
    public_url: str
    public_hosts: tuple[str, ...]
    id_url: str
    keys_dir: Path
    spool_dir: Path
    font_dir: Path
    instance_dir: Path
    rate_limit: int
    file_limit: int  # bytes
    smtp_url: str | None = None
    smtp_from: str = ""
    sms_url: str | None = None
    sms_token: str | None = None
    private_webhooks: bool = False

    @property
    def open_channels(self) -> tuple[Channel, ...]:
        """Return by what a notice can be sent from here."""
        given = {Channel.WEBHOOK: True, Channel.EMAIL: bool(self.smtp_url), Channel.SMS: bool(self.sms_url)}
        return tuple(channel for channel, is_open in given.items() if is_open)

    def secret(self) -> bytes:
        """Return the secret key; the first process that wants one makes it."""
        if self.secret_key is not None:
            return self.secret_key.encode()
        return _kept_secret(self.instance_dir / "secret-key")

    @property
    def sqlite_file(self) -> Path | None:
        """Return the database's file, when it is one."""
        url = make_url(self.database_url)
        return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings. Raises `SettingsError` naming every wrong variable."""
    reader = _Reader(os.environ if environment is None else environment)
    host, port = reader.text("HOST", "127.0.0.1"), reader.number("PORT", 8000, 1, 65535)
    public_url = reader.web_address("PUBLIC_URL", f"http://{f'[{host}]' if ':' in host else host}:{port}")
    instance = reader.folder("INSTANCE_DIR", ROOT / "instance")
    settings = Settings(
        instance_dir=instance,
        database_url=reader.database("DATABASE_URL") or f"sqlite:///{instance / 'chasu.db'}",
        read_database_url=reader.replica(),
        secret_key=reader.secret(),
        host=host,
        port=port,
        public_url=public_url,
        public_hosts=reader.hosts(),
        id_url=reader.web_address("ID_URL", public_url),
        keys_dir=reader.folder("KEYS_DIR", instance / "keys"),
        spool_dir=reader.folder("SPOOL_DIR", instance / "spool"),
        font_dir=reader.folder("FONT_DIR", instance / "fonts"),
        rate_limit=reader.number("RATE_LIMIT", 600, 0, 1_000_000),
        file_limit=reader.number("FILE_LIMIT_MB", 10, 1, 50) * 1_000_000,
        smtp_url=reader.mail_server("SMTP_URL"),
        smtp_from=reader.text("SMTP_FROM", ""),
        sms_url=reader.web_address("SMS_URL", "") or None,
        sms_token=reader.text("SMS_TOKEN", "") or None,
        private_webhooks=bool(reader.number("PRIVATE_WEBHOOKS", 0, 0, 1)),
    )
    if reader.wrong:
        raise SettingsError("\n".join(reader.wrong))
    return settings


class _Reader:
    """Reads variables and gathers what is wrong with them. An empty variable counts as absent."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self.wrong: list[str] = []

    def _find(self, name: str) -> str | None:
        return self._environment.get(name, "").strip() or None

    def _refuse(self, name: str, chinese: str, english: str) -> None:
        self.wrong.append(f"设置 {name}：{chinese} / setting {name}: {english}")

    def text(self, name: str, default: str) -> str:
        return self._find(name) or default

    def folder(self, name: str, default: Path) -> Path:
        return ROOT / self.text(name, str(default))

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if text.isascii() and text.isdecimal() and len(text) < 20 and least <= int(text) <= most:
            return int(text)
        self._refuse(name, f"应为 {least} 到 {most} 的整数", f"must be a whole number from {least} to {most}")
        return default

    def database(self, name: str) -> str | None:
        text = self._find(name)
        if text is None:
            return None
        try:
            url = make_url(text)
        except ArgumentError:
            self._refuse(name, "不是数据库地址", "is not a database address")
            return None
        if url.drivername not in {"sqlite", "postgresql", "postgresql+psycopg"}:
            self._refuse(
                name, "只支持 sqlite 与 postgresql+psycopg", "only sqlite and postgresql+psycopg are supported"
            )
            return None
        if url.drivername == "sqlite" and url.database and url.database != ":memory:":
            url = url.set(database=str(ROOT / url.database))
        elif url.drivername == "sqlite":
            self._refuse(name, "内存数据库不能保存记录", "a database in memory keeps no records")
        return url.render_as_string(hide_password=False)

    def replica(self) -> str | None:
        text, primary = self.database("READ_DATABASE_URL"), self._find("DATABASE_URL") or ""
        servers = all(url.startswith("postgresql") for url in (text or "", primary))
        if text and not servers and self._find("READ_DATABASE_URL") != primary:
            self._refuse(
                "READ_DATABASE_URL",
                "只有 PostgreSQL 才有副本，DATABASE_URL 也须是 PostgreSQL",
                "only PostgreSQL has replicas, and DATABASE_URL must name one too",
            )
        return text

    def mail_server(self, name: str) -> str | None:
        text = self._find(name)
        try:
            parts = urlsplit(text or "")
            usable = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if text and not usable:
            self._refuse(name, "应为 smtp:// 或 smtps:// 开头的地址", "must be an address with smtp:// or smtps://")
        return text if usable else None

    def web_address(self, name: str, default: str) -> str:
        text = self.text(name, default).rstrip("/")
        if not text and not default:
            return ""
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or any(mark in text for mark in '?#@ \\"<>'):
            self._refuse(
                name,
                "应为 http:// 或 https:// 开头的网址，不带参数",
                "must be a web address with http:// or https://, without a query",
            )
        return text

    def hosts(self) -> tuple[str, ...]:
        names = [name.strip().lower() for name in self.text("PUBLIC_HOSTS", "").split(",") if name.strip()]
        if not all(_HOST.fullmatch(name) for name in names):
            self._refuse("PUBLIC_HOSTS", "应为逗号分隔的主机名", "must be host names separated by commas")
        return tuple(names)

    def secret(self) -> str | None:
        text = self._find("SECRET_KEY")
        if text is not None and len(text) < 32:
            self._refuse("SECRET_KEY", "至少要 32 个字符", "must have at least 32 characters")
        return text


def _kept_secret(file: Path) -> bytes:
    """Return the secret in a file; where there is none, put a whole new one there, whoever is first."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            opened.write(secrets.token_hex(32))
        try:
            os.link(draft, file)  # unlike a rename, refuses to replace what another process put there
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return file.read_bytes().strip()
