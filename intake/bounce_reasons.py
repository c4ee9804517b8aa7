"""Why something was not delivered: from the servers' words and codes to one word, and which of them are final.

The words for the reasons are those of the open bounce analyser sisimai (userunknown, mailboxfull, …); the tables
hold what the servers of the world write."""

from intake.bounce_codes import CERTAIN, CODES, EXITS, PROVIDERS
from intake.bounce_text import REPLY, STATUS
from intake.bounce_words import REASONS

# The order in which the reasons are tried: what can be said in few ways first, what shares its words with others last.
ORDER = (
    "mailboxfull",
    "virusdetected",
    "exceedlimit",
    "mesgtoobig",
    "suspend",
    "hasmoved",
    "norelaying",
    "authfailure",
    "requireptr",
    "notcompliantrfc",
    "speeding",
    "toomanyconn",
    "badreputation",
    "spamdetected",
    "notaccept",
    "hostunknown",
    "userunknown",
    "filtered",
    "policyviolation",
    "rejected",
    "blocked",
    "networkerror",
    "expired",
    "securityerror",
    "syntaxerror",
    "systemerror",
    "mailererror",
    "systemfull",
    "contenterror",
    "onhold",
)

TRIES = 20
GAP = 100  # characters that a "*" may stand for
HARD = frozenset(("userunknown", "hostunknown", "hasmoved", "notaccept"))
EXPIRED = "4.4.7"
VAGUE = (EXPIRED, "5.1.1", "5.3.0", "5.3.5", "5.5.0")  # set by the sender's own server when it knew no better
AFTER_DATA = (
    "data command",
    "after data",
    "end of data",
    ">>> data",
    "after i sent the message",
    "[data]",
    "[eom]",
)
AT_MAIL = ("mail from command", "after mail from", "[mail_from]", ">>> mail from", "reply to mail")
AT_GREETING = (
    "ehlo command",
    "helo command",
    "after ehlo",
    "after helo",
    ">>> ehlo",
    ">>> helo",
    "initial connection",
)


def says(text: str, phrase: str) -> bool:
    """Whether a phrase stands in the text; pieces split at "*" must follow one another within a few words."""
    first, *others = phrase.split("*")
    at = text.find(first)
    for _ in range(TRIES):
        if at < 0:
            return False
        if _goes_on(text, at + len(first), others):
            return True
        at = text.find(first, at + 1)
    return False


def _goes_on(text: str, at: int, pieces: list[str]) -> bool:
    for piece in pieces:
        found = text.find(piece, at, at + GAP + len(piece))
        if found < 0:
            return False
        at = found + len(piece)
    return True


def match(text: str) -> str:
    """The first reason one of whose phrases the text says, by `ORDER`."""
    if not text:
        return ""
    return next((reason for reason in ORDER if any(says(text, phrase) for phrase in REASONS[reason])), "")


def status_of(stated: str, diagnosis: str, plain: str) -> str:
    """The enhanced status code (RFC 3463): the one in the Status field, unless that is less exact than, or a
    stopgap for, the one in the remote server's own words. `diagnosis` and `plain` are folded."""
    spoken = _best(diagnosis)
    if not spoken and (not stated or _exact(stated) < 2):
        spoken = _best(plain)
    if stated == EXPIRED and spoken in ("", EXPIRED):
        spoken = _best(plain, EXPIRED)
    if not stated:
        return spoken
    better = _exact(spoken) > _exact(stated) or (stated in VAGUE and _exact(spoken) == 2)
    return spoken if spoken and better else stated


def _exact(status: str) -> int:
    """0 for x.0.0, 1 for x.y.0 and x.0.z, 2 for a code with a subject and a detail."""
    pieces = status.split(".")
    return sum(piece != "0" for piece in pieces[1:]) if len(pieces) == 3 else -1


def _best(text: str, besides: str = "") -> str:
    """The most exact code of a text, the first of its kind."""
    found = [hit[0] for hit in STATUS.finditer(text[:20_000]) if hit[0] != besides]
    return max(found, key=_exact, default="")


def reason_of(diagnosis: str, plain: str, status: str, action: str) -> str:
    """One word for the cause, "onhold" when nothing tells. `diagnosis` is the remote server's answer, `plain` the
    report's text, both folded."""
    words = f"{diagnosis} {plain}"[:20_000]
    code = f"x{status[1:]}"
    certain = next((reason for phrase, reason in PROVIDERS.items() if phrase in words), "")
    if certain or code in CERTAIN:
        return certain or CODES[code]
    reason = match(diagnosis[:20_000]) or EXITS.get(diagnosis.strip()[:9], "") or match(words)
    if reason:
        return _at_stage(reason, status, words)
    if action == "delayed":
        return "expired"
    return _by_code(status, words) or _by_reply(words) or "onhold"


def _at_stage(reason: str, status: str, words: str) -> str:
    """What the moment of the refusal adds to the words: a user who is unknown only after the whole mail was sent
    was filtered out; a host that is unknown for the time being is trouble with the name servers."""
    if reason == "userunknown" and not status.endswith(".1.1"):
        late = any(mark in words for mark in AFTER_DATA)
        return "filtered" if late or status[1:] == ".2.0" else reason
    if reason in ("hostunknown", "userunknown") and any(mark in words for mark in AT_MAIL):
        return "rejected"
    if reason == "hostunknown" and status.startswith("4"):
        return "networkerror"
    return reason


def _by_code(status: str, words: str) -> str:
    if status in CODES:
        return CODES[status]
    if any(mark in words for mark in AT_MAIL):
        return "rejected"
    if any(mark in words for mark in AT_GREETING):
        return "blocked"
    return CODES.get(f"x{status[1:]}", "")


def _by_reply(words: str) -> str:
    """What the three digits alone give away (RFC 5321, 4.2.3)."""
    hit = REPLY.search(words)
    return {"552": "mailboxfull", "553": "userunknown", "551": "hasmoved", "421": "expired"}.get(
        hit[0] if hit else "", ""
    )
