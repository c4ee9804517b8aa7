"""Groups: several people, privacy, topics, migration, members."""

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden


@pytest.fixture
def office(sim):
    otto, ana = sim.add_person("Otto"), sim.add_person("Ana")
    return sim.add_group("Office", [otto, ana]), otto, ana


async def test_what_one_says_all_see_and_the_bot_hears(sim, office, ask):
    group, otto, ana = office
    assert group < -1_000_000_000_000
    otto.say("Pump down", chat=group)
    assert ana.messages(group)[-1]["text"] == "Pump down"
    heard = (await ask("getUpdates"))["result"][0]["message"]
    assert heard["chat"] == {"id": group, "title": "Office", "type": "supergroup"}
    assert heard["from"]["first_name"] == "Otto"
    await ask("sendMessage", chat_id=group, text="Noted")
    await ana.wait_for("Noted", chat=group)


async def test_strangers_do_not_see_it(sim, office):
    nora = sim.add_person("Nora")
    with pytest.raises(ValueError, match="Nora is not in chat"):
        nora.messages(office[0])


async def test_a_press_in_a_group_names_who_pressed(office, ask):
    group, _, ana = office
    markup = {"inline_keyboard": [[{"text": "Take", "callback_data": "take"}]]}
    sent = (await ask("sendMessage", chat_id=group, text="Job", reply_markup=markup))["result"]
    ana.press(sent["message_id"], (0, 0), chat=group)
    query = (await ask("getUpdates"))["result"][0]["callback_query"]
    assert query["from"]["id"] == ana.id and query["message"]["reply_markup"] == markup
    assert query["data"] == "take" and query["chat_instance"]


async def test_a_bot_that_is_no_administrator_hears_only_what_concerns_it(sim, ask):
    otto = sim.add_person("Otto")
    group = sim.add_group("Yard", [otto], bot_admin=False)
    sent = (await ask("sendMessage", chat_id=group, text="hi"))["result"]["message_id"]
    otto.say("gossip", chat=group)
    otto.say("/status", chat=group)
    otto.say("@callout_demo_bot hi", chat=group)
    otto.say("yes", chat=group, reply_to=sent)
    heard = [update["message"]["text"] for update in (await ask("getUpdates"))["result"]]
    assert heard == ["/status", "@callout_demo_bot hi", "yes"]


async def test_topics(sim, bot: Bot):
    otto = sim.add_person("Otto")
    group = sim.add_group("Forum", [otto], forum=True)
    topic = await bot.create_forum_topic(group, "Pump 7")
    sent = await bot.send_message(group, "here", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message and sent.message_thread_id == topic.message_thread_id
    reply = otto.say("yes", chat=group, reply_to=sent.message_id)
    assert reply["message_thread_id"] == topic.message_thread_id
    assert otto.messages(group)[0]["forum_topic_created"]["name"] == "Pump 7"
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(group, "nowhere", message_thread_id=99999)
    with pytest.raises(BadRequest, match="not a forum"):
        await bot.create_forum_topic(sim.add_group("Plain", [otto]), "x")


async def test_a_group_migrates_to_a_supergroup(sim, bot: Bot):
    otto = sim.add_person("Otto")
    old = sim.add_group("Office", [otto], kind="group")
    assert -10_000_000_000 < old < 0
    new = sim.migrate_group(old)
    with pytest.raises(ChatMigrated) as moved:
        await bot.send_message(old, "hello?")
    assert moved.value.new_chat_id == new
    told = [update.message for update in await bot.get_updates()]
    assert [message.migrate_to_chat_id for message in told] == [new, None]
    assert [message.migrate_from_chat_id for message in told] == [None, old]
    await bot.send_message(new, "hello!")
    await otto.wait_for("hello!", chat=new)


async def test_members(sim, office, bot: Bot):
    group, otto, ana = office
    nora = sim.add_person("Nora")
    assert (await bot.get_chat_member(group, otto.id)).status == "creator"
    assert (await bot.get_chat_member(group, ana.id)).status == "member"
    assert (await bot.get_chat_member(group, nora.id)).status == "left"
    assert {one.user.first_name for one in await bot.get_chat_administrators(group)} == {"Otto", "Callout"}
    await bot.get_updates(allowed_updates=["message", "chat_member"])
    sim.join(group, nora)
    told = await bot.get_updates()
    assert told[0].message.new_chat_members[0].id == nora.id
    assert told[1].chat_member.new_chat_member.status == "member"
    assert await bot.get_chat_member_count(group) == 4
    with pytest.raises(BadRequest, match=r"[Uu]ser not found"):
        await bot.get_chat_member(group, 12345)
    await bot.leave_chat(group)
    with pytest.raises(Forbidden):
        await bot.send_message(group, "still here?")


async def test_being_added_is_told_on_request(sim, bot: Bot):
    sim.add_group("Office", [sim.add_person("Otto")], announce=True)
    change = (await bot.get_updates())[0].my_chat_member
    assert (change.old_chat_member.status, change.new_chat_member.status) == ("left", "administrator")


async def test_pinning(office, bot: Bot):
    group, otto, _ = office
    sent = await bot.send_message(group, "Rules")
    await bot.pin_chat_message(group, sent.message_id)
    assert otto.messages(group)[-1]["pinned_message"]["text"] == "Rules"
    assert (await bot.get_chat(group)).pinned_message.text == "Rules"
    await bot.unpin_chat_message(group)
    with pytest.raises(BadRequest, match="unpin not found"):
        await bot.unpin_chat_message(group)


async def test_contacts_are_asked_for_in_private_only(office, ask):
    keyboard = {"keyboard": [[{"text": "My number", "request_contact": True}]]}
    answer = await ask("sendMessage", chat_id=office[0], text="?", reply_markup=keyboard)
    assert answer["description"] == "Bad Request: phone number can be requested in private chats only"
