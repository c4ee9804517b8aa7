"""`callout demo --tour`: the cast plays three stories by itself, by chat and mail, and proves the end."""

from callout import logs
from callout.stage import Stage, stage
from callout.tour_mail import by_mail, mails
from callout.tour_play import NUMBER, PATIENCE, Play, said
from callout.tour_report import Ending, checks, ending, report
from dispatch.texts import Phrases


async def all_well(play: Play) -> str:
    """The first story: Ana has no time, Bo comes, Mei signs and is content; the ticket's number."""
    number = await _report_the_lift(play)
    await _dispatch(play, number)
    await _way_and_words(play, number)
    bo, words = play.cast.bo, play.words
    await play.do(bo, "button.part", number, play.state("in_progress", "on_site"))
    await play.sees(bo, "ask.part")
    bo.say(words.say("story.part"))
    await play.sees(bo, "part_noted", number=number)
    await play.do(bo, "button.complete", number, words.say("story.part"))
    await play.complete(bo, words.say("story.cause"), words.say("story.action"))
    await play.sign(number, 1, 1)
    await play.sees(bo, "notice.signed", number=number)
    await play.cast.otto.wait_for(words.say("office.rated", grade=words.say("grade.1")), timeout=PATIENCE)
    return number


async def _report_the_lift(play: Play) -> str:
    mei, words = play.cast.mei, play.words
    mei.start()
    await play.sees(mei, "start.how")
    mei.say(words.say("story.problem"))
    await play.sees(mei, "report.ask.place")
    mei.photo()
    mei.say(words.say("story.place"))
    await play.do(mei, "urgency.stopped", words.say("report.ask.urgency"))
    await play.sees(mei, "report.ask.phone")
    mei.contact()
    return await play.send_report()


async def _dispatch(play: Play, number: str) -> None:
    otto, ana, bo, words = play.cast.otto, play.cast.ana, play.cast.bo, play.words
    await play.do(otto, "button.kind", number, play.state("received"))
    await play.do(otto, "kind.fault", number)
    await play.do(otto, "button.severity", number, play.state("triaged"))
    await play.do(otto, "grading.12", number)
    await play.do(otto, "button.on_site", number, words.say("severity.2"))
    await play.do(otto, "button.auto", number, words.say("way.site"))
    await play.do(ana, "button.decline", number)
    await play.do(ana, "reason.busy", number)
    await play.do(bo, "button.accept", number)
    await play.sees(play.cast.mei, "notice.accepted", number=number, name="Bo")


async def _way_and_words(play: Play, number: str) -> None:
    """He promises, comes and arrives; words and photos go both ways, by the ticket alone."""
    mei, bo, words = play.cast.mei, play.cast.bo, play.words
    await play.do(bo, "button.promise", number)
    await play.do(bo, "in_span", number, span=words.span(1800))
    eta = words.say("card.eta", at="").split()[0]
    await play.reply(mei, number, words.say("story.question"))
    await bo.wait_for(words.say("story.question"), timeout=PATIENCE)
    await play.reply(bo, number, words.say("story.answer"))
    await mei.wait_for(words.say("story.answer"), timeout=PATIENCE)
    await play.do(bo, "button.depart", number, eta)
    await play.do(bo, "button.as_promised", number)
    await mei.wait_for(lambda one: play.state("in_progress", "en_route") in said(one), timeout=PATIENCE)
    mei.photo(caption=words.say("story.door"))
    await play.press(mei, number, words.say("which_ticket"))
    await bo.wait_for(words.say("story.door"), timeout=PATIENCE)
    await play.do(bo, "button.arrive", number, play.state("in_progress", "en_route"))
    card = await bo.wait_for(lambda one: play.state("in_progress", "on_site") in said(one), timeout=PATIENCE)
    bo.photo(caption=words.say("story.found"), reply_to=card["message_id"])
    await mei.wait_for(words.say("story.found"), timeout=PATIENCE)


async def not_well(play: Play) -> str:
    """The second story: not fixed, fixed, a bad grade, a complaint and a call; the ticket's number."""
    mei, ana, otto, words = play.cast.mei, play.cast.ana, play.cast.otto, play.words
    mei.photo(caption=words.say("story.problem2"))
    await play.do(mei, "button.new_problem", words.say("which_ticket"))
    await play.press(mei, f"📍 {words.say('story.place')}", words.say("report.ask.place"))
    await play.do(mei, "urgency.limited", words.say("report.ask.urgency"))
    number = await play.send_report()
    await play.do(otto, "button.assign", number, play.state("received"))
    await play.press(otto, "Ana", number)
    await play.do(ana, "button.accept", number)
    await play.do(ana, "button.arrive", number, play.state("accepted"))
    await play.do(ana, "button.complete", number, play.state("in_progress", "on_site"))
    await play.complete(ana, words.say("story.cause2"), words.say("story.action2"))
    await play.do(mei, "button.not_fixed", words.say("report.head", number=number, version=1))
    await play.sees(mei, "ask.dispute")
    mei.say(words.say("story.dispute"))
    for who in (ana, otto):
        await who.wait_for(words.say("story.dispute"), timeout=PATIENCE)
    await play.do(ana, "button.arrive", number, play.state("in_progress", "disputed"))
    await play.do(ana, "button.complete", number, play.state("in_progress", "on_site"))
    await play.complete(ana, words.say("story.cause3"), words.say("story.action3"), words.say("story.part3"))
    await play.sign(number, 2, 5)
    await _complaint(play, number)
    return number


async def _complaint(play: Play, number: str) -> None:
    mei, otto, words = play.cast.mei, play.cast.otto, play.words
    await play.sees(mei, "ask.bad_reason")
    mei.say(words.say("story.bad"))
    await otto.wait_for(words.say("story.bad"), timeout=PATIENCE)
    about = words.say("card.about", number=number)
    card = await mei.wait_for(lambda one: about in said(one), timeout=PATIENCE)
    await play.do(otto, "button.called_back", about)
    await play.sees(otto, "ask.call")
    otto.say(words.say("story.call"))
    await play.sees(otto, "call_noted", number=NUMBER.findall(said(card))[0])
    await play.sees(mei, "next.complaint_called")


async def tour(language: str = "en") -> int:
    """Play the stories, print what every phone shows and what the archive holds; 0, or 1 when a check fails.

    language: of the phones, "en" or "zh". Fatal: the service could not start.
    """
    logs.configure(level="WARNING")
    async with stage(0, language) as ready:
        play = Play(ready.cast, _words(ready, language))
        try:
            numbers = [await all_well(play), await not_well(play), await by_mail(play, ready)]
        except AssertionError as waited:
            print(report(ready, play.words, []), await mails(ready), sep="\n\n")
            print(play.words.say("tour.stopped", why=waited))
            return 1
        endings: list[Ending] = [await ready.service.store.read(ending, number) for number in numbers]
        print(report(ready, play.words, endings), await mails(ready), sep="\n\n")
        failed = "\n".join(checks(*endings))
        print(failed or play.words.say("tour.well", slowest=round(play.slowest, 2)))
        return 1 if failed else 0


def _words(ready: Stage, language: str) -> Phrases:
    return Phrases(language, ready.service.store.policy.zone, ready.service.clock.now())
