"""Results of the chapter on export controls (C31, C32, C33, C39, C44), and the rules applied to the table of chips."""

import re
from datetime import date

import numpy as np

from analysis import calibration, export_rules, serving, token_costs, training
from analysis.errors import InputError, unknown
from reporting.cases import deepseek_runs as runs
from reporting.cases import deepseek_service as service
from reporting.cases import hardware, models, teacher_answers
from reporting.cases.hardware import peak_flops
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

#: The newest day for which a document on the state of the law was read.
DOCUMENTED_TO = date(2026, 10, 9)
#: The last day of the month in which the essay appeared.
ESSAY = date(2025, 1, 31)

# The rules, read from the data


def tests():
    """Return every test of every rule, in the order of the data."""
    grouped = {}
    for row in facts.rows("export_rules"):
        grouped.setdefault((row["rule"], row["paragraph"], row["effect"]), []).append(row)
    return [
        export_rules.Test(
            rule,
            paragraph,
            rows[0]["citation"],
            effect,
            rows[0]["item"],
            date.fromisoformat(rows[0]["in_force"]),
            date.fromisoformat(rows[0]["until"]) if rows[0]["until"] else None,
            tuple(export_rules.Condition(row["quantity"], row["relation"], row["value"], row["unit"]) for row in rows),
        )
        for (rule, paragraph, effect), rows in grouped.items()
    ]


def letters(chip):
    rows = facts.rows("export_letters", chip=chip)
    return [export_rules.Letter(row["supplier"], row["chip"], date.fromisoformat(row["in_force"])) for row in rows]


def quantities(row):
    """Return what the rules ask of a chip, from its row in ``data/export_chips.csv``; None where not known."""
    tops = {bits: row[f"tops_{bits}"] for bits in (16, 8, 4) if row[f"tops_{bits}"] is not None}
    tpp = export_rules.total_processing_performance(tops)
    return {
        "tpp": tpp,
        "performance_density": export_rules.performance_density(tpp, row["die_area_mm2"]),
        "io_gbs": export_rules.io_gbs(row["links_gbs"], row["pcie_generation"]),
        "memory_gbs": row["memory_gbs"],
        "datacentre": row["datacentre"],
    }


def status(row, day):
    """Return the `analysis.export_rules.Status` of a row of ``data/export_chips.csv`` on a day."""
    return export_rules.status(quantities(row), tests(), letters(row["chip"]), day)


def _plain(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def forms(name):
    """Return the rows of a chip: every form for a bare name such as ``"H800"``, one for ``"H800 PCIe 80GB"``.

    Raises
    ------
    InputError
        If no chip has the name; suggests those that are near.
    """
    rows = facts.rows("export_chips")
    known = {}
    for row in rows:
        whole = f"{row['chip']} {row['form']}"
        short = {row["id"], row["chip"], row["chip"].removeprefix("GeForce ").removeprefix("Instinct "), whole}
        for each in {_plain(each) for each in short | {f"{row['vendor']} {one}" for one in short}}:
            known.setdefault(each, []).append(row)
    if _plain(name) not in known:
        names = {row["chip"] for row in rows} | {row["chip"].split(maxsplit=1)[-1] for row in rows}
        raise unknown("chip", name, names, "data/export_chips.csv", most=3)
    return known[_plain(name)]


def day_of(text):
    """Return a date written as YYYY-MM-DD."""
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"'{text}' is not a date; write YYYY-MM-DD, for example 2024-06-01") from None


QUANTITIES = {
    "tpp": "total processing performance",
    "performance_density": "performance density",
    "io_gbs": "transfer rate of inputs and outputs",
    "memory_gbs": "memory bandwidth",
    "datacentre": "marketing for data centres",
}
_MISSED = {">=": "is not {} or more", ">": "is not above {}", "<": "is not below {}"}


def _reasons(found, has, launched, day):
    """Say in sentences why a chip is or is not controlled."""
    if launched > day.isoformat():
        yield f"launched only on {launched}"
    if day > DOCUMENTED_TO:
        yield f"by the rules as documented to {DOCUMENTED_TO}"
    if isinstance(found.by, export_rules.Letter):
        yield f"letter to {found.by.supplier} of {found.by.in_force}: names the {found.by.chip}"
    elif found.by:
        named = dict.fromkeys(condition.quantity for condition in found.by.conditions)
        bounds = " and ".join(f"{QUANTITIES[quantity]} {has[quantity]:,.6g}" for quantity in named)
        yield f"{found.by.rule}, {found.by.paragraph}: met with {bounds}"
    if found.notice:
        yield f"{found.notice.rule}, {found.notice.paragraph}: an exception may be open to it, after notice to BIS"
    if found.review:
        yield f"{found.review.rule}: requests for China are reviewed case by case"
    if found.missing:
        yield "not known: " + ", ".join(QUANTITIES[quantity] for quantity in found.missing)
    if found.excluded:
        yield (
            f"{found.excluded.rule}, {found.excluded.paragraph}: not for data centres, and total processing "
            f"performance {has['tpp']:,.6g} is below {found.excluded.conditions[-1].value:,g}"
        )
    elif not found.controlled:
        if not found.failed and not found.missing:
            yield "none of the rules in the table was in force"
        for test, missed in found.failed:
            words = _MISSED[missed.relation].format(f"{missed.value:,g}")
            yield f"{test.rule}, {test.paragraph}: {QUANTITIES[missed.quantity]} {has[missed.quantity]:,.6g} {words}"


def _rule_name(by):
    if by is None:
        return None
    if isinstance(by, export_rules.Letter):
        return f"letter to {by.supplier} of {by.in_force}"
    return f"{by.paragraph} ({by.rule}, {by.citation})"


def answers(name, day):
    """Return what the rules say of every form of a chip on a day, as plain values.

    Parameters
    ----------
    name : str
        See `forms`.
    day : datetime.date

    Returns
    -------
    list of dict
        ``name``, ``controlled`` (None if an input is missing), ``rule``, ``tpp``, ``performance_density``,
        ``io_gbs``, ``launch_date``, ``review``, ``exception``, ``missing`` and ``why``, a list of sentences.
    """
    found = []
    for row in forms(name):
        has, said = quantities(row), status(row, day)
        found.append(
            {
                "name": f"{row['vendor']} {row['chip']} {row['form']}",
                "on": day.isoformat(),
                "controlled": said.controlled,
                "rule": _rule_name(said.by),
                "tpp": has["tpp"],
                "performance_density": has["performance_density"],
                "io_gbs": has["io_gbs"],
                "launch_date": row["launch_date"] or None,
                "review": said.review.rule if said.review else None,
                "exception": said.notice.paragraph if said.notice else None,
                "missing": [QUANTITIES[quantity] for quantity in said.missing],
                "why": list(_reasons(said, has, row["launch_date"], day)),
            }
        )
    return found


# What the rules leave open


def chip(identifier):
    return facts.row("export_chips", identifier)


def tpp(identifier):
    return quantities(chip(identifier))["tpp"]


def open_tpp(day, datacentre=1.0):
    """Return the highest TPP of NVIDIA's parts on the market on a day that need no licence for China."""
    rows = facts.rows("export_chips", vendor="NVIDIA", datacentre=datacentre)
    launched = [row for row in rows if row["launch_date"] and row["launch_date"] <= day.isoformat()]
    return max(quantities(row)["tpp"] for row in launched if status(row, day).controlled is False)


OPEN = {2022: "2022-06-01", 2023: "2023-06-01", 2024: "2024-06-01", 2025: "2025-06-01"}


@result.each(OPEN, "open_tpp_{}", "Highest of NVIDIA's data-centre parts open to China, {}", "TPP", digits=5)
def open_tpp_in(year):
    return open_tpp(date.fromisoformat(OPEN[year]))


@result.rows(
    {
        "open_tpp_january": ("Highest of NVIDIA's data-centre parts open to China when the essay appeared", ESSAY),
        "open_tpp_now": ("… on the newest day that is documented", DOCUMENTED_TO),
    },
    "TPP",
    digits=5,
)
def open_tpp_on(day):
    return open_tpp(day)


@result("Highest of NVIDIA's data-centre parts that China may get case by case, newest day documented", "TPP", digits=5)
def reviewed_tpp_now():
    rows = facts.rows("export_chips", vendor="NVIDIA", datacentre=1.0)
    return max(quantities(row)["tpp"] for row in rows if status(row, DOCUMENTED_TO).review)


@result("Highest of NVIDIA's other parts open to China, 2025-10-01", "TPP", digits=4)
def open_gaming_tpp_2025():
    return open_tpp(date(2025, 10, 1), 0.0)


#: Parts made for China: the quantity, the rule and paragraph whose line it stops short of, and both in words.
UNDER = {
    "a800_sxm": ("io_gbs", "oct2022_io", "A800, transfer rate over the line of 2022"),
    "h800_sxm": ("io_gbs", "oct2022_io", "H800, transfer rate over the line of 2022"),
    "h20": ("tpp", "oct2023_b1_tpp_low", "H20, processing performance over the line of 2023"),
    "l20": ("performance_density", "oct2023_b2_pd_low", "L20, performance density over the line of 2023"),
    "rtx_4090_d": ("tpp", "oct2023_note2_tpp", "RTX 4090 D, processing performance over the line of 2023"),
    "rtx_5090_d_v2": ("tpp", "oct2023_note2_tpp", "RTX 5090 D V2, processing performance over the line of 2023"),
}


@result.each(UNDER, "under_{}", "{2}", "fraction")
def share_of_line(identifier):
    quantity, line, _ = UNDER[identifier]
    return quantities(chip(identifier))[quantity] / facts.row("export_rules", line)["value"]


# What V3's run takes on each chip

TRAINED_ON = {"a800": "A800", "h800": "H800", "h100": "H100", "h20": "H20"}


#: Of these, chips whose hours follow from the disclosed ones and peaks alone.
SCALED = ("h800", "h100")


on_chip = result.together(TRAINED_ON)


@on_chip("v3_hours_{}", "V3's pre-training on {}", "GPU-hour", fixed=SCALED)
def v3_hours(a, name):
    """Return the GPU-hours of V3's pre-training on a chip.

    The H800's are disclosed. A Hopper chip is scaled by its peak, FP8 included. An A800 has no FP8 units: it runs
    the same computation in 16 bits at an ordinary utilisation.
    """
    disclosed = value("v3_pretraining_gpu_hours")
    if name == "h800":
        return disclosed
    if name == "a800":
        return training.gpu_hours(runs.v3_flop_causal(), peak_flops("a800"), a.training_mfu)
    relative = a.h20_relative_utilisation if name == "h20" else 1.0
    return training.scaled_hours(disclosed, peak_flops("h800"), peak_flops(name), relative)


@on_chip("v3_gpus_{}", "{} that finish it in the same days", "count", digits={"h800": 4, "h100": 4}, fixed=SCALED)
def v3_gpus(a, name):
    """Return the chips that finish V3's pre-training in the days it took."""
    return training.gpus_for_days(v3_hours(a, name), runs.v3_days())


@on_chip("v3_days_{}", "Days of it on 2,048 {}", "day", fixed=SCALED)
def v3_days(a, name):
    return training.wall_days(v3_hours(a, name), value("v3_gpu_count"))


@on_chip("v3_run_usd_{}", "The run on {} at owner's cost", "USD", digits=2)
def v3_run_usd(a, name):
    return training.run_cost(v3_hours(a, name), hardware.owner_gpu_hour_usd(a, name))


@on_chip("v3_fleet_usd_{}", "The {} for it, bought", "USD", digits=2)
def v3_fleet_usd(a, name):
    return v3_gpus(a, name) * hardware.gpu_capex_usd(a, name)


on_chip("hour_usd_{}", "Owner's cost of a used hour, {}", "USD/GPU-hour")(hardware.owner_gpu_hour_usd)


@result("L20 that finish it in the same days, at the H800's utilisation", "count")
def v3_gpus_l20():
    hours = training.scaled_hours(value("v3_pretraining_gpu_hours"), peak_flops("h800"), 1e12 * chip("l20")["tops_16"])
    return training.gpus_for_days(hours, runs.v3_days())


@result("H800's 16-bit peak over the H100's", "fraction", digits=4)
def h800_compute_share():
    return peak_flops("h800") / peak_flops("h100")


@result("H20's 16-bit peak over the H800's", "fraction", digits=2)
def h20_compute_share():
    return peak_flops("h20") / peak_flops("h800")


@result.rows(
    {
        "v3_gpus_ratio_h20": ("H20 over H800 for V3's run in the same days", v3_gpus),
        "v3_run_ratio_h20": ("The run on H20 over the run on H800, owner's cost", v3_run_usd),
    },
    "ratio",
    digits=2,
)
def h20_over_h800(a, needed):
    return needed(a, "h20") / needed(a, "h800")


@result("Those H20 over the H20 said to have been shipped in 2024", "fraction", digits=2)
def v3_gpus_h20_share(a):
    return v3_gpus(a, "h20") / facts.row("export_estimates", "h20_shipped_2024")["value"]


# Serving on H20


def h20_chip():
    """Return an H20 with the H800's network card: the card is the server's, not the chip's."""
    return hardware.chip("h20")._replace(nic_bandwidth=hardware.chip("h800").nic_bandwidth)


def serving_ratio(a, phase):
    """Return the tokens/s of an H20 over those of an H800 in one phase of DeepSeek's day."""
    point, parts = service.day_layout(phase), hardware.efficiency(a)
    return calibration.predict(point._replace(chip=h20_chip()), parts) / calibration.predict(point, parts)


def decode_ratio(a, sequences):
    """Return the same for decode at some sequences a GPU."""
    point = service.day_layout("decode")
    setting = sequences, point.setting["context_tokens"], a.mtp_acceptance, 1
    return decoding_ratio(a, point.model, point.layout, *setting)


def decoding_ratio(a, model, layout, *setting):
    """Return the tokens/s of an H20 over those of an H800 that decode a model in a setting of `serving.decode`."""
    one, other = (
        serving.decode(model, card, layout, hardware.efficiency(a), *setting).tokens_per_second_per_chip
        for card in (h20_chip(), hardware.chip("h800"))
    )
    return one / other


#: A dense model with grouped heads in one server: the ordinary case, beside DeepSeek's.
DENSE = "llama-3.1-70b"
SERVER = serving.Layout(chips=8.0, tensor_parallel=8.0, weight_bits=8.0, expert_bits=8.0)


def dense_ratio(a, sequences):
    """Return the tokens/s of eight H20 over those of eight H800 that decode a dense 70B model."""
    return decoding_ratio(a, models.model(DENSE), SERVER, sequences, value("day_cache_length"))


@result("H20's memory bandwidth over the H800's", "ratio")
def h20_bandwidth_share():
    return hardware.chip("h20").memory_bandwidth / hardware.chip("h800").memory_bandwidth


@result("H20's links over the H800's", "ratio")
def h20_link_share():
    return hardware.chip("h20").link_bandwidth / hardware.chip("h800").link_bandwidth


@result.rows(
    {
        "h20_decode_one": ("R1, decode of one sequence a GPU: H20 over H800", decode_ratio, 1.0),
        "h20_decode": ("R1, decode at DeepSeek's batch: H20 over H800", serving_ratio, "decode"),
        "h20_prefill": ("R1, prefill: H20 over H800", serving_ratio, "prefill"),
        "h20_dense_one": ("Llama 70B, decode of one sequence: H20 over H800", dense_ratio, 1.0),
        "h20_dense_64": ("Llama 70B, decode of 64 sequences: H20 over H800", dense_ratio, 64.0),
    },
    "fraction",
    "numeric",
    digits={"h20_decode": 2, "h20_prefill": 2, "h20_dense_64": 2},
)
def h20_speed(a, ratio, setting):
    return ratio(a, setting)


@result("R1, decode as published: Ant's H20 over DeepSeek's H800", "fraction", digits=2)
def h20_decode_measured():
    return value("export_h20_node_decode") / value("day_decode_node_rate")


@result("R1, prefill as published: Ant's H20 over DeepSeek's H800, without cached input", "fraction", digits=2)
def h20_prefill_measured():
    computed = value("day_prefill_node_rate") * (1.0 - service.day_hit_share())
    return value("export_h20_node_prefill") / computed


@result("R1 and V3, prefill of 4,096 tokens under SGLang: Ant's H20 over H100", "fraction", digits=2)
def h20_prefill_sglang():
    return value("export_h20_node_prefill") / facts.row("throughput", "sglang_h100_prefill_4k")["value"]


def _fleet(decode, prefill):
    return (service.day_prefill_nodes() / prefill + service.day_decode_nodes() / decode) / service.day_nodes()


@result("DeepSeek's day on H20: GPUs over the H800's, by the engine", "ratio", "numeric", digits=2)
def h20_fleet(a):
    return _fleet(serving_ratio(a, "decode"), serving_ratio(a, "prefill"))


@result("… by the published rates", "ratio", digits=2)
def h20_fleet_measured():
    return _fleet(h20_decode_measured(), h20_prefill_measured())


@result("Owner's cost of an H20-hour over an H800-hour", "fraction", digits=2)
def h20_hour_ratio(a):
    return h20_over_h800(a, hardware.owner_gpu_hour_usd)


@result("DeepSeek's day on H20: owner's cost over that on H800, by the engine", "ratio", "numeric", digits=2)
def h20_token_cost(a):
    return h20_fleet(a) * h20_hour_ratio(a)


@result("… by the published rates", "ratio", digits=2)
def h20_token_cost_measured(a):
    return h20_fleet_measured() * h20_hour_ratio(a)


# The caps of January 2025 as fleets


def in_h100(total):
    """Return a total processing performance as a number of H100."""
    return export_rules.as_chips(total, tpp("h100_sxm"))


@result.rows(
    {
        "cap_country_h100e": ("Cap of a country for 2025 to 2027, in H100", "country"),
        "cap_small_h100e": ("What one buyer may have in a year without a licence, in H100", "small_order"),
        "cap_company_2025_h100e": (
            "Cap of an approved company in one country, end of 2025, in H100",
            "company_2025_q4",
        ),
        "cap_company_2027_h100e": ("… end of 2027, in H100", "company_2027_q4"),
    },
    "count",
    digits={"cap_small_h100e": 4},
)
def cap_h100e(row):
    return in_h100(facts.row("export_caps", row)["tpp"])


@result("Total processing performance of an H100", "TPP", digits=5)
def h100_tpp():
    return tpp("h100_sxm")


@result("V3's cluster by total processing performance, in H100", "count", digits=4)
def v3_cluster_h100e():
    return in_h100(value("v3_gpu_count") * tpp("h800_sxm"))


@result("GPT-4's run by total processing performance, in H100", "count", digits=2)
def gpt4_run_h100e():
    return in_h100(facts.row("fleets", "openai_gpt4_run")["count"] * tpp("a100_sxm_40"))


@result("Cap of a country over xAI's cluster of 2024", "fraction", digits=2)
def cap_country_over_xai():
    return cap_h100e("country") / facts.row("fleets", "xai_colossus_100k")["count"]


@result("Cap of a country over V3's cluster", "ratio", digits=2)
def cap_country_over_v3():
    return cap_h100e("country") / v3_cluster_h100e()


@result("V3's cluster over what one buyer may have in a year without a licence", "ratio", digits=2)
def v3_over_small():
    return v3_cluster_h100e() / cap_h100e("small_order")


# Ways around


def estimate(identifier):
    return facts.row("export_estimates", identifier)


@result("Revenue billed to Singapore over revenue shipped there, at least", "ratio", digits=1)
def singapore_billed_over_shipped():
    return estimate("singapore_billed_fy2025")["value"] / estimate("singapore_shipped_fy2025")["value"]


@result.rows(
    {
        "singapore_cases": "Cases of charges over shipments through Singapore in our table",
        "singapore_cases_by_january": ("… of which known by the end of January 2025", "2025-02"),
    },
    "count",
    digits=1,
)
def singapore_cases(before="9999"):
    cases = facts.rows("export_estimates", question="case")
    return sum("Singapore" in case["who"] + case["what"] for case in cases if case["as_of"] < before)


@result.rows(
    {
        "singapore_charged": ("Cases charged in the United States of exports to China through Singapore", "Singapore"),
        "singapore_charged_by_january": ("… of which known by the end of January 2025", "Singapore", "2025-02"),
        "korea_charged": ("Cases charged in the United States of exports to China through South Korea", "Korea"),
    },
    "count",
    digits=1,
)
def charged_cases(country, before="9999"):
    cases = facts.rows("export_estimates", question="case", who="US Department of Justice")
    return sum(country in case["what"] for case in cases if case["as_of"] < before)


@result.rows(
    {
        "smuggled_over_v3": ("Chips smuggled in 2024 by CNAS's median, over V3's cluster", "value"),
        "smuggled_low_over_v3": (
            "Chips smuggled in 2024 by the low end of CNAS's interval, over V3's cluster",
            "low",
        ),
    },
    "ratio",
    digits=2,
)
def smuggled_over_v3(column):
    return estimate("smuggled_cnas_2024")[column] / value("v3_gpu_count")


# What the rules do not reach

TEACHERS = {"o1": "o1", "gpt4o": "GPT-4o", "r1": "R1"}


@result.each(TEACHERS, "sampling_usd_{}", "A training set like R1's, written by {} through its API", "USD", digits=2)
def sampling_usd(a, teacher):
    return teacher_answers.api_usd(a, value(f"api_{teacher}_output_usd"))


@result.rows(
    {
        "claude_usd_deepseek": (
            "Exchanges that Anthropic ascribes to DeepSeek, at R1's length and Sonnet's price",
            "export_claude_exchanges_deepseek",
        ),
        "claude_usd_all": ("… to all three laboratories", "export_claude_exchanges_all"),
    },
    "USD",
    digits=2,
)
def claude_usd(exchanges):
    tokens = value(exchanges) * value("export_r1_sample_tokens")
    return token_costs.usd(tokens, value("api_sonnet_output_usd"))


@result("Training set written by o1, over the price of one H800 server", "ratio", digits=2)
def sampling_over_server(a):
    return sampling_usd(a, "o1") / a.h800_server_usd


@result("Training set written by o1, over the price of V3's cluster", "fraction", digits=1)
def sampling_over_cluster(a):
    return sampling_usd(a, "o1") / runs.v3_cluster_usd(a)


@result.rows(
    {
        "weights_rules": ("Rules that reach software: weights of closed models", "weights"),
        "answers_rules": ("Rules that reach what a model answers", "answers"),
    },
    "count",
    digits=1,
)
def rules_on(item):
    return np.sum([test.item == item for test in tests()])


@result("Training compute at which closed weights are controlled, over V3's", "ratio", digits=2)
def weights_rule_over_v3():
    return facts.row("export_rules", "jan2025_weights")["value"] / runs.v3_flop_causal()
