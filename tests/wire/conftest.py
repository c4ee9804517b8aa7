"""The whole service over loopback: the simulator's Bot API on one side, a real archive on the other."""

import contextlib
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from town import Town

from simulator.telegram import TelegramSimulator


@pytest.fixture(autouse=True)
def quiet_logs() -> None:
    """The service's own log lines are not what these tests are about."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


@pytest.fixture
async def sim() -> AsyncIterator[TelegramSimulator]:
    async with TelegramSimulator(pacing=False) as simulator:
        yield simulator


@pytest.fixture
async def town(tmp_path: Path, sim: TelegramSimulator) -> AsyncIterator[Town]:
    place = Town(tmp_path, sim)
    await place.start()
    await place.hire()
    yield place
    with contextlib.suppress(Exception), warnings.catch_warnings():
        await place.stop()
