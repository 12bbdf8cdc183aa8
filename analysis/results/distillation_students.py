"""Results of the chapter on distillation: what the students keep and what a right answer costs (C11, C23)."""

import itertools
from functools import cache

import numpy as np

from analysis import architecture, distillation, facts, serving
from analysis.results import efficiency_serving as engine
from analysis.results import result
from analysis.serving import Layout

value = facts.value

#: Key to the configuration of a distilled model, its name, and its name in ``data/benchmarks.csv``.
STUDENTS = {
    "1_5b": ("qwen2.5-1.5b", "Distill-Qwen 1.5B", "qwen1_5b"),
    "7b": ("qwen2.5-7b", "Distill-Qwen 7B", "qwen7b"),
    "8b": ("llama-3.1-8b", "Distill-Llama 8B", "llama8b"),
    "14b": ("qwen2.5-14b", "Distill-Qwen 14B", "qwen14b"),
    "32b": ("qwen2.5-32b", "Distill-Qwen 32B", "qwen32b"),
    "70b": ("llama-3.1-70b", "Distill-Llama 70B", "llama70b"),
}
TESTS = {"aime2024": "AIME 2024", "math500": "MATH-500", "gpqa": "GPQA Diamond", "livecodebench": "LiveCodeBench"}
TEACHER = "deepseek-r1"


def score(identifier):
    return facts.row("benchmarks", identifier)["score"]


def tokens_of(identifier):
    return facts.row("benchmarks", identifier)["tokens_out"]


@cache
def _shape(name):
    return architecture.Architecture.from_hf_config(facts.model_configs()[name]["config"])


def shape(name):
    """Return a model's architecture, noting its configuration as an input."""
    facts.model_config(name)
    return _shape(name)


# What the students keep


def kept(student, test):
    return distillation.retention(score(f"own_distill_{STUDENTS[student][2]}_{test}"), score(f"own_r1_{test}"))


def _retention(student, words):
    @result(
        f"distillation.retention_{student}",
        f"{words}: share of R1's score, mean of four tests",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def retention(a):
        return float(np.mean([kept(student, test) for test in TESTS]))


def _retention_32b(test, words):
    @result(
        f"distillation.retention_32b_{test}",
        f"Distill-Qwen 32B: share of R1's score, {words}",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def retention(a):
        return kept("32b", test)


for _name, (_, _words, _) in STUDENTS.items():
    _retention(_name, _words)
for _test, _words in TESTS.items():
    _retention_32b(_test, _words)


def _compute(student, words):
    @result(
        f"distillation.compute_{student}",
        f"{words}: weights a token is multiplied with, over R1's",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def compute(a):
        return shape(STUDENTS[student][0]).matmul_parameters / shape(TEACHER).matmul_parameters


def _weights(student, words):
    @result(
        f"distillation.weights_{student}",
        f"{words}: weights to be held at equal precision, over R1's",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def weights(a):
        return shape(STUDENTS[student][0]).total_parameters / shape(TEACHER).total_parameters


for _name, (_, _words, _) in STUDENTS.items():
    _compute(_name, _words)
    _weights(_name, _words)


# The same tests run by others


#: How the ids of others' runs begin, with the students and the tests that each ran.
RERUNS = {
    "openr1": (tuple(STUDENTS), tuple(TESTS)),
    "evalhub_vllm": (("1_5b", "7b", "14b", "32b"), tuple(TESTS)),
    "evalhub_sglang": (("1_5b", "7b", "14b", "32b"), tuple(TESTS)),
    "bespoke": (("32b",), ("aime2024", "math500", "gpqa")),
    "evalchemy": (("32b",), ("aime2024", "math500", "gpqa")),
    "epoch": (("14b", "70b"), ("gpqa",)),
}


def reruns():
    """Return each independent run of a distilled model with the makers' figure for the same test: two rows each."""
    pairs = []
    for run, (ran, tests) in RERUNS.items():
        for student, test in itertools.product(ran, tests):
            name = STUDENTS[student][2]
            other = facts.row("benchmarks", f"{run}_{name}_{test}")
            pairs.append((other, facts.row("benchmarks", f"own_distill_{name}_{test}")))
    return pairs


def rerun_gaps(start=""):
    return [100.0 * (run["score"] - own["score"]) for run, own in reruns() if run["id"].startswith(start)]


@result("distillation.rerun_count", "Independent scores of the distilled models", "count", kind="fixed", digits=2)
def rerun_count(a):
    return float(len(reruns()))


@result("distillation.rerun_gap", "Independent minus makers' scores, median", "point", kind="fixed", digits=1)
def rerun_gap(a):
    return float(np.median(rerun_gaps()))


@result(
    "distillation.rerun_within",
    "Independent scores within three points of the makers'",
    "fraction",
    kind="fixed",
    digits=2,
)
def rerun_within(a):
    return float(np.mean(np.abs(rerun_gaps()) <= 3.0))


@result("distillation.rerun_worst", "Independent minus makers' scores, the lowest", "point", kind="fixed")
def rerun_worst(a):
    return float(min(rerun_gaps()))


@result("distillation.rerun_aime_gap", "The same on AIME 2024 alone, median", "point", kind="fixed", digits=2)
def rerun_aime_gap(a):
    return float(np.median([100 * (r["score"] - o["score"]) for r, o in reruns() if r["id"].endswith("aime2024")]))


@result(
    "distillation.rerun_70b_retention",
    "Distill-Llama 70B over R1 on the mock AIME, both run by Epoch AI",
    "fraction",
    kind="fixed",
    digits=2,
)
def rerun_70b_retention(a):
    return distillation.retention(score("epoch_llama70b_mock_aime"), score("epoch_r1_mock_aime"))


@result(
    "distillation.rerun_70b_gpqa_retention",
    "Distill-Llama 70B over R1 on GPQA Diamond, both run by Epoch AI",
    "fraction",
    kind="fixed",
    digits=2,
)
def rerun_70b_gpqa_retention(a):
    return distillation.retention(score("epoch_llama70b_gpqa"), score("epoch_r1_gpqa"))


# The harder the test

#: NVIDIA's runs, easiest for the teacher first.
LADDER = {"aime2024": "AIME 2024", "aime2025": "AIME 2025", "hmmt": "HMMT", "hle": "Humanity's Last Exam, maths"}
LADDER_STUDENTS = {"1_5b": "qwen1_5b", "7b": "qwen7b", "14b": "qwen14b", "32b": "qwen32b"}
LATER_STUDENTS = {"1_5b": "nemotron1_5b", "7b": "nemotron7b", "14b": "nemotron14b", "32b": "nemotron32b"}


def ladder(model):
    """Return a model's share of R1's score on each rung of NVIDIA's ladder."""
    return [distillation.retention(score(f"nvidia_{model}_{test}"), score(f"nvidia_r1_{test}")) for test in LADDER]


def _rung(student, test, words):
    @result(
        f"distillation.rung_{student}_{test}",
        f"{STUDENTS[student][1]}: share of R1's score, {words}, NVIDIA's runs",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def rung(a):
        return ladder(LADDER_STUDENTS[student])[list(LADDER).index(test)]


for _name in LADDER_STUDENTS:
    for _test in ("aime2024", "hle"):
        _rung(_name, _test, LADDER[_test])


def ladder_slope(a=None):
    teacher = [100.0 * score(f"nvidia_r1_{test}") for test in LADDER]
    return distillation.slope(teacher, [100.0 * share for share in ladder("qwen32b")])


@result(
    "distillation.ladder_slope",
    "Distill-Qwen 32B: points of retention lost where R1 scores ten points lower",
    "point",
    kind="fixed",
    digits=2,
)
def ladder_slope_32b(a):
    return 10.0 * ladder_slope().slope


@result("distillation.ladder_slope_low", "… low end of the 95% interval, four tests", "point", kind="fixed", digits=2)
def ladder_slope_low(a):
    return 10.0 * ladder_slope().low


@result("distillation.ladder_slope_high", "… high end of the 95% interval", "point", kind="fixed", digits=2)
def ladder_slope_high(a):
    return 10.0 * ladder_slope().high


def _later(student):
    @result(
        f"distillation.later_{student}",
        f"OpenMath-Nemotron {student.replace('_', '.').upper()}: share of R1's score, mean of "
        "four contests, NVIDIA's runs",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def later(a):
        return float(np.mean(ladder(LATER_STUDENTS[student])))


for _name in LATER_STUDENTS:
    _later(_name)


@result(
    "distillation.ladder_32b",
    "Distill-Qwen 32B: share of R1's score, mean of the same four",
    "fraction",
    kind="fixed",
    digits=2,
)
def ladder_32b(a):
    return float(np.mean(ladder("qwen32b")))


def _geometry(student, level):
    @result(
        f"distillation.geometry_{student}_{level}",
        f"{STUDENTS[student][1]}: share of R1's score, drawing programs, {level}",
        "fraction",
        kind="fixed",
        digits=2,
    )
    def geometry(a):
        return distillation.retention(score(f"geogram_{STUDENTS[student][2]}_{level}"), score(f"geogram_r1_{level}"))


for _name in ("1_5b", "7b", "32b"):
    for _level in ("easy", "hard"):
        _geometry(_name, _level)


# Dollars a solved problem: contest mathematics

ANSWER_PROMPT = "epoch_r1_mock_aime"
#: Students whose answers somebody counted on AIME 2024; the 8B model is given the 7B's count.
COUNTED = {"1_5b": "dler_qwen1_5b_aime2024", "7b": "dler_qwen7b_aime2024", "8b": "dler_qwen7b_aime2024"}
RIVALS = {
    "o1": ("o1", "o1"),
    "o1_mini": ("o1_mini", "o1-mini"),
    "gpt4o": ("gpt4o", "GPT-4o"),
    "sonnet": ("sonnet", "Claude 3.5 Sonnet"),
}


def prompt_tokens():
    return facts.row("benchmarks", ANSWER_PROMPT)["tokens_in"]


def teacher_answer_tokens():
    return tokens_of(ANSWER_PROMPT)


def answer_tokens(a, student):
    """Return the tokens of a student's answer to a contest problem."""
    if student in COUNTED:
        return tokens_of(COUNTED[student])
    return a.student_tokens * teacher_answer_tokens()


def own_score(student):
    return score(f"own_distill_{STUDENTS[student][2]}_aime2024")


def rival_tokens(rival):
    return value("o1_mini_contest_tokens") if rival == "o1_mini" else tokens_of(f"epoch_{rival}_mock_aime")


def rival_score(rival):
    return score(f"own_{rival.replace('_', '')}_aime2024")


def listed_usd(a, student):
    """Return dollars a solved problem at one host's list prices."""
    price = value(f"price_distill_{student}")
    answer = distillation.usd_per_answer(prompt_tokens(), answer_tokens(a, student), price, price)
    return distillation.usd_per_solved(answer, own_score(student))


def rival_usd(rival):
    prices = (value(f"api_{rival}_input_usd"), value(f"api_{rival}_output_usd"))
    answer = distillation.usd_per_answer(prompt_tokens(), rival_tokens(rival), *prices)
    return distillation.usd_per_solved(answer, rival_score(rival))


@result("distillation.solved_r1_list_usd", "R1's API, a solved problem of AIME 2024", "USD", digits=2)
def solved_r1_list_usd(a):
    prices = (value("api_r1_input_usd"), value("api_r1_output_usd"))
    answer = distillation.usd_per_answer(prompt_tokens(), teacher_answer_tokens(), *prices)
    return a.r1_price_factor * distillation.usd_per_solved(answer, score("own_r1_aime2024"))


def _solved_rival(rival, words):
    @result(
        f"distillation.solved_{rival}_list_usd",
        f"{words}, a solved problem of AIME 2024",
        "USD",
        kind="fixed",
        digits=2,
    )
    def solved(a):
        return rival_usd(rival)


for _name, (_, _words) in RIVALS.items():
    _solved_rival(_name, _words)


def _solved_listed(student, words):
    @result(
        f"distillation.solved_{student}_list_usd",
        f"{words} at a host, a solved problem of AIME 2024",
        "USD",
        kind="fixed" if student in COUNTED else "closed",
        digits=2,
    )
    def solved(a):
        return listed_usd(a, student)


ONE_CARD = Layout(weight_bits=8.0, expert_bits=8.0)
MOST_SEQUENCES = 512


def answer_rate(a, name, layout, output_tokens):
    """Return the output tokens per second of one H200 that writes long answers, at the API's user speed or above.

    The largest batch is taken whose caches fit at full length and that gives each user the lower speed of DeepSeek's
    own service; prompts are computed on the same GPU.
    """
    served, card, prompt = engine.model(name), engine.chip("h200"), prompt_tokens()
    fits = serving.largest_batch(served, card, layout, prompt + output_tokens)
    batch = np.arange(1.0, max(2.0, np.floor(min(fits, MOST_SEQUENCES)) + 1.0))
    ran = serving.mixed(served, card, layout, engine.efficiency(a), batch, prompt, output_tokens)
    good = 1.0 / ran.seconds_per_token >= value("day_user_speed_low")
    best = int(np.flatnonzero(good)[-1]) if good.any() else 0
    return float(ran.tokens_per_second_per_chip[best])


def own_usd(a, name, layout, tokens, right):
    rate = answer_rate(a, name, layout, tokens)
    million = serving.usd_per_million_tokens(rate, a.h200_hour_usd)
    return float(distillation.usd_per_solved(distillation.token_cost(tokens, million), right))


@result(
    "distillation.solved_r1_own_usd",
    "R1 on rented H200, a solved problem of AIME 2024",
    "USD",
    kind="numeric",
    digits=2,
)
def solved_r1_own_usd(a):
    return own_usd(a, TEACHER, engine.H200_SERVER, teacher_answer_tokens(), score("own_r1_aime2024"))


def _solved_own(student, words):
    @result(
        f"distillation.solved_{student}_own_usd",
        f"{words} on a rented H200, a solved problem of AIME 2024",
        "USD",
        kind="numeric",
        digits=2,
    )
    def solved(a):
        return own_usd(a, STUDENTS[student][0], ONE_CARD, answer_tokens(a, student), own_score(student))


for _name, (_, _words, _) in STUDENTS.items():
    _solved_listed(_name, _words)
    _solved_own(_name, _words)


def _own_ratio(student, words):
    @result(
        f"distillation.r1_over_{student}_own",
        f"R1 over {words}, dollars a solved problem on the same chips",
        "ratio",
        kind="numeric",
        digits=2,
    )
    def ratio(a):
        own = own_usd(a, STUDENTS[student][0], ONE_CARD, answer_tokens(a, student), own_score(student))
        return solved_r1_own_usd(a) / own


for _name in ("7b", "14b", "32b", "70b"):
    _own_ratio(_name, STUDENTS[_name][1])


@result(
    "distillation.r1_over_32b_small_cache",
    "R1 over Distill-Qwen 32B, the same with both caches at 8 bits",
    "ratio",
    kind="numeric",
    digits=2,
)
def r1_over_32b_small_cache(a):
    teacher = own_usd(
        a, TEACHER, engine.H200_SERVER._replace(kv_bits=8.0), teacher_answer_tokens(), score("own_r1_aime2024")
    )
    student = own_usd(a, STUDENTS["32b"][0], ONE_CARD._replace(kv_bits=8.0), answer_tokens(a, "32b"), own_score("32b"))
    return teacher / student


@result(
    "distillation.host_over_own_32b",
    "Distill-Qwen 32B: the host's price over our cost, a solved problem",
    "ratio",
    kind="numeric",
    digits=2,
)
def host_over_own_32b(a):
    return listed_usd(a, "32b") / own_usd(a, STUDENTS["32b"][0], ONE_CARD, answer_tokens(a, "32b"), own_score("32b"))


@result(
    "distillation.r1_over_32b_list",
    "R1's API over Distill-Qwen 32B at a host, dollars a solved problem",
    "ratio",
    digits=2,
)
def r1_over_32b_list(a):
    return solved_r1_list_usd(a) / listed_usd(a, "32b")


@result(
    "distillation.o1_mini_over_32b_list",
    "o1-mini over Distill-Qwen 32B at a host, dollars a solved problem",
    "ratio",
    digits=2,
)
def o1_mini_over_32b_list(a):
    return rival_usd("o1_mini") / listed_usd(a, "32b")


@result(
    "distillation.o1_over_32b_list", "o1 over Distill-Qwen 32B at a host, dollars a solved problem", "ratio", digits=2
)
def o1_over_32b_list(a):
    return rival_usd("o1") / listed_usd(a, "32b")


# Distillation against reinforcement learning


def _against_rl(test, words):
    @result(
        f"distillation.rl_gap_{test}",
        f"32B, distilled minus reinforcement learning alone, {words}",
        "point",
        kind="fixed",
        digits=2,
    )
    def gap(a):
        return 100.0 * (score(f"own_distill_qwen32b_{test}") - score(f"own_rl32b_{test}"))


for _test, _words in TESTS.items():
    _against_rl(_test, _words)


@result(
    "distillation.rl_on_top_gain",
    "AIME 2024, reinforcement learning on top of the distilled 1.5B model",
    "point",
    kind="fixed",
)
def rl_on_top_gain(a):
    return 100.0 * (score("deepscaler_aime2024") - score("deepscaler_start_aime2024"))


# The architecture


@result(
    "distillation.active_share",
    "R1: share of its weights that a token passes through",
    "fraction",
    kind="fixed",
    digits=2,
)
def active_share(a):
    return shape(TEACHER).active_parameters / shape(TEACHER).total_parameters


@result("distillation.routed_experts", "R1: routed experts in a layer", "count", kind="fixed")
def routed_experts(a):
    return float(shape(TEACHER).experts)
