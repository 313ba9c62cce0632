"""Prior of MIOST from the training fields of a challenge: variances and lifetimes of the bands.

The numbers that ship are printed by::

    python -m oceanbench_baselines.miost.fit 2020a-twin

It reads nothing but the training fields of the challenge.
"""

from pathlib import Path
from typing import Any

import click
import xarray as xr

from oceanbench_baselines.miost._band_variances import fit_band_variances
from oceanbench_baselines.miost._lifetimes import fit_lifetimes
from oceanbench_baselines.miost._method import Miost

__all__ = ["fit_prior"]

_LAW = ("lifetime_days", "lifetime_exponent", "shortest_lifetime", "longest_lifetime")


def fit_prior(training: xr.DataArray, method: Miost | None = None) -> dict[str, Any]:
    """Parameters of `Miost` that give the spectrum and the correlations in time of training fields.

    Parameters
    ----------
    training : xr.DataArray, dims (time, lat, lon), metres
        Without gaps, at equal steps of time.
    method : Miost, optional
        Whose bands are fitted; the defaults unless given.

    Returns
    -------
    dict
        ``variances`` and the four numbers of the law of lifetimes, two digits each.

    Raises
    ------
    ValueError
        See `fit_band_variances` and `fit_lifetimes`.
    """
    bands = method or Miost()
    lengths = bands.wavelengths_km()
    variances = fit_band_variances(training, lengths, npsp=bands.npsp, facns=bands.facns)
    lifetimes = fit_lifetimes(training, lengths, npsp=bands.npsp, facns=bands.facns)
    law = {name: _two_digits(getattr(lifetimes, name)) for name in _LAW}
    return {"variances": tuple(_two_digits(value) for value in variances), **law}


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


@click.command()
@click.argument("challenge")
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Folder with its files."
)
def main(challenge: str, data: Path | None) -> None:
    """Print the prior of MIOST that the training fields of CHALLENGE give, as options of run."""
    from oceanbench.catalog import load_challenge
    from oceanbench.data import read_training_of

    try:
        prior = fit_prior(read_training_of(load_challenge(challenge), given=data).load())
    except (LookupError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    for name, value in prior.items():
        click.echo(f"--set {name}={','.join(map(str, value)) if isinstance(value, tuple) else value}")


if __name__ == "__main__":
    main()
