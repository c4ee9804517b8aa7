"""Sentences of a letter in order, and their two forms: plain text, and simple HTML without anything to load."""

import html
from dataclasses import dataclass

# (text, bold) pieces, as `dispatch.texts.Phrases.pieces` gives them.
Pieces = list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Row:
    """A line in our own words, perhaps with the page it opens; the one that matters is `strong`, as a button."""

    pieces: tuple[tuple[str, bool], ...]
    url: str = ""
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """What a person wrote, set off from our words; never marked up, however it looks (S1, S2)."""

    text: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Between two paragraphs."""


@dataclass(frozen=True, slots=True)
class Line:
    """Between the letter and its foot."""


Block = Row | Quote | Gap | Line
GAP, LINE = Gap(), Line()
BODY = "font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;max-width:40em"
BUTTON = (
    "display:inline-block;padding:10px 18px;margin:4px 0;background:#0b57d0;color:#ffffff;"
    "border-radius:6px;text-decoration:none"
)
QUOTED = "margin:8px 0;padding:4px 12px;border-left:3px solid #c0c0c0"


def row(said: Pieces | str, url: str = "", *, strong: bool = False) -> Row:
    return Row(((said, False),) if isinstance(said, str) else tuple(said), url, strong)


def plain(blocks: list[Block]) -> str:
    """The letter as plain text; a page stands under its sentence."""
    return "\n".join(_plain(block) for block in _tidy(blocks)) + "\n"


def _plain(block: Block) -> str:
    match block:
        case Row(pieces, url):
            said = "".join(text for text, _ in pieces)
            return f"{said}\n{url}" if url else said
        case Quote(text):
            return "\n".join(f"| {line}".rstrip() for line in text.splitlines())
        case Gap():
            return ""
    return "-- "  # RFC 3676, section 4.3: what follows is a signature, which mail clients cut off a reply


def page(blocks: list[Block], language: str) -> str:
    """The letter as an HTML document; every word is escaped, only our own pages are links."""
    inside = "\n".join(_html(block) for block in _tidy(blocks))
    return (
        f'<!DOCTYPE html>\n<html lang="{html.escape(language)}">\n<head><meta charset="utf-8"></head>\n'
        f'<body style="{BODY}" dir="auto">\n{inside}\n</body>\n</html>\n'
    )


def _html(block: Block) -> str:
    match block:
        case Row(pieces, url, strong) if url:
            said = html.escape("".join(text for text, _ in pieces))
            style = f' style="{BUTTON}"' if strong else ""
            return f'<div><a href="{html.escape(url)}"{style}>{said}</a></div>'
        case Row(pieces):
            return f"<div>{''.join(_bold(text, bold) for text, bold in pieces)}</div>"
        case Quote(text):
            return f'<blockquote style="{QUOTED}">{_lines(text)}</blockquote>'
        case Gap():
            return "<br>"
    return '<hr style="border:none;border-top:1px solid #d0d0d0">'


def _bold(text: str, bold: bool) -> str:
    shown = _lines(text)
    return f"<b>{shown}</b>" if bold and shown.strip() else shown


def _lines(text: str) -> str:
    return "<br>\n".join(html.escape(line) for line in text.split("\n"))


def _tidy(blocks: list[Block]) -> list[Block]:
    """Never two gaps in a row, none at the ends or beside the line above the foot."""
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, Gap) and (not kept or isinstance(kept[-1], Gap | Line)):
            continue
        if isinstance(block, Line) and kept and isinstance(kept[-1], Gap):
            kept.pop()
        kept.append(block)
    while kept and isinstance(kept[-1], Gap | Line):
        kept.pop()
    return kept
