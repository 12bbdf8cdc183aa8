"""Results of the chapter on efficiency: accuracy against tokens, dollars a solved problem, R1 and its peers (C18, C22).

Scores are fractions in ``data/benchmarks.csv``; differences of scores are percentage points. One run is compared with
itself only: the makers' figures with the makers', Epoch AI's with Epoch AI's, Aider's with Aider's.
"""

import numpy as np

from analysis import statistics, token_costs
from reporting.cases.benchmarks import answer_tokens, answer_usd, score
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


@result("AIME 2024 for each doubling of thinking, s1-32B", "point")
def thinking_gain():
    return s1_fit("aime").slope


@result("… low end of the 95% interval", "point")
def thinking_gain_low():
    return s1_fit("aime").low


@result("… high end of the 95% interval", "point")
def thinking_gain_high():
    return s1_fit("aime").high


@result("… half-width if every score is a fresh draw of thirty problems", "point", digits=2)
def thinking_gain_noise():
    tokens, scores = s1_points("aime")
    return 196.0 * statistics.slope_error(np.log2(tokens), scores, facts.row("benchmarks", "s1_aime_1")["tries"])


on_test = result.together({"gpqa": "GPQA Diamond", "math500": "MATH-500"})


@on_test("thinking_gain_{}", "{} for each doubling of thinking, s1-32B", "point", digits=2)
def thinking_gain_on(test):
    return s1_fit(test).slope


@on_test("thinking_gain_{}_low", "… low end of the 95% interval", "point", digits=2)
def thinking_gain_on_low(test):
    return s1_fit(test).low


@on_test("thinking_gain_{}_high", "… high end of the 95% interval", "point", digits=2)
def thinking_gain_on_high(test):
    return s1_fit(test).high


@result("Longest over shortest thinking in that fit", "ratio")
def thinking_span():
    tokens, _ = s1_points("aime")
    return tokens[-1] / tokens[0]


@result("AIME 2024 beyond the length where s1-32B stops by itself", "point", digits=2)
def wait_gain():
    return 100.0 * (score("s1_aime_7") - score("s1_aime_5"))


@result("… in problems of the test's thirty", "count", digits=1)
def wait_problems():
    return wait_gain() / 100.0 * facts.row("benchmarks", "s1_aime_7")["tries"]


def gain_between(before, after):
    """Return the points gained from one run to another for each doubling of the tokens of an answer."""
    return gain_per_doubling(score(before), score(after), answer_tokens(after) / answer_tokens(before))


@result("o3-mini from medium to high effort, for each doubling: mock AIME", "point", digits=2)
def effort_gain_maths():
    return gain_between("epoch_o3mini_mock_aime", "epoch_o3mini_high_mock_aime")


@result("o3-mini from medium to high effort, for each doubling: GPQA Diamond", "point", digits=2)
def effort_gain_science():
    return gain_between("epoch_o3mini_gpqa", "epoch_o3mini_high_gpqa")


@result("From R1 to R1-0528, for each doubling of tokens: AIME 2025", "point", digits=2)
def upgrade_gain():
    return gain_between("card_r1_aime2025", "card_r1_0528_aime2025")


VOTES = 64.0


VOTED = {
    "r1": ("r1", "R1 by majority of 64 answers, for each doubling: AIME 2024"),
    "4o": ("gpt4o", "GPT-4o by majority of 64 answers, for each doubling: AIME 2024"),
    "best": ("distill_llama8b", "Largest gain by votes in DeepSeek's paper, a distilled 8B model"),
}


@result.each(VOTED, "voting_gain_{}", "{1}", "point", digits=2)
def voting_gain(name):
    run = f"own_{VOTED[name][0]}_aime2024"
    return gain_per_doubling(score(run), score(f"{run}_votes64"), VOTES)


@result("Tokens of R1-0528 over those of R1: AIME 2025", "ratio", digits=2)
def upgrade_tokens():
    return answer_tokens("card_r1_0528_aime2025") / answer_tokens("card_r1_aime2025")


@result("Days from R1 to o3-mini", "day", digits=2)
def o3_mini_lag_days():
    return value("o3_mini_lag_days")


@result("R1-Zero on AIME 2024, first to last step of training", "point")
def r1_zero_gain():
    return 100.0 * (score("own_r1zero_aime2024") - score("own_r1zero_aime2024_start"))


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


#: Run and name of R1's rivals.
SOLVED = {
    "o1": ("o1", "o1"),
    "o3_mini": ("o3mini", "o3-mini"),
    "o3_mini_high": ("o3mini_high", "o3-mini at high effort"),
    "gpt4o": ("gpt4o", "GPT-4o"),
    "sonnet": ("sonnet", "Claude 3.5 Sonnet"),
    "v3": ("v3", "DeepSeek-V3"),
}


@result.each(SOLVED, "solved_{}_usd", "{1}, a solved problem of the mock AIME", "USD", digits=2)
def solved_usd(rival):
    return dollars_per_solved(SOLVED[rival][0], "mock_aime")


@result("o1 over R1, dollars a solved problem: mock AIME", "ratio", digits=2)
def solved_o1_over_r1(a):
    return dollars_per_solved("o1", "mock_aime") / solved_r1_usd(a)


@result("o3-mini over R1, dollars a solved problem: mock AIME", "ratio", digits=2)
def solved_o3_mini_over_r1(a):
    return dollars_per_solved("o3mini", "mock_aime") / solved_r1_usd(a)


@result("o3-mini over R1, dollars a solved question: GPQA Diamond", "ratio", digits=2)
def solved_science_o3_mini_over_r1(a):
    return dollars_per_solved("o3mini", "gpqa") / (a.r1_price_factor * dollars_per_solved("r1", "gpqa"))


@result("o3-mini over R1, dollars a solved exercise: Aider", "ratio", digits=2)
def solved_coding_o3_mini_over_r1(a):
    return dollars_per_exercise("o3mini") / (a.r1_price_factor * dollars_per_exercise("r1"))


@result("o1 over R1, dollars a solved question: GPQA Diamond", "ratio", digits=2)
def solved_science_o1_over_r1(a):
    return dollars_per_solved("o1", "gpqa") / (a.r1_price_factor * dollars_per_solved("r1", "gpqa"))


@result("o1 at high effort over R1, dollars a solved exercise: Aider", "ratio", digits=2)
def solved_coding_o1_over_r1(a):
    return dollars_per_exercise("o1_high") / (a.r1_price_factor * dollars_per_exercise("r1"))


@result("V3 over R1, dollars a solved exercise: Aider", "ratio", digits=2)
def solved_coding_v3_over_r1(a):
    return dollars_per_exercise("v3") / (a.r1_price_factor * dollars_per_exercise("r1"))


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


def _independent(test):
    return 100.0 * (score(f"epoch_r1_{test}") - score(f"epoch_o1_{test}"))


@result("R1 minus o1, mean of five reasoning tests, the makers' figures", "point", digits=1)
def reasoning_gap():
    return float(np.mean(list(_against_o1(REASONING).values())))


@result("… the worst of the five, GPQA Diamond", "point", digits=2)
def reasoning_gap_worst():
    return min(_against_o1(REASONING).values())


@result("R1 minus o1, mock AIME, Epoch AI's runs", "point", digits=2)
def mock_aime_gap():
    return _independent("mock_aime")


def _mock_aime_margin():
    runs = [facts.row("benchmarks", f"epoch_{name}_mock_aime") for name in ("r1", "o1")]
    return 196.0 * statistics.difference_error([run["score"] for run in runs], [run["tries"] for run in runs])


@result("… low end of the 95% interval", "point", digits=2)
def mock_aime_gap_low():
    return float(mock_aime_gap() - _mock_aime_margin())


@result("… high end of the 95% interval", "point", digits=1)
def mock_aime_gap_high():
    return float(mock_aime_gap() + _mock_aime_margin())


@result("R1 minus o1, GPQA Diamond, Epoch AI's runs", "point", digits=2)
def gpqa_gap():
    return _independent("gpqa")


@result("R1 minus o1 at high effort, coding exercises, Aider's runs", "point", digits=2)
def aider_gap():
    return 100.0 * (score("aider_r1") - score("aider_o1_high"))


@result("Tests of DeepSeek's table outside reasoning", "count", digits=2)
def elsewhere_tests():
    return float(sum(bool(peer_scores(test)) for test in ELSEWHERE))


@result("Tests outside reasoning on which a peer beats R1", "count", digits=1)
def elsewhere_behind():
    return float(sum(behind_best(test)[1] < 0 for test in ELSEWHERE))


@result("… on which o1 has a figure", "count", digits=1)
def elsewhere_with_o1():
    return float(len(_against_o1(ELSEWHERE)))


@result("… and on which o1 beats R1", "count", digits=1)
def elsewhere_behind_o1():
    return float(sum(gap < 0 for gap in _against_o1(ELSEWHERE).values()))


@result("R1 minus o1, facts asked straight (SimpleQA)", "point")
def simpleqa_gap():
    return behind_best("simpleqa")[1]


@result("R1 minus the best peer, writing judged by preference (AlpacaEval)", "point")
def writing_gap():
    return behind_best("alpacaeval")[1]


UPGRADED = {"swe": "SWE-bench Verified", "aider": "Aider Polyglot", "simpleqa": "SimpleQA"}


@result.each(
    UPGRADED, "upgrade_{}", "R1-0528 minus R1, {}, DeepSeek's figures", "point", digits={"swe": 2, "simpleqa": 2}
)
def upgrade(test):
    return 100.0 * (score(f"card_r1_0528_{test}") - score(f"own_r1_{test}"))


@result("R1-0528 minus R1, mock AIME, Epoch AI's runs", "point")
def upgrade_mock_aime():
    return 100.0 * (score("epoch_r1_0528_mock_aime") - score("epoch_r1_mock_aime"))


@result("R1-0528 minus Claude 3.5 Sonnet, SWE-bench Verified, Epoch AI's runs", "point", digits=2)
def upgrade_swe_gap():
    return 100.0 * (score("epoch_r1_0528_swe") - score("epoch_sonnet_swe"))
