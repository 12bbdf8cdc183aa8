"""Results of the chapter on efficiency: accuracy against tokens, dollars a solved problem, R1 and its peers (C18, C22).

Scores are fractions in ``data/benchmarks.csv``; differences of scores are percentage points. One run is compared with
itself only: the makers' figures with the makers', Epoch AI's with Epoch AI's, Aider's with Aider's.
"""

import numpy as np

from analysis import statistics, token_costs
from reporting.cases.benchmarks import answer_tokens, answer_usd, points, score
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value


# Accuracy against tokens


def gain_per_doubling(before, after, times):
    """Return the points gained for each doubling when tokens grow by a factor of `times`."""
    return 100.0 * (after - before) / np.log2(times)


def s1_points(test):
    """Return tokens and scores of s1-32B on ``"aime"``, ``"math500"`` or ``"gpqa"``, shortest thinking first."""
    name = {"aime": "AIME 2024", "math500": "MATH-500", "gpqa": "GPQA Diamond"}[test]
    rows = facts.rows("benchmarks", model="s1-32B", benchmark=name)
    return [row["tokens_out"] for row in rows], [row["score"] for row in rows]


def s1_fit(test):
    """Return the line of the score of s1-32B over the logarithm of its tokens; slope in points a doubling."""
    tokens, scores = s1_points(test)
    return statistics.log_fit(tokens, 100.0 * np.asarray(scores))


@result.rows(
    {
        "thinking_gain": ("AIME 2024 for each doubling of thinking, s1-32B", "aime", "slope"),
        "thinking_gain_low": ("… low end of the 95% interval", "aime", "low"),
        "thinking_gain_high": ("… high end of the 95% interval", "aime", "high"),
    },
    "point",
)
def thinking_gain(test, part):
    return getattr(s1_fit(test), part)


@result("… half-width if every score is a fresh draw of thirty problems", "point", digits=2)
def thinking_gain_noise():
    tokens, scores = s1_points("aime")
    return 196.0 * statistics.slope_error(np.log2(tokens), scores, facts.row("benchmarks", "s1_aime_1")["tries"])


result.rows(
    {
        "thinking_gain_gpqa": ("GPQA Diamond for each doubling of thinking, s1-32B", "gpqa", "slope"),
        "thinking_gain_gpqa_low": ("… low end of the 95% interval", "gpqa", "low"),
        "thinking_gain_gpqa_high": ("… high end of the 95% interval", "gpqa", "high"),
        "thinking_gain_math500": ("MATH-500 for each doubling of thinking, s1-32B", "math500", "slope"),
        "thinking_gain_math500_low": ("… low end of the 95% interval", "math500", "low"),
        "thinking_gain_math500_high": ("… high end of the 95% interval", "math500", "high"),
    },
    "point",
    digits=2,
)(thinking_gain)


@result("Longest over shortest thinking in that fit", "ratio")
def thinking_span():
    tokens, _ = s1_points("aime")
    return tokens[-1] / tokens[0]


@result("AIME 2024 beyond the length where s1-32B stops by itself", "point", digits=2)
def wait_gain():
    return points("s1_aime_7", "s1_aime_5")


@result("… in problems of the test's thirty", "count", digits=1)
def wait_problems():
    return wait_gain() / 100.0 * facts.row("benchmarks", "s1_aime_7")["tries"]


@result.rows(
    {
        "effort_gain_maths": (
            "o3-mini from medium to high effort, for each doubling: mock AIME",
            "epoch_o3mini_mock_aime",
            "epoch_o3mini_high_mock_aime",
        ),
        "effort_gain_science": (
            "o3-mini from medium to high effort, for each doubling: GPQA Diamond",
            "epoch_o3mini_gpqa",
            "epoch_o3mini_high_gpqa",
        ),
        "upgrade_gain": (
            "From R1 to R1-0528, for each doubling of tokens: AIME 2025",
            "card_r1_aime2025",
            "card_r1_0528_aime2025",
        ),
    },
    "point",
    digits=2,
)
def gain_between(before, after):
    """Return the points gained from one run to another for each doubling of the tokens of an answer."""
    return gain_per_doubling(score(before), score(after), answer_tokens(after) / answer_tokens(before))


VOTES = 64.0


@result.rows(
    {
        "voting_gain_r1": ("R1 by majority of 64 answers, for each doubling: AIME 2024", "own_r1_aime2024"),
        "voting_gain_4o": ("GPT-4o by majority of 64 answers, for each doubling: AIME 2024", "own_gpt4o_aime2024"),
        "voting_gain_best": (
            "Largest gain by votes in DeepSeek's paper, a distilled 8B model",
            "own_distill_llama8b_aime2024",
        ),
    },
    "point",
    digits=2,
)
def voting_gain(run):
    return gain_per_doubling(score(run), score(f"{run}_votes64"), VOTES)


@result("Tokens of R1-0528 over those of R1: AIME 2025", "ratio", digits=2)
def upgrade_tokens():
    return answer_tokens("card_r1_0528_aime2025") / answer_tokens("card_r1_aime2025")


@result("Days from R1 to o3-mini", "day", digits=2)
def o3_mini_lag_days():
    return value("o3_mini_lag_days")


@result("R1-Zero on AIME 2024, first to last step of training", "point")
def r1_zero_gain():
    return points("own_r1zero_aime2024", "own_r1zero_aime2024_start")


@result("Tokens of R1 over those of GPT-4o on the same contest problems", "ratio")
def r1_tokens_over_4o():
    return answer_tokens("own_r1_contest2024") / answer_tokens("own_gpt4o_contest2024")


@result("Tokens of R1 on a problem of the contests of 2024", "token", digits=4)
def r1_contest_tokens():
    return answer_tokens("own_r1_contest2024")


@result.each({"r1": "R1", "o1": "o1"}, "{}_tokens", "Tokens of {} on a problem of the mock AIME", "token")
def mock_aime_tokens(model):
    return answer_tokens(f"epoch_{model}_mock_aime")


@result("Days from OpenAI's test-time curves to R1", "day")
def o1_lead_days():
    return value("o1_test_time_lead_days")


@result("Days from NVIDIA's naming three scaling laws to R1", "day", digits=2)
def nvidia_laws_lead_days():
    return value("nvidia_three_laws_lead_days")


# Dollars a solved problem

#: Name of a run in ``data/benchmarks.csv`` to the name of its price in ``data/facts.csv``.
PRICED = {
    "r1": "r1",
    "o1": "o1",
    "o1_high": "o1",
    "o1mini": "o1_mini",
    "o3mini": "o3_mini",
    "o3mini_high": "o3_mini",
    "gpt4o": "gpt4o",
    "sonnet": "sonnet",
    "v3": "v3",
}


def dollars_per_try(model, test):
    """Return the list price of one answer in Epoch AI's run, tokens in and out."""
    return answer_usd(f"epoch_{model}_{test}", PRICED[model])


def dollars_per_solved(model, test):
    """Return dollars for each right answer: the price of an answer over the share that is right."""
    return token_costs.usd_per_solved(dollars_per_try(model, test), score(f"epoch_{model}_{test}"))


def dollars_per_exercise(model):
    """Return dollars for each solved exercise of Aider's benchmark, from the cost that its harness logged."""
    run = facts.row("benchmarks", f"aider_{model}")
    return run["usd"] / (run["score"] * run["tries"])


@result("R1, a solved problem of the mock AIME", "USD", digits=2)
def solved_r1_usd(a):
    return a.r1_price_factor * dollars_per_solved("r1", "mock_aime")


result.rows(
    {
        "solved_o1_usd": ("o1, a solved problem of the mock AIME", "o1", "mock_aime"),
        "solved_o3_mini_usd": ("o3-mini, a solved problem of the mock AIME", "o3mini", "mock_aime"),
        "solved_o3_mini_high_usd": (
            "o3-mini at high effort, a solved problem of the mock AIME",
            "o3mini_high",
            "mock_aime",
        ),
        "solved_gpt4o_usd": ("GPT-4o, a solved problem of the mock AIME", "gpt4o", "mock_aime"),
        "solved_sonnet_usd": ("Claude 3.5 Sonnet, a solved problem of the mock AIME", "sonnet", "mock_aime"),
        "solved_v3_usd": ("DeepSeek-V3, a solved problem of the mock AIME", "v3", "mock_aime"),
    },
    "USD",
    digits=2,
)(dollars_per_solved)


@result.rows(
    {
        "solved_o1_over_r1": ("o1 over R1, dollars a solved problem: mock AIME", "o1", "mock_aime"),
        "solved_o3_mini_over_r1": ("o3-mini over R1, dollars a solved problem: mock AIME", "o3mini", "mock_aime"),
        "solved_science_o3_mini_over_r1": (
            "o3-mini over R1, dollars a solved question: GPQA Diamond",
            "o3mini",
            "gpqa",
        ),
        "solved_coding_o3_mini_over_r1": ("o3-mini over R1, dollars a solved exercise: Aider", "o3mini", "aider"),
        "solved_science_o1_over_r1": ("o1 over R1, dollars a solved question: GPQA Diamond", "o1", "gpqa"),
        "solved_coding_o1_over_r1": (
            "o1 at high effort over R1, dollars a solved exercise: Aider",
            "o1_high",
            "aider",
        ),
        "solved_coding_v3_over_r1": ("V3 over R1, dollars a solved exercise: Aider", "v3", "aider"),
    },
    "ratio",
    digits=2,
)
def solved_over_r1(a, rival, test):
    spent, ours = (
        dollars_per_exercise(model) if test == "aider" else dollars_per_solved(model, test) for model in (rival, "r1")
    )
    return spent / (a.r1_price_factor * ours)


@result("o1 over R1, list price of output tokens", "ratio")
def price_o1_over_r1():
    return value("api_o1_output_usd") / value("api_r1_output_usd")


@result("What each further solved problem costs, R1 instead of V3", "USD", digits=2)
def extra_r1_over_v3_usd(a):
    spent = a.r1_price_factor * dollars_per_try("r1", "mock_aime") - dollars_per_try("v3", "mock_aime")
    return spent / (score("epoch_r1_mock_aime") - score("epoch_v3_mock_aime"))


# R1 against its peers

PEERS = {"o1": "o1", "o1mini": "o1-mini", "sonnet": "Sonnet", "gpt4o": "GPT-4o", "v3": "V3"}
#: Aider is software work, as SWE-bench is, and counts as such in the makers' table and in the independent runs.
REASONING = ("aime2024", "math500", "cnmo", "livecodebench", "codeforces", "gpqa")
ELSEWHERE = (
    "mmlu",
    "mmlu_redux",
    "mmlu_pro",
    "drop",
    "frames",
    "simpleqa",
    "ifeval",
    "alpacaeval",
    "arenahard",
    "swe",
    "aider",
    "cluewsc",
    "ceval",
    "csimpleqa",
)


def peer_scores(test):
    """Return the scores of R1's peers on a test of DeepSeek's own table; a peer without a figure is left out."""
    return {name: score(f"own_{name}_{test}") for name in PEERS if facts.has("benchmarks", f"own_{name}_{test}")}


def behind_best(test):
    """Return the best peer on a test and R1's lead over it in points.

    Of the makers' table only R1, o1 and the best peer of each test are carried in ``data/benchmarks.csv``.
    """
    peers = peer_scores(test)
    best = max(peers, key=peers.get)
    return best, 100.0 * (score(f"own_r1_{test}") - peers[best])


def _against_o1(tests):
    return {
        test: 100.0 * (score(f"own_r1_{test}") - peers["o1"]) for test in tests if "o1" in (peers := peer_scores(test))
    }


@result("R1 minus o1, mean of five reasoning tests, the makers' figures", "point", digits=1)
def reasoning_gap():
    return np.mean(list(_against_o1(REASONING).values()))


@result("… the worst of the five, GPQA Diamond", "point", digits=2)
def reasoning_gap_worst():
    return min(_against_o1(REASONING).values())


@result("R1 minus o1, mock AIME, Epoch AI's runs", "point", digits=2)
def mock_aime_gap():
    return points("epoch_r1_mock_aime", "epoch_o1_mock_aime")


def _mock_aime_margin():
    runs = [facts.row("benchmarks", f"epoch_{name}_mock_aime") for name in ("r1", "o1")]
    return 196.0 * statistics.difference_error([run["score"] for run in runs], [run["tries"] for run in runs])


@result("… low end of the 95% interval", "point", digits=2)
def mock_aime_gap_low():
    return mock_aime_gap() - _mock_aime_margin()


@result("… high end of the 95% interval", "point", digits=1)
def mock_aime_gap_high():
    return mock_aime_gap() + _mock_aime_margin()


result.rows(
    {
        "gpqa_gap": ("R1 minus o1, GPQA Diamond, Epoch AI's runs", "epoch_r1_gpqa", "epoch_o1_gpqa"),
        "aider_gap": ("R1 minus o1 at high effort, coding exercises, Aider's runs", "aider_r1", "aider_o1_high"),
    },
    "point",
    digits=2,
)(points)


INDEPENDENT = ("mock_aime", "gpqa")


@result("R1 minus o1, mean of the two independent reasoning tests, Epoch AI's runs", "point", digits=2)
def independent_gap():
    return np.mean([points(f"epoch_r1_{test}", f"epoch_o1_{test}") for test in INDEPENDENT])


def _independent_margin():
    errors = []
    for test in INDEPENDENT:
        runs = [facts.row("benchmarks", f"epoch_{name}_{test}") for name in ("r1", "o1")]
        errors.append(statistics.difference_error([run["score"] for run in runs], [run["tries"] for run in runs]))
    return 196.0 * np.hypot(*errors) / len(errors)


@result("… low end of the 95% interval", "point", digits=2)
def independent_gap_low():
    return independent_gap() - _independent_margin()


@result("… high end of the 95% interval", "point", digits=2)
def independent_gap_high():
    return independent_gap() + _independent_margin()


@result("Tests of DeepSeek's table outside reasoning", "count", digits=2)
def elsewhere_tests():
    return sum(bool(peer_scores(test)) for test in ELSEWHERE)


@result("Tests outside reasoning on which a peer beats R1", "count", digits=1)
def elsewhere_behind():
    return sum(behind_best(test)[1] < 0 for test in ELSEWHERE)


@result("… on which o1 has a figure", "count", digits=1)
def elsewhere_with_o1():
    return len(_against_o1(ELSEWHERE))


@result("… and on which o1 beats R1", "count", digits=1)
def elsewhere_behind_o1():
    return sum(gap < 0 for gap in _against_o1(ELSEWHERE).values())


@result("R1 minus o1, facts asked straight (SimpleQA)", "point")
def simpleqa_gap():
    return behind_best("simpleqa")[1]


@result("R1 minus the best peer, writing judged by preference (AlpacaEval)", "point")
def writing_gap():
    return behind_best("alpacaeval")[1]


result.rows(
    {
        "upgrade_swe": (
            "R1-0528 minus R1, SWE-bench Verified, DeepSeek's figures",
            "card_r1_0528_swe",
            "own_r1_swe",
        ),
        "upgrade_aider": ("R1-0528 minus R1, Aider Polyglot, DeepSeek's figures", "card_r1_0528_aider", "own_r1_aider"),
        "upgrade_simpleqa": (
            "R1-0528 minus R1, SimpleQA, DeepSeek's figures",
            "card_r1_0528_simpleqa",
            "own_r1_simpleqa",
        ),
        "upgrade_mock_aime": (
            "R1-0528 minus R1, mock AIME, Epoch AI's runs",
            "epoch_r1_0528_mock_aime",
            "epoch_r1_mock_aime",
        ),
        "upgrade_swe_gap": (
            "R1-0528 minus Claude 3.5 Sonnet, SWE-bench Verified, Epoch AI's runs",
            "epoch_r1_0528_swe",
            "epoch_sonnet_swe",
        ),
    },
    "point",
    digits={"upgrade_swe": 2, "upgrade_simpleqa": 2, "upgrade_swe_gap": 2},
)(points)
