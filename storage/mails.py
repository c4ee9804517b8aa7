"""Mails as they came, how far each folder was read, the links mails carry, and how often we acknowledged."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from storage.records.mail import Cursor, KeptMail, Link, Purpose
from storage.repository import Repository
from storage.schema import acknowledgements, inbox, links, mail_cursors, mails

ANSWER = "answer:"  # before the address: an answer that somebody asked for counts apart


class Mails(Repository):
    # --- folders ---

    def cursor(self, account: str, folder: str) -> Cursor | None:
        """Where the folder was left; of several UIDVALIDITYs the one looked at last."""
        here = (mail_cursors.c.account == account) & (mail_cursors.c.folder == folder)
        latest = self.query(mail_cursors, Cursor, here)
        return self.find(Cursor, latest.order_by(mail_cursors.c.checked_at.desc(), mail_cursors.c.id.desc()))

    def move_cursor(self, account: str, folder: str, uidvalidity: int, last_uid: int) -> None:
        """Everything up to `last_uid` is kept; the cursor of one UIDVALIDITY never goes back."""
        here = (
            (mail_cursors.c.account == account)
            & (mail_cursors.c.folder == folder)
            & (mail_cursors.c.uidvalidity == uidvalidity)
        )
        known = self.sql.execute(select(mail_cursors.c.id, mail_cursors.c.last_uid).where(here)).first()
        now = self.unit.now
        if known is None:
            place = {"account": account, "folder": folder, "uidvalidity": uidvalidity}
            self.add(mail_cursors, **place, last_uid=last_uid, checked_at=now)
            return
        furthest = max(known.last_uid, last_uid)
        self.change(mail_cursors, mail_cursors.c.id == known.id, last_uid=furthest, checked_at=now)

    # --- mails ---

    def at(self, account: str, folder: str, uidvalidity: int, uid: int) -> KeptMail | None:
        here = (
            (mails.c.account == account)
            & (mails.c.folder == folder)
            & (mails.c.uidvalidity == uidvalidity)
            & (mails.c.uid == uid)
        )
        return self.find(KeptMail, self.query(mails, KeptMail, here))

    def get(self, key: int) -> KeptMail:
        return self.need(KeptMail, mails, key)

    def raw(self, key: int) -> bytes:
        """The bytes as they came; empty when they were erased."""
        return bytes(self.sql.execute(select(mails.c.raw).where(mails.c.id == key)).scalar() or b"")

    def same(self, account: str, message_id: str, digest: str) -> tuple[KeptMail, ...]:
        """Mails of that account with both the same Message-ID and the same digest, oldest first."""
        alike = (mails.c.account == account) & (mails.c.digest == digest) & (mails.c.message_id == message_id)
        return self.list(KeptMail, self.query(mails, KeptMail, alike).order_by(mails.c.id))

    def unmatched(self, account: str, folder: str, uidvalidity: int, digest: str) -> KeptMail | None:
        """The oldest mail without Message-ID of that digest that was kept under another UIDVALIDITY of the folder
        and has not been recognised under this one."""
        here = (mails.c.account == account) & (mails.c.folder == folder) & (mails.c.digest == digest)
        now = mails.c.uidvalidity == uidvalidity
        matched = select(mails.c.twin_of).where(here, now, mails.c.twin_of.is_not(None))
        known = here & ~now & (mails.c.message_id == "") & mails.c.twin_of.is_(None)
        some = self.query(mails, KeptMail, known, mails.c.id.not_in(matched))
        return self.find(KeptMail, some.order_by(mails.c.id))

    def keep(self, raw: bytes | None, **values: Any) -> KeptMail:
        return self.get(self.add(mails, raw=raw, kept_at=self.unit.now, **values))

    def update(self, mail: KeptMail, **values: Any) -> KeptMail:
        self.change(mails, mails.c.id == mail.id, **values)
        return self.get(mail.id)

    def by_inbox(self, inbox_id: int) -> KeptMail | None:
        return self.find(KeptMail, self.query(mails, KeptMail, mails.c.inbox_id == inbox_id))

    def known_uids(self, account: str, folder: str, uidvalidity: int, uids: Iterable[int]) -> frozenset[int]:
        """Those of `uids` (at most some hundreds) that are kept."""
        here = (
            (mails.c.account == account)
            & (mails.c.folder == folder)
            & (mails.c.uidvalidity == uidvalidity)
            & mails.c.uid.in_(tuple(uids))
        )
        return frozenset(int(uid) for uid in self.sql.execute(select(mails.c.uid).where(here)).scalars())

    def unflagged(self, account: str, folder: str, uidvalidity: int, most: int = 100) -> tuple[KeptMail, ...]:
        """Kept, and not yet marked as read or moved on the server."""
        here = (
            (mails.c.account == account)
            & (mails.c.folder == folder)
            & (mails.c.uidvalidity == uidvalidity)
            & mails.c.flagged_at.is_(None)
        )
        return self.list(KeptMail, self.query(mails, KeptMail, here).order_by(mails.c.id).limit(most))

    def flagged(self, keys: Iterable[int]) -> None:
        self.change(mails, mails.c.id.in_(tuple(keys)), flagged_at=self.unit.now)

    def recent(self, most: int = 50) -> tuple[tuple[KeptMail, str, str], ...]:
        """(mail, status, outcome) of the newest mails, newest first; empty words for a twin."""
        some = (
            self.query(mails, KeptMail)
            .add_columns(inbox.c.status, inbox.c.outcome)
            .join(inbox, inbox.c.id == mails.c.inbox_id, isouter=True)
            .order_by(mails.c.id.desc())
            .limit(most)
        )
        return tuple(
            (KeptMail(*row[:-2]), str(row[-2] or ""), str(row[-1] or "")) for row in self.sql.execute(some)
        )

    # --- links ---

    def link(
        self,
        token_hash: str,
        purpose: Purpose,
        ticket_id: int,
        person_id: int,
        subject_id: int,
        until: datetime,
    ) -> None:
        """Remember a link; one that is written again lives on."""
        if self.change(links, links.c.token_hash == token_hash, expires_at=until):
            return
        self.add(
            links,
            token_hash=token_hash,
            purpose=purpose,
            ticket_id=ticket_id,
            person_id=person_id,
            subject_id=subject_id,
            created_at=self.unit.now,
            expires_at=until,
        )

    def link_by_hash(self, token_hash: str) -> Link | None:
        return self.find(Link, self.query(links, Link, links.c.token_hash == token_hash))

    # --- automatic answers ---

    def acknowledged(self, address: str) -> None:
        self.add(acknowledgements, address=address, at=self.unit.now)

    def acknowledgements_since(self, since: datetime, address: str | None = None) -> int:
        """How many automatic answers left since then, to one address or to all."""
        count = select(func.count()).select_from(acknowledgements).where(acknowledgements.c.at >= since)
        if address is not None:
            count = count.where(acknowledgements.c.address == address)
        else:
            count = count.where(acknowledgements.c.address.not_like(f"{ANSWER}%"))
        return int(self.sql.execute(count).scalar_one())
