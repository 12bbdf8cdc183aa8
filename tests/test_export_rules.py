"""Export rules: the arithmetic against worked examples of the rules, their boundaries, and every chip of the table."""

from datetime import date

import pytest

from analysis import export_rules
from analysis.errors import InputError
from reporting.chapters.export import results as rules
from reporting.inputs import facts

IN_2022, IN_2023 = date(2023, 6, 1), date(2024, 6, 1)
STEP = 1e-6


# Quantities


@pytest.mark.parametrize(("bits", "tops"), [(8, 600), (16, 300)])
def test_the_worked_examples_of_the_rule(bits, tops):
    # Technical note 2 to 3A090: 4800 is met with 600 TOPS at 8 bits, or 300 TFLOPS at 16.
    assert export_rules.total_processing_performance({bits: tops}) == 4800


def test_the_widest_product_counts_and_not_the_sum():
    assert export_rules.total_processing_performance({16: 100, 8: 250, 4: 300}) == 2000


@pytest.mark.parametrize(
    ("chip", "tpp", "density"),
    [
        ("h20", 2368, 2.9),  # as published with its launch; density as printed in the press
        ("h100_sxm", 15832, 19.4),
        ("a100_sxm_80", 4992, 6.04),
        ("rtx_4090", 5285, 8.69),
        ("l20", 1912, 3.14),
        ("mi300x", 20919, None),
        ("h200_sxm", 15832, 19.4),
    ],
)
def test_published_numbers_of_chips(chip, tpp, density):
    has = rules.quantities(rules.chip(chip))
    assert has["tpp"] == pytest.approx(tpp, rel=1e-3)
    if density is None:
        assert has["performance_density"] is None
    else:
        assert has["performance_density"] == pytest.approx(density, abs=0.06)


def test_nothing_follows_from_nothing():
    assert export_rules.total_processing_performance({}) is None
    assert export_rules.performance_density(None, 814) is None
    assert export_rules.performance_density(4800, None) is None
    assert export_rules.io_gbs(None, 5) is None


def test_what_no_chip_can_have_is_refused():
    with pytest.raises(InputError, match="above 0"):
        export_rules.total_processing_performance({8: 0})
    with pytest.raises(InputError, match="above 0"):
        export_rules.performance_density(4800, 0)
    with pytest.raises(InputError, match="generation 9"):
        export_rules.pcie_gbs(9)


def test_sixteen_lanes_of_pcie():
    # 16 GT/s x 16 lanes x 128/130 / 8 = 31.5 GB/s each way, 63 both.
    assert export_rules.pcie_gbs(4) == pytest.approx(63.0, abs=0.05)
    assert export_rules.pcie_gbs(5) == pytest.approx(2 * export_rules.pcie_gbs(4))
    assert export_rules.io_gbs(400, 5) == pytest.approx(526, abs=0.1)
    assert export_rules.io_gbs(900, None) == 900


# The parameters themselves, as the rules print them


@pytest.mark.parametrize(
    ("identifier", "relation", "threshold", "start"),
    [
        ("oct2022_tpp", ">=", 4800, "2022-10-21"),
        ("oct2022_io", ">=", 600, "2022-10-21"),
        ("oct2023_a1_tpp", ">=", 4800, "2023-11-17"),
        ("oct2023_a2_tpp", ">=", 1600, "2023-11-17"),
        ("oct2023_a2_pd", ">=", 5.92, "2023-11-17"),
        ("oct2023_b1_tpp_low", ">=", 2400, "2023-11-17"),
        ("oct2023_b1_tpp_high", "<", 4800, "2023-11-17"),
        ("oct2023_b1_pd_low", ">=", 1.6, "2023-11-17"),
        ("oct2023_b1_pd_high", "<", 5.92, "2023-11-17"),
        ("oct2023_b2_tpp", ">=", 1600, "2023-11-17"),
        ("oct2023_b2_pd_low", ">=", 3.2, "2023-11-17"),
        ("oct2023_b2_pd_high", "<", 5.92, "2023-11-17"),
        ("oct2023_note2_tpp", "<", 4800, "2023-11-17"),
        ("oct2023_note2_market", "==", 0, "2023-11-17"),
        ("oct2023_nac_a_market", "==", 0, "2023-11-17"),
        ("oct2023_nac_a_tpp", ">=", 4800, "2023-11-17"),
        ("oct2023_nac_b_tpp", "<", 4800, "2023-11-17"),
        ("oct2023_nac_b_pd", "<", 5.92, "2023-11-17"),
        ("dec2024_hbm", ">", 2, "2024-12-02"),
        ("jan2025_weights", ">=", 1e26, "2025-01-13"),
        ("jan2026_tpp", "<", 21000, "2026-01-15"),
        ("jan2026_memory", "<", 6500, "2026-01-15"),
    ],
)
def test_the_parameters_are_those_of_the_rules(identifier, relation, threshold, start):
    row = facts.row("export_rules", identifier)
    assert (row["relation"], row["value"], row["in_force"]) == (relation, threshold, start)


def test_no_parameter_goes_untested():
    assert len(facts.rows("export_rules")) == 22


#: What a bound says just below, at, and just above its value.
SAYS = {">=": (False, True, True), ">": (False, False, True), "<": (True, False, False), "==": (False, True, False)}


def inside(test):
    """Return quantities that meet every condition of a test, away from its bounds."""
    found = {}
    for condition in test.conditions:
        bounds = [c for c in test.conditions if c.quantity == condition.quantity]
        low = [c.value for c in bounds if c.relation in (">=", ">")]
        high = [c.value for c in bounds if c.relation == "<"]
        exact = [c.value for c in bounds if c.relation == "=="]
        found[condition.quantity] = (
            exact[0] if exact else (low[0] + high[0]) / 2 if low and high else low[0] * 1.01 if low else high[0] * 0.99
        )
    return found


BOUNDS = [
    pytest.param(test, condition, id=f"{test.paragraph} {condition.quantity} {condition.relation}")
    for test in rules.tests()
    for condition in test.conditions
]


@pytest.mark.parametrize(("test", "condition"), BOUNDS)
def test_every_bound_at_just_below_and_just_above(test, condition):
    assert export_rules.meets(test, inside(test)) is True
    said = [
        export_rules.meets(test, inside(test) | {condition.quantity: condition.value + shift})
        for shift in (-STEP, 0.0, STEP)
    ]
    if condition.value > 1e9:  # a step of a millionth is lost in 10^26
        said = [export_rules.meets(test, {condition.quantity: condition.value * f}) for f in (0.999, 1.0, 1.001)]
    assert tuple(said) == SAYS[condition.relation]


@pytest.mark.parametrize(("test", "condition"), BOUNDS)
def test_an_unknown_quantity_leaves_a_test_open(test, condition):
    assert export_rules.meets(test, inside(test) | {condition.quantity: None}) is None


# Whole answers at the lines


@pytest.mark.parametrize(
    ("tpp", "io", "controlled"),
    [(4800, 600, True), (4799.99, 600, False), (4800, 599.99, False), (4800.01, 600.01, True), (99999, 400, False)],
)
def test_the_rule_of_2022_asks_for_both(tpp, io, controlled):
    has = {"tpp": tpp, "io_gbs": io, "performance_density": 99, "datacentre": 1}
    assert export_rules.status(has, rules.tests(), [], IN_2022).controlled is controlled


@pytest.mark.parametrize(
    ("tpp", "density", "datacentre", "paragraph"),
    [
        (4800, 0.1, 1, "3A090.a.1"),
        (4799.99, 1.59, 1, None),
        (4799.99, 1.6, 1, "3A090.b.1"),
        (4799.99, 5.92, 1, "3A090.a.2"),
        (4799.99, 5.9199, 1, "3A090.b.1"),
        (2400, 1.6, 1, "3A090.b.1"),
        (2399.99, 1.6, 1, None),
        (2399.99, 3.2, 1, "3A090.b.2"),
        (2399.99, 3.1999, 1, None),
        (1600, 5.92, 1, "3A090.a.2"),
        (1600, 5.9199, 1, "3A090.b.2"),
        (1599.99, 99, 1, None),
        (1600, 3.2, 1, "3A090.b.2"),
        (4799.99, 99, 0, None),
        (4800, 99, 0, "3A090.a.1"),
        (4800.01, 0.01, 0, "3A090.a.1"),
        (1600, 5.92, 0, None),
    ],
)
def test_the_rule_of_2023_by_paragraph(tpp, density, datacentre, paragraph):
    has = {"tpp": tpp, "io_gbs": 0, "performance_density": density, "datacentre": datacentre}
    found = export_rules.status(has, rules.tests(), [], IN_2023)
    assert (found.by.paragraph if found.by else None) == paragraph
    assert found.controlled is (paragraph is not None)


@pytest.mark.parametrize(
    ("tpp", "memory", "reviewed"),
    [(20999.9, 6499.9, True), (21000, 6499.9, False), (20999.9, 6500, False), (21000.1, 6500.1, False)],
)
def test_case_by_case_below_both_lines_of_2026(tpp, memory, reviewed):
    has = {"tpp": tpp, "performance_density": None, "io_gbs": None, "memory_gbs": memory, "datacentre": 1}
    before, after = (export_rules.status(has, rules.tests(), [], day) for day in (date(2026, 1, 14), date(2026, 1, 15)))
    assert before.controlled and after.controlled  # a licence is needed either way
    assert before.review is None
    assert (after.review is not None) is reviewed


def test_memory_is_controlled_by_itself_and_circuits_are_not_by_their_memory():
    stack = {"hbm_gbs_mm2": 2.01}
    assert export_rules.status(stack, rules.tests(), [], date(2024, 12, 2), "memory").controlled is True
    assert export_rules.status(stack, rules.tests(), [], date(2024, 12, 1), "memory").controlled is False
    assert export_rules.status({"hbm_gbs_mm2": 2.0}, rules.tests(), [], date(2025, 1, 1), "memory").controlled is False


def test_an_input_is_missing_only_where_it_would_decide():
    has = {"tpp": 4800, "performance_density": None, "io_gbs": None, "datacentre": 1}
    assert export_rules.status(has, rules.tests(), [], IN_2023).controlled is True
    found = export_rules.status(has, rules.tests(), [], IN_2022)
    assert found.controlled is None
    assert found.missing == ("io_gbs",)
    small = has | {"tpp": 1599.0}
    assert export_rules.status(small, rules.tests(), [], IN_2023).controlled is False
    middle = has | {"tpp": 2000.0}
    assert export_rules.status(middle, rules.tests(), [], IN_2023).missing == ("performance_density",)


# Days


def test_a_rule_holds_from_its_first_day_to_the_day_before_the_next():
    h800 = rules.chip("h800_sxm")
    has = rules.quantities(h800)
    assert export_rules.status(has, rules.tests(), [], date(2023, 11, 16)).controlled is False
    assert export_rules.status(has, rules.tests(), [], date(2023, 11, 17)).controlled is True
    a100 = rules.quantities(rules.chip("a100_sxm_80"))
    assert export_rules.status(a100, rules.tests(), [], date(2022, 10, 20)).controlled is False
    assert export_rules.status(a100, rules.tests(), [], date(2022, 10, 21)).controlled is True


@pytest.mark.parametrize(
    ("chip", "before", "on"),
    [
        ("a100_sxm_80", date(2022, 8, 25), date(2022, 8, 26)),
        ("h100_sxm", date(2022, 8, 25), date(2022, 8, 26)),
        ("mi250x", date(2022, 8, 30), date(2022, 8, 31)),
        ("a800_sxm", date(2023, 10, 22), date(2023, 10, 23)),
        ("h800_sxm", date(2023, 10, 22), date(2023, 10, 23)),
        ("l40s", date(2023, 10, 22), date(2023, 10, 23)),
        ("h20", date(2025, 4, 8), date(2025, 4, 9)),
    ],
)
def test_a_letter_holds_from_its_day_on(chip, before, on):
    row = rules.chip(chip)
    assert rules.status(row, before).controlled is False
    assert isinstance(rules.status(row, on).by, export_rules.Letter)


def test_a_letter_came_before_its_rule_by_the_days_stated():
    for row in facts.rows("export_letters"):
        if row["rule_in_force"]:
            gap = date.fromisoformat(row["rule_in_force"]) - date.fromisoformat(row["in_force"])
            assert row["lead_days"] == gap.days
            assert rules.status(rules.forms(row["chip"])[0], date.fromisoformat(row["rule_in_force"])).controlled


#: Form to what holds on the first of June 2022 to 2026: open, rule, letter, or an input is missing.
EXPECTED = {
    "v100_sxm2": "ooooo",
    "v100_pcie": "ooooo",
    "a100_pcie_40": "orrrr",
    "a100_pcie_80": "orrrr",
    "a100_sxm_40": "orrrr",
    "a100_sxm_80": "orrrr",
    "a800_pcie_40": "oorrr",
    "a800_pcie_80": "oorrr",
    "a800_sxm": "oorrr",
    "h100_pcie": "orrrr",
    "h100_sxm": "orrrr",
    "h100_nvl": "orrrr",
    "h800_sxm": "oorrr",
    "h800_pcie": "oorrr",
    "h200_sxm": "orrrr",
    "h200_nvl": "orrrr",
    "h20": "oooll",
    "b200": "orrrr",
    "gb200": "orrrr",
    "b300": "orrrr",
    "l4": "oorrr",
    "l40s": "oorrr",
    "l20": "ooooo",
    "l2": "ooooo",
    "rtx_3090": "ooooo",
    "rtx_4090": "oorrr",
    "rtx_4090_d": "ooooo",
    "rtx_5090": "oorrr",
    "rtx_5090_d": "oo???",
    "rtx_5090_d_v2": "ooooo",
    "rtx_6000_ada": "oorrr",
    "rtx_pro_6000": "oorrr",
    "rtx_pro_6000d": "oo???",
    "mi210": "oorrr",
    "mi250x": "orrrr",
    "mi300x": "orrrr",
    "mi308x": "o??ll",
    "mi325x": "orrrr",
    "mi355x": "orrrr",
    "gaudi2": "o?rrr",
    "gaudi3": "o?rrr",
}


def code(found):
    if found.controlled is None:
        return "?"
    if not found.controlled:
        return "o"
    return "l" if isinstance(found.by, export_rules.Letter) else "r"


@pytest.mark.parametrize("row", facts.rows("export_chips"), ids=lambda row: row["id"])
def test_every_chip_of_the_table(row):
    said = "".join(code(rules.status(row, date(year, 6, 1))) for year in range(2022, 2027))
    assert said == EXPECTED[row["id"]]


def test_the_rule_of_2023_catches_what_nvidia_said_it_catches():
    # NVIDIA's 8-K of 17 October 2023 names these and the L40, which is not in the table.
    for name in ("A100", "A800", "H100", "H800", "L40S", "RTX 4090"):
        for row in rules.forms(name):
            found = export_rules.status(rules.quantities(row), rules.tests(), [], IN_2023)
            assert found.controlled is True, row["id"]


def test_the_rule_of_2022_moved_no_part_that_no_letter_had_named():
    for row in facts.rows("export_chips"):
        if row["vendor"] != "Intel" and row["launch_date"] and row["launch_date"] <= "2022-10-21":
            assert rules.status(row, date(2022, 10, 20)).controlled == rules.status(row, date(2022, 10, 21)).controlled


@pytest.mark.parametrize(
    ("chip", "open_on_notice"),
    # 3A090.a for data centres has no exception; gaming and workstation parts of 3A090.a and all of 3A090.b have one.
    [
        ("h100_sxm", False),
        ("l4", False),
        ("rtx_4090", True),
        ("rtx_6000_ada", True),
        ("mi210", True),
        ("rtx_4090_d", False),
        ("h20", False),
    ],
)
def test_an_exception_on_notice_is_not_for_the_strongest_parts_of_data_centres(chip, open_on_notice):
    assert (rules.status(rules.chip(chip), IN_2023).notice is not None) is open_on_notice
    assert rules.status(rules.chip(chip), date(2023, 11, 16)).notice is None


# One number in two places


def test_the_two_tables_of_chips_agree():
    pairs = {
        "a100": ("a100_sxm_80", 1),
        "h100": ("h100_sxm", 1),
        "h800": ("h800_sxm", 1),
        "h200": ("h200_sxm", 1),
        "h20": ("h20", 1),
        "b200": ("b200", 1),
        "gb200": ("gb200", 1),
        "mi300x": ("mi300x", 1),
        # Inference accumulates in FP32 at half the rate, and the rules take the higher.
        "rtx_4090": ("rtx_4090", 2),
        "rtx_5090": ("rtx_5090", 2),
    }
    for name, (identifier, factor) in pairs.items():
        served, ruled = facts.row("chips", name), rules.chip(identifier)
        assert served["bf16_flops"] * factor == pytest.approx(ruled["tops_16"] * 1e12, rel=1e-3), name
        if served["fp8_flops"]:
            assert served["fp8_flops"] * factor == pytest.approx(ruled["tops_8"] * 1e12, rel=1e-3), name
        assert served["mem_bw_bytes_s"] == pytest.approx(ruled["memory_gbs"] * 1e9), name
        if factor == 1:
            assert 2 * served["link_bytes_s_each_way"] == pytest.approx(ruled["links_gbs"] * 1e9), name


@pytest.mark.parametrize(
    ("fact", "chip", "column"),
    [
        ("h800_bf16_flops", "h800_sxm", "tops_16"),
        ("h800_fp8_flops", "h800_sxm", "tops_8"),
        ("h100_bf16_flops", "h100_sxm", "tops_16"),
        ("a100_bf16_flops", "a100_sxm_80", "tops_16"),
        ("h20_bf16_flops", "h20", "tops_16"),
    ],
)
def test_scalar_facts_agree_with_the_table(fact, chip, column):
    assert facts.value(fact) == pytest.approx(rules.chip(chip)[column] * 1e12)
