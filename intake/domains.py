"""Places per domain: a domain whose server is slow holds up its own mail, and nobody else's (G6)."""

from collections import Counter

AT_ONCE = 3  # mails to one domain on their way at the same time
SHORTEST, LONGEST = 2.0, 60.0  # seconds before who found no place looks again
PER_WAITING = 0.1  # … and a little more for each that waits, so that a crowd does not keep knocking


class Domains:
    """Who is on the way to which domain; nobody waits here, who finds no place is told when to come back."""

    def __init__(self, at_once: int = AT_ONCE, most: int = 16) -> None:
        self.at_once = at_once
        self.most = most
        self.busy: Counter[str] = Counter()
        self.waiting: dict[str, set[int]] = {}

    def enter(self, domain: str, job_id: int) -> float | None:
        """None: there was a place, leave it with `leave`. Else seconds to wait."""
        if self.busy[domain] < self.at_once and self.busy.total() < self.most:
            self.busy[domain] += 1
            if queue := self.waiting.get(domain):
                queue.discard(job_id)
                if not queue:
                    del self.waiting[domain]
            return None
        queue = self.waiting.setdefault(domain, set())
        queue.add(job_id)
        return min(LONGEST, SHORTEST + PER_WAITING * (len(queue) - 1))

    def leave(self, domain: str) -> None:
        self.busy[domain] -= 1
        if self.busy[domain] <= 0:
            del self.busy[domain]
