"""The demo page in a real browser: what a newcomer does on the phones, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from simulator.telegram import Person
    from tests.browser.conftest import Stage

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.async_api", reason="the playwright package is not installed").expect


async def write(stage: Stage, person: Person, text: str) -> None:
    """Type a text on a phone and press Enter."""
    box = stage.phone(person).locator("textarea.composer")
    await box.fill(text)
    await box.press("Enter")


async def card(stage: Stage, person: Person, text: str) -> Any:
    """Let the person report something; answers the bot's card."""
    await write(stage, person, text)
    found = stage.phone(person).locator("article.message", has_text=f"Job: {text}")
    await expect(found).to_be_visible()
    return found


async def picture(stage: Stage, color: str) -> bytes:
    """A small picture, painted by the browser itself."""
    painted = await stage.page.evaluate(
        """async (color) => {
            const canvas = new OffscreenCanvas(64, 48);
            const pen = canvas.getContext("2d");
            pen.fillStyle = color;
            pen.fillRect(0, 0, 64, 48);
            const blob = await canvas.convertToBlob({type: "image/png"});
            return [...new Uint8Array(await blob.arrayBuffer())];
        }""",
        color,
    )
    return bytes(painted)


async def test_start_then_a_text_is_answered(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    await phone.locator("button.start").click()
    await expect(phone.locator("article.message.in")).to_contain_text("What is broken?")
    await expect(phone.locator("button.start")).to_be_hidden()
    await card(stage, stage.mei, "The lift is stuck")
    assert [message.get("text") for message in stage.mei.messages()][-2:] == [
        "The lift is stuck",
        "Job: The lift is stuck",
    ]
    await expect(stage.phone(stage.ana).locator("article.message")).to_have_count(0)


async def test_a_press_turns_then_toasts_and_the_card_changes(stage: Stage) -> None:
    stage.bot.slow = 0.4
    job = await card(stage, stage.ana, "Door")
    await job.locator("button.inline", has_text="Take").click()
    await expect(job.locator("button.inline[aria-busy=true]")).to_have_text("Take")
    await expect(stage.phone(stage.ana).locator(".toast")).to_have_text("Taken by you")
    await expect(job).to_contain_text("(taken)")
    await expect(job.locator(".edited")).to_be_visible()
    await expect(job.locator("button.inline")).to_have_text(["Done"])
    await expect(stage.phone(stage.mei).locator(".toast")).to_have_count(0)


async def test_an_alert_covers_one_phone_until_it_is_read(stage: Stage) -> None:
    job = await card(stage, stage.ana, "Door")
    await job.locator("button.inline", has_text="Details").click()
    alert = stage.phone(stage.ana).get_by_role("alertdialog")
    await expect(alert).to_contain_text("Third floor, left door")
    await write(stage, stage.mei, "I can still write")
    await alert.get_by_role("button").click()
    await expect(alert).to_have_count(0)


async def test_several_pictures_become_an_album(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    files = [
        {"name": f"{color}.png", "mimeType": "image/png", "buffer": await picture(stage, color)}
        for color in ("teal", "tomato", "gold")
    ]
    await phone.locator("input[type=file].attach").set_input_files(files)
    await phone.locator("textarea.composer").fill("All three doors")
    await phone.locator("button.send").click()
    await expect(phone.locator(".album article.message img")).to_have_count(3)
    await expect(phone.locator(".album-row")).to_contain_text("All three doors")
    shown = await phone.locator(".album img").evaluate_all(
        "(all) => Promise.all(all.map((one) => one.decode().then(() => one.naturalWidth)))"
    )
    assert all(shown)
    sent = stage.mei.messages()
    assert len({message["media_group_id"] for message in sent}) == 1
    assert len(sent) == 3


async def test_a_contact_is_shared_only_after_a_question(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    await phone.locator("button.start").click()
    await phone.locator("button.reply-key", has_text="Share my contact").click()
    await phone.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert not any("contact" in message for message in stage.mei.messages())
    await phone.locator("button.reply-key", has_text="Share my contact").click()
    await phone.get_by_role("dialog").locator("button.confirm").click()
    await expect(phone.locator(".row.contact")).to_contain_text("Mei")
    await expect(phone.locator("article.message.in").last).to_contain_text("55501234")
    await expect(phone.locator("button.reply-key").first).to_be_hidden()


async def test_everything_by_keyboard_alone(stage: Stage) -> None:
    keys = stage.page.keyboard
    phone = stage.phone(stage.ana)
    await tab_to(stage, phone.locator("button.start"))
    await keys.press("Enter")
    await expect(phone.locator("article.message.in")).to_be_visible()
    await tab_to(stage, phone.locator("textarea.composer"))
    await keys.type("Gate")
    await keys.press("Shift+Enter")
    await keys.type("number two")
    await keys.press("Enter")
    job = phone.locator("article.message", has_text="Job: Gate")
    await tab_to(stage, job.locator("button.inline", has_text="Take"), backwards=True)
    await keys.press("Space")
    await expect(job.locator("button.inline")).to_have_text(["Done"])
    await expect(job).to_be_focused()  # the pressed button is gone: the card itself keeps the focus
    await keys.press("ArrowUp")
    await keys.press("Enter")
    await phone.get_by_role("menuitem", name="Edit").press("Enter")
    await expect(phone.locator("textarea.composer")).to_have_value("Gate\nnumber two")
    await keys.type("!")
    await keys.press("Enter")
    await expect(phone.locator("article.message.out").last.locator(".edited")).to_be_visible()


async def tab_to(stage: Stage, target: Any, *, backwards: bool = False) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(60):
        if await target.evaluate("(node) => node === document.activeElement"):
            return
        await stage.page.keyboard.press("Shift+Tab" if backwards else "Tab")
    pytest.fail("not reachable by Tab")


async def test_a_reply_quotes_what_it_answers(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    job = await card(stage, stage.mei, "Lamp")
    await job.locator(".bubble").click(button="right")
    await phone.get_by_role("menuitem", name="Reply").click()
    await expect(phone.locator(".mode-bar")).to_contain_text("Job: Lamp")
    await write(stage, stage.mei, "It blinks")
    await expect(phone.locator("article.message.out").last.locator(".quote")).to_contain_text("Job: Lamp")


async def test_the_page_speaks_two_languages_and_remembers(stage: Stage) -> None:
    page = stage.page
    await expect(page.locator(".first-step")).to_contain_text("Write what is broken on Mei’s phone")
    await page.locator("button.language").click()
    await expect(page.locator(".first-step")).to_contain_text("先在 Mei 的手机上")
    await expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    await expect(stage.phone(stage.mei).locator("button.start")).to_have_text("开始")
    await page.reload()
    await expect(page.locator(".owner-role").first).to_have_text("客户")


async def test_markup_in_a_message_stays_text(stage: Stage) -> None:
    text = "<img src=x onerror=alert(1)><b>bold</b> <script>alert(2)</script>"
    phone = stage.phone(stage.mei)
    await card(stage, stage.mei, text)
    await expect(phone.locator("article.message.out .text")).to_contain_text(text)
    assert await phone.locator(".log b, .log script, .log img").count() == 0


async def test_entities_are_drawn_by_utf16_offsets(stage: Stage) -> None:
    entities = [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "offset": 8, "length": 4, "url": "https://example.org/manual"},
    ]
    await stage.bot.call("sendMessage", chat_id=stage.office, text="😀 bold link", entities=entities)
    phone = stage.phone(stage.otto)
    await phone.locator(f'button.chat-tab[data-chat="{stage.office}"]').click()
    await expect(phone.locator(".text strong")).to_have_text("bold")
    await expect(phone.locator(".text a")).to_have_text("link")
    await expect(phone.locator(".text a")).to_have_attribute("href", "https://example.org/manual")


async def test_a_group_counts_what_was_not_read(stage: Stage) -> None:
    tab = stage.phone(stage.otto).locator(f'button.chat-tab[data-chat="{stage.office}"]')
    stage.ana.photo(caption="Whose ladder is this?", chat=stage.office)
    stage.ana.photo(chat=stage.office)
    await expect(tab.locator(".badge")).to_have_text("2")
    await tab.click()
    await expect(tab.locator(".badge")).to_have_count(0)
    await expect(stage.phone(stage.otto).locator(".sender").first).to_have_text("Ana")


async def test_newest_message_waits_below_while_reading_above(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    for number in range(25):
        stage.mei.say(f"Line {number}")
    await expect(phone.locator("article.message", has_text="Job: Line 24")).to_be_visible()
    await phone.locator(".log").evaluate("(log) => { log.scrollTop = 0; }")
    chip = phone.locator("button.to-bottom")
    await expect(chip).to_be_visible()
    await stage.bot.call("sendMessage", chat_id=stage.mei.id, text="Someone comes")
    await expect(chip.locator(".badge")).to_have_text("1")
    await chip.click()
    await expect(phone.locator("article.message").last).to_be_in_viewport()
    await expect(chip).to_be_hidden()


async def test_narrow_screens_show_one_phone_with_tabs(stage: Stage) -> None:
    await stage.page.set_viewport_size({"width": 390, "height": 844})
    await expect(stage.phone(stage.mei)).to_be_visible()
    await expect(stage.phone(stage.ana)).to_be_hidden()
    tab = stage.page.locator(".people button", has_text="Ana")
    stage.ana.say("Hello")
    await expect(tab.locator(".badge")).to_have_text(re.compile(r"\d"))
    await tab.click()
    await expect(stage.phone(stage.ana)).to_be_visible()
    await expect(stage.phone(stage.mei)).to_be_hidden()
    wide = await stage.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390


async def test_the_page_finds_its_way_back_after_a_reload(stage: Stage) -> None:
    await card(stage, stage.mei, "Window")
    await stage.page.reload()
    await expect(stage.phone(stage.mei).locator("article.message", has_text="Job: Window")).to_be_visible()
    await expect(stage.page.locator(".link-state")).to_be_empty()


async def test_links_with_other_schemes_and_broken_entities_do_no_harm(stage: Stage) -> None:
    drawn = await stage.page.evaluate(
        """async () => {
            const {rich} = await import("/text.js");
            const entities = [
                {type: "text_link", offset: 0, length: 5, url: "javascript:alert(1)"},
                {type: "bold", offset: 6, length: 9},
                {type: "italic", offset: 10, length: 2},
                {type: "code", offset: 13, length: 99},
            ];
            const holder = document.createElement("div");
            holder.append(rich("click bold it text", entities, {}));
            return holder.innerHTML;
        }"""
    )
    assert "<a" not in drawn
    assert '<span class="entity-link">click</span>' in drawn
    assert re.sub(r"<[^>]+>", "", drawn) == "click bold it text"


async def test_albums_fill_their_rows(stage: Stage) -> None:
    widths = await stage.page.evaluate(
        """async () => {
            const {spans} = await import("/bubble.js");
            return [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(spans);
        }"""
    )
    assert [len(row) for row in widths] == list(range(1, 11))
    assert all(sum(row) % 6 == 0 for row in widths)


async def test_typing_and_reactions_are_seen(stage: Stage) -> None:
    phone = stage.phone(stage.mei)
    job = await card(stage, stage.mei, "Lamp")
    await stage.bot.call("sendChatAction", chat_id=stage.mei.id, action="typing")
    await expect(phone.locator(".typing")).to_have_text("typing…")
    said = stage.mei.messages()[0]["message_id"]
    thumb = [{"type": "emoji", "emoji": "👍"}]
    await stage.bot.call("setMessageReaction", chat_id=stage.mei.id, message_id=said, reaction=thumb)
    await expect(phone.locator(f'[data-message-id="{said}"] .reactions')).to_have_text("👍")
    await stage.bot.call("sendMessage", chat_id=stage.mei.id, text="There you are")
    await expect(phone.locator(".typing")).to_have_count(0)
    await stage.bot.call(
        "deleteMessage", chat_id=stage.mei.id, message_id=stage.mei.messages()[1]["message_id"]
    )
    await expect(job).to_have_count(0)


async def test_a_person_who_comes_later_gets_a_phone(stage: Stage) -> None:
    nora = stage.sim.add_person("Nora", language_code="en", hint="stranger")
    nora.start()
    await expect(stage.phone(nora).locator("article.message.in")).to_contain_text("What is broken?")


async def test_an_invitation_link_is_followed_on_the_phone(stage: Stage) -> None:
    phone = stage.phone(stage.ana)
    link = "https://t.me/callout_demo_bot?start=join-7f"
    button = {"text": "Join", "url": link}
    stage.ana.start()
    await expect(phone.locator("article.message.in")).to_be_visible()
    markup = {"inline_keyboard": [[button]]}
    await stage.bot.call("sendMessage", chat_id=stage.ana.id, text="Come in", reply_markup=markup)
    await phone.locator("button.inline", has_text="Join").click()
    await expect(phone.locator("article.message.out").last).to_contain_text("/start join-7f")
