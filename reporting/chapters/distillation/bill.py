"""Results of the chapter on distillation: bills, replications, whose work it was (C05, C08, C45, C49)."""

import math

import numpy as np

from analysis import distillation, memory, serving, statistics, training
from reporting.cases import deepseek_runs as runs
from reporting.cases import teacher_answers as answers
from reporting.cases.benchmarks import points, score
from reporting.cases.deepseek_service import day_layout, decode_rate
from reporting.cases.hardware import chip, efficiency, peak_flops
from reporting.cases.models import DISTILLED as STUDENTS
from reporting.cases.models import R1, architecture
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

#: V3's base before any step of reinforcement learning.
START = "own_r1zero_aime2024_start"


# The bill: the teacher's answers

kept_tokens = result("Tokens of the 800,000 answers", "token")(answers.kept_tokens)


@result("Answers in fields that rules can check, of all samples", "fraction", digits=2)
def checked_share():
    return 1.0 - value("r1_sft_general_samples") / value("r1_sft_samples")


@result("Tokens of the 800,000 answers in fields that rules can check", "fraction", digits=2)
def checked_token_share():
    return 1.0 - value("r1_sft_general_samples") * value("r1_sft_general_tokens") / kept_tokens()


@result("Questions with a checkable answer behind R1's reinforcement learning", "count", digits=2)
def rl_questions():
    return math.fsum(value(f"r1_rl_{kind}_questions") for kind in ("math", "code", "bug", "stem", "logic"))


written_tokens = result("Tokens that the teacher writes for them", "token")(answers.written_tokens)


@result("GPU-hours of writing them at the speed of DeepSeek's service", "GPU-hour", digits=2)
def teacher_hours(a):
    return distillation.writing_gpu_hours(written_tokens(a), decode_rate())


@result("Share kept, if all of the disclosed 5,000 hours wrote at that speed", "fraction", digits=2)
def teacher_acceptance_disclosed():
    return distillation.writing_gpu_hours(kept_tokens(), decode_rate()) / value("r1_sft_data_gpu_hours")


@result("The teacher's answers, own teacher at the speed of DeepSeek's service", "USD", digits=2)
def teacher_own_usd(a):
    return training.run_cost(teacher_hours(a), a.gpu_hour_usd)


def open_pace():
    """Return the answers that one H100 of Open R1 wrote in an hour."""
    return value("open_r1_traces_per_day") / 24.0 / value("open_r1_gpus")


@result("Open R1's teacher, output of a GPU", "token/s", digits=2)
def open_pace_tokens():
    return open_pace() * value("openthoughts_trace_tokens") / 3600.0


@result("DeepSeek's service over Open R1's teacher, output of a GPU", "ratio", digits=2)
def open_pace_gap():
    return decode_rate() / open_pace_tokens()


@result("The teacher's answers, own teacher at Open R1's pace", "USD", digits=2)
def teacher_open_usd(a):
    return training.run_cost(
        distillation.writing_gpu_hours(written_tokens(a), open_pace_tokens()), a.cloud_h100_hour_usd
    )


@result("The teacher's answers, R1's API in January 2025", "USD", digits=2)
def teacher_api_usd(a):
    return a.r1_price_factor * answers.api_usd(a, value("api_r1_output_usd"))


@result.rows(
    {
        "teacher_today_usd": "The teacher's answers, a DeepSeek API of November 2026",
        "teacher_o1_usd": ("As many tokens at o1's price", "api_o1_output_usd"),
        "teacher_gpt4o_usd": ("As many tokens at GPT-4o's price", "api_gpt4o_output_usd"),
    },
    "USD",
    digits=2,
)
def teacher_listed_usd(a, price="price_v4_flash_output_2026_08"):
    return answers.api_usd(a, value(price))


@result("Own teacher at Open R1's pace over R1's API", "ratio", digits=2)
def open_over_api(a):
    return teacher_open_usd(a) / teacher_api_usd(a)


@result("Share of paid answers that Bespoke-Stratos kept", "fraction", digits=2)
def stratos_acceptance(a):
    bought = value("stratos_data_usd") / (a.r1_price_factor * value("api_r1_output_usd")) * 1e6
    return replication("stratos_32b")["answers"] * a.trace_tokens / bought


@result("Exchanges that Anthropic lays to DeepSeek, over R1's fine-tuning samples", "fraction", digits=2)
def anthropic_share():
    return value("anthropic_deepseek_exchanges") / value("r1_sft_samples")


# The bill: the student


def per_token(name, tokens):
    """Return the training FLOP of a token in a sequence of some length."""
    return training.model_flops_per_token(architecture(name), tokens)


per_student = result.together(STUDENTS)


@per_student("flop_{}", "{.name}: compute of its distillation", "FLOP", digits=2)
def student_flop(a, student):
    mean = kept_tokens() / value("r1_sft_samples")
    return distillation.finetuning_flops(
        per_token(STUDENTS[student].config, mean), value("r1_sft_samples"), mean, a.distill_epochs
    )


@per_student("student_hours_{}", "{.name}: H800-hours of its distillation", "GPU-hour", digits=2)
def student_hours(a, student):
    return training.gpu_hours(student_flop(a, student), value("h800_bf16_flops"), a.finetune_mfu)


@per_student("student_usd_{}", "{.name}: rent of those hours", "USD", digits=2)
def student_usd(a, student):
    return training.run_cost(student_hours(a, student), a.gpu_hour_usd)


def state_gb(student):
    state = memory.training_state_bytes(architecture(STUDENTS[student].config), memory.BF16_RECIPE)
    return math.fsum(state.values()) / 1e9


@result("32B student in training: weights, gradients and optimiser", "GB")
def state_32b_gb():
    return state_gb("32b")


@result.rows(
    {
        "state_32b_gpus": ("H800 that hold it, activations apart", "32b"),
        "state_7b_gpus": ("H800 that hold a 7B student in training, activations apart", "7b"),
    },
    "GPU",
    digits=1,
)
def state_gpus(student):
    return np.ceil(state_gb(student) * 1e9 / chip("h800").memory_bytes)


@result("Distilling R1 into the 32B model, own teacher", "USD", digits=2)
def bill_own_usd(a):
    return teacher_own_usd(a) + student_usd(a, "32b")


@result.rows(
    {
        "bill_api_usd": "Distilling R1 into the 32B model, R1's API in January 2025",
        "bill_today_usd": ("Distilling into the 32B model, a DeepSeek API of November 2026", teacher_listed_usd),
        "bill_open_usd": ("Distilling R1 into the 32B model, own teacher at Open R1's pace", teacher_open_usd),
    },
    "USD",
    digits=2,
)
def bill_usd(a, teacher_usd=teacher_api_usd):
    return teacher_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


# Imitator and pioneer


@result.rows(
    {
        "imitator_share": ("A bought distillation into the 32B model, over the runs of V3 and R1", runs.v3_r1_usd),
        "imitator_over_r1": ("The same over R1's own stages", runs.r1_rl_usd),
    },
    "fraction",
    digits=2,
)
def imitator_over(a, pioneer_usd):
    return bill_usd(a) / pioneer_usd(a)


@result("Pre-training of Qwen2.5-32B, at most", "FLOP")
def base_flop():
    return training.dense_flops(architecture("qwen2.5-32b").matmul_parameters, value("qwen25_pretraining_tokens"))


@result("… over the pre-training of V3", "ratio", digits=2)
def base_over_v3():
    return base_flop() / runs.v3_flop_6nd()


@result("The imitator who trains his own base as well, over the runs of V3 and R1", "fraction", digits=2)
def imitator_with_base_share(a):
    base = training.run_cost(training.gpu_hours(base_flop(), value("h800_bf16_flops"), a.training_mfu), a.gpu_hour_usd)
    return (base + bill_usd(a)) / runs.v3_r1_usd(a)


@result("A bought distillation, over the programme behind V3 and R1", "fraction", digits=2)
def imitator_over_programme(a):
    return imitator_over(a, runs.programme_usd)


# Replications: predicted and published hours

RUNS = (
    "sky_t1",
    "stratos_32b",
    "s1_32b",
    "s1_59k",
    "openthinker_7b",
    "openthinker_32b",
    "open_r1_distill_7b",
    "open_r1_data",
    "deepscaler",
    "tinyzero_3b",
    "r1_zero",
)
#: Fine-tuning runs whose hours were published.
FINETUNED = ("sky_t1", "stratos_32b", "s1_32b", "s1_59k", "openthinker_7b", "openthinker_32b")
#: TinyZero's 3B model, whose configuration is not among the project's.
TINYZERO_PARAMETERS = 3e9


def replication(identifier):
    return facts.row("replications", identifier)


def answer_length(a, identifier):
    """Return the tokens of an answer in a replication: as published, else the assumption of its kind."""
    if identifier == "r1_zero":
        return r1_zero_answer_tokens(a)
    if identifier == "deepscaler":
        return a.rl_rollout_tokens
    if identifier == "open_r1_data":
        return value("openthoughts_trace_tokens")
    stated = replication(identifier)["tokens"]
    return a.trace_tokens if stated is None else stated


def run_flop(a, identifier):
    """Return the compute of a replication."""
    row, tokens = replication(identifier), answer_length(a, identifier)
    if identifier == "tinyzero_3b":
        one = training.dense_flops(TINYZERO_PARAMETERS, 1.0)
        written = row["answers"] * tokens
        # PPO: a critic as large as the policy scores once more and is trained too.
        return distillation.reinforcement_flops(one, written, 3.0) + one * written
    one = per_token(row["model"], tokens)
    if row["kind"] == "reinforcement":
        return distillation.reinforcement_flops(one, row["answers"] * tokens)
    return distillation.finetuning_flops(one, row["answers"], tokens, row["epochs"])


_ROWS = {run: replication(run) for run in RUNS}
#: Runs whose hours were published; those of them that trained; and of these those whose answers were measured.
PUBLISHED = [run for run, row in _ROWS.items() if row["gpu_hours"] is not None]
TRAINED = [run for run in PUBLISHED if _ROWS[run]["kind"] != "teacher"]
MEASURED = [run for run in TRAINED if _ROWS[run]["kind"] == "fine-tuning" and _ROWS[run]["tokens"] is not None]
WRITTEN = [run for run, row in _ROWS.items() if row["kind"] == "teacher"]
per_run = result.together({run: (row["run"], row["gpu"].upper()) for run, row in _ROWS.items()})


@per_run("hours_{}", "{}: {}-hours predicted", "GPU-hour", digits=2, fixed=WRITTEN)
def run_hours(a, identifier):
    """Return the predicted GPU-hours of a replication."""
    row = replication(identifier)
    if row["kind"] == "teacher":
        return distillation.writing_gpu_hours(row["answers"] * answer_length(a, identifier), decode_rate())
    used = a.rl_utilisation if row["kind"] == "reinforcement" else a.finetune_mfu
    return training.gpu_hours(run_flop(a, identifier), peak_flops(row["gpu"]), used)


@per_run("ratio_{}", "{0}: predicted over published hours", "ratio", digits=2, only=PUBLISHED, fixed=WRITTEN)
def run_ratio(a, identifier):
    return run_hours(a, identifier) / replication(identifier)["gpu_hours"]


@per_run("used_{}", "{0}: utilisation that its hours imply", "fraction", digits=2, only=TRAINED, fixed=MEASURED)
def run_utilisation(a, identifier):
    row = replication(identifier)
    return training.mfu(run_flop(a, identifier), row["gpu_hours"], peak_flops(row["gpu"]))


@result("Typical factor by which other makers' replications miss one's hours", "ratio", "numeric", digits=2)
def leave_one_out(a):
    return np.exp(np.median(np.abs(left_out(a))))


@result("… the worst of the six", "ratio", "numeric", digits=2)
def leave_one_out_worst(a):
    return np.exp(np.max(np.abs(left_out(a))))


def left_out(a):
    """Return for each fine-tuning run the logarithm of its utilisation over the mean of other makers' runs."""
    used = [run_utilisation(a, name) for name in FINETUNED]
    makers = [name.partition("_")[0] for name in FINETUNED]
    return np.log(used) - np.log(statistics.leave_group_out(used, makers))


@result("Largest factor between predicted and published hours of a training run", "ratio", "numeric", digits=2)
def miss_worst(a):
    runs = (*FINETUNED, "deepscaler", "r1_zero")
    return np.exp(np.max(np.abs(np.log([run_ratio(a, name) for name in runs]))))


@result("Sky-T1: rent predicted", "USD", digits=2)
def usd_sky_t1(a):
    return training.run_cost(run_hours(a, "sky_t1"), a.cloud_h100_hour_usd)


@result("DeepScaleR: rent predicted", "USD", digits=2)
def usd_deepscaler(a):
    return training.run_cost(run_hours(a, "deepscaler"), a.cloud_a100_hour_usd)


@result("TinyZero: rent predicted, one pass of longest answers", "USD", digits=2)
def usd_tinyzero(a):
    return training.run_cost(run_hours(a, "tinyzero_3b"), a.cloud_h100_hour_usd)


@result("s1-32B: rent of its published hours", "USD", digits=2)
def usd_s1(a):
    return training.run_cost(replication("s1_32b")["gpu_hours"], a.cloud_h100_hour_usd)


# The bill of reinforcement learning


@result("Answers that R1-Zero wrote in training", "count")
def r1_zero_rollouts():
    return value("r1_zero_steps") * value("r1_zero_questions_per_step") * value("r1_zero_group")


@result("Mean length of an answer of R1-Zero in training", "token", digits=2)
def r1_zero_answer_tokens(a):
    early = value("r1_zero_figure_steps")
    steps = value("r1_zero_steps")
    return (value("r1_zero_mean_length") * early + a.r1_zero_late_tokens * (steps - early)) / steps


@result("Tokens that R1-Zero wrote in training", "token", digits=2)
def r1_zero_tokens(a):
    return r1_zero_rollouts() * r1_zero_answer_tokens(a)


@result("R1-Zero's compute: writing, scoring, training", "FLOP", digits=2)
def r1_zero_flop(a):
    return run_flop(a, "r1_zero")


@result("R1-Zero's hours, if chips wrote as in the service and trained as V3 did", "GPU-hour", digits=2)
def r1_zero_hours_busy(a):
    writing = distillation.writing_gpu_hours(r1_zero_tokens(a), decode_rate())
    return writing + hours_after_writing(a)


def hours_after_writing(a):
    """Return the GPU-hours of scoring and training on what R1-Zero wrote."""
    one = per_token(R1, r1_zero_answer_tokens(a))
    flop = distillation.reinforcement_flops(one, r1_zero_tokens(a)) - r1_zero_tokens(a) * one / 3.0
    return training.gpu_hours(flop, value("h800_bf16_flops"), a.training_mfu)


@result("… over the disclosed hours", "fraction", digits=2)
def r1_zero_busy_share(a):
    return r1_zero_hours_busy(a) / value("r1_zero_gpu_hours")


def writing_step(a):
    """Return the function that gives the seconds of a token on R1-Zero's GPUs, by answers still being written."""
    point, parts = day_layout("decode"), efficiency(a)
    gpus = value("r1_gpu_count")

    def seconds(answers, length):
        ran = serving.decode(
            point.model, point.chip, point.layout, parts, answers / gpus, length + 100.0, a.mtp_acceptance, 1
        )
        return ran.seconds_per_token

    return seconds


def r1_zero_rollout(a, late):
    """Return the time in which a batch of 8,192 answers is written, early or late in the run."""
    mean = a.r1_zero_late_tokens if late else value("r1_zero_mean_length")
    cap = value("r1_zero_length_cap_late" if late else "r1_zero_length_cap")
    return distillation.rollout(writing_step(a), value("r1_zero_outputs_per_rollout"), mean, cap)


@result("R1-Zero: writing a batch of answers, first 8,200 steps", "minute", "numeric", digits=2)
def rollout_minutes(a):
    return r1_zero_rollout(a, late=False).seconds / 60.0


@result("… share of that time in which half of the answers are done", "fraction", "numeric", digits=2)
def rollout_half_share(a):
    one = r1_zero_rollout(a, late=False)
    return one.half_seconds / one.seconds


@result("R1-Zero: disclosed time for each batch of 8,192 answers", "minute", digits=2)
def batch_minutes():
    hours = value("r1_zero_gpu_hours") / value("r1_gpu_count")
    return 60.0 * hours / (r1_zero_rollouts() / value("r1_zero_outputs_per_rollout"))


@result("R1-Zero's hours, everybody waiting for the longest answer", "GPU-hour", "numeric", digits=2)
def r1_zero_hours_waiting(a):
    batches = r1_zero_rollouts() / value("r1_zero_outputs_per_rollout")
    early = value("r1_zero_cap_step") / value("r1_zero_steps")
    seconds = batches * (early * r1_zero_rollout(a, False).seconds + (1.0 - early) * r1_zero_rollout(a, True).seconds)
    return seconds * value("r1_gpu_count") / 3600.0 + hours_after_writing(a)


@result("R1-Zero's hours with that waiting, over the disclosed", "fraction", "numeric", digits=2)
def r1_zero_waiting_share(a):
    return r1_zero_hours_waiting(a) / value("r1_zero_gpu_hours")


@result("R1-Zero's hours at DeepScaleR's utilisation, over the disclosed", "ratio", digits=2)
def r1_zero_from_deepscaler(a):
    hours = training.gpu_hours(run_flop(a, "r1_zero"), peak_flops("h800"), run_utilisation(a, "deepscaler"))
    return hours / value("r1_zero_gpu_hours")


@result("32B: compute of reinforcement learning over that of distilling", "ratio", digits=2)
def rl_32b_over_distilling(a):
    tokens = r1_zero_answer_tokens(a)
    rl = distillation.reinforcement_flops(per_token("qwen2.5-32b", tokens), r1_zero_rollouts() * tokens)
    return rl / student_flop(a, "32b")


@result("R1's disclosed hours that R1-Zero took", "fraction", digits=2)
def r1_stage_share():
    return value("r1_zero_gpu_hours") / runs.r1_gpu_hours()


@result("R1's own reinforcement learning: steps with a learned reward, at most", "fraction", digits=2)
def rl_learned_share():
    # The steps of R1's first stage, which had rules alone, were not published: without them the share is a bound.
    return value("r1_preference_steps") / value("r1_second_rl_steps")


@result("R1-Zero over GPT-4o, AIME 2024", "ratio", digits=2)
def r1_zero_over_gpt4o():
    return score("own_r1zero_aime2024") / score("own_gpt4o_aime2024")


@result("V3-Base before any step of reinforcement learning, over GPT-4o", "ratio", digits=2)
def start_over_gpt4o():
    return score(START) / score("own_gpt4o_aime2024")


@result("R1 over GPT-4o, mock AIME, both run by Epoch AI", "ratio", digits=2)
def r1_over_gpt4o_epoch():
    return score("epoch_r1_mock_aime") / score("epoch_gpt4o_mock_aime")


@result("R1-Zero, AIME 2024: after its reinforcement learning minus before", "point", digits=2)
def r1_zero_gain():
    return points("own_r1zero_aime2024", START)


# Who objected, and who made it


@result.rows(
    {
        "openai_objection_days": (
            "Days from R1's release to OpenAI's first public accusation that we found",
            "openai_objection_days",
        ),
        "anthropic_objection_days": ("… to Anthropic's", "anthropic_objection_days"),
    },
    "day",
    digits={"openai_objection_days": 1},
)
def objection_days(fact):
    return value(fact)


@result("R1's paper: core contributors over all who signed it", "fraction", digits=1)
def core_share():
    return value("r1_core_contributors") / value("r1_paper_authors")


@result("R1 minus o1, AIME 2024, each maker's own figure", "point", digits=1)
def r1_over_o1():
    return points("own_r1_aime2024", "own_o1_aime2024")
