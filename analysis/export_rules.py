"""What the export rules compute from a chip, and which test of which rule it meets.

A rule is data: tests, each a list of conditions on quantities, with the days on which it holds. A quantity that
is not known is None, and a test that hangs on it is neither met nor missed: the answer is then None. This is
arithmetic on published specifications, not legal advice.
"""

import operator
from datetime import date
from typing import NamedTuple

from analysis.errors import InputError

PCIE_LANES = 16
#: Transfers per second and lane by generation, in 10^9; from the third on 128 of 130 bits carry data.
PCIE_GIGATRANSFERS = {3: 8.0, 4: 16.0, 5: 32.0}

_RELATIONS = {">=": operator.ge, ">": operator.gt, "<": operator.lt, "==": operator.eq}


class Condition(NamedTuple):
    """A bound on one quantity.

    Attributes
    ----------
    quantity : str
        Name of the quantity, e.g. ``"tpp"``.
    relation : str
        ``">="``, ``">"``, ``"<"`` or ``"=="``, as the rule words it.
    value : float
        In `unit`.
    unit : str
    """

    quantity: str
    relation: str
    value: float
    unit: str


class Test(NamedTuple):
    """One paragraph of a rule: met if all its conditions are.

    Attributes
    ----------
    rule, paragraph, citation : str
        E.g. ``"October 2023"``, ``"3A090.a.1"`` and ``"88 FR 73458"``.
    effect : str
        What it does if met: ``"control"``, ``"exclude"`` from control, ``"review"`` of requests case by case, or
        ``"notice"``: a licence exception may be open to it after notice to the authority.
    item : str
        ``"circuit"``, ``"memory"`` or ``"weights"``.
    in_force : datetime.date
    until : datetime.date or None
        First day on which it no longer holds.
    conditions : tuple of Condition
    """

    rule: str
    paragraph: str
    citation: str
    effect: str
    item: str
    in_force: date
    until: date | None
    conditions: tuple


class Letter(NamedTuple):
    """A supplier was told that a named part needs a licence.

    Attributes
    ----------
    supplier, chip : str
    in_force : datetime.date
    """

    supplier: str
    chip: str
    in_force: date


class Status(NamedTuple):
    """What the rules say of an item on a day.

    Attributes
    ----------
    controlled : bool or None
        Whether a licence is needed for China; None if that hangs on a quantity that is not known.
    by : Test or Letter or None
        What controls it.
    review : Test or None
        The test by which requests for what a rule controls are reviewed case by case, if it is met.
    missing : tuple of str
        Quantities on which the answer hangs.
    failed : tuple of (Test, Condition)
        For each control in force that is not met, the first condition that it misses.
    excluded : Test or None
        The exclusion that takes it out, if one is met.
    notice : Test or None
        The test by which a licence exception may be open after notice to what a rule controls, if it is met.
    """

    controlled: bool | None
    by: Test | Letter | None
    review: Test | None
    missing: tuple
    failed: tuple
    excluded: Test | None
    notice: Test | None = None


def processing_performance_by_width(tops):
    """Return bit length times rate for every width.

    Parameters
    ----------
    tops : mapping of int to float
        Bits of the longer input of a multiplication to the dense rate, 10^12 operations a second, a multiplication
        and an addition counted as two.

    Returns
    -------
    dict of int to float
        TPP.

    Notes
    -----
    ``TPP = 2 x MacTOPS x bits``; MacTOPS are multiply-accumulate operations, half of the rate as it is usually
    given.

    References
    ----------
    15 CFR part 774, supplement 1, technical notes 1 to 3 to 3A090.
    """
    return {bits: bits * rate for bits, rate in tops.items()}


def total_processing_performance(tops):
    """Return the highest TPP over all widths, or None without a rate; see `processing_performance_by_width`.

    Parameters
    ----------
    tops : mapping of int to float
        See `processing_performance_by_width`.

    Returns
    -------
    float or None
        TPP.

    Raises
    ------
    InputError
        If a rate is not above 0.
    """
    if any(rate <= 0 for rate in tops.values()):
        raise InputError("a rate of operations must be above 0")
    return max(processing_performance_by_width(tops).values(), default=None)


def performance_density(tpp, die_area_mm2):
    """Return TPP over the area of all logic dies made on a non-planar node.

    Parameters
    ----------
    tpp : float or None
    die_area_mm2 : float or None
        Square millimetres.

    Returns
    -------
    float or None
        TPP/mm²; None if either is not known.

    Raises
    ------
    InputError
        If the area is not above 0.
    """
    if tpp is None or die_area_mm2 is None:
        return None
    if die_area_mm2 <= 0:
        raise InputError("a die area must be above 0")
    return tpp / die_area_mm2


def pcie_gbs(generation):
    """Return what sixteen PCI-Express lanes carry, both directions together, in GB/s.

    Parameters
    ----------
    generation : int

    Returns
    -------
    float
        GB/s.

    Raises
    ------
    InputError
        If the generation is none of `PCIE_GIGATRANSFERS`.
    """
    if generation not in PCIE_GIGATRANSFERS:
        raise InputError(f"PCI-Express generation {generation:g}: only {sorted(PCIE_GIGATRANSFERS)} are known")
    return 2.0 * PCIE_LANES * PCIE_GIGATRANSFERS[generation] * 128.0 / 130.0 / 8.0


def io_gbs(links_gbs, pcie_generation):
    """Return the transfer rate over all inputs and outputs other than memory, both directions, in GB/s.

    Parameters
    ----------
    links_gbs : float or None
        To other chips, both directions together.
    pcie_generation : float or None
        None: no such port, or its rate is already in the links.

    Returns
    -------
    float or None
        None if the links are not known.
    """
    if links_gbs is None:
        return None
    return links_gbs + (0.0 if pcie_generation is None else pcie_gbs(pcie_generation))


def holds(condition, quantities):
    """Say whether a condition holds: True, False, or None if its quantity is not known.

    Parameters
    ----------
    condition : Condition
    quantities : mapping of str to float or None
        By name, each in the condition's unit.

    Returns
    -------
    bool or None
    """
    known = quantities.get(condition.quantity)
    return None if known is None else _RELATIONS[condition.relation](known, condition.value)


def meets(test, quantities):
    """Say whether all conditions of a test hold: True, False, or None if that hangs on an unknown quantity.

    Parameters
    ----------
    test : Test
    quantities : mapping of str to float or None
        See `holds`.

    Returns
    -------
    bool or None
    """
    found = [holds(condition, quantities) for condition in test.conditions]
    if False in found:
        return False
    return None if None in found else True


def in_force(test, day):
    """Say whether a test holds on a day; it holds on its first and not on its last.

    Parameters
    ----------
    test : Test
    day : datetime.date

    Returns
    -------
    bool
    """
    return test.in_force <= day and (test.until is None or day < test.until)


def status(quantities, tests, letters, day, item="circuit"):
    """Return what the rules say of an item on a day.

    Parameters
    ----------
    quantities : mapping of str to float or None
        E.g. ``tpp``, ``performance_density``, ``io_gbs``, ``memory_gbs``, ``datacentre``.
    tests : iterable of Test
    letters : iterable of Letter
        Those that name the item.
    day : datetime.date
    item : str
        Only tests for this kind of thing are looked at.

    Returns
    -------
    Status

    Notes
    -----
    Controlled by a rule if some control is met and no exclusion is; by a letter from its first day on, whatever
    the rules say. Unknown quantities leave the answer open only where another value of them would change it.
    """
    current = [test for test in tests if test.item == item and in_force(test, day)]
    answers = [(test, meets(test, quantities)) for test in current]
    controls = [(test, met) for test, met in answers if test.effect == "control"]
    exclusions = [(test, met) for test, met in answers if test.effect == "exclude"]
    excluded = next((test for test, met in exclusions if met), None)
    met_control = next((test for test, met in controls if met), None)
    letter = next((letter for letter in letters if letter.in_force <= day), None)
    review = next((test for test, met in answers if test.effect == "review" and met), None)
    notice = next((test for test, met in answers if test.effect == "notice" and met), None)
    failed = tuple(
        (test, next(c for c in test.conditions if holds(c, quantities) is False))
        for test, met in controls
        if met is False
    )
    open_tests = [test for test, met in answers if met is None and test.effect in ("control", "exclude")]
    missing = tuple(sorted({c.quantity for t in open_tests for c in t.conditions if holds(c, quantities) is None}))
    if met_control and not excluded and all(met is False for _, met in exclusions):
        return Status(True, met_control, review, (), failed, None, notice)
    if letter:
        return Status(True, letter, None, (), failed, None)
    if excluded or all(met is False for _, met in controls):
        return Status(False, None, None, (), failed, excluded)
    return Status(None, None, None, missing, failed, None)


def as_chips(tpp, chip_tpp):
    """Return an amount of total processing performance as a number of chips.

    Parameters
    ----------
    tpp : float or array_like
        A cap, or a fleet: chips times the TPP of one.
    chip_tpp : float
        TPP of one chip.

    Returns
    -------
    float or numpy.ndarray
        Unlike `analysis.training.h100_equivalents`, which goes by the 16-bit peak: a width at which only one of two
        chips multiplies counts here.
    """
    return tpp / chip_tpp
