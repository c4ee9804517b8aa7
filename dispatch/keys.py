"""The service's own secret: seals that prove that a link, an address or a Message-ID is ours (S7)."""

import base64
import hashlib
import hmac

from storage.unit import UnitOfWork

FACT = "key"


def key(unit: UnitOfWork) -> bytes:
    """The secret of the settings, else the archive's own, made at first use (in a unit that may write)."""
    if unit.policy.secret:
        return unit.policy.secret.encode()
    known = unit.plans.fact(FACT)
    if known is None:
        known = f"{unit.chance.getrandbits(256):064x}"
        unit.plans.know(FACT, known)
    return bytes.fromhex(str(known))


def seal(unit: UnitOfWork, *parts: object, bits: int = 80) -> str:
    """A keyed hash (HMAC-SHA256, RFC 2104) of the parts, in lower-case base32 letters: mail keeps those intact."""
    return made(key(unit), *parts, bits=bits)


def made(secret: bytes, *parts: object, bits: int = 80) -> str:
    """The seal under a secret that is already at hand."""
    said = "\0".join(str(part) for part in parts).encode()
    digest = hmac.new(secret, said, hashlib.sha256).digest()
    return base64.b32encode(digest[: bits // 8]).decode().rstrip("=").lower()


def sealed(unit: UnitOfWork, mark: str, *parts: object, bits: int = 80) -> bool:
    """Whether `mark` is the seal of these parts."""
    return hmac.compare_digest(mark.lower().encode(), seal(unit, *parts, bits=bits).encode())
