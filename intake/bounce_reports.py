"""The machine-readable half of a bounce: the fields of message/delivery-status (RFC 3464, RFC 6533)."""

from collections.abc import Iterable
from dataclasses import dataclass

from intake.bounce_text import STATUS, addresses

FINISHED = frozenset(("delivered", "relayed", "expanded", "deliverable"))
MAX_FIELDS = 4000


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one recipient: `address` as we wrote it, `action` lower case (RFC 3464, 2.3.3)."""

    address: str = ""
    action: str = ""
    status: str = ""
    diagnosis: str = ""
    remote: str = ""

    @property
    def undelivered(self) -> bool:
        return self.action not in FINISHED and not self.status.startswith("2")


def fields(text: str) -> list[list[tuple[str, str]]]:
    """The groups of fields, split at empty lines; continuation lines are folded in, other lines are left out."""
    groups: list[list[tuple[str, str]]] = [[]]
    pieces: list[str] = []
    name = ""
    for line in text.splitlines()[:MAX_FIELDS]:
        head, colon, rest = line.partition(":")
        if line[:1] in (" ", "\t") and line.strip() and name:
            pieces.append(line.strip())
            continue
        if name:
            groups[-1].append((name, " ".join(pieces)))
        name, pieces = "", []
        if not line.strip():
            if groups[-1]:
                groups.append([])
        elif colon and " " not in head.strip():
            name, pieces = head.strip().lower(), [rest.strip()]
    if name:
        groups[-1].append((name, " ".join(pieces)))
    return [group for group in groups if group]


def fates(texts: Iterable[str]) -> tuple[Fate, ...]:
    """One `Fate` per recipient of all delivery reports, in their order. Groups without a recipient speak of the
    message as a whole and are left out, unless they state an action of their own (some servers forget the line)."""
    found: list[Fate] = []
    for text in texts:
        for group in fields(text):
            fate = _fate(dict(reversed(group)))
            if fate is not None:
                found.append(fate)
    return tuple(found)


def _fate(group: dict[str, str]) -> Fate | None:
    if not ({"final-recipient", "original-recipient", "action"} & group.keys()):
        return None
    action = group.get("action", "").split()
    status = STATUS.search(group.get("status", ""))
    success = group.get("status", "").lstrip().startswith("2")
    return Fate(
        address=recipient(group),
        action=action[0].lower().strip(";,") if action else "",
        status=status[0] if status else ("2.0.0" if success else ""),
        diagnosis=_typed(group.get("diagnostic-code", "")),
        remote=_typed(group.get("remote-mta", "") or group.get("x-remote-mta", "")).lower(),
    )


def recipient(group: dict[str, str]) -> str:
    """The address we wrote to: Original-Recipient before Final-Recipient (an alias may stand between them), and
    a real address before an X.400 name or an account's local name."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        hit = next(addresses(_typed(group.get(name, ""))), "")
        if hit and not hit.startswith("/"):
            return hit
    return ""


def _typed(value: str) -> str:
    """`smtp; 550 no` without its type; a value without a type stays whole, an exit code keeps it (`x-unix 67`)."""
    kind, mark, rest = value.partition(";")
    if kind.strip().lower() == "x-unix":
        return f"x-unix {rest.strip()}"
    return rest.strip() if mark and len(kind) < 40 and " " not in kind.strip() else value.strip()
