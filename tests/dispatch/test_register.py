"""Who becomes staff, and how nobody else does (S14, S18, P9.5)."""

from datetime import timedelta

import pytest

from dispatch import register
from dispatch.errors import Refusal
from storage.records.people import Role


async def refused(archive, command, *args, **kwargs):
    with pytest.raises(Refusal) as refusal:
        await archive.do(command, *args, **kwargs)
    return refusal.value.key


async def told(archive, address):
    return await archive.ask(
        lambda unit: [job.payload.get("key") for job in unit.outbox.recent() if job.address == address]
    )


async def test_an_invitation_makes_an_engineer_once_an_administrator_has_confirmed_him(archive, cast):
    code = await archive.do(register.invite, Role.ENGINEER, "Nora")
    invitation = await archive.do(register.join, cast["nora"], "401", code.lower())
    assert invitation.granted is None
    assert "join_request" in await told(archive, "301")
    assert Role.ENGINEER not in (await archive.ask(lambda unit: unit.people.get(cast["nora"].id))).roles
    await archive.do(register.decide, invitation.id, cast["otto"], granted=True)
    assert (await archive.ask(lambda unit: unit.people.get(cast["nora"].id))).roles == {Role.ENGINEER}
    assert "joined_engineer" in await told(archive, "401")
    assert (
        await refused(archive, register.decide, invitation.id, cast["otto"], granted=False)
        == "already_decided"
    )


async def test_used_expired_own_and_unknown_codes_look_alike(archive, cast, clock):
    used = await archive.do(register.invite, Role.ENGINEER, "Nora")
    await archive.do(register.join, cast["nora"], "401", used)
    own = await archive.do(register.invite, Role.MANAGER, "Otto", cast["otto"])
    expired = await archive.do(register.invite, Role.ENGINEER, "Nora")
    assert await refused(archive, register.join, cast["bo"], "202", used) == "bad_invitation"
    assert await refused(archive, register.join, cast["otto"], "301", own) == "bad_invitation"
    assert await refused(archive, register.join, cast["bo"], "202", "") == "bad_invitation"
    clock.advance(timedelta(hours=73))
    assert await refused(archive, register.join, cast["bo"], "202", expired) == "bad_invitation"


async def test_guessing_is_locked_after_five_wrong_codes_for_an_hour(archive, cast, clock):
    code = await archive.do(register.invite, Role.ENGINEER, "Nora")

    def guess(unit):
        try:
            with unit.attempt():
                register.join(unit, cast["nora"], "401", "WRONG")
        except Refusal as refusal:
            if refusal.facts.get("keep"):
                unit.people.guessed("401")
            return refusal.key
        return "joined"

    assert [await archive.do(guess) for _ in range(7)] == ["bad_invitation"] * 5 + ["too_many_guesses"] * 2
    assert await refused(archive, register.join, cast["nora"], "401", code) == "too_many_guesses"
    clock.advance(timedelta(minutes=61))
    assert (await archive.do(register.join, cast["nora"], "401", code)).used_by == cast["nora"].id


async def test_two_hundred_codes_are_all_different_and_only_hashes_are_kept(archive):
    codes = [await archive.do(register.invite, Role.ENGINEER, "Nora") for _ in range(200)]
    assert len(set(codes)) == 200
    assert {len(code) for code in codes} == {26}
    stored = await archive.ask(lambda unit: unit.people.invitation_by_hash(register.digest(codes[0])))
    assert codes[0] not in repr(stored)


async def test_the_first_administrator_needs_nobody_and_hears_who_is_waiting(archive):
    nora = await archive.do(register.caller, "telegram", "401", "Nora", "en")
    waiting = await archive.do(register.invite, Role.ENGINEER, "Nora")
    await archive.do(register.join, nora, "401", waiting)
    otto = await archive.do(register.caller, "telegram", "301", "Otto", "en")
    first = await archive.do(register.invite, Role.ADMINISTRATOR, "Otto")
    invitation = await archive.do(register.join, otto, "301", first)
    assert invitation.granted is True
    assert "join_request" in await told(archive, "301")


async def test_only_administrators_invite_confirm_and_open_an_office(archive, cast):
    assert (
        await refused(archive, register.invite, Role.ENGINEER, "Nora", cast["ana"]) == "administrators_only"
    )
    code = await archive.do(register.invite, Role.ENGINEER, "Nora")
    invitation = await archive.do(register.join, cast["nora"], "401", code)
    assert (
        await refused(archive, register.decide, invitation.id, cast["ana"], granted=True)
        == "administrators_only"
    )
    office = (cast["ana"], "telegram", "-100", None, "Office")
    assert await refused(archive, register.open_office, *office) == "administrators_only"


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-hans", "zh"), ("zh", "zh"), ("EN_us", "en"), ("de", "en"), (None, "en"), ("", "en")],
)
def test_the_language_is_the_closest_we_speak(tag, language):
    assert register.language_of(tag) == language
