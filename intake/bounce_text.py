"""A free-form bounce read as text: which part is the report's own, whom it names, which codes it holds."""

import re
from collections.abc import Iterable, Iterator

from intake.bounce_words import HEADINGS, NAMING, ORIGINAL_MARKS

MAX_TEXT = 100_000  # characters of a report that are looked at
MAX_RECIPIENTS = 200
NEAR = 40  # characters between a naming word and its address

# Everything that cannot be inside an address as servers print it; "=" stays (VERP, SRS), "/" does not (URLs).
BREAKS = re.compile(r"[\s<>()\[\]{},;:\"'`|\\*/]+")
HOST = re.compile(r"[A-Za-z0-9_\u0080-\U0010ffff][A-Za-z0-9._\u0080-\U0010ffff-]{0,251}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
STATUS = re.compile(r"(?<![\d.])[45]\.[0-7]\.\d{1,3}(?!\.?\d)")
REPLY = re.compile(r"(?<![\d.])[45][0-5]\d(?=[ -])")


def own_words(text: str) -> str:
    """The report without the message it returns (cut at the first line that announces it)."""
    kept: list[str] = []
    for line in text[:MAX_TEXT].splitlines():
        start = line.strip().lower()
        if kept and start.startswith(ORIGINAL_MARKS):
            break
        kept.append(line)
    return "\n".join(kept)


def folded(text: str) -> str:
    """Lower case, every run of white space one space."""
    return " ".join(text.lower().split())


def addresses(text: str) -> Iterator[str]:
    """Every address-like word, in order; dots and dashes around it are not part of it."""
    for word in BREAKS.split(text):
        local, at, domain = word.strip(".-_?!").rpartition("@")
        local = local[5:] if local.lower().startswith("smtp=") else local
        host = HOST.match(domain)
        if at and host and 0 < len(local) <= 128 and "@" not in local:
            yield f"{local}@{host[0].rstrip('.-_')}"


def named_recipients(text: str, skip: Iterable[str], domain: str = "") -> tuple[str, ...]:
    """The addresses a free-form report says it could not reach; `skip` are those it certainly does not mean. A
    provider that names its users without their `domain` (AOL) is understood too."""
    lines = own_words(text).splitlines()
    barred = {address.lower() for address in skip if address}
    for find in (_opening_lines, _under_headings, _after_words):
        found = _unique(find(lines), barred)
        if found:
            return found
    for others in (_bare_names(lines, domain), _anywhere(lines)):
        found = _unique(others, barred)
        if found:
            return found
    return ()


def _unique(found: Iterable[str], barred: set[str]) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for address in found:
        low = address.lower()
        if low in barred or low.partition("@")[0] in (
            "postmaster",
            "mailer-daemon",
            "abuse",
            "support",
            "help",
        ):
            continue
        seen.setdefault(low, address)
        if len(seen) >= MAX_RECIPIENTS:
            break
    return tuple(seen.values())


def _opening_lines(lines: list[str]) -> Iterator[str]:
    """`<ana@example.org>:` at the beginning of a line: qmail, Postfix, Yahoo and their many children."""
    for line in lines:
        start = line.strip().lower()
        if start.startswith(("<", "'<", '"<')) and ">" in start[:330]:
            inner = line.strip().lstrip("'\"")[1:330].partition(">")
            rest = inner[2].strip()
            if inner[0].count("@") == 1 and (rest[:1] == ":" or rest.startswith("(expanded from")):
                yield from addresses(inner[0])


def _under_headings(lines: list[str]) -> Iterator[str]:
    """The addresses that begin the lines under a heading, until the text goes on with something else."""
    open_for = 0
    for line in lines:
        low = folded(line)
        if any(words in low for words in HEADINGS):
            open_for = 6
            continue
        if not open_for or not low:
            continue
        hit = _leading_address(line)
        if hit:
            open_for = 6
            yield hit
        else:
            open_for -= 1


def _beside_heading(low: str, line: str) -> Iterator[str]:
    """The address that follows a heading on its own line: "was not delivered to: ana@example.org"."""
    for hit in addresses(line[:2000]):
        at = low.find(hit.lower())
        if any(low[max(0, at - len(words) - 4) : at].strip("<'\": ").endswith(words) for words in HEADINGS):
            yield hit
            return


def _leading_address(line: str) -> str:
    start = line.strip().lstrip("<>*-•·\"'([:= \t")[:1000]
    first = start.partition(" ")[0]
    found = next(addresses(first), "")
    if found and first.find(found) <= 1:
        return found
    bracket = start.find("<")
    if 0 <= bracket < 80 and "@" in start[bracket : bracket + 330]:
        return next(addresses(start[bracket : bracket + 330]), "")
    smtp = start.lower().find("smtp=")  # X.400: c=US;a= ;p=…;dda:SMTP=ana@example.org;
    return next(addresses(start[smtp + 5 :]), "") if smtp >= 0 else ""


def _after_words(lines: list[str]) -> Iterator[str]:
    """The address that follows a word such as "unknown user:" on the same line."""
    for line in lines:
        if "@" not in line:
            continue
        yield from _beside_heading(folded(line[:2000]), line)
        low = line.lower()[:2000]
        if len(low) != len(line[:2000]):
            continue
        at = max((low.find(words) + len(words) for words in NAMING if words in low), default=-1)
        if at >= 0:
            hit = next(addresses(line[at:2000]), "")
            if hit and line.find(hit, at) - at <= NEAR:
                yield hit


def _bare_names(lines: list[str], domain: str) -> Iterator[str]:
    """Single indented words below a line about recipients that ends in a colon."""
    heading, open_for = False, 0
    for line in lines:
        low = folded(line)
        heading = heading or "following recipient" in low
        if heading and low.endswith(":"):
            open_for = 3
        elif open_for and domain and line[:1] in (" ", "\t") and NAME.fullmatch(low):
            yield f"{line.strip()}@{domain}"
        else:
            open_for -= open_for > 0


def _anywhere(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield from addresses(line)
