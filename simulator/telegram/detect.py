"""What Telegram finds in plain text by itself: commands, links, mentions, tags, addresses, numbers."""

import re

from simulator.telegram.errors import Json
from simulator.telegram.utf16 import units

TLD = r"(?:com|org|net|de|at|ch|uk|fr|it|es|nl|pl|ru|cn|tw|jp|eu|io|me|info|biz|dev|app|example|test)"
# In this order: what begins earlier in the table wins where two kinds meet.
PATTERNS = (
    ("url", re.compile(r"(?:https?://|tg://)[^\s<>\"]*[^\s<>\".,;:!?)\]]", re.I)),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-zA-Z]{2,}")),
    (
        "url",
        re.compile(rf"(?<![\w@./-])(?:[\w-]+\.)+{TLD}(?![\w-])(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]])?/?", re.I),
    ),
    ("bot_command", re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z][A-Za-z0-9_]{2,31}(?![\w@])")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d_])\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?![\w$])")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d(?:[ ()-]?\d){7,14}(?!\w)")),
)
SIGNS = ("/", "@", "#", "$", "+", ".")


def detect(text: str) -> list[Json]:
    """Entities (offset and length in UTF-16 units) that Telegram adds by itself, none overlapping another."""
    if not any(sign in text for sign in SIGNS):
        return []
    taken: list[tuple[int, int, str]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(text):
            begin, end = match.span()
            if not any(begin < other_end and other < end for other, other_end, _ in taken):
                taken.append((begin, end, kind))
    return [
        {"type": kind, "offset": units(text[:begin]), "length": units(text[begin:end])}
        for begin, end, kind in sorted(taken)
    ]
