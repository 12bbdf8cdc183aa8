"""Results of the chapter on distillation: the loop of a model that trains on its own checked answers (C04)."""

from functools import lru_cache
from operator import attrgetter

import numpy as np

from analysis import self_improvement, token_costs
from analysis.self_improvement import Loop
from reporting.cases.benchmarks import points, score
from reporting.chapters.distillation.bill import START, kept_tokens
from reporting.core.results import Chapter
from reporting.inputs import facts

result = Chapter(__name__)

value = facts.value

# The self-improving loop

PROBLEMS, ROUNDS = 800, 10


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


@lru_cache(maxsize=1024)
def _ran(knobs):
    return self_improvement.simulate(knobs, PROBLEMS, ROUNDS)


def run_loop(a, **changed):
    return _ran(loop(a, **changed))


@result.rows(
    {
        "loop_end": ("Self-improving loop: share of right answers after ten rounds", attrgetter("right")),
        "loop_seen": (
            "Self-improving loop: share that the verifier accepts in the last round",
            attrgetter("accepted"),
        ),
        "loop_fooled": ("… share of answers that fool it at the end", attrgetter("fooling")),
    },
    "fraction",
    "numeric",
    digits=2,
)
def loop_last(a, share):
    return share(run_loop(a))[-1]


@result("… first round that gains less than a point", "count", "numeric", digits=1)
def loop_settled(a):
    return self_improvement.settled(run_loop(a).right)


@result("… with a verifier that errs in nothing", "fraction", "numeric", digits=2)
def loop_perfect_end(a):
    perfect = run_loop(a, false_accept=0.0, false_reject=0.0, fooling_share=0.0)
    return perfect.right[-1]


@result("… with ten times the errors of chance, none that fools", "fraction", "numeric", digits=2)
def loop_chance_end(a):
    return run_loop(a, **by_chance(a)).right[-1]


def by_chance(a):
    """Return what changes for a verifier that errs by chance alone, ten times as often."""
    return {"false_accept": min(10.0 * float(a.loop_false_accept), 0.9), "fooling_share": 0.0}


@result("… the same with sixteen times the answers for each problem", "fraction", "numeric", digits=2)
def loop_chance_many_end(a):
    return run_loop(a, **by_chance(a), samples=16.0 * float(a.loop_samples)).right[-1]


@result(
    "… share of fooling answers at the start that spoils the end: as many fool as are right",
    "fraction",
    "numeric",
    digits=1,
)
def loop_poison_share(a):
    low, high = np.log(1e-5), np.log(0.9)
    for _ in range(7):
        middle = 0.5 * (low + high)
        ran = self_improvement.simulate(loop(a, fooling_share=float(np.exp(middle))), 80, 8)
        if ran.fooling[-1] > ran.right[-1]:
            high = middle
        else:
            low = middle
    return np.exp(0.5 * (low + high))


@result.rows(
    {
        "loop_first_usd": ("… a right and kept answer in the first round, at R1's price", 0),
        "loop_last_usd": ("… the same in the last round", -1),
    },
    "USD",
    "numeric",
    digits=2,
)
def checked_usd(a, round_):
    """Return what a right and kept answer costs in a round of the loop, at R1's list price."""
    ran = run_loop(a)
    answer = token_costs.usd(kept_tokens() / value("r1_sft_samples"), a.r1_price_factor * value("api_r1_output_usd"))
    return answer / (ran.accepted[round_] * ran.purity[round_])


@result.each(
    {"32b": "OpenThinker 32B", "7b": "OpenThinker 7B"},
    "verified_gain_{}",
    "{} on verified answers minus on all, AIME 2024",
    "point",
    digits=2,
)
def verified_gain(size):
    return points(f"openthinker_{size}_aime2024", f"openthinker_{size}_unverified_aime2024")


@result("OpenThoughts: share of R1's answers that passed verification", "fraction", digits=2)
def openthoughts_acceptance():
    return value("openthoughts_verified") / value("openthoughts_raw")
