"""The answers that taught R1 and its students, and what they cost if an API writes them."""

import math

from analysis import distillation, token_costs
from reporting.inputs import facts

value = facts.value

DOMAINS = ("math", "code", "stem", "logic", "general")


def kept_tokens():
    """Return the tokens of the 800,000 answers that R1 was fine-tuned on."""
    return math.fsum(value(f"r1_sft_{domain}_samples") * value(f"r1_sft_{domain}_tokens") for domain in DOMAINS)


def written_tokens(a):
    """Return the tokens that a teacher writes for them, with the answers that verification throws away."""
    return distillation.written_tokens(1.0, kept_tokens(), a.teacher_acceptance)


def api_usd(a, output_usd):
    """Return what an API bills for them, questions left out.

    Parameters
    ----------
    a : reporting.inputs.assumptions.Values
    output_usd : float
        Its price for a million tokens of output.
    """
    return token_costs.usd(written_tokens(a), output_usd)
