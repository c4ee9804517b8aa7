"""The mailroom: every fetched mail is kept raw together with its one inbox row, and recognised when seen again."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatch import telling
from dispatch.ports import UnitOfWork
from intake.envelope import Envelope, envelope
from storage.records.mail import KeptMail

WINDOW = timedelta(days=7)  # how far back a folder is compared with what is kept
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a folder is read: everything up to `last` is kept. Below and at `start` nothing is of interest;
    mails up to `until` may be known from an older UIDVALIDITY."""

    account: str
    folder: str
    uidvalidity: int
    last: int
    start: int = 0
    until: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail as it came from the server; `size` is what the server says, `whole` false for a beginning only."""

    account: str
    folder: str
    uidvalidity: int
    uid: int
    size: int
    whole: bool
    sha256: str
    envelope: Envelope
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some fetched mails: ids of the mails by UID, how many are new, which are known twins."""

    keys: dict[int, int]
    new: int
    twins: tuple[tuple[int, int], ...]  # (mail, the same mail seen before)


def fetched(place: Place, uid: int, raw: bytes, size: int, whole: bool = True) -> Fetched:
    """Everything that is computed from the bytes, so that no transaction waits for it. Never raises."""
    seal = hashlib.sha256(raw).hexdigest()
    return Fetched(place.account, place.folder, place.uidvalidity, uid, size, whole, seal, envelope(raw), raw)


def keep(unit: UnitOfWork, mail: Fetched, *, rescan: bool = False) -> bool:
    """Keep the raw bytes and the inbox row that handles them, once; False when that mail is kept already.

    A mail with both the Message-ID and the digest of a known one is its twin: kept, without an inbox row of its
    own (S31). With `rescan` (another UIDVALIDITY) mails without Message-ID are recognised by their digest alone.
    """
    return _keep(unit, mail, rescan)[1]


def _keep(unit: UnitOfWork, mail: Fetched, rescan: bool) -> tuple[KeptMail, bool]:
    known = unit.mails.at(mail.account, mail.folder, mail.uidvalidity, mail.uid)
    if known is not None:
        return known, False
    original = _original(unit, mail, rescan)
    inbox = None if original is not None else _arrive(unit, mail)
    kept = unit.mails.keep(
        mail.raw,
        account=mail.account,
        folder=mail.folder,
        uidvalidity=mail.uidvalidity,
        uid=mail.uid,
        message_id=mail.envelope.message_id,
        sha256=mail.sha256,
        digest=mail.envelope.digest,
        size=mail.size,
        whole=mail.whole,
        twin_of=original.id if original is not None else None,
        inbox_id=inbox,
    )
    if inbox is not None:
        unit.inbox.fill(inbox, json.dumps({"mail": kept.id}))
    return kept, inbox is not None


def _arrive(unit: UnitOfWork, mail: Fetched) -> int:
    """The inbox row comes first and is filled last: writing an id into the mail's row later would write all of
    its bytes once more."""
    return unit.inbox.put(
        f"mail:{mail.account}",
        f"{mail.folder}:{mail.uidvalidity}:{mail.uid}",
        f"mail:{mail.envelope.sender or '-'}",
        "{}",
    )


def _original(unit: UnitOfWork, mail: Fetched, rescan: bool) -> KeptMail | None:
    """The same mail seen before; never by the Message-ID alone, which anybody can write (S31)."""
    seal = mail.envelope
    if seal.message_id:
        same = unit.mails.same(mail.account, seal.message_id, seal.digest)
        originals = [known for known in same if known.twin_of is None]
        return originals[0] if originals else None
    if not rescan:
        return None
    # Without a Message-ID two equal mails may be two: each known one is recognised once.
    return unit.mails.unmatched(mail.account, mail.folder, mail.uidvalidity, seal.digest)


def take(unit: UnitOfWork, place: Place, group: Sequence[Fetched], last: int) -> Taken:
    """Keep all of them and move the cursor to `last`, in this one transaction."""
    keys, new, twins = {}, 0, []
    for mail in group:
        kept, fresh = _keep(unit, mail, mail.uid <= place.until)
        keys[mail.uid] = kept.id
        new += fresh
        if kept.twin_of is not None:
            twins.append((kept.id, kept.twin_of))
    unit.mails.move_cursor(place.account, place.folder, place.uidvalidity, last)
    return Taken(keys, new, tuple(twins))


def unflagged(unit: UnitOfWork, place: Place) -> dict[int, int]:
    """UID → id of mails that are kept and neither marked nor moved yet."""
    waiting = unit.mails.unflagged(place.account, place.folder, place.uidvalidity)
    return {mail.uid: mail.id for mail in waiting}


def flagged(unit: UnitOfWork, keys: Iterable[int]) -> None:
    unit.mails.flagged(keys)


# --- how far -----------------------------------------------------------------------------------------------


def _fact(word: str, account: str, folder: str) -> str:
    """Facts have short keys; a folder's name may be long."""
    return f"mail.{word}:{hashlib.sha256(f'{account}/{folder}'.encode()).hexdigest()[:32]}"


def resume(unit: UnitOfWork, account: str, folder: str, uidvalidity: int) -> Place | None:
    """Where the folder was left; None when it has never been read under this UIDVALIDITY, or has had another
    since."""
    cursor = unit.mails.cursor(account, folder)
    span = unit.plans.fact(_fact("span", account, folder))
    if cursor is None or cursor.uidvalidity != uidvalidity or not span:
        return None
    return Place(account, folder, uidvalidity, cursor.last_uid, span["start"], span["until"])


def since(unit: UnitOfWork, account: str, folder: str) -> datetime | None:
    """From when on mails may be unknown, for a folder whose UIDVALIDITY has changed; None: everything may be."""
    complete = unit.plans.fact(_fact("complete", account, folder))
    return datetime.fromisoformat(complete) - WINDOW if complete else None


def known(unit: UnitOfWork, account: str, folder: str) -> bool:
    """Whether that folder has ever been read."""
    return unit.mails.cursor(account, folder) is not None


def begin(unit: UnitOfWork, account: str, folder: str, uidvalidity: int, start: int, until: int) -> Place:
    """Begin to read a folder under a new UIDVALIDITY, above `start`, recognising known mails up to `until`."""
    unit.plans.know(_fact("span", account, folder), {"start": start, "until": until})
    unit.mails.move_cursor(account, folder, uidvalidity, start)
    return Place(account, folder, uidvalidity, start, start, until)


def complete(unit: UnitOfWork, place: Place) -> bool:
    """Everything there was is kept. Tells whether the folder is to be compared with what is kept (nightly)."""
    unit.plans.know(_fact("complete", place.account, place.folder), unit.now.isoformat())
    compared = unit.plans.fact(_fact("compared", place.account, place.folder))
    return not compared or unit.now - datetime.fromisoformat(compared) >= DAY


# --- comparing ---------------------------------------------------------------------------------------------


def missing(unit: UnitOfWork, place: Place, uids: Sequence[int]) -> tuple[int, ...]:
    """Those of the folder's UIDs that should be kept and are not. Must be none (G5)."""
    due = [uid for uid in uids if place.start < uid <= place.last]
    known: set[int] = set()
    for first in range(0, len(due), 500):
        some = due[first : first + 500]
        known |= unit.mails.known_uids(place.account, place.folder, place.uidvalidity, some)
    return tuple(uid for uid in due if uid not in known)


def gap(unit: UnitOfWork, place: Place, count: int) -> None:
    """Tell the office that mails had been missed; once an hour for one folder."""
    about = f"mail.{place.account}.{place.folder}.{unit.now:%Y%m%d%H}"
    telling.office(unit, "mail_gap", about, None, account=place.account, folder=place.folder, n=count)


def compared(unit: UnitOfWork, place: Place) -> None:
    """The folder and the archive agree."""
    unit.plans.know(_fact("compared", place.account, place.folder), unit.now.isoformat())


# --- what the office has to know ---------------------------------------------------------------------------


def refused(unit: UnitOfWork, account: str, why: str) -> None:
    """The server does not let us in; said once a day."""
    telling.office(unit, "mail_refused", f"mail.{account}.{unit.now:%Y%m%d}", None, account=account, why=why)


def set_aside(unit: UnitOfWork, place: Place, uid: int, last: int) -> None:
    """A mail that the server cannot hand over must not keep the others waiting; the office is told, and every
    comparison tries it again."""
    about = f"mail.{place.account}.{place.folder}.{place.uidvalidity}.{uid}"
    telling.office(unit, "mail_stuck", about, None, account=place.account, folder=place.folder, uid=uid)
    unit.mails.move_cursor(place.account, place.folder, place.uidvalidity, last)
