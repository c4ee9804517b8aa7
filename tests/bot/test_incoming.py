"""Whatever Telegram delivers becomes one plain record, or is unreadable; nothing else is ever raised."""

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incoming import BIDI, clean, parse
from dispatch.feed import Unreadable

MOST = 20 << 20
MEI = {"id": 5, "is_bot": False, "first_name": "Mei", "language_code": "zh-hans"}
CHAT = {"id": 5, "type": "private", "first_name": "Mei"}
FILE = {"file_id": "F1", "file_unique_id": "U1", "file_size": 1000}
PICTURE = {**FILE, "width": 10, "height": 10}
PLACE = {"latitude": 52.5, "longitude": 13.4}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = (
    *("message_id", "date", "chat", "from", "text", "caption", "photo", "document", "voice", "sticker"),
    *("location", "venue", "contact", "reply_to_message", "forward_origin", "media_group_id", "entities"),
    *("sender_chat", "is_topic_message", "message_thread_id", "migrate_to_chat_id", "dice", "poll"),
)


def message(**content: Any) -> str:
    body = {"message_id": 9, "date": 1_700_000_000, "chat": CHAT, "from": MEI, **content}
    return json.dumps({"update_id": 1, "message": body})


CONTENTS = {
    "text": ({"text": "It is broken"}, "It is broken", None),
    "photo": ({"photo": [PICTURE, {**PICTURE, "file_id": "F2"}], "caption": "See"}, "See", "photo.jpg"),
    "document": ({"document": {**FILE, "file_name": "plan.pdf"}}, "", "plan.pdf"),
    "video": ({"video": {**PICTURE, "duration": 3}}, "", "video.mp4"),
    "voice": ({"voice": {**FILE, "duration": 3}}, "", "voice.ogg"),
    "audio": ({"audio": {**FILE, "duration": 3, "file_name": "noise.mp3"}}, "", "noise.mp3"),
    "video_note": ({"video_note": {**FILE, "length": 9, "duration": 3}}, "", "video_note.mp4"),
    "sticker": (
        {"sticker": {**PICTURE, "type": "regular", "is_animated": False, "is_video": False}},
        "",
        "sticker.webp",
    ),
    "location": ({"location": PLACE}, "", None),
    "venue": (
        {"location": PLACE, "venue": {"location": PLACE, "title": "Pump house", "address": "Quay 1"}},
        "Pump house, Quay 1",
        None,
    ),
    "contact": ({"contact": {"phone_number": "+49", "first_name": "Mei", "user_id": 5}}, "", None),
    "dice": ({"dice": {"emoji": "🎲", "value": 3}}, "", None),
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_kind_of_content_is_told_apart(kind):
    content, text, name = CONTENTS[kind]
    came = parse(message(**content), MOST)
    assert came.letter is not None
    assert (came.what, came.letter.kind, came.text) == ("message", kind, text)
    assert [part.name for part in came.letter.parts] == ([name] if name else [])
    assert (came.user, came.name, came.language, came.chat, came.private) == (
        "5",
        "Mei",
        "zh-hans",
        "5",
        True,
    )
    assert not any(part.too_big for part in came.letter.parts)


def test_places_contacts_replies_forwards_and_albums_keep_what_belongs_to_them():
    place = parse(message(location=PLACE), MOST)
    assert (place.latitude, place.longitude) == (52.5, 13.4)
    own = parse(message(contact={"phone_number": "+49", "first_name": "Mei", "user_id": 5}), MOST)
    other = parse(message(contact={"phone_number": "+48", "first_name": "Bo", "user_id": 6}), MOST)
    nobody = parse(message(contact={"phone_number": "+47", "first_name": "X"}), MOST)
    assert [(c.phone, c.phone_is_own) for c in (own, other, nobody)] == [
        ("+49", True),
        ("+48", False),
        ("+47", False),
    ]
    answered = {"message_id": 3, "date": 1, "chat": CHAT, "from": MEI, "text": "?"}
    origin = {"type": "user", "date": 1, "sender_user": MEI}
    letter = parse(
        message(text="/start X", reply_to_message=answered, forward_origin=origin, media_group_id="77"), MOST
    ).letter
    assert letter is not None
    assert (letter.reply_to, letter.data, letter.album) == ("3", {"forwarded": "user"}, "77")
    assert parse(message(text="/start X", forward_origin=origin), MOST).command == ""
    big = parse(message(document={**FILE, "file_size": MOST + 1}), MOST).letter
    assert big is not None and big.parts[0].too_big


@pytest.mark.parametrize(
    ("text", "command", "argument", "to"),
    [
        ("/start", "start", "", ""),
        ("/start ABC def", "start", "ABC def", ""),
        ("/Status@Callout_bot  T-1", "status", "T-1", "callout_bot"),
        ("/status\nT-1", "status", "T-1", ""),
        ("/", "", "", ""),
        ("/über", "", "", ""),
        ("a /start", "", "", ""),
        ("/" + "x" * 33, "", "", ""),
    ],
)
def test_commands(text, command, argument, to):
    came = parse(message(text=text), MOST)
    assert (came.command, came.argument, came.command_to) == (command, argument, to)


def test_a_press_a_topic_a_block_and_a_migration():
    group = {"id": -100, "type": "supergroup", "title": "Works", "is_forum": True}
    topic = {"message_id": 4, "date": 1, "chat": group, "is_topic_message": True, "message_thread_id": 7}
    query = {"id": "Q", "from": MEI, "chat_instance": "1", "data": "x.1", "message": topic}
    press = parse(json.dumps({"update_id": 2, "callback_query": query}), MOST)
    assert (press.what, press.chat, press.thread, press.message_id) == ("press", "-100", 7, "4")
    gone = {**query, "message": {"chat": CHAT, "message_id": 4, "date": 0}}
    assert parse(json.dumps({"update_id": 2, "callback_query": gone}), MOST).message_id == "4"
    member = {"user": {"id": 1, "is_bot": True, "first_name": "C"}, "status": "member"}
    kicked = {"user": member["user"], "status": "kicked", "until_date": 0}
    change = {"chat": CHAT, "from": MEI, "date": 1, "old_chat_member": member, "new_chat_member": kicked}
    assert parse(json.dumps({"update_id": 3, "my_chat_member": change}), MOST).what == "blocked"
    moved = parse(message(chat=group, migrate_to_chat_id=-200), MOST)
    assert (moved.what, moved.new_chat) == ("migrated", "-200")


def test_nobody_without_a_number_of_his_own_has_a_say():
    """Channels, anonymous administrators (S17)."""
    channel = {"id": -1, "type": "channel", "title": "News"}
    for content in ({"sender_chat": channel, "text": "/office"}, {"from": None, "text": "/office"}):
        came = parse(message(**content), MOST)
        assert (came.what, came.user, came.command) == ("unused:anonymous", "", "")


@given(json_values)
def test_any_json_is_read_or_unreadable(value):
    for raw in (json.dumps(value), json.dumps({"update_id": 1, "message": value})):
        try:
            came = parse(raw, MOST)
        except Unreadable:
            continue
        assert came.update_id is not None


@given(st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=6))
def test_a_message_with_any_nonsense_in_its_fields_is_read_or_unreadable(fields):
    for name in ("message", "edited_message"):
        body = {"message_id": 9, "date": 1, "chat": CHAT, "from": MEI, **fields}
        try:
            parse(json.dumps({"update_id": 1, name: body}), MOST)
        except Unreadable:
            continue


@pytest.mark.parametrize("raw", ["", "{", "[]", "7", '"x"', "[" * 100_000, '{"update_id": null}', "\x00"])
def test_what_is_no_update_is_unreadable(raw):
    with pytest.raises(Unreadable):
        parse(raw, MOST)


@pytest.mark.parametrize(
    "content",
    [
        {"date": 10**30},
        {"date": 10**15},
        {"date": -(10**15)},
        {"date": float("inf")},
        {"edit_date": 10**30, "text": "x"},
        {"photo": [], "text": "x"},
        {"reply_to_message": {"message_id": 1, "date": 10**30, "chat": CHAT}},
    ],
    ids=str,
)
def test_impossible_moments_and_empty_lists_raise_nothing_else(content):
    try:
        parse(message(**content), MOST)
    except Unreadable as told:
        assert "unreadable update" in str(told)


@given(st.text(max_size=100))
def test_no_control_and_no_turning_character_is_let_in(text):
    shown = clean(text)
    assert not [char for char in shown if char not in "\n\t" and unicodedata.category(char) == "Cc"]
    assert not set(map(ord, shown)) & set(BIDI)
    kept = [char for char in text if unicodedata.category(char)[0] in "LNP"]
    assert [char for char in shown if unicodedata.category(char)[0] in "LNP"] == kept


@pytest.mark.parametrize(
    "text", ["\u200b", " \u2060\ufeff\u00ad ", "\u202e\u2069", "\x00\x07", "\u200d\ufe0f"]
)
def test_a_text_nobody_can_see_is_empty(text):
    assert clean(text) == ""


def test_joined_emoji_and_other_scripts_stay_as_they_were():
    for text in ("👨\u200d👩\u200d👧", "مرحبا", "电梯坏了", "e\u0301", "line\nline"):
        assert clean(f" {text} ") == text
