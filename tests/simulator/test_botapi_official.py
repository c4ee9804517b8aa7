"""python-telegram-bot calls every supported method, parses every answer, and the official list agrees."""

import os
import random
from pathlib import Path

import pytest
from telegram import (
    Bot,
    BotCommand,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    MenuButtonCommands,
    ReactionTypeEmoji,
    Update,
)

from simulator.telegram.methods import SPELLING
from simulator.telegram.official import OfficialList
from simulator.telegram.pictures import picture
from simulator.telegram.records import Call

LIST = Path(os.environ.get("CALLOUT_BOTAPI_LIST", Path(__file__).parents[2] / "../shared/botapi/api.json"))


@pytest.fixture
def official() -> OfficialList:
    if not LIST.exists():
        pytest.skip(f"the official list of methods is not here ({LIST.name}); set CALLOUT_BOTAPI_LIST")
    return OfficialList(LIST)


async def all_of_it(bot: Bot, sim, mei, group: int, forum: int) -> None:
    """Each supported method at least once, the last two excepted."""
    png = picture(random.Random(1))
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="y")]])
    await bot.get_me()
    await bot.delete_webhook()
    await bot.get_webhook_info()
    sent = await bot.send_message(mei.id, "Hello *you*", parse_mode="MarkdownV2", reply_markup=keys)
    photo = await bot.send_photo(mei.id, png, caption="x", reply_markup=keys)
    await bot.send_document(mei.id, b"text", filename="a.txt")
    await bot.send_video(mei.id, b"video", duration=3)
    await bot.send_animation(mei.id, b"animation")
    await bot.send_voice(mei.id, b"voice", duration=3)
    await bot.send_audio(mei.id, b"audio", performer="p", title="t")
    await bot.send_video_note(mei.id, b"note")
    await bot.send_sticker(mei.id, b"sticker", emoji="🔧")
    await bot.send_location(mei.id, 52.5, 13.4)
    await bot.send_venue(mei.id, 52.5, 13.4, "Plant", "Main Street 1")
    await bot.send_contact(mei.id, "+4930999", "Nora")
    await bot.send_media_group(mei.id, [InputMediaPhoto(png), InputMediaPhoto(photo.photo[-1].file_id)])
    await bot.send_chat_action(mei.id, "typing")
    await changing_it(bot, mei, sent, photo, keys)
    await groups(bot, mei, group, forum)
    await about_itself(bot)
    await bot.set_webhook("http://127.0.0.1:9/", secret_token="x", allowed_updates=Update.ALL_TYPES)
    await bot.get_webhook_info()
    await bot.delete_webhook(drop_pending_updates=True)
    await bot.get_updates(timeout=0)


async def changing_it(bot: Bot, mei, sent, photo, keys) -> None:
    png = picture(random.Random(2))
    await bot.copy_message(mei.id, mei.id, photo.message_id, caption="y")
    await bot.forward_message(mei.id, mei.id, sent.message_id)
    await bot.edit_message_text("Bye", mei.id, sent.message_id, reply_markup=keys)
    await bot.edit_message_caption(mei.id, photo.message_id, caption="z")
    await bot.edit_message_media(InputMediaPhoto(png), mei.id, photo.message_id)
    await bot.edit_message_reply_markup(mei.id, photo.message_id, reply_markup=keys)
    await bot.answer_callback_query(mei.press(sent.message_id, "Yes"), "ok")
    await bot.set_message_reaction(mei.id, sent.message_id, [ReactionTypeEmoji("👍")])
    await bot.get_file(photo.photo[-1].file_id)
    await bot.pin_chat_message(mei.id, sent.message_id)
    await bot.get_chat(mei.id)
    await bot.unpin_chat_message(mei.id, message_id=sent.message_id)
    await bot.delete_message(mei.id, sent.message_id)
    await bot.delete_messages(mei.id, [photo.message_id, 1])


async def groups(bot: Bot, mei, group: int, forum: int) -> None:
    await bot.get_chat(group)
    await bot.get_chat_member(group, mei.id)
    await bot.get_chat_administrators(group)
    await bot.get_chat_member_count(group)
    await bot.create_forum_topic(forum, "Pump 7")
    await bot.leave_chat(forum)


async def about_itself(bot: Bot) -> None:
    await bot.set_my_commands([BotCommand("help", "What this is")], language_code="de")
    assert (await bot.get_my_commands(language_code="de"))[0].command == "help"
    assert await bot.get_my_commands() == ()
    await bot.delete_my_commands(language_code="de")
    await bot.set_my_name("Rückruf", language_code="de")
    assert (await bot.get_my_name("de")).name == "Rückruf"
    await bot.set_my_description("Long")
    assert (await bot.get_my_description("de")).description == "Long"
    await bot.set_my_short_description("Short")
    assert (await bot.get_my_short_description()).short_description == "Short"
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    assert (await bot.get_chat_menu_button()).type == "commands"


async def test_python_telegram_bot_speaks_with_it(sim, mei, bot):
    group, forum = sim.add_group("Office", [mei]), sim.add_group("Forum", [mei], forum=True)
    await all_of_it(bot, sim, mei, group, forum)
    await bot.close()
    await bot.log_out()
    asked = {call.method.lower() for call in sim.calls}
    assert asked == {name.lower() for name in SPELLING}
    assert sim.unknown == []
    assert {call.status for call in sim.calls} == {200}


async def test_the_official_list_knows_every_method_and_parameter(sim, mei, bot, official):
    assert set(SPELLING) <= set(official.methods)
    group, forum = sim.add_group("Office", [mei]), sim.add_group("Forum", [mei], forum=True)
    await all_of_it(bot, sim, mei, group, forum)
    assert official.problems(sim.calls) == []


async def test_what_the_official_list_does_not_know_is_told(official):
    calls = [
        Call("sendTelepathy", {}, 0),
        Call("sendMessage", {"chat_id": 1, "colour": "red"}, 0),
        Call("sendMediaGroup", {"chat_id": 1, "media": '[{"media": "attach://a"}]', "a": "file"}, 0),
    ]
    assert official.problems(calls) == [
        f"sendTelepathy is no method of {official.version}",
        "sendMessage has no parameter colour",
        "sendMessage lacks text",
    ]


async def test_every_update_a_person_causes_can_be_parsed(sim, mei, bot):
    await bot.get_updates(allowed_updates=Update.ALL_TYPES)
    group = sim.add_group("Office", [mei], announce=True)
    sent = await bot.send_message(
        mei.id, "?", reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("Y", callback_data="y")]])
    )
    word = mei.say("hello https://example.org")
    mei.edit(word["message_id"], "hi")
    mei.react(word["message_id"], "👍")
    mei.press(sent.message_id, "Y")
    mei.press(1, "gone", force=True)
    mei.forward(word["message_id"], chat=group)
    for act in (
        mei.photo,
        mei.document,
        mei.video,
        mei.voice,
        mei.audio,
        mei.video_note,
        mei.sticker,
        mei.contact,
    ):
        act()
    mei.location(1, 2)
    mei.venue(1, 2, "t", "a")
    sim.join(group, sim.add_person("Bo"))
    mei.block()
    mei.unblock()
    sim.migrate_group(group)
    updates = await bot.get_updates()
    assert len(updates) == 23
    assert all(update.effective_user or update.message.sender_chat for update in updates)
