"""Files both ways: uploads, file_ids, downloads, albums, and the limits on their size."""

import json
import random
import time

import pytest
from telegram import Bot, InputMediaDocument, InputMediaPhoto
from telegram.error import BadRequest

from simulator.telegram.pictures import dimensions, picture

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 10 + b"\xff\xc0\x00\x11\x08\x00\x20\x00\x40" + b"\0" * 20
KINDS = ("document", "video", "voice", "audio", "video_note", "animation")


@pytest.fixture
def png() -> bytes:
    return picture(random.Random(7), 640, 480)


async def post(sim, http, method, files=None, **data):
    return (await http.post(f"/bot{sim.token}/{method}", data=data, files=files)).json()


def test_a_picture_has_the_size_it_says(png):
    assert dimensions(png) == (640, 480)
    assert dimensions(JPEG) == (64, 32)
    assert dimensions(b"hello") is None


async def test_what_a_person_sends_can_be_fetched(sim, mei, bot: Bot, png):
    photo = mei.photo(png, caption="The pump")
    assert [size["width"] for size in photo["photo"]] == [90, 320, 640]
    file = await bot.get_file(photo["photo"][-1]["file_id"])
    assert file.file_path.startswith(f"{sim.file_url}{sim.token}/photos/file_")
    assert bytes(await file.download_as_bytearray()) == png
    report = mei.document(b"%PDF-1.7", name="report.pdf")["document"]
    assert (report["file_name"], report["mime_type"], report["file_size"]) == (
        "report.pdf",
        "application/pdf",
        8,
    )


async def test_an_upload_comes_back_with_a_file_id_that_can_be_sent_again(sim, mei, http, png):
    sent = (
        await post(
            sim,
            http,
            "sendPhoto",
            {"photo": ("a.png", png)},
            chat_id=mei.id,
            caption="<b>x</b>",
            parse_mode="HTML",
        )
    )["result"]
    assert sent["caption"] == "x" and sent["caption_entities"][0]["type"] == "bold"
    file_id = sent["photo"][-1]["file_id"]
    again = await post(sim, http, "sendPhoto", chat_id=mei.id, photo=file_id)
    assert again["result"]["photo"][-1]["file_id"] == file_id
    attached = await post(
        sim, http, "sendPhoto", {"pump": ("a.png", png)}, chat_id=mei.id, photo="attach://pump"
    )
    assert attached["ok"]
    wrong = await post(sim, http, "sendDocument", chat_id=mei.id, document=file_id)
    assert wrong["description"] == "Bad Request: can't use file of type Photo as Document"


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_file_can_be_sent(sim, mei, http, kind):
    method = f"send{kind.title().replace('_', '')}"
    sent = await post(sim, http, method, {kind: ("name.bin", b"data")}, chat_id=mei.id, duration=4)
    shown = sent["result"][kind]
    assert shown["file_size"] == 4 and shown.get("duration", 4) == 4
    assert mei.messages()[-1][kind] == shown


@pytest.mark.parametrize(
    ("params", "files", "words"),
    [
        ({}, None, "there is no photo in the request"),
        ({"photo": "attach://nothing"}, None, "there is no photo in the request"),
        ({"photo": "AgACAgIAAxkBAAIB"}, None, "wrong file identifier/HTTP URL specified"),
        ({"photo": "https://example.org/a.jpg"}, None, "failed to get HTTP URL content"),
        ({}, {"photo": ("a.jpg", b"")}, "file must be non-empty"),
        ({}, {"photo": ("a.jpg", b"no picture")}, "IMAGE_PROCESS_FAILED"),
        ({}, {"photo": ("a.png", picture(random.Random(1), 2100, 100))}, "PHOTO_INVALID_DIMENSIONS"),
    ],
)
async def test_a_bad_file_is_refused(sim, mei, http, params, files, words):
    answer = await post(sim, http, "sendPhoto", files, chat_id=mei.id, **params)
    assert answer["description"] == f"Bad Request: {words}"


async def test_uploads_end_at_10_and_50_megabytes(sim, mei, http):
    big = JPEG + b"\0" * (10 << 20)
    answer = await post(sim, http, "sendPhoto", {"photo": ("a.jpg", big)}, chat_id=mei.id)
    assert answer["description"].startswith("Bad Request: file is too big for a photo")
    huge = b"\0" * ((50 << 20) + 1)
    answer = await post(sim, http, "sendDocument", {"document": ("a.bin", huge)}, chat_id=mei.id)
    assert (answer["error_code"], answer["description"]) == (413, "Request Entity Too Large")


async def test_downloads_end_at_20_megabytes(mei, bot: Bot):
    big = mei.document(b"x", file_size=(20 << 20) + 1)["document"]
    with pytest.raises(BadRequest, match=r"[Ff]ile is too big"):
        await bot.get_file(big["file_id"])
    assert await bot.get_file(mei.document(b"x", file_size=20 << 20)["document"]["file_id"])
    with pytest.raises(BadRequest, match=r"[Ii]nvalid file_id"):
        await bot.get_file("nonsense")


async def test_a_missing_path_is_404(sim, http):
    assert (await http.get(f"/file/bot{sim.token}/photos/file_99.jpg")).status_code == 404


async def test_the_bot_sends_an_album(mei, bot: Bot, png):
    known = mei.photo()["photo"][-1]["file_id"]
    sent = await bot.send_media_group(mei.id, [InputMediaPhoto(png, caption="two"), InputMediaPhoto(known)])
    assert len({message.media_group_id for message in sent}) == 1
    assert sent[1].message_id == sent[0].message_id + 1 and sent[0].caption == "two"
    assert [message.get("media_group_id") for message in mei.messages()[-2:]] == [sent[0].media_group_id] * 2


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "there are no messages to send"),
        (["photo"], "an album needs 2-10 messages"),
        (["photo"] * 11, "too many messages to send as an album"),
        (["photo", "document"], "Document can't be mixed with other media types"),
        (["photo", "sticker"], "can't parse InputMedia: Unsupported type specified"),
    ],
)
async def test_a_bad_album_is_refused(sim, mei, ask, items, words):
    ids = {"photo": mei.photo()["photo"][-1]["file_id"], "document": mei.document()["document"]["file_id"]}
    media = [{"type": kind, "media": ids.get(kind, "x")} for kind in items]
    answer = await ask("sendMediaGroup", chat_id=mei.id, media=json.dumps(media))
    assert answer["description"] == f"Bad Request: {words}"


async def test_a_person_sends_an_album_at_any_spacing_and_in_any_order(sim, mei, ask):
    begun = time.monotonic()
    sent = await mei.album(3, caption="The pump", spacing=0.05, order=[2, 0, 1])
    assert time.monotonic() - begun >= 0.1
    ids = [message["message_id"] for message in sent]
    assert ids == [ids[0], ids[0] + 1, ids[0] + 2]
    told = [update["message"] for update in (await ask("getUpdates"))["result"]]
    assert [message["message_id"] for message in told] == [ids[2], ids[0], ids[1]]
    assert len({message["media_group_id"] for message in told}) == 1
    assert [message.get("caption") for message in sent] == ["The pump", None, None]


async def test_media_can_be_replaced(mei, bot: Bot, png):
    sent = await bot.send_photo(mei.id, png, caption="one")
    edited = await bot.edit_message_media(
        InputMediaDocument(b"text", filename="a.txt", caption="two"), mei.id, sent.message_id
    )
    assert edited.document.file_name == "a.txt" and edited.caption == "two" and not edited.photo
    captioned = await bot.edit_message_caption(mei.id, sent.message_id, caption="three")
    assert captioned.caption == "three" and captioned.document
