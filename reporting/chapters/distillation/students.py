"""Results of the chapter on distillation: what the students keep and what a right answer costs (C11, C23)."""

import itertools
from operator import attrgetter

import numpy as np

from analysis import distillation, serving, statistics, token_costs
from analysis.serving import Layout
from reporting.cases.benchmarks import answer_tokens as run_tokens
from reporting.cases.benchmarks import answer_usd, list_prices, points, score
from reporting.cases.hardware import H200_SERVER, chip, efficiency
from reporting.cases.models import DISTILLED as STUDENTS
from reporting.cases.models import R1, architecture, model
from reporting.core.results import Chapter, product
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

TESTS = {"aime2024": "AIME 2024", "math500": "MATH-500", "gpqa": "GPQA Diamond", "livecodebench": "LiveCodeBench"}


# What the students keep


def share_of(student_run, teacher_run):
    """Return a student's score in one run as a share of the teacher's in another."""
    return distillation.retention(score(student_run), score(teacher_run))


def kept(student, test):
    return share_of(f"own_distill_{STUDENTS[student].run}_{test}", f"own_r1_{test}")


@result.each(STUDENTS, "retention_{}", "{.name}: share of R1's score, mean of four tests", "fraction", digits=2)
def retention(student):
    return np.mean([kept(student, test) for test in TESTS])


@result.each(TESTS, "retention_32b_{}", "Distill-Qwen 32B: share of R1's score, {}", "fraction", digits=2)
def retention_32b(test):
    return kept("32b", test)


per_student = result.together(STUDENTS)


@per_student("compute_{}", "{.name}: weights a token is multiplied with, over R1's", "fraction", digits=2)
def compute(student):
    return architecture(STUDENTS[student].config).matmul_parameters / architecture(R1).matmul_parameters


@per_student("weights_{}", "{.name}: weights to be held at equal precision, over R1's", "fraction", digits=2)
def weights(student):
    return architecture(STUDENTS[student].config).total_parameters / architecture(R1).total_parameters


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
    return [
        tuple(facts.row("benchmarks", f"{run}_{STUDENTS[student].run}_{test}") for run in (other, "own_distill"))
        for other, (ran, tests) in RERUNS.items()
        for student, test in itertools.product(ran, tests)
    ]


def rerun_gaps(end=""):
    """Return independent minus makers' scores in points, of the runs whose id has an end."""
    return [100.0 * (run["score"] - own["score"]) for run, own in reruns() if run["id"].endswith(end)]


@result("Independent scores of the distilled models", "count", digits=2)
def rerun_count():
    return len(reruns())


@result("Independent minus makers' scores, median", "point", digits=1)
def rerun_gap():
    return np.median(rerun_gaps())


@result("Independent scores within three points of the makers'", "fraction", digits=2)
def rerun_within():
    return np.mean(np.abs(rerun_gaps()) <= 3.0)


@result("Independent minus makers' scores, the lowest", "point")
def rerun_worst():
    return min(rerun_gaps())


@result("The same on AIME 2024 alone, median", "point", digits=2)
def rerun_aime_gap():
    return np.median(rerun_gaps("aime2024"))


result.rows(
    {
        "rerun_70b_retention": (
            "Distill-Llama 70B over R1 on the mock AIME, both run by Epoch AI",
            "epoch_llama70b_mock_aime",
            "epoch_r1_mock_aime",
        ),
        "rerun_70b_gpqa_retention": (
            "Distill-Llama 70B over R1 on GPQA Diamond, both run by Epoch AI",
            "epoch_llama70b_gpqa",
            "epoch_r1_gpqa",
        ),
    },
    "fraction",
    digits=2,
)(share_of)


# The harder the test

#: NVIDIA's runs, easiest for the teacher first.
LADDER = {"aime2024": "AIME 2024", "aime2025": "AIME 2025", "hmmt": "HMMT", "hle": "Humanity's Last Exam, maths"}
LADDER_STUDENTS = {"1_5b": "qwen1_5b", "7b": "qwen7b", "14b": "qwen14b", "32b": "qwen32b"}
LATER_STUDENTS = {"1_5b": "nemotron1_5b", "7b": "nemotron7b", "14b": "nemotron14b", "32b": "nemotron32b"}


def ladder(model):
    """Return a model's share of R1's score on each rung of NVIDIA's ladder."""
    return [share_of(f"nvidia_{model}_{test}", f"nvidia_r1_{test}") for test in LADDER]


@result.each(
    product({name: STUDENTS[name] for name in LADDER_STUDENTS}, {test: LADDER[test] for test in ("aime2024", "hle")}),
    "rung_{}_{}",
    "{0.name}: share of R1's score, {1}, NVIDIA's runs",
    "fraction",
    digits=2,
)
def rung(student, test):
    return ladder(LADDER_STUDENTS[student])[list(LADDER).index(test)]


def even_on_hardest(model):
    """Return what a model would keep of R1's score on the hardest test, fallen behind as on the other three."""
    *easier, hardest = [score(f"nvidia_r1_{test}") for test in LADDER]
    student = [score(f"nvidia_{model}_{test}") for test in LADDER]
    return distillation.retention_at_gap(student[:-1], easier, hardest)


@result(
    "Distill-Qwen 32B: share of R1's score on the hardest test, if it fell behind as on the other three",
    "fraction",
    digits=2,
)
def rung_32b_hle_even():
    return even_on_hardest("qwen32b")


@result("Distilled Qwen models, of four, that keep less than that on the hardest test", "count", digits=1)
def rungs_below_even():
    return sum(ladder(model)[-1] < even_on_hardest(model) for model in LADDER_STUDENTS.values())


def ladder_slope(rungs=None):
    """Return the slope of the 32B's retention over R1's score on the first rungs of the ladder."""
    teacher = [100.0 * score(f"nvidia_r1_{test}") for test in LADDER]
    return statistics.line(teacher[:rungs], [100.0 * share for share in ladder("qwen32b")][:rungs])


@result.rows(
    {
        "ladder_slope": (
            "Distill-Qwen 32B: points of retention lost where R1 scores ten points lower",
            attrgetter("slope"),
        ),
        "ladder_slope_low": ("… low end of the 95% interval, four tests", attrgetter("low")),
        "ladder_slope_high": ("… high end of the 95% interval", attrgetter("high")),
    },
    "point",
    digits=2,
)
def lost_at_ten_points(part):
    return 10.0 * part(ladder_slope())


@result.each(
    {name: name.replace("_", ".").upper() for name in LATER_STUDENTS},
    "later_{}",
    "OpenMath-Nemotron {}: share of R1's score, mean of four contests, NVIDIA's runs",
    "fraction",
    digits=2,
)
def later(student):
    return np.mean(ladder(LATER_STUDENTS[student]))


@result.rows(
    {
        "ladder_32b": ("Distill-Qwen 32B: share of R1's score, mean of the same four", "qwen32b"),
        "ladder_14b": ("Distill-Qwen 14B: share of R1's score, mean of the same four", "qwen14b"),
    },
    "fraction",
    digits=2,
)
def ladder_mean(model):
    return np.mean(ladder(model))


@result.each(
    product({name: STUDENTS[name] for name in ("1_5b", "7b", "32b")}, ("easy", "hard")),
    "geometry_{}_{}",
    "{0.name}: share of R1's score, drawing programs, {1}",
    "fraction",
    digits=2,
)
def geometry(student, level):
    return share_of(f"geogram_{STUDENTS[student].run}_{level}", f"geogram_r1_{level}")


@result("phi-4 over GPT-4o, on whose texts it was trained, GPQA", "ratio", digits=3)
def phi4_over_teacher():
    return value("phi4_gpqa") / value("phi4_teacher_gpqa")


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
    return run_tokens(ANSWER_PROMPT)


def answer_tokens(a, student):
    """Return the tokens of a student's answer to a contest problem."""
    if student in COUNTED:
        return run_tokens(COUNTED[student])
    return a.student_tokens * teacher_answer_tokens()


def own_score(student):
    return score(f"own_distill_{STUDENTS[student].run}_aime2024")


def rival_tokens(rival):
    return value("o1_mini_contest_tokens") if rival == "o1_mini" else run_tokens(f"epoch_{rival}_mock_aime")


def rival_score(rival):
    return score(f"own_{rival.replace('_', '')}_aime2024")


@result("R1's API, a solved problem of AIME 2024", "USD", digits=2)
def solved_r1_list_usd(a):
    return a.r1_price_factor * token_costs.usd_per_solved(answer_usd(ANSWER_PROMPT, "r1"), score("own_r1_aime2024"))


@result.each(RIVALS, "solved_{}_list_usd", "{1}, a solved problem of AIME 2024", "USD", digits=2)
def rival_usd(rival):
    answer = token_costs.answer_usd(prompt_tokens(), rival_tokens(rival), *list_prices(rival))
    return token_costs.usd_per_solved(answer, rival_score(rival))


ONE_CARD = Layout(weight_bits=8.0, expert_bits=8.0)
MOST_SEQUENCES = 512


def answer_rate(a, name, layout, output_tokens):
    """Return the output tokens per second of one H200 that writes long answers, at the API's user speed or above.

    The largest batch is taken whose caches fit at full length and that gives each user the lower speed of DeepSeek's
    own service; prompts are computed on the same GPU.
    """
    served, card, prompt = model(name), chip("h200"), prompt_tokens()
    fits = serving.largest_batch(served, card, layout, prompt + output_tokens)
    batch = np.arange(1.0, max(2.0, np.floor(min(fits, MOST_SEQUENCES)) + 1.0))
    ran = serving.mixed(served, card, layout, efficiency(a), batch, prompt, output_tokens)
    good = 1.0 / ran.seconds_per_token >= value("day_user_speed_low")
    best = int(np.flatnonzero(good)[-1]) if good.any() else 0
    return float(ran.tokens_per_second_per_chip[best])


def own_usd(a, name, layout, tokens, right):
    rate = answer_rate(a, name, layout, tokens)
    million = serving.usd_per_million_tokens(rate, a.h200_hour_usd)
    return float(token_costs.usd_per_solved(token_costs.usd(tokens, million), right))


@result("R1 on rented H200, a solved problem of AIME 2024", "USD", "numeric", digits=2)
def solved_r1_own_usd(a, layout=H200_SERVER):
    return own_usd(a, R1, layout, teacher_answer_tokens(), score("own_r1_aime2024"))


solved = result.together(STUDENTS)


@solved("solved_{}_list_usd", "{.name} at a host, a solved problem of AIME 2024", "USD", digits=2, fixed=COUNTED)
def listed_usd(a, student):
    """Return dollars a solved problem at one host's list prices."""
    price = value(f"price_distill_{student}")
    answer = token_costs.answer_usd(prompt_tokens(), answer_tokens(a, student), price, price)
    return token_costs.usd_per_solved(answer, own_score(student))


@solved("solved_{}_own_usd", "{.name} on a rented H200, a solved problem of AIME 2024", "USD", "numeric", digits=2)
def solved_own_usd(a, student, layout=ONE_CARD):
    return own_usd(a, STUDENTS[student].config, layout, answer_tokens(a, student), own_score(student))


@result.each(
    {name: STUDENTS[name] for name in ("7b", "14b", "32b", "70b")},
    "r1_over_{}_own",
    "R1 over {.name}, dollars a solved problem on the same chips",
    "ratio",
    "numeric",
    digits=2,
)
def r1_over_own(a, student):
    return solved_r1_own_usd(a) / solved_own_usd(a, student)


@result("R1 over Distill-Qwen 32B, the same with both caches at 8 bits", "ratio", "numeric", digits=2)
def r1_over_32b_small_cache(a):
    teacher = solved_r1_own_usd(a, H200_SERVER._replace(kv_bits=8.0))
    return teacher / solved_own_usd(a, "32b", ONE_CARD._replace(kv_bits=8.0))


@result("Distill-Qwen 32B: the host's price over our cost, a solved problem", "ratio", "numeric", digits=2)
def host_over_own_32b(a):
    return listed_usd(a, "32b") / solved_own_usd(a, "32b")


@result("R1's API over Distill-Qwen 32B at a host, dollars a solved problem", "ratio", digits=2)
def r1_over_32b_list(a):
    return solved_r1_list_usd(a) / listed_usd(a, "32b")


@result.rows(
    {
        "o1_mini_over_32b_list": ("o1-mini over Distill-Qwen 32B at a host, dollars a solved problem", "o1_mini"),
        "o1_over_32b_list": ("o1 over Distill-Qwen 32B at a host, dollars a solved problem", "o1"),
    },
    "ratio",
    digits=2,
)
def rival_over_32b(a, rival):
    return rival_usd(rival) / listed_usd(a, "32b")


# Distillation against reinforcement learning


@result.each(TESTS, "rl_gap_{}", "32B, distilled minus reinforcement learning alone, {}", "point", digits=2)
def rl_gap(test):
    return points(f"own_distill_qwen32b_{test}", f"own_rl32b_{test}")


@result("AIME 2024, reinforcement learning on top of the distilled 1.5B model", "point")
def rl_on_top_gain():
    return points("deepscaler_aime2024", "deepscaler_start_aime2024")


# The architecture


@result("R1: share of its weights that a token passes through", "fraction", digits=2)
def active_share():
    return architecture(R1).active_parameters / architecture(R1).total_parameters


@result("R1: routed experts in a layer", "count")
def routed_experts():
    return architecture(R1).experts
