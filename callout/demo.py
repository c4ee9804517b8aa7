"""`callout demo`: the whole product on one page of phones, without any account, until Ctrl-C."""

from callout import logs
from callout.stage import Stage, stage
from dispatch.texts import Phrases

PORT = 8765


def welcome(ready: Stage, language: str) -> str:
    """Where the page is, and what to do first, in three lines."""
    phrases = Phrases(language, ready.service.store.policy.zone, ready.service.clock.now())
    keys = ("demo.url", "demo.first", "demo.second", "demo.third", "demo.end")
    return "\n".join(phrases.say(key, url=f"{ready.sim.url}/?language={language}") for key in keys)


async def demo(port: int = PORT, language: str = "en") -> int:
    """Run the real service with a simulated Telegram and its page until Ctrl-C; the exit code.

    port: of the page; another free one when it is taken. language: of the phones, "en" or "zh".
    Fatal: the service could not start, in one sentence. Nothing is kept afterwards.
    """
    logs.configure(level="WARNING")
    async with stage(port, language) as ready:
        ready.service.supervisor.install_signals()
        print(welcome(ready, language), flush=True)
        return await ready.running
