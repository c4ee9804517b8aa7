"""The tour's third story: Li writes a mail in Chinese with a photo, signs and rates by plain reply."""

import asyncio
import random
import re
from collections.abc import Callable

from callout.stage import Stage
from callout.tour_play import NUMBER, PATIENCE, Play, said
from simulator.mail import Attachment, Letter
from simulator.telegram.pictures import picture

SUBJECT = "三号电梯停运"
REPORT = (
    "您好，三号电梯停在五楼，门打不开，请尽快派人来修。\n\n地址：滨海路12号\n电话：13800000000\n\n谢谢\n李雷"
)
SIGNS, RATES = "确认，谢谢！", "1\n师傅来得很快。"


async def receives(ready: Stage, fits: Callable[[Letter], bool], what: str) -> Letter:
    """Wait for a mail in Li's inbox. AssertionError: it did not come in time."""
    loop = asyncio.get_running_loop()
    until = loop.time() + PATIENCE
    while loop.time() < until:
        found = [letter for letter in await ready.cast.li.inbox() if fits(letter)]
        if found:
            return found[-1]
        await asyncio.sleep(0.05)
    msg = f"Li waits for {what}"
    raise AssertionError(msg)


async def by_mail(play: Play, ready: Stage) -> str:
    """Mail → ticket → Ana by chat → the report comes by mail → signed and rated by reply; the ticket's number."""
    li, ana, otto, words = ready.cast.li, play.cast.ana, play.cast.otto, play.words
    photo = Attachment("door.png", picture(random.Random(3)), "image/png")  # noqa: S311 - a coloured picture
    await li.write(SUBJECT, REPORT, [photo])
    card = await otto.wait_for(
        lambda one: SUBJECT in said(one) and NUMBER.search(said(one)), timeout=PATIENCE
    )
    number = str(NUMBER.findall(said(card))[0])
    receipt = await receives(ready, lambda one: number in one["text"], "a receipt")
    await play.do(otto, "button.assign", number, play.state("received"))
    await play.press(otto, "Ana", number)
    await play.do(ana, "button.accept", number)
    await li.reply(receipt, "请从后门进。")
    await ana.wait_for("请从后门进。", timeout=PATIENCE)
    await play.do(ana, "button.arrive", number, play.state("accepted"))
    await play.do(ana, "button.complete", number, play.state("in_progress", "on_site"))
    await play.complete(ana, words.say("story.cause"), words.say("story.action"))
    finished = await receives(
        ready, lambda one: words.say("story.cause") in one["text"], "the service report"
    )
    await li.reply(finished, SIGNS)
    thanks = await receives(ready, lambda one: "您已验收" in one["text"], "the thanks for signing")
    await li.reply(thanks, RATES)
    await receives(ready, lambda one: "感谢您的评价" in one["text"], "the thanks for the grade")
    return number


async def mails(ready: Stage) -> str:
    """What Li got, as he reads it; links are shortened."""
    shown = [
        f"{one['from']} · {one['subject']}\n{one['text'].strip()}" for one in await ready.cast.li.inbox()
    ]
    whole = "\n\n".join(["== Li's mail ==", *shown])
    return re.sub(r"(http://\S{22})\S+", r"\1…", whole)
