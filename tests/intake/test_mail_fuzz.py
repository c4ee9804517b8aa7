"""Whatever bytes arrive, a mail comes out of them: CALLOUT_FUZZ says how many are tried (300 without it)."""

import os
from random import Random

from fuzz_mails import SEEDS, check, generated, mutated
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

TRIES = int(os.environ.get("CALLOUT_FUZZ", "300"))
relaxed = settings(max_examples=TRIES, deadline=None, suppress_health_check=list(HealthCheck))


@relaxed
@given(st.randoms(use_true_random=False))
def test_a_mail_that_breaks_the_grammar_is_read(random: Random) -> None:
    check(generated(random))


@relaxed
@given(st.randoms(use_true_random=False), st.sampled_from(SEEDS))
def test_a_damaged_mail_is_read(random: Random, seed: bytes) -> None:
    check(mutated(random, seed))


@relaxed
@given(st.binary(max_size=2_000))
@example(b"")
def test_any_bytes_are_read(raw: bytes) -> None:
    check(raw)
