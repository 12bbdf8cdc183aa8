"""Results of the chapter on distillation (C04-C06, C08, C11, C23)."""

from functools import cache

import numpy as np

from analysis import architecture, distillation, facts, memory, self_improvement, serving, training
from analysis.results import cost_claims, result
from analysis.results import efficiency_serving as engine
from analysis.self_improvement import Loop
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


def peak(chip):
    return facts.row("chips", chip)["bf16_flops"]


# What the students keep


def kept(student, test):
    return distillation.retention(score(f"own_distill_{STUDENTS[student][2]}_{test}"), score(f"own_r1_{test}"))


def _retention(student, words):
    @result(f"distillation.retention_{student}", f"{words}: share of R1's score, mean of four tests", "fraction",
            kind="fixed", digits=2)  # fmt: skip
    def retention(a):
        return float(np.mean([kept(student, test) for test in TESTS]))


def _retention_32b(test, words):
    @result(f"distillation.retention_32b_{test}", f"Distill-Qwen 32B: share of R1's score, {words}", "fraction",
            kind="fixed", digits=2)  # fmt: skip
    def retention(a):
        return kept("32b", test)


for _name, (_, _words, _) in STUDENTS.items():
    _retention(_name, _words)
for _test, _words in TESTS.items():
    _retention_32b(_test, _words)


def _compute(student, words):
    @result(f"distillation.compute_{student}", f"{words}: weights a token is multiplied with, over R1's", "fraction",
            kind="fixed", digits=2)  # fmt: skip
    def compute(a):
        return shape(STUDENTS[student][0]).matmul_parameters / shape(TEACHER).matmul_parameters


def _weights(student, words):
    @result(f"distillation.weights_{student}", f"{words}: weights to be held at equal precision, over R1's", "fraction",
            kind="fixed", digits=2)  # fmt: skip
    def weights(a):
        return shape(STUDENTS[student][0]).total_parameters / shape(TEACHER).total_parameters


for _name, (_, _words, _) in STUDENTS.items():
    _compute(_name, _words)
    _weights(_name, _words)


# The same tests run by others


def reruns():
    """Return each independent run of a distilled model with the makers' figure for the same test: two rows each."""
    pairs = []
    for row in facts.rows("benchmarks", who="independent"):
        run, _, rest = row["id"].partition("_")
        if run not in ("openr1", "evalhub", "bespoke", "evalchemy", "epoch"):
            continue
        rest = rest.removeprefix("vllm_").removeprefix("sglang_")
        student, _, test = rest.rpartition("_")
        if student in {names[2] for names in STUDENTS.values()} and test in TESTS:
            pairs.append((row, facts.row("benchmarks", f"own_distill_{student}_{test}")))
    return pairs


def rerun_gaps(start=""):
    return [100.0 * (run["score"] - own["score"]) for run, own in reruns() if run["id"].startswith(start)]


@result("distillation.rerun_count", "Independent scores of the distilled models", "count", kind="fixed", digits=2)
def rerun_count(a):
    return float(len(reruns()))


@result("distillation.rerun_gap", "Independent minus makers' scores, median", "point", kind="fixed", digits=1)
def rerun_gap(a):
    return float(np.median(rerun_gaps()))


@result("distillation.rerun_within", "Independent scores within three points of the makers'", "fraction", kind="fixed",
        digits=2)  # fmt: skip
def rerun_within(a):
    return float(np.mean(np.abs(rerun_gaps()) <= 3.0))


@result("distillation.rerun_worst", "Independent minus makers' scores, the lowest", "point", kind="fixed")
def rerun_worst(a):
    return float(min(rerun_gaps()))


@result("distillation.rerun_aime_gap", "The same on AIME 2024 alone, median", "point", kind="fixed", digits=2)
def rerun_aime_gap(a):
    return float(np.median([100 * (r["score"] - o["score"]) for r, o in reruns() if r["id"].endswith("aime2024")]))


@result("distillation.rerun_70b_retention", "Distill-Llama 70B over R1 on the mock AIME, both run by Epoch AI",
        "fraction", kind="fixed", digits=2)  # fmt: skip
def rerun_70b_retention(a):
    return distillation.retention(score("epoch_llama70b_mock_aime"), score("epoch_r1_mock_aime"))


@result("distillation.rerun_70b_gpqa_retention", "Distill-Llama 70B over R1 on GPQA Diamond, both run by Epoch AI",
        "fraction", kind="fixed", digits=2)  # fmt: skip
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
    @result(f"distillation.rung_{student}_{test}", f"{STUDENTS[student][1]}: share of R1's score, {words}, NVIDIA's runs",
            "fraction", kind="fixed", digits=2)  # fmt: skip
    def rung(a):
        return ladder(LADDER_STUDENTS[student])[list(LADDER).index(test)]


for _name in LADDER_STUDENTS:
    for _test in ("aime2024", "hle"):
        _rung(_name, _test, LADDER[_test])


def ladder_slope(a=None):
    teacher = [100.0 * score(f"nvidia_r1_{test}") for test in LADDER]
    return distillation.slope(teacher, [100.0 * share for share in ladder("qwen32b")])


@result("distillation.ladder_slope", "Distill-Qwen 32B: points of retention lost where R1 scores ten points lower",
        "point", kind="fixed", digits=2)  # fmt: skip
def ladder_slope_32b(a):
    return 10.0 * ladder_slope().slope


@result("distillation.ladder_slope_low", "… low end of the 95% interval, four tests", "point", kind="fixed", digits=2)
def ladder_slope_low(a):
    return 10.0 * ladder_slope().low


@result("distillation.ladder_slope_high", "… high end of the 95% interval", "point", kind="fixed", digits=2)
def ladder_slope_high(a):
    return 10.0 * ladder_slope().high


def _later(student):
    @result(f"distillation.later_{student}", f"OpenMath-Nemotron {student.replace('_', '.').upper()}: share of R1's score, mean of "
            "four contests, NVIDIA's runs", "fraction", kind="fixed", digits=2)  # fmt: skip
    def later(a):
        return float(np.mean(ladder(LATER_STUDENTS[student])))


for _name in LATER_STUDENTS:
    _later(_name)


@result("distillation.ladder_32b", "Distill-Qwen 32B: share of R1's score, mean of the same four", "fraction", kind="fixed",
        digits=2)  # fmt: skip
def ladder_32b(a):
    return float(np.mean(ladder("qwen32b")))


def _geometry(student, level):
    @result(f"distillation.geometry_{student}_{level}", f"{STUDENTS[student][1]}: share of R1's score, drawing programs, {level}",
            "fraction", kind="fixed", digits=2)  # fmt: skip
    def geometry(a):
        return distillation.retention(score(f"geogram_{STUDENTS[student][2]}_{level}"), score(f"geogram_r1_{level}"))


for _name in ("1_5b", "7b", "32b"):
    for _level in ("easy", "hard"):
        _geometry(_name, _level)


# Dollars a solved problem: contest mathematics

ANSWER_PROMPT = "epoch_r1_mock_aime"
#: Students whose answers somebody counted on AIME 2024; the 8B model is given the 7B's count.
COUNTED = {"1_5b": "dler_qwen1_5b_aime2024", "7b": "dler_qwen7b_aime2024", "8b": "dler_qwen7b_aime2024"}
RIVALS = {"o1": ("o1", "o1"), "o1_mini": ("o1_mini", "o1-mini"), "gpt4o": ("gpt4o", "GPT-4o"), "sonnet": ("sonnet", "Claude 3.5 Sonnet")}


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
    @result(f"distillation.solved_{rival}_list_usd", f"{words}, a solved problem of AIME 2024", "USD", kind="fixed", digits=2)
    def solved(a):
        return rival_usd(rival)


for _name, (_, _words) in RIVALS.items():
    _solved_rival(_name, _words)


def _solved_listed(student, words):
    @result(f"distillation.solved_{student}_list_usd", f"{words} at a host, a solved problem of AIME 2024", "USD",
            kind="fixed" if student in COUNTED else "closed", digits=2)  # fmt: skip
    def solved(a):
        return listed_usd(a, student)


ONE_CARD = Layout(weight_bits=8.0, expert_bits=8.0)
MOST_SEQUENCES = 512


def answer_rate(a, name, layout, output_tokens):
    """Return the output tokens per second of one H200 that writes long answers, at the API's user speed or above.

    The largest batch is taken whose caches fit at full length and that gives each user the lower speed of DeepSeek's own
    service; prompts are computed on the same GPU.
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


@result("distillation.solved_r1_own_usd", "R1 on rented H200, a solved problem of AIME 2024", "USD", kind="numeric", digits=2)
def solved_r1_own_usd(a):
    return own_usd(a, TEACHER, engine.H200_SERVER, teacher_answer_tokens(), score("own_r1_aime2024"))


def _solved_own(student, words):
    @result(f"distillation.solved_{student}_own_usd", f"{words} on a rented H200, a solved problem of AIME 2024", "USD",
            kind="numeric", digits=2)  # fmt: skip
    def solved(a):
        return own_usd(a, STUDENTS[student][0], ONE_CARD, answer_tokens(a, student), own_score(student))


for _name, (_, _words, _) in STUDENTS.items():
    _solved_listed(_name, _words)
    _solved_own(_name, _words)


def _own_ratio(student, words):
    @result(f"distillation.r1_over_{student}_own", f"R1 over {words}, dollars a solved problem on the same chips", "ratio",
            kind="numeric", digits=2)  # fmt: skip
    def ratio(a):
        own = own_usd(a, STUDENTS[student][0], ONE_CARD, answer_tokens(a, student), own_score(student))
        return solved_r1_own_usd(a) / own


for _name in ("7b", "14b", "32b", "70b"):
    _own_ratio(_name, STUDENTS[_name][1])


@result("distillation.r1_over_32b_list", "R1's API over Distill-Qwen 32B at a host, dollars a solved problem", "ratio", digits=2)
def r1_over_32b_list(a):
    return solved_r1_list_usd(a) / listed_usd(a, "32b")


@result("distillation.o1_mini_over_32b_list", "o1-mini over Distill-Qwen 32B at a host, dollars a solved problem", "ratio",
        digits=2)  # fmt: skip
def o1_mini_over_32b_list(a):
    return rival_usd("o1_mini") / listed_usd(a, "32b")


@result("distillation.o1_over_32b_list", "o1 over Distill-Qwen 32B at a host, dollars a solved problem", "ratio", digits=2)
def o1_over_32b_list(a):
    return rival_usd("o1") / listed_usd(a, "32b")


# Distillation against reinforcement learning


def _against_rl(test, words):
    @result(f"distillation.rl_gap_{test}", f"32B, distilled minus reinforcement learning alone, {words}", "point", kind="fixed",
            digits=2)  # fmt: skip
    def gap(a):
        return 100.0 * (score(f"own_distill_qwen32b_{test}") - score(f"own_rl32b_{test}"))


for _test, _words in TESTS.items():
    _against_rl(_test, _words)


@result("distillation.rl_on_top_gain", "AIME 2024, reinforcement learning on top of the distilled 1.5B model", "point",
        kind="fixed")  # fmt: skip
def rl_on_top_gain(a):
    return 100.0 * (score("deepscaler_aime2024") - score("deepscaler_start_aime2024"))


@result("distillation.rl_learned_share", "Known steps of reinforcement learning with a learned reward", "fraction",
        kind="fixed", digits=2)  # fmt: skip
def rl_learned_share(a):
    return value("r1_preference_steps") / (value("r1_zero_steps") + value("r1_second_rl_steps"))


# The bill: the teacher's answers

DOMAINS = ("math", "code", "stem", "logic", "general")


@result("distillation.kept_tokens", "Tokens of the 800,000 answers", "token", kind="fixed")
def kept_tokens(a):
    return sum(value(f"r1_sft_{domain}_samples") * value(f"r1_sft_{domain}_tokens") for domain in DOMAINS)


@result("distillation.checked_share", "Answers in fields that rules can check, of all samples", "fraction", kind="fixed", digits=2)
def checked_share(a):
    return 1.0 - value("r1_sft_general_samples") / value("r1_sft_samples")


@result("distillation.checked_token_share", "… of all tokens", "fraction", kind="fixed", digits=2)
def checked_token_share(a):
    return 1.0 - value("r1_sft_general_samples") * value("r1_sft_general_tokens") / kept_tokens(a)


@result("distillation.rl_questions", "Questions with a checkable answer behind R1's reinforcement learning", "count",
        kind="fixed", digits=2)  # fmt: skip
def rl_questions(a):
    return sum(value(f"r1_rl_{kind}_questions") for kind in ("math", "code", "bug", "stem", "logic"))


@result("distillation.written_tokens", "Tokens that the teacher writes for them", "token")
def written_tokens(a):
    return distillation.written_tokens(1.0, kept_tokens(a), a.teacher_acceptance)


def service_rate():
    """Return the output tokens per second of one H800 in DeepSeek's own service."""
    return value("day_decode_node_rate") / value("deepseek_service_gpus_per_node")


@result("distillation.teacher_hours", "GPU-hours of writing them at the speed of DeepSeek's service", "GPU-hour", digits=2)
def teacher_hours(a):
    return distillation.writing_gpu_hours(written_tokens(a), service_rate())


@result("distillation.teacher_acceptance_disclosed", "Share kept, if all of the disclosed 5,000 hours wrote at that speed",
        "fraction", kind="fixed", digits=2)  # fmt: skip
def teacher_acceptance_disclosed(a):
    return distillation.writing_gpu_hours(kept_tokens(a), service_rate()) / value("r1_sft_data_gpu_hours")


@result("distillation.teacher_own_usd", "The teacher's answers, own teacher at the speed of DeepSeek's service", "USD", digits=2)
def teacher_own_usd(a):
    return training.run_cost(teacher_hours(a), a.gpu_hour_usd)


def open_pace():
    """Return the answers that one H100 of Open R1 wrote in an hour."""
    return value("open_r1_traces_per_day") / 24.0 / value("open_r1_gpus")


@result("distillation.open_pace_tokens", "Open R1's teacher, output of a GPU", "token/s", kind="fixed", digits=2)
def open_pace_tokens(a):
    return open_pace() * value("openthoughts_trace_tokens") / 3600.0


@result("distillation.open_pace_gap", "DeepSeek's service over Open R1's teacher, output of a GPU", "ratio", kind="fixed", digits=2)
def open_pace_gap(a):
    return service_rate() / open_pace_tokens(a)


@result("distillation.teacher_open_usd", "The teacher's answers, own teacher at Open R1's pace", "USD", digits=2)
def teacher_open_usd(a):
    return training.run_cost(distillation.writing_gpu_hours(written_tokens(a), open_pace_tokens(a)), a.cloud_h100_hour_usd)


@result("distillation.teacher_api_usd", "The teacher's answers, R1's API in January 2025", "USD", digits=2)
def teacher_api_usd(a):
    return a.r1_price_factor * distillation.token_cost(written_tokens(a), value("api_r1_output_usd"))


@result("distillation.teacher_today_usd", "The teacher's answers, a DeepSeek API of November 2026", "USD", digits=2)
def teacher_today_usd(a):
    return distillation.token_cost(written_tokens(a), value("price_v4_flash_output_2026_08"))


@result("distillation.teacher_o1_usd", "As many tokens at o1's price", "USD", digits=2)
def teacher_o1_usd(a):
    return distillation.token_cost(written_tokens(a), value("api_o1_output_usd"))


@result("distillation.teacher_gpt4o_usd", "As many tokens at GPT-4o's price", "USD", digits=2)
def teacher_gpt4o_usd(a):
    return distillation.token_cost(written_tokens(a), value("api_gpt4o_output_usd"))


@result("distillation.open_over_api", "Own teacher at Open R1's pace over R1's API", "ratio", digits=2)
def open_over_api(a):
    return teacher_open_usd(a) / teacher_api_usd(a)


@result("distillation.stratos_acceptance", "Share of paid answers that Bespoke-Stratos kept", "fraction", digits=2)
def stratos_acceptance(a):
    bought = value("stratos_data_usd") / (a.r1_price_factor * value("api_r1_output_usd")) * 1e6
    return facts.row("replications", "stratos_32b")["answers"] * a.trace_tokens / bought


@result("distillation.anthropic_share", "Exchanges that Anthropic lays to DeepSeek, over R1's fine-tuning samples", "fraction",
        kind="fixed", digits=2)  # fmt: skip
def anthropic_share(a):
    return value("anthropic_deepseek_exchanges") / value("r1_sft_samples")


# The bill: the student


def per_token(name, tokens):
    """Return the training FLOP of a token in a sequence of some length."""
    return training.model_flops_per_token(shape(name), tokens)


def student_flop(a, student):
    mean = kept_tokens(a) / value("r1_sft_samples")
    return distillation.finetuning_flops(per_token(STUDENTS[student][0], mean), value("r1_sft_samples"), mean, a.distill_epochs)


def student_hours(a, student):
    return training.gpu_hours(student_flop(a, student), value("h800_bf16_flops"), a.finetune_mfu)


def _student(student, words):
    @result(f"distillation.flop_{student}", f"{words}: compute of its distillation", "FLOP", digits=2)
    def flop(a):
        return student_flop(a, student)

    @result(f"distillation.student_hours_{student}", f"{words}: H800-hours of its distillation", "GPU-hour", digits=2)
    def hours(a):
        return student_hours(a, student)

    @result(f"distillation.student_usd_{student}", f"{words}: rent of those hours", "USD", digits=2)
    def usd(a):
        return training.run_cost(student_hours(a, student), a.gpu_hour_usd)


for _name, (_, _words, _) in STUDENTS.items():
    _student(_name, _words)


def state_gb(student):
    return sum(memory.training_state_bytes(shape(STUDENTS[student][0]), memory.BF16_RECIPE).values()) / 1e9


@result("distillation.state_32b_gb", "32B student in training: weights, gradients and optimiser", "GB", kind="fixed")
def state_32b_gb(a):
    return state_gb("32b")


@result("distillation.state_32b_gpus", "H800 that hold it, activations apart", "GPU", kind="fixed", digits=1)
def state_32b_gpus(a):
    return float(np.ceil(state_gb("32b") * 1e9 / facts.row("chips", "h800")["mem_bytes"]))


@result("distillation.state_7b_gpus", "H800 that hold a 7B student in training, activations apart", "GPU", kind="fixed", digits=1)
def state_7b_gpus(a):
    return float(np.ceil(state_gb("7b") * 1e9 / facts.row("chips", "h800")["mem_bytes"]))


@result("distillation.bill_own_usd", "Distilling R1 into the 32B model, own teacher", "USD", digits=2)
def bill_own_usd(a):
    return teacher_own_usd(a) + training.run_cost(student_hours(a, "32b"), a.gpu_hour_usd)


@result("distillation.bill_api_usd", "Distilling R1 into the 32B model, R1's API in January 2025", "USD", digits=2)
def bill_api_usd(a):
    return teacher_api_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


@result("distillation.bill_today_usd", "Distilling into the 32B model, a DeepSeek API of November 2026", "USD", digits=2)
def bill_today_usd(a):
    return teacher_today_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


@result("distillation.bill_open_usd", "Distilling R1 into the 32B model, own teacher at Open R1's pace", "USD", digits=2)
def bill_open_usd(a):
    return teacher_open_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


# Imitator and pioneer


@result("distillation.imitator_share", "A bought distillation into the 32B model, over the runs of V3 and R1", "fraction", digits=2)
def imitator_share(a):
    return bill_api_usd(a) / cost_claims.v3_r1_usd(a)


@result("distillation.imitator_over_r1", "The same over R1's own stages", "fraction", digits=2)
def imitator_over_r1(a):
    return bill_api_usd(a) / cost_claims.r1_rl_usd(a)


@result("distillation.base_flop", "Pre-training of Qwen2.5-32B, at most", "FLOP", kind="fixed")
def base_flop(a):
    return training.dense_flops(shape("qwen2.5-32b").matmul_parameters, value("qwen25_pretraining_tokens"))


@result("distillation.base_over_v3", "… over the pre-training of V3", "ratio", kind="fixed", digits=2)
def base_over_v3(a):
    return base_flop(a) / cost_claims.v3_flop_6nd(a)


@result("distillation.imitator_with_base_share", "The imitator who trains his own base as well, over the runs of V3 and R1",
        "fraction", digits=2)  # fmt: skip
def imitator_with_base_share(a):
    base = training.run_cost(training.gpu_hours(base_flop(a), value("h800_bf16_flops"), a.training_mfu), a.gpu_hour_usd)
    return (base + bill_api_usd(a)) / cost_claims.v3_r1_usd(a)


@result("distillation.imitator_over_programme", "A bought distillation, over the programme behind V3 and R1", "fraction", digits=2)
def imitator_over_programme(a):
    return bill_api_usd(a) / cost_claims.programme_usd(a)


# Replications: predicted and published hours

RUNS = (
    "sky_t1", "stratos_32b", "s1_32b", "s1_59k", "openthinker_7b", "openthinker_32b", "open_r1_distill_7b", "open_r1_data",
    "deepscaler", "tinyzero_3b", "r1_zero",
)  # fmt: skip
#: Fine-tuning runs whose hours were published.
FINETUNED = ("sky_t1", "stratos_32b", "s1_32b", "s1_59k", "openthinker_7b", "openthinker_32b")
#: TinyZero's 3B model, whose configuration is not among the project's.
TINYZERO_PARAMETERS = 3e9


def answer_length(a, identifier):
    """Return the tokens of an answer in a replication: as published, else the assumption of its kind."""
    if identifier == "r1_zero":
        return r1_zero_answer_tokens(a)
    if identifier == "deepscaler":
        return a.rl_rollout_tokens
    if identifier == "open_r1_data":
        return value("openthoughts_trace_tokens")
    stated = facts.row("replications", identifier)["tokens"]
    return a.trace_tokens if stated is None else stated


def run_flop(a, identifier):
    """Return the compute of a replication."""
    row, tokens = facts.row("replications", identifier), answer_length(a, identifier)
    if identifier == "tinyzero_3b":
        one = training.dense_flops(TINYZERO_PARAMETERS, 1.0)
        written = row["answers"] * tokens
        # PPO: a critic as large as the policy scores once more and is trained too.
        return distillation.reinforcement_flops(one, written, 3.0) + one * written
    one = per_token(row["model"], tokens)
    if row["kind"] == "reinforcement":
        return distillation.reinforcement_flops(one, row["answers"] * tokens)
    return distillation.finetuning_flops(one, row["answers"], tokens, row["epochs"])


def run_hours(a, identifier):
    """Return the predicted GPU-hours of a replication."""
    row = facts.row("replications", identifier)
    if row["kind"] == "teacher":
        return distillation.writing_gpu_hours(row["answers"] * answer_length(a, identifier), service_rate())
    used = a.rl_utilisation if row["kind"] == "reinforcement" else a.finetune_mfu
    return training.gpu_hours(run_flop(a, identifier), peak(row["gpu"]), used)


def run_utilisation(a, identifier):
    row = facts.row("replications", identifier)
    return training.mfu(run_flop(a, identifier), row["gpu_hours"], peak(row["gpu"]))


def _run(identifier):
    row = facts.row("replications", identifier)
    fixed = row["kind"] == "teacher"
    where = f"{row['gpu'].upper()}-hours predicted"

    @result(f"distillation.hours_{identifier}", f"{row['run']}: {where}", "GPU-hour",
            kind="fixed" if fixed else "closed", digits=2)  # fmt: skip
    def hours(a):
        return run_hours(a, identifier)

    if row["gpu_hours"] is not None:

        @result(f"distillation.ratio_{identifier}", f"{row['run']}: predicted over published hours", "ratio",
                kind="fixed" if fixed else "closed", digits=2)  # fmt: skip
        def ratio(a):
            return run_hours(a, identifier) / facts.row("replications", identifier)["gpu_hours"]

        if not fixed:
            read_free = row["kind"] == "fine-tuning" and row["tokens"] is not None

            @result(f"distillation.used_{identifier}", f"{row['run']}: utilisation that its hours imply", "fraction",
                    kind="fixed" if read_free else "closed", digits=2)  # fmt: skip
            def used(a):
                return run_utilisation(a, identifier)


for _name in RUNS:
    _run(_name)


@result("distillation.leave_one_out", "Typical factor by which the other replications miss one's hours", "ratio", digits=2)
def leave_one_out(a):
    return np.exp(np.median(np.abs(left_out(a)), axis=0))


@result("distillation.leave_one_out_worst", "… the worst of the six", "ratio", digits=2)
def leave_one_out_worst(a):
    return np.exp(np.max(np.abs(left_out(a)), axis=0))


def left_out(a):
    """Return for each fine-tuning run the logarithm of its utilisation over the others' geometric mean."""
    logs = np.stack([np.log(np.asarray(run_utilisation(a, name) * 1.0)) for name in FINETUNED])
    return (logs - logs.mean(axis=0)) * len(FINETUNED) / (len(FINETUNED) - 1.0)


@result("distillation.usd_sky_t1", "Sky-T1: rent predicted", "USD", digits=2)
def usd_sky_t1(a):
    return training.run_cost(run_hours(a, "sky_t1"), a.cloud_h100_hour_usd)


@result("distillation.usd_deepscaler", "DeepScaleR: rent predicted", "USD", digits=2)
def usd_deepscaler(a):
    return training.run_cost(run_hours(a, "deepscaler"), a.cloud_a100_hour_usd)


@result("distillation.usd_tinyzero", "TinyZero: rent predicted, one pass of longest answers", "USD", digits=2)
def usd_tinyzero(a):
    return training.run_cost(run_hours(a, "tinyzero_3b"), a.cloud_h100_hour_usd)


@result("distillation.usd_s1", "s1-32B: rent of its published hours", "USD", digits=2)
def usd_s1(a):
    return training.run_cost(facts.row("replications", "s1_32b")["gpu_hours"], a.cloud_h100_hour_usd)


# The bill of reinforcement learning


@result("distillation.r1_zero_rollouts", "Answers that R1-Zero wrote in training", "count", kind="fixed")
def r1_zero_rollouts(a):
    return value("r1_zero_steps") * value("r1_zero_questions_per_step") * value("r1_zero_group")


@result("distillation.r1_zero_answer_tokens", "Mean length of an answer of R1-Zero in training", "token", digits=2)
def r1_zero_answer_tokens(a):
    early = value("r1_zero_figure_steps")
    steps = value("r1_zero_steps")
    return (value("r1_zero_mean_length") * early + a.r1_zero_late_tokens * (steps - early)) / steps


@result("distillation.r1_zero_tokens", "Tokens that R1-Zero wrote in training", "token", digits=2)
def r1_zero_tokens(a):
    return r1_zero_rollouts(a) * r1_zero_answer_tokens(a)


@result("distillation.r1_zero_flop", "R1-Zero's compute: writing, scoring, training", "FLOP", digits=2)
def r1_zero_flop(a):
    return run_flop(a, "r1_zero")


@result("distillation.r1_zero_hours_busy", "R1-Zero's hours, if chips wrote as in the service and trained as V3 did", "GPU-hour",
        digits=2)  # fmt: skip
def r1_zero_hours_busy(a):
    writing = distillation.writing_gpu_hours(r1_zero_tokens(a), service_rate())
    return writing + training.gpu_hours(_after_writing(a), value("h800_bf16_flops"), a.training_mfu)


def _after_writing(a):
    one = per_token(TEACHER, r1_zero_answer_tokens(a))
    return distillation.reinforcement_flops(one, r1_zero_tokens(a)) - r1_zero_tokens(a) * one / 3.0


@result("distillation.r1_zero_busy_share", "… over the disclosed hours", "fraction", digits=2)
def r1_zero_busy_share(a):
    return r1_zero_hours_busy(a) / value("r1_zero_gpu_hours")


def writing_step(a):
    """Return the function that gives the seconds of a token on R1-Zero's GPUs, by answers still being written."""
    point, parts = engine.day_layout("decode"), engine.efficiency(a)
    gpus = value("r1_gpu_count")

    def seconds(answers, length):
        ran = serving.decode(point.model, point.chip, point.layout, parts, answers / gpus, length + 100.0, a.mtp_acceptance, 1)
        return ran.seconds_per_token

    return seconds


def r1_zero_rollout(a, late):
    """Return the time in which a batch of 8,192 answers is written, early or late in the run."""
    mean = a.r1_zero_late_tokens if late else value("r1_zero_mean_length")
    cap = value("r1_zero_length_cap_late" if late else "r1_zero_length_cap")
    return distillation.rollout(writing_step(a), value("r1_zero_outputs_per_rollout"), mean, cap)


@result("distillation.rollout_minutes", "R1-Zero: writing a batch of answers, first 8,200 steps", "minute", kind="numeric", digits=2)
def rollout_minutes(a):
    return r1_zero_rollout(a, late=False).seconds / 60.0


@result("distillation.rollout_half_share", "… share of that time in which half of the answers are done", "fraction",
        kind="numeric", digits=2)  # fmt: skip
def rollout_half_share(a):
    one = r1_zero_rollout(a, late=False)
    return one.half_seconds / one.seconds


@result("distillation.batch_minutes", "R1-Zero: disclosed time for each batch of 8,192 answers", "minute", kind="fixed", digits=2)
def batch_minutes(a):
    hours = value("r1_zero_gpu_hours") / value("r1_gpu_count")
    return 60.0 * hours / (r1_zero_rollouts(a) / value("r1_zero_outputs_per_rollout"))


@result("distillation.r1_zero_hours_waiting", "R1-Zero's hours, everybody waiting for the longest answer", "GPU-hour",
        kind="numeric", digits=2)  # fmt: skip
def r1_zero_hours_waiting(a):
    batches = r1_zero_rollouts(a) / value("r1_zero_outputs_per_rollout")
    early = value("r1_zero_cap_step") / value("r1_zero_steps")
    seconds = batches * (early * r1_zero_rollout(a, False).seconds + (1.0 - early) * r1_zero_rollout(a, True).seconds)
    trained = training.gpu_hours(_after_writing(a), value("h800_bf16_flops"), a.training_mfu)
    return seconds * value("r1_gpu_count") / 3600.0 + trained


@result("distillation.r1_zero_waiting_share", "… over the disclosed hours", "fraction", kind="numeric", digits=2)
def r1_zero_waiting_share(a):
    return r1_zero_hours_waiting(a) / value("r1_zero_gpu_hours")


@result("distillation.r1_zero_from_deepscaler", "R1-Zero's hours at DeepScaleR's utilisation, over the disclosed", "ratio", digits=2)
def r1_zero_from_deepscaler(a):
    hours = training.gpu_hours(run_flop(a, "r1_zero"), peak("h800"), run_utilisation(a, "deepscaler"))
    return hours / value("r1_zero_gpu_hours")


@result("distillation.rl_32b_over_distilling", "32B: compute of reinforcement learning over that of distilling", "ratio", digits=2)
def rl_32b_over_distilling(a):
    tokens = r1_zero_answer_tokens(a)
    rl = distillation.reinforcement_flops(per_token("qwen2.5-32b", tokens), r1_zero_rollouts(a) * tokens)
    return rl / student_flop(a, "32b")


@result("distillation.r1_stage_share", "R1's disclosed hours that R1-Zero took", "fraction", kind="fixed", digits=2)
def r1_stage_share(a):
    return value("r1_zero_gpu_hours") / cost_claims.r1_hours()


# The architecture


@result("distillation.active_share", "R1: share of its weights that a token passes through", "fraction", kind="fixed", digits=2)
def active_share(a):
    return shape(TEACHER).active_parameters / shape(TEACHER).total_parameters


@result("distillation.routed_experts", "R1: routed experts in a layer", "count", kind="fixed")
def routed_experts(a):
    return float(shape(TEACHER).experts)


# The self-improving loop

PROBLEMS, ROUNDS = 200, 10
START = "own_r1zero_aime2024_start"


def loop(a, **changed):
    """Return the knobs of the loop under a set of assumptions."""
    knobs = Loop(
        start_pass=score(START),
        spread=float(a.loop_spread),
        samples=float(a.loop_samples),
        false_accept=float(a.loop_false_accept),
        false_reject=float(a.loop_false_reject),
        fooling_share=float(a.loop_fooling_share),
        step=float(a.loop_step),
        transfer=float(a.loop_transfer),
    )
    return knobs._replace(**changed)


def run_loop(a, **changed):
    return self_improvement.simulate(loop(a, **changed), PROBLEMS, ROUNDS)


@result("distillation.loop_end", "Self-improving loop: share of right answers after ten rounds", "fraction", kind="numeric", digits=2)
def loop_end(a):
    return float(run_loop(a).right[-1])


@result("distillation.loop_seen", "… share the verifier accepts in the last round", "fraction", kind="numeric", digits=2)
def loop_seen(a):
    return float(run_loop(a).accepted[-1])


@result("distillation.loop_fooled", "… share of answers that fool it at the end", "fraction", kind="numeric", digits=2)
def loop_fooled(a):
    return float(run_loop(a).fooling[-1])


@result("distillation.loop_settled", "… first round that gains less than a point", "count", kind="numeric", digits=1)
def loop_settled(a):
    return float(self_improvement.settled(run_loop(a).right))


@result("distillation.loop_perfect_end", "… with a verifier that errs in nothing", "fraction", kind="numeric", digits=2)
def loop_perfect_end(a):
    perfect = run_loop(a, false_accept=0.0, false_reject=0.0, fooling_share=0.0)
    return float(perfect.right[-1])


@result("distillation.loop_chance_end", "… with ten times the errors of chance, none that fools", "fraction", kind="numeric", digits=2)
def loop_chance_end(a):
    noisy = run_loop(a, false_accept=min(10.0 * float(a.loop_false_accept), 0.9), fooling_share=0.0)
    return float(noisy.right[-1])


@result("distillation.loop_poison_share", "… share of fooling answers at the start that spoils the end: as many fool as are right",
        "fraction", kind="numeric", digits=1)  # fmt: skip
def loop_poison_share(a):
    low, high = np.log(1e-5), np.log(0.9)
    for _ in range(9):
        middle = 0.5 * (low + high)
        ran = self_improvement.simulate(loop(a, fooling_share=float(np.exp(middle))), 120, 8)
        if ran.fooling[-1] > ran.right[-1]:
            high = middle
        else:
            low = middle
    return float(np.exp(0.5 * (low + high)))


def checked_usd(a, round_):
    """Return what a right and kept answer costs in a round of the loop, at R1's list price."""
    ran = run_loop(a)
    answer = distillation.token_cost(kept_tokens(a) / value("r1_sft_samples"), a.r1_price_factor * value("api_r1_output_usd"))
    return float(answer / (ran.accepted[round_] * ran.purity[round_]))


@result("distillation.loop_first_usd", "… a right and kept answer in the first round, at R1's price", "USD", kind="numeric", digits=2)
def loop_first_usd(a):
    return checked_usd(a, 0)


@result("distillation.loop_last_usd", "… the same in the last round", "USD", kind="numeric", digits=2)
def loop_last_usd(a):
    return checked_usd(a, -1)


@result("distillation.verified_gain_32b", "OpenThinker 32B on verified answers minus on all, AIME 2024", "point", kind="fixed", digits=2)
def verified_gain_32b(a):
    return 100.0 * (score("openthinker_32b_aime2024") - score("openthinker_32b_unverified_aime2024"))


@result("distillation.verified_gain_7b", "OpenThinker 7B on verified answers minus on all, AIME 2024", "point", kind="fixed", digits=2)
def verified_gain_7b(a):
    return 100.0 * (score("openthinker_7b_aime2024") - score("openthinker_7b_unverified_aime2024"))


@result("distillation.openthoughts_acceptance", "OpenThoughts: share of R1's answers that passed verification", "fraction",
        kind="fixed", digits=2)  # fmt: skip
def openthoughts_acceptance(a):
    return value("openthoughts_verified") / value("openthoughts_raw")


@result("distillation.r1_zero_over_gpt4o", "R1-Zero over GPT-4o, AIME 2024", "ratio", kind="fixed", digits=2)
def r1_zero_over_gpt4o(a):
    return score("own_r1zero_aime2024") / score("own_gpt4o_aime2024")


@result("distillation.start_over_gpt4o", "V3-Base before any step of reinforcement learning, over GPT-4o", "ratio", kind="fixed",
        digits=2)  # fmt: skip
def start_over_gpt4o(a):
    return score(START) / score("own_gpt4o_aime2024")
