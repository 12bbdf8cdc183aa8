"""The chapter's results against published figures and against each other."""

import json

import pytest
from typer.testing import CliRunner

from reporting.cases import teacher_answers
from reporting.chapters.distillation import bill as bills
from reporting.chapters.distillation import students
from reporting.cli import app
from reporting.core.report import Report
from reporting.inputs import facts
from reporting.inputs.assumptions import Values


@pytest.fixture(scope="module")
def report():
    return Report()


def test_the_domains_add_up_to_the_published_samples():
    # R1, version 2, Table 5.
    assert sum(facts.value(f"r1_sft_{domain}_samples") for domain in teacher_answers.DOMAINS) == facts.value(
        "r1_sft_samples"
    )


def test_kept_tokens_are_samples_times_the_published_mean(report):
    assert report.value("distillation.kept_tokens") == pytest.approx(804_745 * 5355.3, rel=1e-4)


@pytest.mark.parametrize(
    ("key", "published", "tolerance"),
    [
        ("distillation.retention_32b_aime2024", 72.6 / 79.8, 1e-6),  # R1, Tables 4 and 5
        ("distillation.rl_gap_aime2024", 25.6, 1e-6),  # R1, Table 6
        ("distillation.rl_on_top_gain", 14.3, 1e-6),  # DeepScaleR's post
        ("distillation.active_share", 37 / 671, 0.02),  # V3's report
        ("distillation.r1_zero_rollouts", 5_324_800, 0),  # 10,400 batches of 512
        ("distillation.batch_minutes", 198 * 60 / 650, 0.01),  # 198 hours, 650 batches of 8,192
        ("distillation.openthoughts_acceptance", 114 / 173, 1e-3),
        ("distillation.usd_s1", 6.93 * 2.6, 1e-6),
    ],
)
def test_results_reproduce_published_figures(report, key, published, tolerance):
    assert report.value(key) == pytest.approx(published, rel=tolerance)


def test_epoch_ai_and_the_base_agree(report):
    # Epoch AI: Qwen2.5-72B 7.8e24 FLOP; 6ND scales with the parameters.
    assert report.value("distillation.base_flop") == pytest.approx(7.8e24 * 32.5 / 72.7, rel=0.03)


def test_hours_of_open_r1_follow_from_its_pace():
    row = facts.row("replications", "open_r1_data")
    days = row["answers"] / facts.value("open_r1_traces_per_day")
    assert row["gpu_hours"] == pytest.approx(days * 24 * facts.value("open_r1_gpus"), rel=1e-4)


def test_deepscalers_answers_follow_from_its_steps():
    assert facts.row("replications", "deepscaler")["answers"] == 1040 * 128 * 8 + (1750 - 1040) * 128 * 16


@pytest.mark.parametrize("run", ["sky_t1", "stratos_32b", "s1_32b", "s1_59k", "deepscaler", "r1_zero"])
def test_used_and_predicted_are_two_sides_of_one_equation(report, run):
    kind = facts.row("replications", run)["kind"]
    assumed = report.assumption("rl_utilisation" if kind == "reinforcement" else "finetune_mfu")
    ratio = report.value(f"distillation.ratio_{run}")
    assert report.value(f"distillation.used_{run}") == pytest.approx(ratio * assumed)


def test_a_run_is_predicted_from_other_makers_alone(report):
    used = {run: report.value(f"distillation.used_{run}") for run in bills.FINETUNED}
    others = used["sky_t1"] * used["stratos_32b"] * used["openthinker_7b"] * used["openthinker_32b"]
    assert report.value("distillation.leave_one_out_worst") == pytest.approx(used["s1_59k"] / others**0.25)
    assert 1 < report.value("distillation.leave_one_out") < report.value("distillation.leave_one_out_worst")


def test_the_worst_miss_is_that_of_the_ratios(report):
    ratios = [report.value(f"distillation.ratio_{run}") for run in (*bills.FINETUNED, "deepscaler", "r1_zero")]
    worst = max(max(ratio, 1 / ratio) for ratio in ratios)
    assert report.value("distillation.miss_worst") == pytest.approx(worst)


def test_learned_rewards_counted_over_r1s_own_stage(report):
    assert report.value("distillation.rl_learned_share") == pytest.approx(400 / 1700)


def test_more_samples_hold_off_errors_by_chance(report):
    assert report.value("distillation.loop_chance_many_end") > report.value("distillation.loop_chance_end") + 0.1


def test_six_replications_come_within_a_factor_of_three(report):
    for run in (*bills.FINETUNED, "deepscaler", "r1_zero"):
        assert 1 / 3 < report.value(f"distillation.ratio_{run}") < 3


def test_waiting_takes_longer_than_being_busy_and_less_than_disclosed(report):
    busy, waiting = report.value("distillation.r1_zero_busy_share"), report.value("distillation.r1_zero_waiting_share")
    assert 0 < busy < waiting < 1


def test_every_independent_run_is_held_against_the_same_test():
    for run, own in students.reruns():
        assert (run["model"], run["benchmark"]) == (own["model"], own["benchmark"])
        assert own["who"] == "maker"


def test_a_solved_problem_at_list_price_by_hand(report):
    # R1: 175.3 in at 0.55, 10,787.5 out at 2.19, 79.8% right.
    assert report.value("distillation.solved_r1_list_usd") == pytest.approx(
        (175.3 * 0.55 + 10787.5 * 2.19) / 1e6 / 0.798, rel=1e-3
    )


def test_derived_tokens_of_o1_mini_follow_from_its_parts():
    assert facts.value("o1_mini_contest_tokens") == pytest.approx(10842.3 * 1587.3 / 3111.1, rel=1e-3)


def test_a_longer_answer_costs_more_than_in_proportion():
    # Its cache leaves room for fewer users as well.
    a = Values(Report().values)
    one, two = (students.own_usd(a, "qwen2.5-32b", students.ONE_CARD, tokens, 0.7) for tokens in (6000.0, 12000.0))
    assert two > 2 * one


def test_the_command_line_holds_the_hours_of_each_replication():
    listed = json.loads(CliRunner().invoke(app, ["results", "--json"]).stdout)["results"]
    keys = set(listed)
    assert {f"distillation.hours_{run}" for run in bills.RUNS} <= keys
    assert sum(key.startswith("distillation.") for key in keys) >= 10
