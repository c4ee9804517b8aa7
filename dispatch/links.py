"""Links to the public page: one per purpose, ticket, person and subject; wrong ones look all alike (S14, S24)."""

import hashlib
from datetime import timedelta

from dispatch import keys
from dispatch.errors import Refusal
from storage.records.mail import Link, Purpose
from storage.records.policy import Policy
from storage.unit import UnitOfWork

LIFETIME = timedelta(days=60)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def token(unit: UnitOfWork, purpose: Purpose, ticket_id: int, person_id: int, subject_id: int = 0) -> str:
    """The token of a link, the same each time it is written into a letter; only its hash is kept."""
    made = keys.seal(unit, "link", purpose.value, ticket_id, person_id, subject_id, bits=160)[:26]
    unit.mails.link(digest(made), purpose, ticket_id, person_id, subject_id, unit.now + LIFETIME)
    return made


def url(policy: Policy, made: str) -> str:
    """Where the page of a token is; empty when the organisation has no public page."""
    return f"{policy.page.rstrip('/')}/t/{made}" if policy.page else ""


def follow(unit: UnitOfWork, made: str) -> Link:
    """The link of a token. Refusal(bad_link), alike for unknown, expired and malformed ones."""
    link = unit.mails.link_by_hash(digest(made)) if len(made) == 26 else None
    if link is None or link.expires_at <= unit.now:
        raise Refusal("bad_link")
    return link


def nonce(unit: UnitOfWork, made: str) -> str:
    """What a form of this page must send back: a page that was shown, not a link that was followed."""
    return keys.seal(unit, "form", made, bits=80)


def genuine(unit: UnitOfWork, made: str, sent: str) -> bool:
    return keys.sealed(unit, sent, "form", made, bits=80)
