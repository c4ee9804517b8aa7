"""How bad it is: severity from impact and urgency, and what the customer's own words suggest."""

from collections.abc import Mapping
from types import MappingProxyType

# Rows: impact 1 (people, whole site) … 3 (one user); columns: urgency 1 (now) … 3 (can wait).
MATRIX = ((1, 2, 3), (2, 3, 3), (3, 4, 4))

# What the customer says (the button's key) → (impact, urgency). Danger is always severity 1.
SAYS: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"danger": (1, 1), "stopped": (1, 2), "limited": (2, 2), "can_wait": (3, 3)}
)


def severity(impact: int, urgency: int) -> int:
    """1 urgent … 4 can wait; impact and urgency are 1 … 3."""
    return MATRIX[impact - 1][urgency - 1]
