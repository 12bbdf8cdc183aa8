"""What a GPU-hour costs the one who owns the GPU.

Capital, hosting, energy and operations are added up per hour that the GPU exists, then divided by the share of
hours it does paid work. All functions take floats or arrays that broadcast.
"""

HOURS_PER_YEAR = 8760
MONTHS_PER_YEAR = 12


def capital_recovery_factor(rate, years):
    """Return the yearly payment that repays one dollar over some years at an interest rate.

    Parameters
    ----------
    rate : float or array_like
        Cost of capital per year, as a fraction above 0.
    years : float or array_like
        Life in years.

    Returns
    -------
    float or numpy.ndarray
        Per year.

    Notes
    -----
    ``r / (1 - (1 + r)^-n)``; as r goes to 0 it goes to 1/n.
    """
    return rate / (1.0 - (1.0 + rate) ** (-years))


def capital_usd_per_hour(capex_usd, rate, years, residual_share):
    """Return what owning costs per hour of existence: repayment and return, less what is left at the end.

    Parameters
    ----------
    capex_usd : float or array_like
        Purchase price per GPU: its share of server and network, USD.
    rate, years : float or array_like
        See `capital_recovery_factor`.
    residual_share : float or array_like
        Share of the price recovered at the end of life.

    Returns
    -------
    float or numpy.ndarray
        USD per hour.
    """
    residual_present_value = residual_share * (1.0 + rate) ** (-years)
    yearly = capex_usd * (1.0 - residual_present_value) * capital_recovery_factor(rate, years)
    return yearly / HOURS_PER_YEAR


def hosting_usd_per_hour(power_kw, facility_usd_per_kw_month):
    """Return the rent of a place with power and cooling, per hour.

    Parameters
    ----------
    power_kw : float or array_like
        Rated power of one GPU's share of the server, kW: what has to be reserved.
    facility_usd_per_kw_month : float or array_like
        USD per kW and month, energy not included.

    Returns
    -------
    float or numpy.ndarray
        USD per hour.
    """
    return power_kw * facility_usd_per_kw_month * MONTHS_PER_YEAR / HOURS_PER_YEAR


def energy_usd_per_hour(power_kw, average_draw_share, pue, electricity_usd_per_kwh):
    """Return the electricity bill per hour.

    Parameters
    ----------
    power_kw : float or array_like
        Rated power of one GPU's share of the server, kW.
    average_draw_share : float or array_like
        Average draw over rated power.
    pue : float or array_like
        Power usage effectiveness: the building's energy over the servers', at least 1.
    electricity_usd_per_kwh : float or array_like
        USD per kWh.

    Returns
    -------
    float or numpy.ndarray
        USD per hour.
    """
    return power_kw * average_draw_share * pue * electricity_usd_per_kwh


def operations_usd_per_hour(capex_usd, operations_share):
    """Return staff, repair and software per hour, as a share of the purchase price per year.

    Parameters
    ----------
    capex_usd : float or array_like
        Purchase price per GPU, USD.
    operations_share : float or array_like
        Of the price, per year.

    Returns
    -------
    float or numpy.ndarray
        USD per hour.
    """
    return capex_usd * operations_share / HOURS_PER_YEAR


def per_used_hour(usd_per_hour, utilisation):
    """Return the cost of an hour of work, when only a share of all hours works.

    Parameters
    ----------
    usd_per_hour : float or array_like
        USD per hour of existence.
    utilisation : float or array_like
        Share of hours that work, in (0, 1].

    Returns
    -------
    float or numpy.ndarray
        USD per hour of work.
    """
    return usd_per_hour / utilisation
