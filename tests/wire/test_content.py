"""Every kind of message becomes one correct entry of its ticket, or its sender gets a clear word."""

import hashlib
import time
from typing import Any

import pytest

# kind -> how a person sends it, with these bytes and (where Telegram has one) this caption.
FILES = {
    "photo": lambda who, data, **to: who.photo(data, "see photo", **to),
    "document": lambda who, data, **to: who.document(data, "manual.pdf", "see document", **to),
    "video": lambda who, data, **to: who.video(data, "see video", **to),
    "voice": lambda who, data, **to: who.voice(data, "see voice", **to),
    "audio": lambda who, data, **to: who.audio(data, "see audio", **to),
    "video_note": lambda who, data, **to: who.video_note(data, **to),
}
METHODS = {
    kind: "send" + kind.title().replace("_", "") for kind in (*FILES, "sticker", "location", "message")
}


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def sent_to(town, person, method: str) -> int:
    """How often the bot sent something of this kind to a chat."""
    return sum(
        call.method == method and str(call.params.get("chat_id")) == str(person.id) for call in town.sim.calls
    )


async def all_stored(town, number: str) -> Any:
    entries = await town.entries(number)
    return entries if all(file.sha256 for entry in entries for file in entry.files) else None


async def test_files_sent_while_reporting_are_kept_and_go_to_the_office_and_the_engineer(town):
    mei = town.mei
    mei.photo(b"first picture")
    await mei.wait_for("A few words are enough")
    mei.say("The pump is dry")
    await mei.wait_for("Where is it?")
    for kind, send in FILES.items():
        send(mei, f"{kind} of the pump".encode())
    mei.sticker("🔥")
    mei.document(b"huge", "huge.bin", file_size=21 << 20)
    await mei.wait_for("larger than 20 MB")
    await town.quiet()
    assert town.words(mei).count("larger than 20 MB") == 1
    mei.venue(52.5, 13.4, "Pump house", "12 Harbour Street")
    await town.press(mei, "Nothing works", "How urgent")
    await mei.wait_for("On which number")
    mei.contact()
    summary = await mei.wait_for("Is this right?")
    assert "Pump house, 12 Harbour Street" in summary["text"] and mei.phone in summary["text"]
    await town.press(mei, "Send", "Is this right?")
    number = (await mei.wait_for("Your number is"))["text"].split()[-1].rstrip(".")
    entries = await town.until(lambda: all_kept(town, number))
    kinds = [entry.kind for entry in entries]
    assert kinds == ["photo", "text", *FILES, "sticker", "document", "venue", "contact"]
    kept = {file.kind: file.sha256 for entry in entries[2:] for file in entry.files if file.sha256}
    assert {kind: kept[kind] for kind in FILES} == {
        kind: sha(f"{kind} of the pump".encode()) for kind in FILES
    }
    assert town.service.files.get(entries[0].files[0].sha256) == b"first picture"
    assert [file.state for file in entries[9].files] == ["too_big"]
    await town.press(town.otto, "Dispatch now", number)
    await town.press(town.ana, "Accept", number)
    await town.quiet()
    for person in (town.otto, town.ana):
        card = next(m["text"] for m in person.messages() if number in m.get("text", "") and "📎" in m["text"])
        assert "Photos and files: 9" in card and "too large" in card
        times = {METHODS[kind]: 1 for kind in (*FILES, "sticker", "location")} | {"sendPhoto": 2}
        assert {method: sent_to(town, person, method) for method in times} == times


async def all_kept(town, number: str) -> Any:
    entries = await town.entries(number)
    return entries if all(file.state != "waiting" for entry in entries for file in entry.files) else None


async def test_everything_said_about_an_open_ticket_reaches_the_other_side_once(town):
    number = await town.accepted()
    await town.quiet()
    for author, reader in ((town.mei, town.ana), (town.ana, town.mei)):
        town.sim.calls.clear()
        before = len(await town.entries(number))
        to = {"reply_to": (await author.wait_for(number))["message_id"]}
        name = author.first_name
        author.say(f"A word of {name}", **to)
        for kind, send in FILES.items():
            send(author, f"{kind} of {name}".encode(), **to)
        author.sticker("👍", **to)
        author.location(52.5, 13.4, **to)
        author.contact("+4930777", first_name="Janitor", **to)
        original = author.messages()[0]
        forwarded = author.forward(original["message_id"])
        await town.press(author, number, "What is this about?")
        await town.quiet()
        entries = await town.until(lambda: all_stored(town, number))
        new = entries[before:]
        assert [entry.kind for entry in new] == ["text", *FILES, "sticker", "location", "contact", "text"]
        assert [entry.files[0].sha256 for entry in new[1:7]] == [
            sha(f"{kind} of {name}".encode()) for kind in FILES
        ]
        assert all(entry.reply_to == str(to["reply_to"]) for entry in new[:-1])
        assert new[-1].text == original["text"] and new[-1].data == {"forwarded": "user"}
        assert new[-1].outside_id == str(forwarded["message_id"])
        assert new[8].data == {"location": [52.5, 13.4]}
        for kind in (*FILES, "sticker", "location"):
            assert sent_to(town, reader, METHODS[kind]) == 1, kind
        seen = town.words(reader)
        for words in (f"A word of {name}", "see photo", "see voice", "Janitor +4930777", original["text"]):
            assert seen.count(f"{name} · {number}\n{words}") == 1, words
        assert author.phone not in seen


async def test_an_edit_keeps_the_old_words_and_shows_the_new_ones(town):
    number = await town.accepted()
    await town.quiet()
    card = await town.mei.wait_for(number)
    said = town.mei.say("The key is at the porter's", reply_to=card["message_id"])
    pictured = town.mei.photo(b"door", "The blue door", reply_to=card["message_id"])
    await town.ana.wait_for("The blue door")
    town.mei.edit(said["message_id"], "The key is at the baker's")
    town.mei.edit(pictured["message_id"], "The green door")
    await town.ana.wait_for("(changed)\nThe key is at the baker's")
    await town.ana.wait_for("(changed)\nThe green door")
    town.mei.edit(said["message_id"], "The key is with me")
    await town.ana.wait_for("The key is with me")
    await town.quiet()
    first, second = (await town.entries(number))[-2:]

    def old(unit: Any) -> list[Any]:
        return [list(unit.messages.old_texts(entry.id)) for entry in (first, second)]

    assert (first.text, second.text) == ("The key is with me", "The green door")
    assert await town.ask(old) == [
        ["The key is at the porter's", "The key is at the baker's"],
        ["The blue door"],
    ]
    assert sent_to(town, town.ana, "sendPhoto") == 1


async def test_an_edit_of_a_report_not_sent_yet_changes_the_report(town):
    problem = town.mei.say("The pimp is dry")
    await town.mei.wait_for("Where is it?")
    place = town.mei.say("13 Harbour Street")
    await town.press(town.mei, "Can wait", "How urgent")
    await town.mei.wait_for("On which number")
    town.mei.say("Skip")
    await town.mei.wait_for("Is this right?")
    town.mei.edit(problem["message_id"], "The pump is dry")
    town.mei.edit(place["message_id"], "12 Harbour Street")
    await town.mei.wait_for(lambda m: all(
        words in m.get("text", "") for words in ("Is this right?", "The pump is dry", "12 Harbour Street")
    ))  # fmt: skip
    await town.quiet()
    await town.press(town.mei, "Send", "Is this right?")
    number = (await town.mei.wait_for("Your number is"))["text"].split()[-1].rstrip(".")
    ticket = await town.ticket(number)
    assert (ticket.problem, ticket.place) == ("The pump is dry", "12 Harbour Street")


async def test_a_file_too_large_is_said_to_be_so_on_both_sides(town):
    number = await town.accepted()
    await town.quiet()
    card = await town.mei.wait_for(number)
    town.mei.video(b"long film", "The whole flood", file_size=21 << 20, reply_to=card["message_id"])
    await town.mei.wait_for("larger than 20 MB")
    relayed = await town.ana.wait_for("The whole flood")
    assert "Too large to pass on: 1" in relayed["text"]
    await town.quiet()
    entry = (await town.entries(number))[-1]
    assert (entry.kind, entry.text, entry.files[0].state) == ("video", "The whole flood", "too_big")
    assert (entry.files[0].size, entry.files[0].sha256) == (21 << 20, None)


@pytest.mark.parametrize(
    "content",
    [
        {"dice": {"emoji": "🎲", "value": 3}},
        {"game": {"title": "Chess", "description": "a game", "photo": []}},
        {"story": {"id": 1, "chat": {"id": 5, "type": "private"}}},
    ],
    ids=["dice", "game", "story"],
)
async def test_what_nobody_can_use_gets_a_clear_word(town, content):
    mei = town.mei
    mei.start()
    await mei.wait_for("Hello")
    chat = {"id": mei.id, "type": "private", "first_name": "Mei"}
    message = {"message_id": 90_000, "date": int(time.time()), "chat": chat, "from": mei.user(), **content}
    town.sim.inject({"message": message})
    await mei.wait_for("could not read anything in that")
