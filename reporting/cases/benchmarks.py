"""Runs of models on tests, and what their answers cost at a price list of January 2025."""

from analysis import token_costs
from reporting.inputs import facts

value = facts.value


def score(run):
    """Return the share of right answers of a run in ``data/benchmarks.csv``."""
    return facts.row("benchmarks", run)["score"]


def points(run, other):
    """Return by how many percentage points a run's score is above another's."""
    return 100.0 * (score(run) - score(other))


def answer_tokens(run):
    """Return the output tokens of an answer of a run, thinking included."""
    return facts.row("benchmarks", run)["tokens_out"]


def list_prices(model):
    """Return a model's list price of input and of output, USD a million tokens."""
    return value(f"api_{model}_input_usd"), value(f"api_{model}_output_usd")


def answer_usd(run, model):
    """Return the list price of one answer of a run, tokens in and out."""
    row = facts.row("benchmarks", run)
    return token_costs.answer_usd(row["tokens_in"], row["tokens_out"], *list_prices(model))
