"""What people wrote is shown on the public page word for word, and never run (S1)."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from page_house import PageHouse

from storage.records.mail import Purpose
from storage.records.ticket import State, Ticket

VECTORS = (
    "<script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    '" autofocus onfocus=alert(1) x="',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "tel:1;javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe src=//evil.example></iframe>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<form action=//evil.example><button>",
    "<!--<img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{7*7}}{% raw %}{{ t.__class__ }}",
    "{number}{0.__class__}{name!r}",
    "%0d%0aSet-Cookie: a=b",
    "\u202e<b>turned</b>\u202c",
    "＜script＞alert(1)＜/script＞",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "x\r\nLocation: //evil.example",
    "`${alert(1)}`",
    "<style>@import '//evil.example'</style>",
    "<math><mtext></p><script>alert(1)</script>",
    "<link rel=stylesheet href=//evil.example>",
    "<button formaction=//evil.example name=action value=sign>",
)
STRUCTURE = (
    "html head meta title style body header p nav a main section h1 h2 ol li dl div dt dd ul b span footer"
)
FORMS = "form input button details summary label textarea fieldset legend"
OURS = {*STRUCTURE.split(), *FORMS.split()}
SAFE = re.compile(r"\?lang=(en|zh)|tel:[0-9+*#]+|https://www\.openstreetmap\.org/[\w?=&;%.#/~-]*")


class Reader(HTMLParser):
    """Collects what in a page is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.foreign: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in OURS:
            self.foreign.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "src", "formaction", "srcdoc", "http-equiv"}:
                self.foreign.append((name, value))
            if name == "href" and not SAFE.fullmatch(value or ""):
                self.foreign.append((name, value))
            if name == "action" and not re.fullmatch(r"\?(lang=(en|zh))?", value or ""):
                self.foreign.append((name, value))


def assert_inert(page: str) -> None:
    reader = Reader()
    reader.feed(page)
    assert reader.foreign == []


async def poison(house: PageHouse, vector: str) -> Ticket:
    """Mei's ticket with the vector in every field that people fill in, reported, worked on and signed."""
    house.problem = house.place = house.phone = vector
    ticket = await house.completed()
    for name in ("mei", "ana"):
        person = house.people[name]
        house.people[name] = await house.do(lambda unit, who=person: unit.people.update(who, name=vector))
    return ticket


@pytest.mark.parametrize("vector", VECTORS)
async def test_what_people_wrote_is_shown_and_never_run(house: PageHouse, vector: str) -> None:
    ticket = await poison(house, vector)
    sign, status = await house.link(Purpose.SIGN, ticket), await house.link(Purpose.STATUS, ticket)
    job = await house.link(Purpose.JOB, ticket, "ana")
    read = [
        (await house.get(path + query)).text for path in (sign, status, job) for query in ("", "?lang=zh")
    ]
    typed = await house.press(sign, "dispute", reason="", comment=vector)
    disputed = await house.press(sign, "dispute", reason=vector)
    await house.press(job, "arrive")
    refused = await house.press(job, "complete", cause=vector, done=vector, parts=vector, mode=vector)
    done = await house.press(
        job, "complete", cause=vector, done=vector, parts=vector, mode="on_site", tested="1"
    )
    again = await house.link(Purpose.SIGN, ticket)
    signed = await house.press(again, "sign")
    rate = await house.link(Purpose.RATE, ticket)
    graded = await house.press(rate, "rate", grade="5", comment=vector)
    asked = await house.get(
        rate, **{"accept-language": vector.encode("ascii", "ignore").decode().split("\r")[0]}
    )
    for page in (*read, *(each.text for each in (typed, disputed, refused, done, signed, graded, asked))):
        assert_inert(page)
    assert (await house.ticket(ticket)).state is State.CLOSED


async def test_what_people_wrote_is_there_word_for_word(house: PageHouse) -> None:
    words = "<b>Lift</b> & {name} {{ 7 * 7 }} 'quoted' \"twice\"\nsecond line"
    house.problem = words
    page = (await house.get(await house.link(Purpose.STATUS, await house.reported()))).text
    shown = re.search(r"<dt>Problem</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert shown
    assert "<" not in shown[1] and html.unescape(shown[1]) == words


@pytest.mark.parametrize(
    "said", ["<b>won</b>", "rated", "declined", "nothing", "signed" * 500, "%00", "told"]
)
async def test_a_message_in_the_address_is_shown_only_when_it_is_ours_and_true(
    house: PageHouse, said: str
) -> None:
    path = await house.link(Purpose.SIGN, await house.completed())
    assert (await house.get(f"{path}?said={said}")).text == (await house.get(path)).text
