"""A Telegram for one bot: a Bot API server with the real queue rules, people to act, and a page of phones."""

from simulator.telegram.faults import Fault
from simulator.telegram.people import Person
from simulator.telegram.records import Pane
from simulator.telegram.simulator import TelegramSimulator

__all__ = ["Fault", "Pane", "Person", "TelegramSimulator"]
