"""The settings, group by group: every field with its default, its meaning and the rule it must keep."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator

from callout.logs import redact
from callout.settings_errors import wrong

PUBLIC_API = "https://api.telegram.org/"
WEBHOOK_RULE = "16-256 random characters of A-Z a-z 0-9 _ -"
LARGEST_DOWNLOAD = 20 << 20  # bytes; Bot API getFile, unless the server is one's own

Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Span = Annotated[float, Field(gt=0, lt=1_000_000, allow_inf_nan=False)]
Port = Annotated[int, Field(ge=0, le=65535)]
Text = Annotated[str, Field(min_length=1)]


class Group(BaseModel):
    """What all groups share: frozen, no unknown keys, and no value of a secret in an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_yes_or_no(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, bool) and cls.model_fields[info.field_name or ""].annotation is not bool:
            raise wrong("true and false are not values here", "write a number or a text")
        return value


class Organisation(Group):
    """Whom people deal with."""

    name: Text = Field("Callout", description="The name people see in messages.")
    timezone: str = Field("UTC", description="The IANA zone in which times are shown, e.g. Europe/Berlin.")
    language: Literal["en", "zh"] = Field("en", description="The language for people who have chosen none.")
    phone: Text | None = Field(None, description="Emergency telephone number shown to customers.")

    @field_validator("timezone")
    @classmethod
    def _known(cls, value: str) -> str:
        try:
            return ZoneInfo(value).key
        except (KeyError, ValueError, OSError):  # ZoneInfo("Europe") is a directory, "../x" a ValueError
            close = get_close_matches(value[:60], available_timezones(), n=1)
            fix = f"did you mean {close[0]}?" if close else "write an IANA name such as Europe/Berlin"
            raise wrong(f"there is no time zone {redact(value)[:60]!r}", fix) from None


class Telegram(Group):
    """The bot and how it is reached."""

    token: SecretStr | None = Field(None, description="The bot's token from @BotFather; without it, no bot.")
    api_url: str = Field(PUBLIC_API + "bot", description="Bot API address; the token is put after it.")
    file_url: str = Field(PUBLIC_API + "file/bot", description="The same for downloads.")
    mode: Literal["polling", "webhook"] = Field(
        "polling", description="polling: ask Telegram for updates; webhook: be called by it."
    )
    webhook_url: Text | None = Field(
        None, validate_default=True, description="With webhook: the public https address Telegram calls."
    )
    webhook_secret: SecretStr | None = Field(
        None,
        validate_default=True,
        description="With webhook: what Telegram must send along; " + WEBHOOK_RULE,
    )
    webhook_host: Text = Field("127.0.0.1", description="With webhook: address to receive the calls on.")
    webhook_port: Port = Field(8081, description="With webhook: port to receive them on; 0 takes any free.")
    poll_timeout: int = Field(30, gt=0, lt=3600, description="Seconds one long poll waits for updates.")
    per_second: float = Field(30, gt=0, le=1000, description="Messages sent per second, all chats together.")
    per_chat_seconds: float = Field(1, ge=0, le=3600, description="Seconds between two messages to a chat.")
    per_group_minute: float = Field(20, gt=0, le=10000, description="Messages sent per minute to one group.")
    max_file_bytes: int = Field(
        LARGEST_DOWNLOAD, gt=0, description="Largest file taken, in bytes; Telegram hands out 20 MiB at most."
    )
    lease_seconds: Span = Field(30, description="Seconds a worker owns a message before another may take it.")
    workers: int = Field(8, gt=0, le=256, description="Messages handled at the same time, one per chat.")

    @field_validator("token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        token = value.get_secret_value().strip() if value else ""
        if value and not re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", token):
            raise wrong(
                "this is not a bot token", "copy the whole line @BotFather shows: digits, colon, letters"
            )
        return SecretStr(token) if value else None

    @field_validator("api_url", "file_url")
    @classmethod
    def _address(cls, value: str) -> str:
        fits = value.endswith("/bot") or "{token}" in value
        if not fits or not re.fullmatch(r"https?://[^\s/]+/\S*", value):
            raise wrong("the token cannot be put after this address", "write https://… ending in /bot")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _called_at(cls, value: str | None, info: ValidationInfo) -> str | None:
        public = str(info.data.get("api_url", PUBLIC_API)).startswith(PUBLIC_API)
        if value is None and info.data.get("mode") == "webhook":
            raise wrong("is missing", "mode is webhook: write the public https address Telegram shall call")
        if value and not value.startswith("https://" if public else ("https://", "http://")):
            raise wrong("is not an https address", "Telegram calls https only: write https://…")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        # S19: without it anybody who finds the address could speak as Telegram.
        if value is None and info.data.get("mode") == "webhook":
            raise wrong("is missing", "mode is webhook: write " + WEBHOOK_RULE)
        secret = value.get_secret_value().strip() if value else ""
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret):
            raise wrong("cannot be used", "write " + WEBHOOK_RULE)
        return SecretStr(secret) if value else None

    @field_validator("max_file_bytes")
    @classmethod
    def _handed_out(cls, value: int, info: ValidationInfo) -> int:
        if value > LARGEST_DOWNLOAD and str(info.data.get("api_url", "")).startswith(PUBLIC_API):
            raise wrong(f"{value} is too large", f"Telegram hands out {LARGEST_DOWNLOAD} bytes at most")
        return value


class Database(Group):
    """Where everything is kept."""

    url: Text = Field(
        "sqlite:///callout.db",
        repr=False,  # it may hold a password
        description="sqlite:///file.db, sqlite:////full/path/file.db or postgresql+asyncpg://user:password@host/name.",
    )
    files: Path = Field(
        default_factory=lambda settings: _beside(settings["url"]),
        description="Folder for attachments.",
        json_schema_extra={"default": "the folder files beside the database"},
    )

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None for PostgreSQL."""
        return _sqlite_file(self.url)

    @field_validator("url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        scheme = value.partition("://")[0].lower()
        if scheme in DATABASE_FIXES:
            raise wrong(f"{scheme}:// is not how it is written", DATABASE_FIXES[scheme])
        if scheme not in DATABASES or "://" not in value:
            raise wrong(
                "this kind of database is not known", "write sqlite:///callout.db or postgresql+asyncpg://…"
            )
        if scheme.startswith("sqlite") and _sqlite_file(value) is None:
            raise wrong("this names no file", "write three slashes and a file: sqlite:///callout.db")
        return value

    @field_validator("files")
    @classmethod
    def _home(cls, value: Path) -> Path:
        return value.expanduser()


DATABASES = ("sqlite", "sqlite+aiosqlite", "postgresql+asyncpg")
DATABASE_FIXES = dict.fromkeys(
    ("postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"),
    "write postgresql+asyncpg://user:password@host/name",
)


def _sqlite_file(url: str) -> Path | None:
    scheme, _, rest = url.partition("://")
    name = rest.partition("?")[0].removeprefix("/")
    memory = name in ("", ":memory:") or name.startswith("file:")  # one connection each: not one archive
    return None if memory or not scheme.startswith("sqlite") or not rest.startswith("/") else Path(name)


def _beside(url: str) -> Path:
    return (_sqlite_file(url) or Path()).parent / "files"


class Http(Group):
    """The small server for health and figures."""

    host: Text = Field("127.0.0.1", description="Address for /healthz, /readyz and /metrics.")
    port: Port = Field(8080, description="Its port; 0 takes any free one.")


class Logging(Group):
    """What is written about the service's work."""

    level: Level = Field("INFO", description="The least level written.")
    format: Literal["console", "json"] = Field("console", description="For people, or for machines.")

    @field_validator("level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value
