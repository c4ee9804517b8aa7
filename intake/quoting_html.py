"""Where the mail clients' own marks in an HTML body say that history begins, and what is a signature."""

from collections.abc import Sequence
from html.parser import HTMLParser

# Attributes by which clients mark the element that holds what is answered: Gmail, Outlook, Yahoo, Thunderbird,
# Apple Mail, Zoho, Proton, QQ, NetEase, Windows Mail, GMX, Lotus.
_MARKS = (
    *("gmail_quote", "gmail_attr", "gmail_extra_quote", "divrplyfwdmsg", "appendonsend", "yahoo_quoted"),
    *("moz-cite-prefix", "moz-forward-container", "outlookmessageheader", "zmail_extra", "protonmail_quote"),
    *("includetail", "isreplycontent", "ntes_original", "mailreplybegin", "reply_content_area", "wm-quote"),
    *("mail-quote-collapse", "ymail_quote", "yahooquoted", "divtagdefaultwrapper_quote", "quotedtext"),
    *("ms-outlook-mobile-reference-message", "mail-editor-reference-message", "olk_src_body_section"),
    *("stopspelling", "zmail_quote", "hmail_quote", "elided-text", "xm_compose_origin", "gmx_quote"),
    *("freebirdformviewquote", "reply-intro", "mail_android_quote", "tutanota_quote", "uolmailquote"),
)
_NAMES = frozenset(("quote", "reply", "original", "mailcontent quote"))  # the whole of a class, id or name
# The line that Outlook draws above the headers of the mail it answers, white space apart.
_STYLES = tuple(
    f"border-top:solid{colour}1.0pt;padding:3.0pt0" for colour in ("#b5c4df", "#e1e1e1", "windowtext")
)
_SIGNATURES = ("gmail_signature", "moz-signature", "applemailsignature", "protonmail_signature_block")
_LONGEST_SIGNATURE = 1500
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_SILENT = frozenset(("script", "style", "title", "head"))
_PROBE = 60  # letters of the element's text that are looked for in the plain text
_SHORTEST = 4
_MOST = 20  # marked elements
_LONGEST = 300_000


class _Marks(HTMLParser):
    """The first letters of each marked element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.probes: list[str] = []
        self.wanting = False
        self.silent = 0
        self.signatures: list[str] = []
        self.inside: list[str] = []  # the open elements from the signature's own on

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        if tag in _VOID:
            return
        marks = " ".join(
            (value or "")[:200] for name, value in attrs if name in ("class", "id", "name")
        ).lower()
        if self.inside:
            self.inside += [tag] if tag == self.inside[0] else []
        elif any(mark in marks for mark in _SIGNATURES) and "prefix" not in marks:
            self.inside = [tag]
            self.signatures.append("")
        if self.wanting:
            return
        style = "".join(next((value or "" for name, value in attrs if name == "style"), "")[:300].split())
        if (
            marks in _NAMES
            or any(mark in marks for mark in _MARKS)
            or any(mark in style.lower() for mark in _STYLES)
        ):
            self.probes.append("")
            self.wanting = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self.silent:
            self.silent -= 1
        if self.inside and tag == self.inside[0]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside and not self.silent and len(self.signatures[-1]) < _LONGEST_SIGNATURE:
            self.signatures[-1] += "".join(data[:_LONGEST_SIGNATURE].split())
        if self.wanting and not self.silent:
            self.probes[-1] += "".join(data[:1000].split())
            self.wanting = len(self.probes[-1]) < _PROBE


def _read(markup: str) -> _Marks:
    parser = _Marks()
    try:
        parser.feed(markup[:_LONGEST])
    except AssertionError:  # html.parser's own answer to a marked section it does not know, as in `<![foo`
        return _Marks()
    return parser


def marked(lines: Sequence[str], markup: str) -> tuple[int, frozenset[int]]:
    """What the marks of the sender's mail client say about these lines. Never raises.

    The index of the line with which history begins, -1 when the text does not show it, and the indices of the
    lines of signatures.
    """
    letters: list[str] = []
    starts: dict[int, int] = {}
    length = 0
    for index, line in enumerate(lines):
        bare = "".join(line.lstrip("> ").split())
        if bare:
            starts[length] = index
            letters.append(bare)
            length += len(bare)
    text, found = "".join(letters), _read(markup)
    starts[length] = len(lines)
    begins = [
        starts[place] for probe in found.probes[:_MOST] if (place := _once(text, probe[:_PROBE])) in starts
    ]
    signed: set[int] = set()
    for signature in found.signatures[:_MOST]:
        place = _once(text, signature)
        if place in starts and place + len(signature) in starts:
            signed.update(range(starts[place], starts[place + len(signature)]))
    return min(begins, default=-1), frozenset(signed)


def _once(text: str, letters: str) -> int:
    """Where the letters stand in the text, -1 when they do so never or more than once."""
    place = text.find(letters) if len(letters) >= _SHORTEST else -1
    return place if place < 0 or text.find(letters, place + 1) < 0 else -1
