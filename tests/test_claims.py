"""Verdicts follow from rules over results."""

import pytest

from analysis.errors import InputError
from reporting.core import claims, results, statements
from reporting.core.report import Report
from reporting.drawing import figures


@pytest.fixture(scope="module")
def report():
    return Report()


def judgements():
    for identifier, claim in claims.claims().items():
        yield pytest.param(claim.now, id=f"{identifier} now")
        if claim.then:
            yield pytest.param(claim.then, id=f"{identifier} then")


@pytest.mark.parametrize("judgement", judgements())
def test_the_stored_verdict_is_the_computed_one(judgement, report):
    assert claims.verdict(judgement, report) == judgement.verdict


@pytest.mark.parametrize("judgement", judgements())
def test_a_rule_can_give_more_than_one_verdict(judgement):
    assert len({rule.verdict for rule in judgement.rules}) > 1


@pytest.mark.parametrize("judgement", judgements())
def test_rules_and_reasons_name_what_exists(judgement, report):
    for rule in judgement.rules:
        statements.holds(rule.when, report)
    assert "{" not in statements.fill(judgement.because, report)


@pytest.mark.parametrize("identifier", claims.claims())
def test_a_verdict_rests_on_the_results_it_lists(identifier):
    claim = claims.claims()[identifier]
    for key in claim.results:
        results.find(key)
    named = {name for rule in claim.now.rules for name in statements.names(rule.when)}
    assert named, "a verdict without a number or a fact is an opinion"


@pytest.mark.parametrize("identifier", claims.claims())
def test_january_is_judged_apart_only_where_it_differs(identifier):
    claim = claims.claims()[identifier]
    assert claim.then is None or claim.then.verdict != claim.now.verdict


def test_another_price_can_flip_a_verdict():
    # At a seventh of the price the essay's figure is no longer V3's run.
    twelve = claims.find("C12").now
    assert claims.verdict(twelve, Report({"gpu_hour_usd": 0.3})) == "wrong"


def test_rules_are_read_from_the_top(report):
    rules = [
        {"verdict": "wrong", "when": "1 > 2"},
        {"verdict": "partly", "when": "2 > 1"},
        {"verdict": "supported", "when": "True"},
    ]
    judgement = claims.Judgement(verdict="partly", because="", rules=rules)
    assert claims.verdict(judgement, report) == "partly"


def test_rules_that_never_hold_are_an_error(report):
    judgement = claims.Judgement(verdict="wrong", because="x", rules=[{"verdict": "wrong", "when": "1 > 2"}])
    with pytest.raises(InputError, match="no rule holds"):
        claims.verdict(judgement, report)


def test_figures_of_claims_exist():
    for identifier, claim in claims.claims().items():
        assert claim.figure is None or claim.figure in figures.registry(), identifier


def test_every_claim_of_the_essay_is_judged():
    assert sorted(claims.claims()) == [f"C{number:02}" for number in range(1, len(claims.claims()) + 1)]


def test_an_unknown_claim_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'C12'"):
        claims.find("c12")
