"""Formatted text: parse modes, explicit entities and those Telegram finds by itself, in UTF-16 units."""

import pytest

from simulator.telegram.entities import formatted
from simulator.telegram.errors import ApiError

MEI = {"id": 123456, "is_bot": False, "first_name": "Mei"}


def parsed(text, mode):
    found = formatted(text, mode, user_of=lambda number: MEI if number == MEI["id"] else None)
    return found.text, [tuple(entity.values()) for entity in found.entities]


HTML = [
    ("<b>bold</b> <i>italic</i>", "bold italic", [("bold", 0, 4), ("italic", 5, 6)]),
    ("🏟 <u>🏟 &lt;</u>", "🏟 🏟 <", [("underline", 3, 4)]),
    ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
    ("<code><i><b>x</b></i></code>", "x", [("code", 0, 1), ("bold", 0, 1), ("italic", 0, 1)]),
    ("<s>a</s><strike>b</strike><del>c</del>", "abc", [("strikethrough", n, 1) for n in range(3)]),
    ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
    ("<tg-spoiler>x</>", "x", [("spoiler", 0, 1)]),
    ('<a href="telegram.org?&lt;">x</a>', "x", [("text_link", 0, 1, "http://telegram.org/?<")]),
    (
        "<a>https://telegram.org/a?b#c</a>",
        "https://telegram.org/a?b#c",
        [("text_link", 0, 26, "https://telegram.org/a?b#c")],
    ),
    ("<a href='tg://user?id=123456'>Mei</a>", "Mei", [("text_mention", 0, 3, MEI)]),
    ("<a href='tg://user?id=1'>who</a>", "who", []),
    ("<pre><code class='language-python'>x</code></pre>", "x", [("pre", 0, 1, "python")]),
    ("<pre>x</pre>", "x", [("pre", 0, 1)]),
    ("<blockquote expandable>x</blockquote>", "x", [("expandable_blockquote", 0, 1)]),
    ('<tg-emoji emoji-id="12345">👍</tg-emoji>', "👍", [("custom_emoji", 0, 2, "12345")]),
    ("&amp;&quot;&#65;&#x42;&ge;", '&"AB&ge;', []),
    ("<b></b>x", "x", []),
]
MARKDOWN_V2 = [
    (
        "*bold* _italic_ __under__",
        "bold italic under",
        [("bold", 0, 4), ("italic", 5, 6), ("underline", 12, 5)],
    ),
    ("🏟_🏟 __🏟___", "🏟🏟 🏟", [("italic", 2, 5), ("underline", 5, 2)]),
    ("~a~ ||b|| `c`", "a b c", [("strikethrough", 0, 1), ("spoiler", 2, 1), ("code", 4, 1)]),
    ("1\\.2\\-3", "1.2-3", []),
    ("```python\nx = 1```", "x = 1", [("pre", 0, 5, "python")]),
    ("```\nx```", "x", [("pre", 0, 1)]),
    ("`>b_*`", ">b_*", [("code", 0, 4)]),
    ("[Mei](tg://user?id=123456)", "Mei", [("text_mention", 0, 3, MEI)]),
    ("[x](https://telegram.dog?\\)a)", "x", [("text_link", 0, 1, "https://telegram.dog/?)a")]),
    ("[telegram\\.org]", "telegram.org", [("text_link", 0, 12, "http://telegram.org/")]),
    ("![👍](tg://emoji?id=25)", "👍", [("custom_emoji", 0, 2, "25")]),
    (">a\n>b\nc", "a\nb\nc", [("blockquote", 0, 4)]),
    (">a\n**>b", "a\nb", [("blockquote", 0, 2), ("blockquote", 2, 1)]),
    (">asd\n>q||e||w||\nasdad", "asd\nqew\nasdad", [("expandable_blockquote", 0, 8), ("spoiler", 5, 1)]),
    ("*a\n>b\nc*", "a\nb\nc", [("bold", 0, 5), ("blockquote", 2, 2)]),
]
MARKDOWN = [
    ("*bold* _it_ `c` a\\_b", "bold it c a_b", [("bold", 0, 4), ("italic", 5, 2), ("code", 8, 1)]),
    (
        "[x](telegram.org) ```py\ny```",
        "x y",
        [("text_link", 0, 1, "http://telegram.org/"), ("pre", 2, 1, "py")],
    ),
]


@pytest.mark.parametrize(
    ("mode", "source", "text", "entities"),
    [
        *[("HTML", *case) for case in HTML],
        *[("MarkdownV2", *case) for case in MARKDOWN_V2],
        *[("Markdown", *case) for case in MARKDOWN],
    ],
)
def test_formatting_is_parsed(mode, source, text, entities):
    assert parsed(source, mode) == (text, entities)


BROKEN = [
    ("HTML", "<b>unclosed", 'Can\'t find end tag corresponding to start tag "b"'),
    ("HTML", "<script>alert(1)</script>", 'Unsupported start tag "script" at byte offset 0'),
    ("HTML", "🏟 🏟&lt;<abac aba>", 'Unsupported start tag "abac" at byte offset 13'),
    ("HTML", "🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
    ("HTML", "🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
    ("HTML", "🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
    ("HTML", "🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
    ("HTML", '🏟 🏟&lt;<i    aba  =  "&lt;>', "Unclosed start tag at byte offset 13"),
    ("HTML", "🏟 🏟&lt;<b></b></", "Unexpected end tag at byte offset 20"),
    ("HTML", "🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
    ("HTML", "<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
    ("HTML", "<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    (
        "HTML",
        '<tg-emoji emoji-id="9999999999999999999">x</tg-emoji>',
        "Invalid custom emoji identifier specified",
    ),
    ("MarkdownV2", "hello.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
    ("MarkdownV2", "a>b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
    ("MarkdownV2", "a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"),
    ("MarkdownV2", "*unclosed", "Can't find end of Bold entity at byte offset 0"),
    ("MarkdownV2", "🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
    ("MarkdownV2", "🏟 🏟_🏟 🏟__", "Can't find end of Underline entity at byte offset 19"),
    ("MarkdownV2", "🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
    ("MarkdownV2", "🏟 🏟```🏟 🏟`", "Can't find end of Code entity at byte offset 21"),
    ("MarkdownV2", "[telegram\\.org](asd", "Can't find end of a URL at byte offset 16"),
    ("MarkdownV2", "🏟 🏟||test\\|", "Can't find end of Spoiler entity at byte offset 9"),
    ("MarkdownV2", "🏟 🏟![👍]", "The entity must contain a tg://emoji or tg://time URL"),
    ("MarkdownV2", "🏟 🏟![👍](tg://emoji?test=1231&id=025)", "Invalid tg://emoji or tg://time URL specified"),
    ("MarkdownV2", ">*b\n>ld\nasd*", "Can't find end of Bold entity at byte offset 1"),
    ("MarkdownV2", ">asd\n>q||e||w||a\n||asdad", "Can't find end of Spoiler entity at byte offset 13"),
    ("Markdown", "🏟 *unclosed", "Can't find end of the entity starting at byte offset 5"),
]


@pytest.mark.parametrize(("mode", "source", "words"), BROKEN)
def test_broken_formatting_is_refused_in_telegrams_words(mode, source, words):
    with pytest.raises(ApiError) as refusal:
        formatted(source, mode)
    assert refusal.value.description == f"Bad Request: can't parse entities: {words}"


BAD_ENTITIES = [
    (
        {"type": "bold", "offset": 100, "length": 1},
        "entity begins after the end of the text at UTF-16 offset 100",
    ),
    (
        {"type": "bold", "offset": 0, "length": 100},
        "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100",
    ),
    ({"type": "bold", "offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
    (
        {"type": "bold", "offset": 1, "length": 2},
        "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1",
    ),
    ({"type": "odd", "offset": 0, "length": 1}, "can't parse MessageEntity: Unsupported type specified"),
    ({"type": "text_link", "offset": 2, "length": 1}, "can't parse MessageEntity: Can't find field \"url\""),
    (
        {"type": "text_link", "offset": 2, "length": 1, "url": "not-a-url"},
        "entity URL 'not-a-url' is invalid: Wrong HTTP URL",
    ),
    (
        {"type": "text_link", "offset": 2, "length": 1, "url": ""},
        "entity URL '' is invalid: URL host is empty",
    ),
    (
        {"type": "text_mention", "offset": 2, "length": 1},
        "can't parse MessageEntity: Can't find field \"user\"",
    ),
    (
        {"type": "custom_emoji", "offset": 0, "length": 2},
        "can't parse MessageEntity: Can't find field \"custom_emoji_id\"",
    ),
]


@pytest.mark.parametrize(("entity", "words"), BAD_ENTITIES)
async def test_explicit_entities_are_checked(mei, ask, entity, words):
    answer = await ask("sendMessage", chat_id=mei.id, text="🏟hello", entities=[entity])
    assert answer["description"] == f"Bad Request: {words}"


async def test_explicit_entities_are_kept_and_sorted(mei, ask):
    given = [
        {"type": "italic", "offset": 0, "length": 3},
        {"type": "bold", "offset": 0, "length": 5},
        {"type": "text_link", "offset": 3, "length": 2, "url": "example.org"},
    ]
    sent = (await ask("sendMessage", chat_id=mei.id, text="🏟hello", entities=given))["result"]
    assert [entity["type"] for entity in sent["entities"]] == ["bold", "italic", "text_link"]
    assert sent["entities"][2]["url"] == "http://example.org/"


async def test_an_unknown_parse_mode_is_refused(mei, ask):
    answer = await ask("sendMessage", chat_id=mei.id, text="x", parse_mode="RTF")
    assert answer["description"] == "Bad Request: unsupported parse_mode"
    assert (await ask("sendMessage", chat_id=mei.id, text="<b>x</b>", parse_mode="html"))["ok"]


FOUND = [
    ("/start abc", [("bot_command", 0, 6)]),
    ("🏟 /help@callout_demo_bot now", [("bot_command", 3, 22)]),
    ("see https://example.org/a?b=1, please", [("url", 4, 25)]),
    ("example.org or mei@example.org", [("url", 0, 11), ("email", 15, 15)]),
    ("@callout_demo_bot #job412 $USD", [("mention", 0, 17), ("hashtag", 18, 7), ("cashtag", 26, 4)]),
    ("call +49 30 1234567", [("phone_number", 5, 14)]),
    ("3/4 a.b 12.5 and/or #412", []),
]


@pytest.mark.parametrize(("text", "entities"), FOUND)
def test_what_people_type_gets_its_entities(mei, text, entities):
    found = mei.say(text).get("entities", [])
    assert [tuple(entity.values()) for entity in found] == entities


def test_ends_are_trimmed_and_entities_with_them():
    found = formatted("  <b>  hello  </b>  ", "HTML")
    assert (found.text, found.entities) == ("  hello", [{"type": "bold", "offset": 0, "length": 7}])
    assert formatted(" a\r\nb\x00c ").text == "a\nb c"
