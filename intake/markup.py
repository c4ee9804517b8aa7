"""HTML → plain text a dispatcher can read: one pass over the tags, never a parser that can be made to loop."""

import html
import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_SPACE = re.compile(r"[ \t\r\n\f\xa0\u200b\ufeff\xad]+")
_HREF = re.compile(
    r"""\bhref\s{0,5}=\s{0,5}(?:"([^"]{1,2000})"|'([^']{1,2000})'|([^\s>"']{1,2000}))""", re.IGNORECASE
)
_ALT = re.compile(r"""\balt\s{0,5}=\s{0,5}(?:"([^"]{0,100})"|'([^']{0,100})')""", re.IGNORECASE)
_END = {name: re.compile(f"</{name}", re.IGNORECASE) for name in ("script", "style", "title")}
_BLANK_LINES = re.compile(r"\n{3,}")
_LONGEST_TAG = 20_000
_DEEPEST_QUOTE = 10

_BLOCK_WORDS = (
    "address article aside body center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr html legend li main nav ol option p pre section summary table tbody tfoot thead tr ul "
    "caption"
)
_BLOCK = frozenset(_BLOCK_WORDS.split())
_APART = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"))


def to_text(markup: str, most: int = 200_000) -> str:
    """The text of an HTML body: paragraphs apart, list items with a dash or number, cells of a row in one line,
    links with their address where it says more than the link, quotations with `> `. Ends where `most` characters
    are written. Never raises; linear."""
    scan, writer, at = _Scan(markup), _Writer(), 0
    while (opening := markup.find("<", at)) >= 0 and writer.size <= most:
        writer.text(markup[at:opening])
        match = _TAG.match(markup, opening)
        if match is None and not markup.startswith(("<!", "<?", "</"), opening):
            writer.text("<")
            at = opening + 1
        elif markup.startswith("<!--", opening):
            at = scan.comment_end(opening)
        elif (close := scan.tag_end(opening)) < 0:
            writer.text("<")
            at = opening + 1
        else:
            at = close + 1
            if match is not None and not match[1] and match[2].lower() in _END:
                at = scan.skip(match[2].lower(), at)
            elif match is not None:
                writer.tag(match[2].lower(), bool(match[1]), markup[match.end() : close])
    writer.text(markup[at : at + most])
    return writer.result()[:most]


class _Scan:
    """Looks for the ends of things, and remembers what does not occur any more: each byte is passed once."""

    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.next_end = -1  # of a tag: the first `>` behind the last place asked for
        self.no_more: set[str] = set()

    def comment_end(self, start: int) -> int:
        """Behind a comment; one that never ends hides nothing but its own mark."""
        end = -1 if "-->" in self.no_more else self.markup.find("-->", start + 2)
        if end < 0:
            self.no_more.add("-->")
            return start + 4
        return end + 3

    def tag_end(self, start: int) -> int:
        """The `>` of a tag, -1 when there is none near. One inside a quoted value is not it, if the quote ends."""
        if self.next_end < start:
            found = self.markup.find(">", start)
            self.next_end = found if found >= 0 else len(self.markup) + _LONGEST_TAG
        end, far = self.next_end, start + _LONGEST_TAG
        if end >= min(far, len(self.markup)):
            return -1
        if self.markup.count('"', start, end) % 2:
            quote = self.markup.find('"', end, far)
            inner = self.markup.find("<", end, quote) if quote >= 0 else end
            further = self.markup.find(">", quote, far) if inner < 0 else -1
            return max(further, end)
        return end

    def skip(self, name: str, start: int) -> int:
        """Behind the end tag of a script or style; one without an end hides nothing."""
        end = None if name in self.no_more else _END[name].search(self.markup, start)
        if end is None:
            self.no_more.add(name)
            return start
        close = self.markup.find(">", end.end(), end.end() + 200)
        return close + 1 if close >= 0 else end.end()


class _Writer:
    """The text so far, line by line."""

    def __init__(self) -> None:
        self.size = 0  # of the text, roughly
        self.lines: list[str] = []
        self.line: list[str] = []
        self.space = False  # a space is due before the next word
        self.quote = 0
        self.pre = 0
        self.lists: list[int] = []  # next number of an ordered list, 0 for a plain one
        self.link: tuple[str, int] | None = None
        self.cell = False

    def text(self, raw: str) -> None:
        if not raw:
            return
        self.size += len(raw)
        text = html.unescape(raw)
        if self.pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self.line.append(first)
            for each in rest:
                self.end_line(keep=True)
                self.line.append(each)
            return
        words = _SPACE.sub(" ", text)
        if words == " ":
            self.space = bool(self.line)
            return
        if self.cell:
            self.cell = False
            if self.line:
                self.line.append("\t")
            self.space = False
        if (self.space or words.startswith(" ")) and self.line and self.line[-1] != "\t":
            self.line.append(" ")
        self.line.append(words.strip(" "))
        self.space = words.endswith(" ")

    def end_line(self, keep: bool = False) -> None:
        """Finish the line; an empty one only counts when it is meant (`keep`)."""
        text = "".join(self.line).rstrip()
        self.line, self.space, self.cell = [], False, False
        self.size += 1
        if text or keep:
            self.lines.append(">" * min(self.quote, _DEEPEST_QUOTE) + " " + text if self.quote else text)

    def apart(self) -> None:
        """One empty line between paragraphs."""
        self.end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * min(self.quote, _DEEPEST_QUOTE))

    def tag(self, name: str, closing: bool, attributes: str) -> None:
        if closing:
            self.close(name)
        else:
            self.open(name, attributes)

    def open(self, name: str, attributes: str) -> None:
        if name == "br":
            self.end_line(keep=True)
        elif name in ("td", "th"):
            self.cell = True
        elif name == "a":
            match = _HREF.search(attributes[:5_000])
            target = html.unescape(next(filter(None, match.groups()), "")).strip() if match else ""
            self.link = (
                (target, len(self.line)) if target.lower().startswith(("http://", "https://")) else None
            )
        elif name == "img":
            self.image(attributes)
        elif name in _APART or name in _BLOCK:
            self.block(name)

    def image(self, attributes: str) -> None:
        """Emoji come as images whose alternative text is the emoji; the rest is in the attachments."""
        match = _ALT.search(attributes[:5_000])
        alt = html.unescape(next(filter(None, match.groups()), "")).strip() if match else ""
        if alt and len(alt) <= 8 and not alt.isascii() and not any(char.isalnum() for char in alt):
            self.text(alt)

    def block(self, name: str) -> None:
        if name in _APART and not (name in ("ul", "ol") and self.lists):
            self.apart()
        else:
            self.end_line()
        if name == "blockquote":
            self.quote += 1
        elif name == "pre":
            self.pre += 1
        elif name in ("ul", "ol"):
            self.lists.append(1 if name == "ol" else 0)
        elif name == "li":
            self.bullet()

    def bullet(self) -> None:
        number = self.lists[-1] if self.lists else 0
        self.line.append("  " * min(max(len(self.lists) - 1, 0), 8) + (f"{number}. " if number else "- "))
        self.space = False
        self.size += 2 * len(self.lists[:8])
        if number:
            self.lists[-1] += 1

    def close(self, name: str) -> None:
        if name == "a" and self.link:
            target, begun = self.link
            shown = "".join(self.line[begun:]).strip()
            self.link = None
            if shown and _says_more(target, shown):
                self.line.append(f" ({target})")
        elif name in _APART or name in _BLOCK:
            self.end_line()
            self.leave(name)
            if name in _APART and not (name in ("ul", "ol") and self.lists):
                self.apart()

    def leave(self, name: str) -> None:
        if name == "blockquote":
            self.quote = max(self.quote - 1, 0)
        elif name == "pre":
            self.pre = max(self.pre - 1, 0)
        elif name in ("ul", "ol") and self.lists:
            self.lists.pop()

    def result(self) -> str:
        self.end_line()
        return _BLANK_LINES.sub("\n\n", "\n".join(self.lines)).strip("\n")


def _says_more(target: str, shown: str) -> bool:
    """An address the reader does not see already; tracking links of a mile are left out."""
    bare = target.split("://", 1)[-1].removeprefix("www.").rstrip("/").lower()
    return len(target) <= 120 and bare not in shown.lower()
