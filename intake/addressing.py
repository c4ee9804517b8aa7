"""Addresses of outgoing mail: checked before any library sees them, domains in the letters DNS knows (IDNA)."""

import re

# RFC 5321, section 4.5.3.1; RFC 5322 dot-atom. Quoted local parts and address literals are nobody's real address.
LOCAL = re.compile(r"\A[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,31}")
LABEL = re.compile(r"\A[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?")
LONGEST = 254


class BadAddress(ValueError):
    """No mail can be sent to this; the message is a short reason."""


def addressable(address: str) -> str:
    """The address as SMTP without SMTPUTF8 takes it. BadAddress when it is none, or its local part is not ASCII
    (RFC 6531: most servers would refuse it; the sender may give us another one)."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not domain:
        raise BadAddress("no mail address")
    if not local.isascii():
        raise BadAddress("the part before @ is not in Latin letters")
    if not LOCAL.fullmatch(local) or len(local) > 64:
        raise BadAddress("no mail address")
    found = f"{local}@{domain_of(domain)}"
    if len(found) > LONGEST:
        raise BadAddress("the mail address is too long")
    return found


def domain_of(domain: str) -> str:
    """The domain in ASCII letters, lower case. BadAddress when it cannot be one."""
    try:
        found = domain.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise BadAddress("the part after @ is no domain") from None
    if not found or len(found) > 253 or not all(LABEL.fullmatch(label) for label in found.split(".")):
        raise BadAddress("the part after @ is no domain")
    return found
