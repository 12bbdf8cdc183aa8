"""A sentence that compares numbers and may hang on an assumption says when it is true, or stands here with a reason."""

import pytest

from prose import compares, passages, unguarded
from reporting.core import claims, statements
from reporting.core.report import Report
from reporting.core.wording import NBSP
from reporting.drawing.figures import registry
from reporting.publishing import book, comparison

#: Why a sentence needs no predicate, to the words by which it is found.
REASONS = {
    "it gives the number and claims nothing of its size": (
        "We assume that the tokens of a seat grow",
        "Half-priced models would lift the application's margin by",
        "The one-year rent of an H100 fell to",
        "what the sums of 2024 and 2025 lose in a year if they wear off",
        "Or inference grows by",
        "Sixteen times as many samples bring",
        "With both on rented H200, always full, R1 costs",
        "Over both it is {efficiency.serving_median_error|2}",
        "Or the time saved goes to more users",
        "Over the whole service the gains are",
        "The desk machine costs {efficiency.r1_desk_over_api} what the API does",
        "So the fall is worth {market.implied_revenue_cut} of sales lost",
        "one peak near {cost.programme_usd}; eighty per cent of the draws lie within",
        "Middle: ten times {assume.loop_false_accept}",
        "Right: {assume.loop_false_accept} by accident",
        "With ten times the errors by chance it reaches",
        "V3 crosses one half at {efficiency.kv_tokens_half_v3}",
        "One H200 server: {efficiency.mtp_server_one} at one sequence",
        "Output costs {assume.app_output_ratio|n} times and cached input",
        "a permanent cut in AI profit that explains it",
        "From October 2024 two lines rise as those growths would have it",
        "to {margins.rent_over_owner} what an owner pays by our reckoning",
    ),
    "it says what we assume or how the number is made": (
        "and nobody counted the tokens of the larger students, which we put at",
        "A share of NVIDIA's value rests on AI",
        "Hollow: our engine on rented H200",
        "none were found for larger students, which are taken to write",
        "Our values for both were set with these runs in view",
        "times the list price, over the share solved",
        "The distilled models take one, two or four of them, whichever is cheapest",
        "The lines are ours, from published means of tokens and requests",
        "Drawn from the ranges of three assumptions",
        "share of 20,000 draws by cost",
        "Share of a batch of 8,192 answers still being written",
        "Each token is computed six times over",
        "That is twice the bill of plain training",
        "the engine lets every token choose on its own",
    ),
    "the number is defined as the point at which this holds": (
        "on a round gains less than a point",
        "a card every user falls below",
        "The 32B is cheapest on {efficiency.distill_32b_cards} cards",
        "The same expected sales at a discount rate higher by",
        "At the end of the growth years that is",
        "Half of the answers are finished after",
        "spending is back where it was at an elasticity of",
    ),
    "it is so by arithmetic at every value": (
        "the break-even elasticity is one, whatever the share and the cut",
        "With no response at all spending falls to",
        "Without any response spending falls to",
        "if nobody trains more, spending falls to",
        "so V3 was {cost.saving_llama_same_price} cheaper",
        "A ratio outside {assume.compute_multiplier|range} would move",
        "and shorter answers would add to that",
        "a longer tail would close the gap",
        "Twice the rent would make the run twice as dear",
        "At the same batch one guess cannot reach twice",
        "If training gets 95% cheaper and larger models bring nothing more",
        "But if the rest were only a tenth",
        "nothing thrown away",
        "The price alone cannot tell the two apart",
        "at half the load double the figure",
        "Without errors the share of right answers rises from",
        "Four rising curves of the cache's share",
    ),
    "what it compares are facts; only the number beside them moves": (
        "What R1 itself took was published only in September 2025",
        "the distilled 7B and 8B fit one card at 16 bits too",
        "every programme that disclosed its own ratio spent at least half as much again",
        "But a glut does not end in a rise while newer chips ship",
        "| {cost.v3_run_usd} | The essay and most of the press",
        "DeepSeek owned more than one run's worth of machines",
        "took fewer hours than V3",
        "its authors say less than 450",
        "as many dollars as R1 on the mock AIME, and solved more",
        "on GPQA Diamond, and solved more",
        "on Aider's exercises, and solved fewer",
        "the A100, open until August 2022, computes the same",
        "no run of this size could have used them all",
        "List prices are medians of on-demand offers",
        "The two gaming cards stay below the line",
        "H100 never open after the letter of August 2022",
    ),
    "most of those tokens were counted before the step from which we assume their length": (
        "Simple rewards are not a cheap campaign",
    ),
    "two readings follow, whatever their numbers": ("The same fall can be read in two more ways",),
}


@pytest.fixture(scope="module")
def report():
    return Report()


def texts():
    """Yield ``(where, passage)`` for all prose: pages, texts of figures, reasons of claims."""
    for path in book.pages():
        for passage in passages(book.markdown(path)):
            yield f"book/{path.name}", passage
    for key, figure in registry().items():
        for text in (figure.subtitle, figure.caption, figure.alt):
            yield key, text
    for identifier, (_, part) in claims.parts().items():
        for text in part.texts():
            yield identifier, text


@pytest.fixture(scope="module")
def found(report):
    return [(where, sentence) for where, passage in texts() for sentence in unguarded(passage, report)]


QUOTED = [quotation for quotations in REASONS.values() for quotation in quotations]


def test_a_sentence_that_may_turn_false_says_when_it_is_true(found):
    bare = [f"{where}: {text}" for where, text in found if not any(quotation in text for quotation in QUOTED)]
    assert not bare, "\n".join(["compute what it says, give it a {holds}, or list it with a reason:", *bare])


def test_what_is_listed_is_still_written(found):
    assert len(QUOTED) == len(set(QUOTED))
    gone = [quotation for quotation in QUOTED if not any(quotation in text for _, text in found)]
    assert not gone, "no unguarded sentence has these words any more; take them off the list"


@pytest.mark.parametrize(
    "passage",
    [
        "The run costs {res}`cost.v3_run_usd`, less than a house.",
        "It costs {assume}`gpu_hour_usd`. At one dollar it would be half.",
        "At a rent of one dollar or of ten the run costs half or five times as much.",
        "A caption. An hour at {assume.gpu_hour_usd} is cheaper than {fact.v3_assumed_gpu_hour_usd}. More words.",
        "- **Bold.** An owner pays nearly two dollars.",
        "The range {cost.programme_usd|range} lies above the essay's.",
    ],
)
def test_a_planted_sentence_is_found(passage, report):
    assert list(unguarded(passage, report))


@pytest.mark.parametrize(
    "passage",
    [
        "The run costs {res}`cost.v3_run_usd`, less than a house. {holds}`cost.v3_run_usd < 1e7`",
        "The run costs {cost.v3_run_usd}, less than a house. {holds: cost.v3_run_usd < 1e7} And more.",
        "It ran on {fact}`v3_gpu_count`, fewer than {fact}`wang_h100_count`.",
        "Llama took {res}`cost.llama_hours_ratio` the hours, more than any other.",
        "The run costs {res}`cost.v3_run_usd`.",
        "The price fell by half in two years {cite}`essay`.",
        "In January 2025 V3 was cheaper.",
    ],
)
def test_what_is_guarded_or_rests_on_facts_is_not(passage, report):
    assert not list(unguarded(passage, report))


@pytest.mark.parametrize("sentence", ["Two dollars is close to it.", "It rose to {cost.v3_run_usd}.", "At most 40%."])
def test_numbers_in_words_and_in_digits_compare(sentence):
    assert compares(sentence)


@pytest.mark.parametrize("sentence", ["V3 is cheaper than GPT-4.", "On 27 January 2025 it fell.", "It is 3 dollars."])
def test_names_dates_and_plain_numbers_do_not(sentence):
    assert not compares(sentence)


def test_sentences_come_with_their_guards():
    text = "**One.** {holds}`a.b > 1` Two {res}`x.y`. o1 too. “Four.” Five\n\nSix. {holds: c.d < 2} Seven."
    assert statements.sentences(text) == [
        ("**One.**", "a.b > 1"),
        ("Two {res}`x.y`.", None),
        ("o1 too.", None),
        ("“Four.”", None),
        ("Five", None),
        ("Six.", "c.d < 2"),
        ("Seven.", None),
    ]


def test_a_guard_in_a_text_writes_nothing_until_it_is_false(report):
    text = "It costs {cost.v3_run_usd|2}. {holds: cost.v3_run_usd < 6e6} So it is."
    assert statements.fill(text, report).replace(NBSP, " ") == "It costs $5.6 million. So it is."
    other = statements.fill(text, Report({"gpu_hour_usd": 3})).replace(NBSP, " ")
    assert other == f"It costs $8.4 million. ({statements.UNTRUE}) So it is."


def test_a_guarded_sentence_of_each_kind_is_among_the_statements(report):
    places = {where for kind, where, _ in comparison.book_statements() if kind == "sentence"}
    assert {"book/cost-claims.ipynb", "C41b", "fig-cost-programme"} <= places


def test_a_guarded_sentence_that_turned_is_reported(report):
    turned = comparison.turned_statements(report, Report({"h800_server_usd": 800_000}))
    lost = [each.text for each in turned if each.kind == "sentence" and not each.true]
    assert any(text.startswith("Two dollars is close to what an H800-hour costs") for text in lost)


CONF = """
from reporting.site.roles import HoldsRole

extensions = ["myst_parser"]


def setup(app):
    app.add_config_value("analysis_overrides", {}, "env")
    app.add_config_value("analysis_scenario", "", "env")
    app.add_role("holds", HoldsRole())
"""


def built(folder, text, overrides):
    from io import StringIO

    from sphinx.testing.util import SphinxTestApp

    (folder / "conf.py").write_text(CONF, "utf-8")
    (folder / "index.md").write_text(f"# Page\n\n{text}\n", "utf-8")
    said = StringIO()
    app = SphinxTestApp("html", srcdir=folder, warning=said, confoverrides={"analysis_overrides": overrides})
    try:
        app.build()
    finally:
        app.cleanup()
    return (folder / "_build" / "html" / "index.html").read_text("utf-8"), said.getvalue()


@pytest.mark.parametrize(("rent", "marks"), [(2, 0), (3, 1)])
def test_the_role_marks_a_sentence_on_a_page(tmp_path, rent, marks):
    text = "It is cheap. {holds}`cost.v3_run_usd < 6e6 and cost.v3_gpu_hours > 1` Next."
    page, said = built(tmp_path, text, {"gpu_hour_usd": rent})
    assert page.count(f'<span class="untrue">{statements.UNTRUE}</span>') == marks
    assert "holds" not in page.partition('role="main"')[2]
    assert "ERROR" not in said


def test_an_unknown_name_in_a_role_is_an_error_of_the_build(tmp_path):
    _, said = built(tmp_path, "It is cheap. {holds}`cost.v3_run_us < 6e6`", {})
    assert "ERROR" in said
    assert "did you mean 'cost.v3_run_usd'" in said
