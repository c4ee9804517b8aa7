"""The mail side of the composition root: settings become collectors, a gateway, a sender and the public page."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from pydantic import SecretStr

from callout.settings import Settings
from callout.settings_mail import Box, Mail
from dispatch import keys, postage
from dispatch.delivery import Delivery
from dispatch.feed import Feed
from dispatch.ports import Clock, Store
from intake.collector import Collector
from intake.gateway import Gateway
from intake.mailbox import Account
from intake.oauth import Tokens
from intake.parsing import Parser
from intake.sender import MailSender
from intake.smtp import Outgoing
from intake.sorting import Context
from storage.files import Files


def plain(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""


def tokens(box: Box, clock: Clock) -> Tokens | None:
    """Where the access tokens of a mailbox come from; None when it logs in by password."""
    if box.oauth_token_url is None:
        return None
    return Tokens(
        box.oauth_token_url,
        box.oauth_client_id or "",
        plain(box.oauth_client_secret),
        plain(box.oauth_refresh_token),
        clock,
        scope=box.oauth_scope or "",
    )


def account(box: Box, mail: Mail, clock: Clock, name: str) -> Account:
    """One mailbox as the collectors read it; `name` stands in the archive and must never change."""
    return Account(
        name,
        box.imap_host or "",
        box.imap_user or mail.address or "",
        port=box.imap_port,
        security=box.imap_security,
        password=plain(box.imap_password),
        tokens=tokens(box, clock),
        ca_file=str(box.ca_file) if box.ca_file else None,
        folders=box.folders,
        done_folder=box.done_folder,
        max_bytes=mail.max_bytes,
        poll_seconds=mail.poll_seconds,
    )


def accounts(mail: Mail, clock: Clock) -> tuple[Account, ...]:
    """Every mailbox; each is named by its user and host, so that their order in the file may change."""
    return tuple(
        account(box, mail, clock, f"{box.imap_user or mail.address}@{box.imap_host}"[:57])
        for box in mail.boxes
    )


def outgoing(mail: Mail, clock: Clock) -> Outgoing:
    """How mail leaves: by the server named for it, else by the one that is read."""
    source = tokens(mail, clock) if mail.smtp_login and mail.smtp_password is None else None
    user = (mail.smtp_user or mail.imap_user or mail.address or "") if mail.smtp_login else ""
    password = plain(mail.smtp_password or mail.imap_password) if mail.smtp_login else ""
    return Outgoing(
        mail.smtp_host or mail.imap_host or "",
        mail.smtp_port,
        security=mail.smtp_security,
        user=user if password or source else "",
        password="" if source else password,
        token=source.access if source else None,
        forget=source.forget if source else None,
        ca_file=str(mail.ca_file) if mail.ca_file else "",
    )


class PostOffice:
    """Everything of the mail that runs; `close` it at the end."""

    def __init__(
        self, settings: Settings, store: Store, clock: Clock, files: Files, note: Callable[..., None]
    ) -> None:
        self.settings = settings
        self.store = store
        self.clock = clock
        self.files = files
        self.note = note
        self.sender = MailSender(outgoing(settings.mail, clock), clock, files.get, note, longest=100)
        self.parser = Parser()
        self.collectors = tuple(
            Collector(one, store, clock, folder=folder, note=note)
            for one in accounts(settings.mail, clock)
            for folder in one.folders
        )

    def delivery(self, owner: str) -> Delivery:
        """Carries mail only: a slow mail server holds no chat up."""
        return Delivery(
            self.store,
            {postage.MAIL: self.sender},
            self.clock,
            owner,
            workers=self.settings.mail.workers * 2,
            lease=timedelta(seconds=120),
            note=self.note,
        )

    async def feed(self, owner: str) -> Feed:
        """Works off kept mails."""
        mail = self.settings.mail
        secret = await self.store.write(keys.key)
        context = Context(
            frozenset({mail.address or ""}), partial(postage.is_ours, secret), mail.authserv_id or ""
        )
        gateway = Gateway(self.store, self.parser, self.files, context)
        return gateway.feed(owner, workers=mail.workers, lease=timedelta(seconds=120), note=self.note)

    async def close(self) -> None:
        """Hang up and end the child processes."""
        await self.sender.close()
        await self.parser.close()

    def troubles(self) -> dict[str, str]:
        """What is wrong with the mail, by mailbox folder and for sending, in sentences for the operator."""
        found = {f"{box.account.name} {box.folder}": box.trouble for box in self.collectors if box.trouble}
        return {**found, **({"sending": self.sender.trouble} if self.sender.trouble else {})}
