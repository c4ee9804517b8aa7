"""The public page over a real archive, with a browser that knows no JavaScript."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from page_house import PageHouse, store_in

from callout.clock import HandClock


@pytest.fixture
async def house(tmp_path: Path, clock: HandClock) -> AsyncIterator[PageHouse]:
    store = store_in(tmp_path, clock)
    async with store.open():
        place = PageHouse(store, clock)
        await place.open()
        yield place
        await place.close()
