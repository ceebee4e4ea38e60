"""Figures for operators, in Prometheus' format. No person, no text, no organisation's questions: counts and times."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REGISTRY = CollectorRegistry()
TURNS = Counter("someguide_turns", "Messages handled.", ["organisation", "channel", "kind"], registry=REGISTRY)
TURN_SECONDS = Histogram(
    "someguide_turn_seconds",
    "From a message read to its turn committed.",
    ["channel"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
DELIVERIES = Counter("someguide_deliveries", "Messages of the outbox, by what became of them.", ["channel", "outcome"],
                     registry=REGISTRY)  # fmt: skip
WAITING = Gauge("someguide_outbox_waiting", "Messages that wait to be delivered.", registry=REGISTRY)
PARKED = Gauge("someguide_outbox_parked", "Messages that were given up; see `someguide outbox`.", registry=REGISTRY)


def page() -> bytes:
    """What /metrics answers."""
    return generate_latest(REGISTRY)
