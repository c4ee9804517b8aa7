"""The settings of the mailbox, of sending mail, and of the public page that mails link to."""

import json
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from callout.settings_errors import wrong
from callout.settings_groups import Group, Port, Text

ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}")
Security = Literal["tls", "starttls", "none"]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Box(Group):
    """One mailbox to read."""

    imap_host: Text | None = Field(None, description="IMAP server; without it, no mailbox is read.")
    imap_port: Port = Field(993, description="Its port for implicit TLS.")
    imap_security: Literal["tls", "none"] = Field(
        "tls", description="tls, always with verification; none is for a server on this machine only."
    )
    imap_user: Text | None = Field(None, description="User name; without it, the address.")
    imap_password: SecretStr | None = Field(None, description="Its password, if it logs in by password.")
    ca_file: Path | None = Field(None, description="Certificates to trust instead of the system's, as PEM.")
    folders: tuple[str, ...] = Field(("INBOX",), description="Folders to read.")
    done_folder: Text | None = Field(
        None,
        description="Folder that mails are moved to when they are kept; without it they are marked as read.",
    )
    oauth_token_url: Text | None = Field(
        None, description="Token endpoint for XOAUTH2 (Microsoft 365, Gmail) instead of a password."
    )
    oauth_client_id: Text | None = Field(None, description="Client id registered there.")
    oauth_client_secret: SecretStr | None = Field(None, description="Client secret, if there is one.")
    oauth_refresh_token: SecretStr | None = Field(None, description="Refresh token of the mailbox.")
    oauth_scope: Text | None = Field(None, description="Scope to ask for, if the endpoint wants one.")

    @field_validator("folders", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            tuple(part.strip() for part in value.strip("[]").split(",")) if isinstance(value, str) else value
        )

    @field_validator("imap_security")
    @classmethod
    def _encrypted(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and info.data.get("imap_host") not in (None, *LOOPBACK):
            raise wrong("would send the password in clear", "write tls")
        return value

    @property
    def oauth(self) -> bool:
        """Whether it logs in by XOAUTH2."""
        return self.oauth_token_url is not None


class Mail(Box):
    """The mailbox people write to, and how mail leaves."""

    address: str | None = Field(None, description="The address people write to; without it, no mail.")
    more: tuple[Box, ...] = Field(
        (),
        description="Further mailboxes to read, each as [[mail.more]] in the file, with the keys imap_* and oauth_*.",
    )
    smtp_host: Text | None = Field(
        None, description="Server that takes our mail; without it, the IMAP server."
    )
    smtp_port: Port = Field(465, description="Its port: 465 for tls, 587 for starttls.")
    smtp_security: Security = Field("tls", description="tls, starttls, or none for a server on this machine.")
    smtp_user: Text | None = Field(
        None, description="User name for sending; without it, that of the mailbox."
    )
    smtp_password: SecretStr | None = Field(
        None, description="Its password; without it, that of the mailbox."
    )
    smtp_login: bool = Field(True, description="Whether to log in before sending.")
    max_bytes: Annotated[int, Field(ge=100_000, le=1 << 30)] = Field(
        25 << 20,
        description="Largest mail taken whole, in bytes; of a larger one only the beginning is read.",
    )
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        60, description="Seconds between two looks into the mailbox, besides being woken by it."
    )
    authserv_id: Text | None = Field(
        None, description="Name of our own mail server in Authentication-Results; only its verdicts count."
    )
    acks_per_hour: Annotated[int, Field(ge=0, le=1000)] = Field(
        3, description="Receipts to one address in an hour."
    )
    acks_per_minute: Annotated[int, Field(ge=1, le=100_000)] = Field(
        30, description="Receipts to all addresses together in a minute."
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        4, description="Mails read, and sent, at the same time."
    )

    @field_validator("more", mode="before")
    @classmethod
    def _from_json(cls, value: object) -> object:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise wrong(
                "is not a JSON list", "write further mailboxes as [[mail.more]] in the file"
            ) from None

    @field_validator("address")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value and not ADDRESS.fullmatch(value):
            raise wrong("is not an address", "write support@example.org")
        if value and "+" in value:
            raise wrong("has a plus in it, which we need ourselves", "write the address without it")
        return value.lower() if value else None

    @field_validator("authserv_id")
    @classmethod
    def _named(cls, value: str | None) -> str | None:
        if value == "*":
            raise wrong("would believe whatever a sender writes", "write the name of your own mail server")
        return value

    @field_validator("smtp_security")
    @classmethod
    def _sent_encrypted(cls, value: str, info: ValidationInfo) -> str:
        host = info.data.get("smtp_host") or info.data.get("imap_host")
        if value == "none" and host not in (None, *LOOPBACK):
            raise wrong("would send the password in clear", "write tls or starttls")
        return value

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every mailbox to read."""
        return tuple(box for box in (self, *self.more) if box.imap_host)


class Web(Group):
    """The public page that mails link to."""

    url: Text | None = Field(
        None,
        description="Where people reach the page, https://help.example.org; without it, mails have no links.",
    )
    host: Text = Field(
        "127.0.0.1", description="Address the page is served on, behind a proxy that speaks https."
    )
    port: Port = Field(8082, description="Its port; 0 takes any free one.")
    secret: SecretStr | None = Field(
        None, description="Seals links and reply addresses; without it, the database keeps one of its own."
    )

    @field_validator("secret")
    @classmethod
    def _long(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < 32:
            raise wrong("is too short to be secret", "write at least 32 random characters")
        return value

    @field_validator("url")
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        local = value and re.match(r"http://(127\.0\.0\.1|localhost|\[::1\])(:|/|\Z)", value)
        if value and not value.startswith("https://") and not local:
            raise wrong("is not an https address", "write https://…")
        return value.rstrip("/") if value else None
