"""An archive with the cast in it, taken back after every test."""

from collections.abc import Iterator

import pytest
from access_place import Place, hire
from sqlalchemy import Connection

from storage.database import writer_engine
from storage.migrate import upgrade


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = tmp_path_factory.mktemp("access") / "callout.db"
    upgrade(path)
    engine = writer_engine(path)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def place(connection: Connection) -> Iterator[Place]:
    transaction = connection.begin()
    place = Place(connection)
    hire(place)
    yield place
    transaction.rollback()
