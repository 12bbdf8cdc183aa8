"""Results of the chapter on distillation: bills of teachers, students and rewards, and replications (C05, C08)."""

import numpy as np

from analysis import distillation, facts, memory, serving, training
from analysis.results import cost_claims, result
from analysis.results import efficiency_serving as engine
from analysis.results.distillation_students import STUDENTS, TEACHER, score, shape

value = facts.value

#: V3's base before any step of reinforcement learning.
START = "own_r1zero_aime2024_start"


def peak(chip):
    return facts.row("chips", chip)["bf16_flops"]


# The bill: the teacher's answers

DOMAINS = ("math", "code", "stem", "logic", "general")


@result("distillation.kept_tokens", "Tokens of the 800,000 answers", "token", kind="fixed")
def kept_tokens(a):
    return sum(value(f"r1_sft_{domain}_samples") * value(f"r1_sft_{domain}_tokens") for domain in DOMAINS)


@result(
    "distillation.checked_share",
    "Answers in fields that rules can check, of all samples",
    "fraction",
    kind="fixed",
    digits=2,
)
def checked_share(a):
    return 1.0 - value("r1_sft_general_samples") / value("r1_sft_samples")


@result(
    "distillation.checked_token_share",
    "Tokens of the 800,000 answers in fields that rules can check",
    "fraction",
    kind="fixed",
    digits=2,
)
def checked_token_share(a):
    return 1.0 - value("r1_sft_general_samples") * value("r1_sft_general_tokens") / kept_tokens(a)


@result(
    "distillation.rl_questions",
    "Questions with a checkable answer behind R1's reinforcement learning",
    "count",
    kind="fixed",
    digits=2,
)
def rl_questions(a):
    return sum(value(f"r1_rl_{kind}_questions") for kind in ("math", "code", "bug", "stem", "logic"))


@result("distillation.written_tokens", "Tokens that the teacher writes for them", "token")
def written_tokens(a):
    return distillation.written_tokens(1.0, kept_tokens(a), a.teacher_acceptance)


def service_rate():
    """Return the output tokens per second of one H800 in DeepSeek's own service."""
    return value("day_decode_node_rate") / value("deepseek_service_gpus_per_node")


@result(
    "distillation.teacher_hours", "GPU-hours of writing them at the speed of DeepSeek's service", "GPU-hour", digits=2
)
def teacher_hours(a):
    return distillation.writing_gpu_hours(written_tokens(a), service_rate())


@result(
    "distillation.teacher_acceptance_disclosed",
    "Share kept, if all of the disclosed 5,000 hours wrote at that speed",
    "fraction",
    kind="fixed",
    digits=2,
)
def teacher_acceptance_disclosed(a):
    return distillation.writing_gpu_hours(kept_tokens(a), service_rate()) / value("r1_sft_data_gpu_hours")


@result(
    "distillation.teacher_own_usd",
    "The teacher's answers, own teacher at the speed of DeepSeek's service",
    "USD",
    digits=2,
)
def teacher_own_usd(a):
    return training.run_cost(teacher_hours(a), a.gpu_hour_usd)


def open_pace():
    """Return the answers that one H100 of Open R1 wrote in an hour."""
    return value("open_r1_traces_per_day") / 24.0 / value("open_r1_gpus")


@result("distillation.open_pace_tokens", "Open R1's teacher, output of a GPU", "token/s", kind="fixed", digits=2)
def open_pace_tokens(a):
    return open_pace() * value("openthoughts_trace_tokens") / 3600.0


@result(
    "distillation.open_pace_gap",
    "DeepSeek's service over Open R1's teacher, output of a GPU",
    "ratio",
    kind="fixed",
    digits=2,
)
def open_pace_gap(a):
    return service_rate() / open_pace_tokens(a)


@result("distillation.teacher_open_usd", "The teacher's answers, own teacher at Open R1's pace", "USD", digits=2)
def teacher_open_usd(a):
    return training.run_cost(
        distillation.writing_gpu_hours(written_tokens(a), open_pace_tokens(a)), a.cloud_h100_hour_usd
    )


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


@result(
    "distillation.anthropic_share",
    "Exchanges that Anthropic lays to DeepSeek, over R1's fine-tuning samples",
    "fraction",
    kind="fixed",
    digits=2,
)
def anthropic_share(a):
    return value("anthropic_deepseek_exchanges") / value("r1_sft_samples")


# The bill: the student


def per_token(name, tokens):
    """Return the training FLOP of a token in a sequence of some length."""
    return training.model_flops_per_token(shape(name), tokens)


def student_flop(a, student):
    mean = kept_tokens(a) / value("r1_sft_samples")
    return distillation.finetuning_flops(
        per_token(STUDENTS[student][0], mean), value("r1_sft_samples"), mean, a.distill_epochs
    )


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


@result(
    "distillation.state_7b_gpus",
    "H800 that hold a 7B student in training, activations apart",
    "GPU",
    kind="fixed",
    digits=1,
)
def state_7b_gpus(a):
    return float(np.ceil(state_gb("7b") * 1e9 / facts.row("chips", "h800")["mem_bytes"]))


@result("distillation.bill_own_usd", "Distilling R1 into the 32B model, own teacher", "USD", digits=2)
def bill_own_usd(a):
    return teacher_own_usd(a) + training.run_cost(student_hours(a, "32b"), a.gpu_hour_usd)


@result("distillation.bill_api_usd", "Distilling R1 into the 32B model, R1's API in January 2025", "USD", digits=2)
def bill_api_usd(a):
    return teacher_api_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


@result(
    "distillation.bill_today_usd", "Distilling into the 32B model, a DeepSeek API of November 2026", "USD", digits=2
)
def bill_today_usd(a):
    return teacher_today_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


@result(
    "distillation.bill_open_usd", "Distilling R1 into the 32B model, own teacher at Open R1's pace", "USD", digits=2
)
def bill_open_usd(a):
    return teacher_open_usd(a) + training.run_cost(student_hours(a, "32b"), a.cloud_h100_hour_usd)


# Imitator and pioneer


@result(
    "distillation.imitator_share",
    "A bought distillation into the 32B model, over the runs of V3 and R1",
    "fraction",
    digits=2,
)
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


@result(
    "distillation.imitator_with_base_share",
    "The imitator who trains his own base as well, over the runs of V3 and R1",
    "fraction",
    digits=2,
)
def imitator_with_base_share(a):
    base = training.run_cost(training.gpu_hours(base_flop(a), value("h800_bf16_flops"), a.training_mfu), a.gpu_hour_usd)
    return (base + bill_api_usd(a)) / cost_claims.v3_r1_usd(a)


@result(
    "distillation.imitator_over_programme",
    "A bought distillation, over the programme behind V3 and R1",
    "fraction",
    digits=2,
)
def imitator_over_programme(a):
    return bill_api_usd(a) / cost_claims.programme_usd(a)


# Replications: predicted and published hours

RUNS = (
    "sky_t1", "stratos_32b", "s1_32b", "s1_59k", "openthinker_7b", "openthinker_32b", "open_r1_distill_7b",
    "open_r1_data", "deepscaler", "tinyzero_3b", "r1_zero",
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

    @result(
        f"distillation.hours_{identifier}",
        f"{row['run']}: {where}",
        "GPU-hour",
        kind="fixed" if fixed else "closed",
        digits=2,
    )
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


@result(
    "distillation.leave_one_out", "Typical factor by which the other replications miss one's hours", "ratio",
    kind="numeric", digits=2,
)  # fmt: skip
def leave_one_out(a):
    return float(np.exp(np.median(np.abs(left_out(a)))))


@result("distillation.leave_one_out_worst", "… the worst of the six", "ratio", kind="numeric", digits=2)
def leave_one_out_worst(a):
    return float(np.exp(np.max(np.abs(left_out(a)))))


def left_out(a):
    """Return for each fine-tuning run the logarithm of its utilisation over the others' geometric mean."""
    used = [run_utilisation(a, name) for name in FINETUNED]
    return np.log(used) - np.log(distillation.leave_one_out(used))


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


@result(
    "distillation.r1_zero_hours_busy",
    "R1-Zero's hours, if chips wrote as in the service and trained as V3 did",
    "GPU-hour",
    digits=2,
)
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


@result(
    "distillation.rollout_minutes",
    "R1-Zero: writing a batch of answers, first 8,200 steps",
    "minute",
    kind="numeric",
    digits=2,
)
def rollout_minutes(a):
    return r1_zero_rollout(a, late=False).seconds / 60.0


@result(
    "distillation.rollout_half_share",
    "… share of that time in which half of the answers are done",
    "fraction",
    kind="numeric",
    digits=2,
)
def rollout_half_share(a):
    one = r1_zero_rollout(a, late=False)
    return one.half_seconds / one.seconds


@result(
    "distillation.batch_minutes",
    "R1-Zero: disclosed time for each batch of 8,192 answers",
    "minute",
    kind="fixed",
    digits=2,
)
def batch_minutes(a):
    hours = value("r1_zero_gpu_hours") / value("r1_gpu_count")
    return 60.0 * hours / (r1_zero_rollouts(a) / value("r1_zero_outputs_per_rollout"))


@result(
    "distillation.r1_zero_hours_waiting",
    "R1-Zero's hours, everybody waiting for the longest answer",
    "GPU-hour",
    kind="numeric",
    digits=2,
)
def r1_zero_hours_waiting(a):
    batches = r1_zero_rollouts(a) / value("r1_zero_outputs_per_rollout")
    early = value("r1_zero_cap_step") / value("r1_zero_steps")
    seconds = batches * (early * r1_zero_rollout(a, False).seconds + (1.0 - early) * r1_zero_rollout(a, True).seconds)
    trained = training.gpu_hours(_after_writing(a), value("h800_bf16_flops"), a.training_mfu)
    return seconds * value("r1_gpu_count") / 3600.0 + trained


@result(
    "distillation.r1_zero_waiting_share",
    "R1-Zero's hours with that waiting, over the disclosed",
    "fraction",
    kind="numeric",
    digits=2,
)
def r1_zero_waiting_share(a):
    return r1_zero_hours_waiting(a) / value("r1_zero_gpu_hours")


@result(
    "distillation.r1_zero_from_deepscaler",
    "R1-Zero's hours at DeepScaleR's utilisation, over the disclosed",
    "ratio",
    digits=2,
)
def r1_zero_from_deepscaler(a):
    hours = training.gpu_hours(run_flop(a, "r1_zero"), peak("h800"), run_utilisation(a, "deepscaler"))
    return hours / value("r1_zero_gpu_hours")


@result(
    "distillation.rl_32b_over_distilling",
    "32B: compute of reinforcement learning over that of distilling",
    "ratio",
    digits=2,
)
def rl_32b_over_distilling(a):
    tokens = r1_zero_answer_tokens(a)
    rl = distillation.reinforcement_flops(per_token("qwen2.5-32b", tokens), r1_zero_rollouts(a) * tokens)
    return rl / student_flop(a, "32b")


@result("distillation.r1_stage_share", "R1's disclosed hours that R1-Zero took", "fraction", kind="fixed", digits=2)
def r1_stage_share(a):
    return value("r1_zero_gpu_hours") / cost_claims.r1_hours()


@result(
    "distillation.rl_learned_share",
    "Known steps of reinforcement learning with a learned reward",
    "fraction",
    kind="fixed",
    digits=2,
)
def rl_learned_share(a):
    return value("r1_preference_steps") / (value("r1_zero_steps") + value("r1_second_rl_steps"))


@result("distillation.r1_zero_over_gpt4o", "R1-Zero over GPT-4o, AIME 2024", "ratio", kind="fixed", digits=2)
def r1_zero_over_gpt4o(a):
    return score("own_r1zero_aime2024") / score("own_gpt4o_aime2024")


@result(
    "distillation.start_over_gpt4o",
    "V3-Base before any step of reinforcement learning, over GPT-4o",
    "ratio",
    kind="fixed",
    digits=2,
)
def start_over_gpt4o(a):
    return score(START) / score("own_gpt4o_aime2024")
