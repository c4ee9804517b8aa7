"""Where the mail clients' own marks in an HTML body say that history begins."""

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
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_SILENT = frozenset(("script", "style", "title", "head"))
_PROBE = 60  # letters of the element's text that are looked for in the plain text
_SHORTEST = 4
_LONGEST = 300_000


class _Marks(HTMLParser):
    """The first letters of each marked element."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.probes: list[str] = []
        self.wanting = False
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        if tag in _VOID or self.wanting:
            return
        marks = " ".join(
            (value or "")[:200] for name, value in attrs if name in ("class", "id", "name")
        ).lower()
        if marks and (marks in _NAMES or any(mark in marks for mark in _MARKS)):
            self.probes.append("")
            self.wanting = True

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT and self.silent:
            self.silent -= 1

    def handle_data(self, data: str) -> None:
        if self.wanting and not self.silent:
            self.probes[-1] += "".join(data[:1000].split())
            self.wanting = len(self.probes[-1]) < _PROBE


def probes(markup: str) -> list[str]:
    """The first letters, without white space, of what the sender's mail client marked as history. Never raises."""
    parser = _Marks()
    try:
        parser.feed(markup[:_LONGEST])
    except AssertionError:  # html.parser's own answer to a marked section it does not know, as in `<![foo`
        return []
    return [probe[:_PROBE] for probe in parser.probes[:20] if len(probe) >= _SHORTEST]


def first_line(lines: list[str], markup: str) -> int:
    """The index of the line with which marked history begins, -1 when the text does not show it."""
    letters: list[str] = []
    starts: dict[int, int] = {}
    length = 0
    for index, line in enumerate(lines):
        bare = "".join(line.lstrip("> ").split())
        if bare:
            starts[length] = index
            letters.append(bare)
            length += len(bare)
    text = "".join(letters)
    found = []
    for probe in probes(markup):
        place = text.find(probe)
        if place in starts and text.find(probe, place + 1) < 0:
            found.append(starts[place])
    return min(found, default=-1)
