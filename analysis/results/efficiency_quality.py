"""Results of the chapter on efficiency: accuracy against tokens, dollars a solved problem, R1 and its peers (C18, C22).

Scores are fractions in ``data/benchmarks.csv``; differences of scores are percentage points. One run is compared with
itself only: the makers' figures with the makers', Epoch AI's with Epoch AI's, Aider's with Aider's.
"""


import numpy as np

from analysis import facts
from analysis.results import result

value = facts.value


def score(identifier):
    return facts.row("benchmarks", identifier)["score"]


# Accuracy against tokens


def log_fit(tokens, scores, confidence=0.95):
    """Fit a straight line of the score over the logarithm of the tokens by least squares.

    Parameters
    ----------
    tokens, scores : array_like
        At least four points; scores as fractions.
    confidence : float
        Of the interval of the slope, by Student's t with two degrees of freedom fewer than points.

    Returns
    -------
    dict
        ``slope`` in percentage points a doubling, its ``low`` and ``high``, ``predict(tokens)``, a function that
        returns the line and the half-width of its interval, both in percentage points.
    """
    from scipy.special import stdtrit

    x, y = np.log2(np.asarray(tokens, dtype=float)), 100.0 * np.asarray(scores, dtype=float)
    if x.shape != y.shape or x.size < 4:
        raise ValueError("a line needs at least four points, each with tokens and a score")
    centre, spread = x.mean(), ((x - x.mean()) ** 2).sum()
    slope = ((x - centre) * (y - y.mean())).sum() / spread
    residual = y - y.mean() - slope * (x - centre)
    degrees = x.size - 2
    noise = np.sqrt((residual**2).sum() / degrees)
    quantile = stdtrit(degrees, 0.5 + confidence / 2)
    width = quantile * noise / np.sqrt(spread)

    def predict(at):
        distance = np.log2(np.asarray(at, dtype=float)) - centre
        half = quantile * noise * np.sqrt(1.0 / x.size + distance**2 / spread)
        return y.mean() + slope * distance, half

    return {
        "slope": float(slope),
        "low": float(slope - width),
        "high": float(slope + width),
        "predict": predict,
    }


def gain_per_doubling(before, after, times):
    """Return the points gained for each doubling when tokens grow by a factor of `times`."""
    return 100.0 * (after - before) / np.log2(times)


def s1_points(test):
    """Return tokens and scores of s1-32B on ``"aime"``, ``"math500"`` or ``"gpqa"``, shortest thinking first."""
    name = {"aime": "AIME 2024", "math500": "MATH-500", "gpqa": "GPQA Diamond"}[test]
    rows = facts.rows("benchmarks", model="s1-32B", benchmark=name)
    return [row["tokens_out"] for row in rows], [row["score"] for row in rows]


@result("efficiency.thinking_gain", "AIME 2024 for each doubling of thinking, s1-32B", "point", kind="fixed")
def thinking_gain(a):
    return log_fit(*s1_points("aime"))["slope"]


@result("efficiency.thinking_gain_low", "… low end of the 95% interval", "point", kind="fixed")
def thinking_gain_low(a):
    return log_fit(*s1_points("aime"))["low"]


@result("efficiency.thinking_gain_high", "… high end of the 95% interval", "point", kind="fixed")
def thinking_gain_high(a):
    return log_fit(*s1_points("aime"))["high"]


@result("efficiency.thinking_gain_noise", "… half-width if every score is a fresh draw of thirty problems", "point",
        kind="fixed", digits=2)  # fmt: skip
def thinking_gain_noise(a):
    tokens, scores = s1_points("aime")
    x, p = np.log2(tokens), np.asarray(scores)
    weights = (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    tries = facts.row("benchmarks", "s1_aime_1")["tries"]
    return float(196.0 * np.sqrt((weights**2 * p * (1 - p)).sum() / tries))


@result("efficiency.thinking_gain_gpqa", "GPQA Diamond for each doubling of thinking, s1-32B", "point",
        kind="fixed", digits=2)  # fmt: skip
def thinking_gain_gpqa(a):
    return log_fit(*s1_points("gpqa"))["slope"]


@result("efficiency.thinking_gain_gpqa_low", "… low end of the 95% interval", "point", kind="fixed", digits=2)
def thinking_gain_gpqa_low(a):
    return log_fit(*s1_points("gpqa"))["low"]


@result("efficiency.thinking_gain_gpqa_high", "… high end of the 95% interval", "point", kind="fixed", digits=2)
def thinking_gain_gpqa_high(a):
    return log_fit(*s1_points("gpqa"))["high"]


@result("efficiency.thinking_gain_math500", "MATH-500 for each doubling of thinking, s1-32B", "point", kind="fixed",
        digits=2)  # fmt: skip
def thinking_gain_math500(a):
    return log_fit(*s1_points("math500"))["slope"]


@result("efficiency.thinking_gain_math500_low", "… low end of the 95% interval", "point", kind="fixed", digits=2)
def thinking_gain_math500_low(a):
    return log_fit(*s1_points("math500"))["low"]


@result("efficiency.thinking_gain_math500_high", "… high end of the 95% interval", "point", kind="fixed", digits=2)
def thinking_gain_math500_high(a):
    return log_fit(*s1_points("math500"))["high"]


@result("efficiency.thinking_span", "Longest over shortest thinking in that fit", "ratio", kind="fixed")
def thinking_span(a):
    tokens, _ = s1_points("aime")
    return tokens[-1] / tokens[0]


@result("efficiency.wait_gain", "AIME 2024 beyond the length where s1-32B stops by itself", "point",
        kind="fixed", digits=2)  # fmt: skip
def wait_gain(a):
    return 100.0 * (score("s1_aime_7") - score("s1_aime_5"))


@result("efficiency.wait_problems", "… in problems of the test's thirty", "count", kind="fixed", digits=1)
def wait_problems(a):
    return wait_gain(a) / 100.0 * facts.row("benchmarks", "s1_aime_7")["tries"]


def _effort(test):
    low, high = facts.row("benchmarks", f"epoch_o3mini_{test}"), facts.row("benchmarks", f"epoch_o3mini_high_{test}")
    return gain_per_doubling(low["score"], high["score"], high["tokens_out"] / low["tokens_out"])


@result("efficiency.effort_gain_maths", "o3-mini from medium to high effort, for each doubling: mock AIME", "point",
        kind="fixed", digits=2)  # fmt: skip
def effort_gain_maths(a):
    return _effort("mock_aime")


@result("efficiency.effort_gain_science", "o3-mini from medium to high effort, for each doubling: GPQA Diamond",
        "point", kind="fixed", digits=2)  # fmt: skip
def effort_gain_science(a):
    return _effort("gpqa")


@result("efficiency.upgrade_gain", "From R1 to R1-0528, for each doubling of tokens: AIME 2025", "point",
        kind="fixed", digits=2)  # fmt: skip
def upgrade_gain(a):
    old, new = facts.row("benchmarks", "card_r1_aime2025"), facts.row("benchmarks", "card_r1_0528_aime2025")
    return gain_per_doubling(old["score"], new["score"], new["tokens_out"] / old["tokens_out"])


VOTES = 64.0


def _voting(name):
    return gain_per_doubling(score(f"own_{name}_aime2024"), score(f"own_{name}_aime2024_votes64"), VOTES)


@result("efficiency.voting_gain_r1", "R1 by majority of 64 answers, for each doubling: AIME 2024", "point",
        kind="fixed", digits=2)  # fmt: skip
def voting_gain_r1(a):
    return _voting("r1")


@result("efficiency.voting_gain_4o", "GPT-4o by majority of 64 answers, for each doubling: AIME 2024", "point",
        kind="fixed", digits=2)  # fmt: skip
def voting_gain_4o(a):
    return _voting("gpt4o")


@result("efficiency.voting_gain_best", "Largest gain by votes in DeepSeek's paper, a distilled 8B model", "point",
        kind="fixed", digits=2)  # fmt: skip
def voting_gain_best(a):
    return _voting("distill_llama8b")


@result("efficiency.upgrade_tokens", "Tokens of R1-0528 over those of R1: AIME 2025", "ratio", kind="fixed", digits=2)
def upgrade_tokens(a):
    old, new = facts.row("benchmarks", "card_r1_aime2025"), facts.row("benchmarks", "card_r1_0528_aime2025")
    return new["tokens_out"] / old["tokens_out"]


@result("efficiency.o3_mini_lag_days", "Days from R1 to o3-mini", "day", kind="fixed", digits=2)
def o3_mini_lag_days(a):
    return value("o3_mini_lag_days")


@result("efficiency.r1_zero_gain", "R1-Zero on AIME 2024, first to last step of training", "point", kind="fixed")
def r1_zero_gain(a):
    return 100.0 * (score("own_r1zero_aime2024") - score("own_r1zero_aime2024_start"))


@result("efficiency.r1_tokens_over_4o", "Tokens of R1 over those of GPT-4o on the same contest problems", "ratio",
        kind="fixed")  # fmt: skip
def r1_tokens_over_4o(a):
    long, short = facts.row("benchmarks", "own_r1_contest2024"), facts.row("benchmarks", "own_gpt4o_contest2024")
    return long["tokens_out"] / short["tokens_out"]


@result("efficiency.r1_contest_tokens", "Tokens of R1 on a problem of the contests of 2024", "token", kind="fixed",
        digits=4)  # fmt: skip
def r1_contest_tokens(a):
    return facts.row("benchmarks", "own_r1_contest2024")["tokens_out"]


@result("efficiency.r1_tokens", "Tokens of R1 on a problem of the mock AIME", "token", kind="fixed")
def r1_tokens(a):
    return facts.row("benchmarks", "epoch_r1_mock_aime")["tokens_out"]


@result("efficiency.o1_tokens", "Tokens of o1 on a problem of the mock AIME", "token", kind="fixed")
def o1_tokens(a):
    return facts.row("benchmarks", "epoch_o1_mock_aime")["tokens_out"]


@result("efficiency.o1_lead_days", "Days from OpenAI's test-time curves to R1", "day", kind="fixed")
def o1_lead_days(a):
    return value("o1_test_time_lead_days")


# Dollars a solved problem

#: Name of a run in ``data/benchmarks.csv`` to the name of its price in ``data/facts.csv``.
PRICED = {
    "r1": "r1", "o1": "o1", "o1_high": "o1", "o1mini": "o1_mini", "o3mini": "o3_mini", "o3mini_high": "o3_mini",
    "gpt4o": "gpt4o", "sonnet": "sonnet", "v3": "v3",
}  # fmt: skip


def dollars_per_try(model, test):
    """Return the list price of one answer in Epoch AI's run, tokens in and out."""
    run, price = facts.row("benchmarks", f"epoch_{model}_{test}"), PRICED[model]
    in_usd = run["tokens_in"] * value(f"api_{price}_input_usd")
    return (in_usd + run["tokens_out"] * value(f"api_{price}_output_usd")) / 1e6


def dollars_per_solved(model, test):
    """Return dollars for each right answer: the price of an answer over the share that is right."""
    return dollars_per_try(model, test) / score(f"epoch_{model}_{test}")


def dollars_per_exercise(model):
    """Return dollars for each solved exercise of Aider's benchmark, from the cost that its harness logged."""
    run = facts.row("benchmarks", f"aider_{model}")
    return run["usd"] / (run["score"] * run["tries"])


@result("efficiency.solved_r1_usd", "R1, a solved problem of the mock AIME", "USD", digits=2)
def solved_r1_usd(a):
    return a.r1_price_factor * dollars_per_solved("r1", "mock_aime")


def _solved(key, model, title):
    @result(key, f"{title}, a solved problem of the mock AIME", "USD", kind="fixed", digits=2)
    def solved(a):
        return dollars_per_solved(model, "mock_aime")


_solved("efficiency.solved_o1_usd", "o1", "o1")
_solved("efficiency.solved_o3_mini_usd", "o3mini", "o3-mini")
_solved("efficiency.solved_o3_mini_high_usd", "o3mini_high", "o3-mini at high effort")
_solved("efficiency.solved_gpt4o_usd", "gpt4o", "GPT-4o")
_solved("efficiency.solved_sonnet_usd", "sonnet", "Claude 3.5 Sonnet")
_solved("efficiency.solved_v3_usd", "v3", "DeepSeek-V3")


@result("efficiency.solved_o1_over_r1", "o1 over R1, dollars a solved problem: mock AIME", "ratio", digits=2)
def solved_o1_over_r1(a):
    return dollars_per_solved("o1", "mock_aime") / solved_r1_usd(a)


@result("efficiency.solved_o3_mini_over_r1", "o3-mini over R1, dollars a solved problem: mock AIME", "ratio", digits=2)
def solved_o3_mini_over_r1(a):
    return dollars_per_solved("o3mini", "mock_aime") / solved_r1_usd(a)


@result("efficiency.solved_science_o3_mini_over_r1", "o3-mini over R1, dollars a solved question: GPQA Diamond",
        "ratio", digits=2)  # fmt: skip
def solved_science_o3_mini_over_r1(a):
    return dollars_per_solved("o3mini", "gpqa") / (a.r1_price_factor * dollars_per_solved("r1", "gpqa"))


@result("efficiency.solved_coding_o3_mini_over_r1", "o3-mini over R1, dollars a solved exercise: Aider", "ratio",
        digits=2)  # fmt: skip
def solved_coding_o3_mini_over_r1(a):
    return dollars_per_exercise("o3mini") / (a.r1_price_factor * dollars_per_exercise("r1"))


@result("efficiency.solved_science_o1_over_r1", "o1 over R1, dollars a solved question: GPQA Diamond", "ratio",
        digits=2)  # fmt: skip
def solved_science_o1_over_r1(a):
    return dollars_per_solved("o1", "gpqa") / (a.r1_price_factor * dollars_per_solved("r1", "gpqa"))


@result("efficiency.solved_coding_o1_over_r1", "o1 at high effort over R1, dollars a solved exercise: Aider",
        "ratio", digits=2)  # fmt: skip
def solved_coding_o1_over_r1(a):
    return dollars_per_exercise("o1_high") / (a.r1_price_factor * dollars_per_exercise("r1"))


@result("efficiency.solved_coding_v3_over_r1", "V3 over R1, dollars a solved exercise: Aider", "ratio", digits=2)
def solved_coding_v3_over_r1(a):
    return dollars_per_exercise("v3") / (a.r1_price_factor * dollars_per_exercise("r1"))


@result("efficiency.price_o1_over_r1", "o1 over R1, list price of output tokens", "ratio", kind="fixed")
def price_o1_over_r1(a):
    return value("api_o1_output_usd") / value("api_r1_output_usd")


@result("efficiency.extra_r1_over_v3_usd", "What each further solved problem costs, R1 instead of V3", "USD", digits=2)
def extra_r1_over_v3_usd(a):
    spent = a.r1_price_factor * dollars_per_try("r1", "mock_aime") - dollars_per_try("v3", "mock_aime")
    return spent / (score("epoch_r1_mock_aime") - score("epoch_v3_mock_aime"))


# R1 against its peers

PEERS = {"o1": "o1", "o1mini": "o1-mini", "sonnet": "Sonnet", "gpt4o": "GPT-4o", "v3": "V3"}
#: Aider is software work, as SWE-bench is, and counts as such in the makers' table and in the independent runs.
REASONING = ("aime2024", "math500", "cnmo", "livecodebench", "codeforces", "gpqa")
ELSEWHERE = (
    "mmlu", "mmlu_redux", "mmlu_pro", "drop", "frames", "simpleqa", "ifeval", "alpacaeval", "arenahard", "swe",
    "aider", "cluewsc", "ceval", "csimpleqa",
)  # fmt: skip


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


@result("efficiency.reasoning_gap", "R1 minus o1, mean of five reasoning tests, the makers' figures", "point",
        kind="fixed", digits=1)  # fmt: skip
def reasoning_gap(a):
    return float(np.mean(list(_against_o1(REASONING).values())))


@result("efficiency.reasoning_gap_worst", "… the worst of the five, GPQA Diamond", "point", kind="fixed", digits=2)
def reasoning_gap_worst(a):
    return min(_against_o1(REASONING).values())


@result("efficiency.mock_aime_gap", "R1 minus o1, mock AIME, Epoch AI's runs", "point", kind="fixed", digits=2)
def mock_aime_gap(a):
    return _independent("mock_aime")


def _mock_aime_margin():
    runs = [facts.row("benchmarks", f"epoch_{name}_mock_aime") for name in ("r1", "o1")]
    return 196.0 * np.sqrt(sum(run["score"] * (1 - run["score"]) / run["tries"] for run in runs))


@result("efficiency.mock_aime_gap_low", "… low end of the 95% interval", "point", kind="fixed", digits=2)
def mock_aime_gap_low(a):
    return float(mock_aime_gap(a) - _mock_aime_margin())


@result("efficiency.mock_aime_gap_high", "… high end of the 95% interval", "point", kind="fixed", digits=1)
def mock_aime_gap_high(a):
    return float(mock_aime_gap(a) + _mock_aime_margin())


@result("efficiency.gpqa_gap", "R1 minus o1, GPQA Diamond, Epoch AI's runs", "point", kind="fixed", digits=2)
def gpqa_gap(a):
    return _independent("gpqa")


@result("efficiency.aider_gap", "R1 minus o1 at high effort, coding exercises, Aider's runs", "point", kind="fixed",
        digits=2)  # fmt: skip
def aider_gap(a):
    return 100.0 * (score("aider_r1") - score("aider_o1_high"))


@result("efficiency.elsewhere_tests", "Tests of DeepSeek's table outside reasoning", "count", kind="fixed", digits=2)
def elsewhere_tests(a):
    return float(sum(bool(peer_scores(test)) for test in ELSEWHERE))


@result(
    "efficiency.elsewhere_behind", "Tests outside reasoning on which a peer beats R1", "count", kind="fixed", digits=1
)
def elsewhere_behind(a):
    return float(sum(behind_best(test)[1] < 0 for test in ELSEWHERE))


@result("efficiency.elsewhere_with_o1", "… on which o1 has a figure", "count", kind="fixed", digits=1)
def elsewhere_with_o1(a):
    return float(len(_against_o1(ELSEWHERE)))


@result("efficiency.elsewhere_behind_o1", "… and on which o1 beats R1", "count", kind="fixed", digits=1)
def elsewhere_behind_o1(a):
    return float(sum(gap < 0 for gap in _against_o1(ELSEWHERE).values()))


@result("efficiency.simpleqa_gap", "R1 minus o1, facts asked straight (SimpleQA)", "point", kind="fixed")
def simpleqa_gap(a):
    return behind_best("simpleqa")[1]


@result("efficiency.writing_gap", "R1 minus the best peer, writing judged by preference (AlpacaEval)", "point",
        kind="fixed")  # fmt: skip
def writing_gap(a):
    return behind_best("alpacaeval")[1]


def _upgrade(test):
    return 100.0 * (score(f"card_r1_0528_{test}") - score(f"own_r1_{test}"))


@result("efficiency.upgrade_swe", "R1-0528 minus R1, SWE-bench Verified, DeepSeek's figures", "point", kind="fixed",
        digits=2)  # fmt: skip
def upgrade_swe(a):
    return _upgrade("swe")


@result("efficiency.upgrade_aider", "R1-0528 minus R1, Aider Polyglot, DeepSeek's figures", "point", kind="fixed")
def upgrade_aider(a):
    return _upgrade("aider")


@result("efficiency.upgrade_simpleqa", "R1-0528 minus R1, SimpleQA, DeepSeek's figures", "point", kind="fixed",
        digits=2)  # fmt: skip
def upgrade_simpleqa(a):
    return _upgrade("simpleqa")


@result("efficiency.upgrade_mock_aime", "R1-0528 minus R1, mock AIME, Epoch AI's runs", "point", kind="fixed")
def upgrade_mock_aime(a):
    return 100.0 * (score("epoch_r1_0528_mock_aime") - score("epoch_r1_mock_aime"))


@result("efficiency.upgrade_swe_gap", "R1-0528 minus Claude 3.5 Sonnet, SWE-bench Verified, Epoch AI's runs", "point",
        kind="fixed", digits=2)  # fmt: skip
def upgrade_swe_gap(a):
    return 100.0 * (score("epoch_r1_0528_swe") - score("epoch_sonnet_swe"))
