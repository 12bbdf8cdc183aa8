"""The language of predicates and placeholders."""

import pytest

from analysis.errors import InputError
from reporting.core import statements
from reporting.core.report import Report
from reporting.core.wording import NBSP


@pytest.fixture(scope="module")
def report():
    return Report()


@pytest.mark.parametrize(
    "predicate",
    [
        "cost.v3_run_usd == 5576000",
        "cost.r1_rl_usd < cost.v3_run_usd < cost.programme_usd",
        "within(cost.v3_run_usd / fact.essay_r1_cost_usd, 0.9, 1.1)",
        "not cost.v3_run_usd > 1e9",
        "cost.v3_run_usd > 1e9 or fact.stargate_meta_is_funder == 0",
        "contains(cost.v3_run_usd, 6e6)",
        "low(cost.programme_usd) < cost.programme_usd < high(cost.programme_usd)",
        "assume.gpu_hour_usd - 1 == 1",
        "-cost.v3_run_usd < 0",
        "mfu.palm_540b > mfu.gpt3_175b",
        "True",
    ],
)
def test_true_predicates(predicate, report):
    assert statements.holds(predicate, report)


@pytest.mark.parametrize(
    "predicate",
    ["cost.v3_run_usd > 6e6", "contains(cost.v3_run_usd, 6e9)", "within(3, 1, 2)", "1 < 3 < 2", "False"],
)
def test_false_predicates(predicate, report):
    assert not statements.holds(predicate, report)


@pytest.mark.parametrize(
    ("predicate", "words"),
    [
        ("cost.v3_run_us > 1", "did you mean 'cost.v3_run_usd'"),
        ("fact.v3_gpu_cout > 1", "did you mean 'v3_gpu_count'"),
        ("assume.gpu_houri > 1", "did you mean 'gpu_hour_usd'"),
        ("__import__('os').getcwd()", "not allowed"),
        ("open(1)", "not allowed"),
        ("within(1, 2)", "not allowed"),
        ("low(1)", "takes the key of a result"),
        ("cost.v3_run_usd >", "predicate"),
        ("'text' == 'text'", "not allowed"),
        ("part.C12a == 'mislead'", "not allowed"),
        ("a.b.c > 1", "one dot"),
        ("[1, 2]", "not allowed"),
        ("2 ** 3", "not allowed"),
    ],
)
def test_what_is_not_in_the_language_is_refused(predicate, words, report):
    with pytest.raises(InputError) as caught:
        statements.holds(predicate, report)
    assert words in str(caught.value)


def test_names_lists_what_a_predicate_rests_on():
    assert statements.names("cost.a < 2 and within(fact.b, 1, low(cost.c))") == ["cost.a", "cost.c", "fact.b"]


def test_placeholders_are_filled(report):
    text = statements.fill("{cost.v3_run_usd} or {cost.v3_run_usd|2}; {assume.staff_share|range}", report)
    assert text.replace(NBSP, " ") == "$5.576 million or $5.6 million; 29% to 49%"


def test_a_placeholder_that_names_nothing_is_refused(report):
    with pytest.raises(InputError, match="did you mean"):
        statements.fill("{cost.v3_run_dollars}", report)


def test_an_unknown_style_is_refused(report):
    with pytest.raises(InputError, match="style 'bold'"):
        statements.fill("{cost.v3_run_usd|bold}", report)


def test_a_statement_that_another_price_makes_false_says_so():
    statement = statements.Statement("It cost {cost.v3_run_usd}", "cost.v3_run_usd < 6e6")
    assert statement.true(Report())
    assert not statement.true(Report({"gpu_hour_usd": 3}))
    assert "8.364" in statement.words(Report({"gpu_hour_usd": 3}))
