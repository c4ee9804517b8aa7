"""Counters and gauges for Prometheus; no names, no texts, no ids."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """What is counted: events of the log by name, and how full the queues are."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.events = Counter("callout_events", "Events by name", ["event"], registry=registry)
        self.inbox = Gauge("callout_inbox", "Inbox rows by status", ["status"], registry=registry)
        self.outbox = Gauge("callout_outbox", "Outbox rows by status", ["status"], registry=registry)

    def count(self, event: str) -> None:
        self.events.labels(event).inc()

    def queues(self, inbox: Mapping[str, int], outbox: Mapping[str, int]) -> None:
        for status, number in inbox.items():
            self.inbox.labels(status).set(number)
        for status, number in outbox.items():
            self.outbox.labels(status).set(number)
