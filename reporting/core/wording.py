"""How a number is written in a sentence, a label or a table."""

import math

_SCALES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_PREFIXES = ((1e15, "P"), (1e12, "T"), (1e9, "G"))
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
NBSP = "\u00a0"
MINUS = "\u2212"

#: Unit to (before, after); a unit that is absent is written after the number.
_AFFIXES = {
    "USD": ("$", ""),
    "USD/GPU-hour": ("$", ""),
    "USD/GPU": ("$", ""),
    "USD/kWh": ("$", ""),
    "USD/kW-month": ("$", ""),
    "USD/year": ("$", " a year"),
    "USD/parameter": ("$", ""),
    "USD/token": ("$", ""),
    "USD/FLOP": ("$", ""),
    "USD/million tokens": ("$", " per million tokens"),
    "USD/month": ("$", " a month"),
    "fraction": ("", "%"),
    "fraction/year": ("", "%"),
    "ratio": ("", "×"),
    "factor/year": ("", "×"),
    "count": ("", ""),
    "boolean": ("", ""),
    "elasticity": ("", ""),
    "kB/token": ("", NBSP + "kB"),
    "byte/parameter": ("", NBSP + "bytes"),
}
_PLURALS = {
    "GPU-hour": "GPU-hours",
    "GPU": "GPUs",
    "day": "days",
    "year": "years",
    "token": "tokens",
    "parameter": "parameters",
    "bit": "bits",
    "layer": "layers",
    "point": "points",
    "token/s": "tokens/s",
    "microsecond": "microseconds",
    "minute": "minutes",
    "month": "months",
    "token/month": "tokens a month",
    "token/minute": "tokens a minute",
}
#: Every unit a fact, an assumption or a result may have.
UNITS = (
    frozenset(_AFFIXES)
    | frozenset(_PLURALS)
    | {
        "token/day",
        "FLOP",
        "FLOP/s",
        "FLOP/token",
        "TFLOP/s",
        "GFLOP/token",
        "GPU-hour/trillion tokens",
        "GB",
        "byte",
        "bytes/s",
        "GW",
        "kW",
        "W",
        "kWh",
        "MWh",
        "minute",
        "Elo",
        "relative",
        "element",
        "element/token",
        "tok/s/system",
        "tok/s/node",
        "tok/s/gpu",
        "USD per endpoint",
        "USD per square metre-month",
        "RMB per USD",
        "fraction of list price",
        "TPP",
        "TPP/mm²",
        "GB/s",
        "GB/s/mm²",
    }
)

#: Significant digits of the data of a chart and of what is hashed: enough for any reading, few enough that two
#: machines agree.
DATA_DIGITS = 6


def significant(value, digits):
    """Round to a number of significant digits.

    Parameters
    ----------
    value : float
    digits : int

    Returns
    -------
    float
    """
    if value == 0 or not math.isfinite(value):
        return value
    return round(value, digits - 1 - math.floor(math.log10(abs(value))))


def rounded(content, digits=DATA_DIGITS):
    """Return JSON-like content with every float rounded to some significant digits."""
    if isinstance(content, float):
        return significant(content, digits)
    if isinstance(content, dict):
        return {key: rounded(value, digits) for key, value in content.items()}
    if isinstance(content, list):
        return [rounded(value, digits) for value in content]
    return content


def natural_digits(value, most=4):
    """Return how many significant digits a given number needs to be written as it stands, at most `most`."""
    full = significant(value, most)
    return next(digits for digits in range(1, most + 1) if significant(value, digits) == full)


def number(value, digits=3):
    """Write a number with thousands separators, `digits` significant digits and no exponent below 10¹⁵."""
    if not math.isfinite(value):
        return "not finite"
    rounded = significant(value, digits)
    if rounded != 0 and (abs(rounded) >= 1e15 or abs(rounded) < 1e-4):
        exponent = math.floor(math.log10(abs(rounded)))
        mantissa = f"{rounded / 10**exponent:.{digits - 1}f}"
        text = f"{mantissa}{NBSP}×{NBSP}10{str(exponent).translate(_SUPERSCRIPT)}"
    else:
        magnitude = math.floor(math.log10(abs(rounded))) if rounded else 0
        decimals = max(0, digits - 1 - magnitude)
        text = f"{rounded:,.{decimals}f}"
    return text.replace("-", MINUS)


def quantity(value, unit, digits=3):
    """Write a number with its unit as a reader expects it.

    Parameters
    ----------
    value : float
        In `unit`.
    unit : str
        ``"USD"``, ``"fraction"`` (written as a percentage), ``"ratio"`` (written with ×), ``"GPU-hour"``, ...
    digits : int
        Significant digits.

    Examples
    --------
    >>> quantity(5_576_000, "USD", 4).replace(NBSP, " ")
    '$5.576 million'
    >>> quantity(0.3894, "fraction")
    '38.9%'
    """
    if unit == "boolean":
        return "yes" if value else "no"
    if unit.startswith("FLOP"):
        for scale, prefix in _PREFIXES:
            if scale <= abs(value) < 1e18:
                return f"{number(value / scale, digits)}{NBSP}{prefix}{unit}"
        return f"{number(value, digits)}{NBSP}{unit}"
    if unit in ("fraction", "fraction/year"):
        value = value * 100
    before, after = _AFFIXES.get(unit, ("", None))
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if unit in ("USD/GPU-hour", "USD/million tokens") or (unit == "USD" and size < 100):
        text = f"{size:,.2f}" if size >= 0.1 else number(size, digits)
    else:
        rounded = significant(size, digits)
        for scale, name in _SCALES:
            if rounded >= scale and rounded < 1e15:
                text = f"{number(size / scale, digits)}{NBSP}{name}"
                break
        else:
            text = number(size, digits)
    if after is None:
        word = _PLURALS.get(unit, unit)
        after = NBSP + (unit if text == "1" else word)
    return f"{sign}{before}{text}{after}"


def span(low, high, unit, digits=2):
    """Write an interval, e.g. ``"$0.5 billion to $1.6 billion"`` or ``"29 to 42 days"``: a word is written once.

    Ends that are written alike are one number.
    """
    first, second = quantity(low, unit, digits), quantity(high, unit, digits)
    if first == second:
        return first
    for word in (_AFFIXES.get(unit, ("", ""))[1], NBSP + _PLURALS.get(unit, unit)):
        if word[:1] in (" ", NBSP) and second.endswith(word):
            first = first.removesuffix(word)
    return f"{first} to {second}"


def stated_span(low, high, unit):
    """Write an interval whose ends were given, with the digits they were given in."""
    return span(low, high, unit, max(natural_digits(low), natural_digits(high)))


def typographic(text):
    """Return a text with curly apostrophes."""
    return text.replace("'", "’")
