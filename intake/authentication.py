"""What our own mail server found out about the sender: Authentication-Results (RFC 8601), and only its own."""

import re

from intake.mail import Headers

METHOD = re.compile(r"[a-z][a-z0-9-]{0,31}")
WORD = re.compile(r"[a-z]{1,20}")
MAX_VALUE = 20_000
VOUCHING = ("pass", "bestguesspass")
AUTHOR = re.compile(r"\bheader\.from ?= ?([^\s;]{1,255})")
ANY = "*"


def without_comments(value: str) -> str:
    """The field without RFC 5322 comments (they nest) and with quoted strings emptied; linear in its length."""
    kept: list[str] = []
    depth, quoted, escaped = 0, False, False
    for sign in value[:MAX_VALUE]:
        if escaped:
            escaped = False
        elif sign == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = sign != '"'
        elif sign == '"' and not depth:
            quoted = True
        elif sign == "(":
            depth += 1
        elif sign == ")":
            depth = max(0, depth - 1)
        elif not depth:
            kept.append(sign)
    return " ".join("".join(kept).split())


def parse(value: str) -> tuple[str, dict[str, str]]:
    """The authserv-id (lower case, without its version) and the results by method, lower case; the first result
    of a method counts. A field without an authserv-id gives an empty one. Never raises."""
    pieces = without_comments(value).split(";")
    name = pieces[0].strip().lower()
    first = name.split(" ")[0] if name else ""
    results: dict[str, str] = {}
    if "=" in first or (len(pieces) > 1 and "=" in name):
        first = ""
        pieces.insert(0, "")
    for piece in pieces[1:]:
        method, equals, rest = piece.lower().partition("=")  # "dmarc=pass", "dkim/1 = fail"
        method, result = method.partition("/")[0].strip(), WORD.match(rest.strip())
        if equals and result and METHOD.fullmatch(method):
            results.setdefault(method, result[0])
    return first, results


def dmarc(headers: Headers, authserv_id: str) -> str:
    """The DMARC result (RFC 7489: pass, fail, none, temperror, permerror, bestguesspass) our own mail server wrote
    down, or "". Only the outermost fields that bear `authserv_id` count. When none is configured (""), the topmost
    field is read, but a "pass" in it vouches for nobody, for the sender may have written it himself: it becomes
    "". With "*" the topmost field is shown as it stands (support, measuring), whoever wrote it."""
    for value in trusted_fields(headers, authserv_id):
        result = parse(value)[1].get("dmarc", "")
        if result and result in VOUCHING and authserv_id.strip() != ANY:
            return _vouched(headers, value, result) if authserv_id.strip() else ""
        if result:
            return result
    return ""


def _vouched(headers: Headers, value: str, result: str) -> str:
    """A pass vouches for the domain it names (DMARC looks at From), and only for a mail with one author: of two
    the server may have looked at the other. Else it is a forgery."""
    named = AUTHOR.search(without_comments(value).lower())
    domain = headers.from_addr.lower().rpartition("@")[2]
    fits = named is None or named[1].strip('."<>').rpartition("@")[2] == domain
    return result if fits and one_author(headers) else "fail"


def one_author(headers: Headers) -> bool:
    """Exactly one From field with exactly one address: what a mail server vouches for is what people are shown."""
    authors = headers.every("from")
    return len(authors) == 1 and without_comments(authors[0]).count("@") == 1


def trusted_fields(headers: Headers, authserv_id: str) -> list[str]:
    """The Authentication-Results that our own server wrote: the unbroken run of fields with its name, from the
    top. RFC 8601, 5: a server must remove forged fields that bear its name, yet many do not; so the first field
    of another name ends the run."""
    wanted = authserv_id.strip().lower().rstrip(".")
    if wanted in ("", ANY):
        return list(headers.every("authentication-results")[:1])
    found: list[str] = []
    for value in headers.every("authentication-results"):
        name = parse(value)[0].rstrip(".")
        if name != wanted:
            break
        found.append(value)
    return found
