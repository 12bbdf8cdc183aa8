"""OpenAI's spending on compute in 2024, by who broke it down."""

import math

from reporting.inputs import facts


def spent_usd(breakdown, *components):
    """Return the sum of some components of a breakdown in ``data/openai_compute.csv``."""
    rows = [facts.only("openai_compute", breakdown=breakdown, component=component) for component in components]
    return math.fsum(row["usd"] for row in rows)


def openai_epoch_usd():
    """Return all of it by Epoch AI."""
    return spent_usd("epoch_2025_10", "training", "research", "inference")
