"""Which numbers of a challenge a bench shows: all of its headline scores on a page, fewer in a terminal."""

from oceanbench.challenge import Challenge
from oceanbench_leaderboard.metrics import metric_named

__all__ = ["compared_metrics", "shown_metrics", "terminal_metrics"]

_ROBUST_ONLY = {"filter-osse": ("lambda_snr2.ssh",)}  # steadier than the official wavelengths beside it
_IN_TERMINAL = {
    "filter-osse": (
        "rmse.ssh.global",
        "rmse.speed.global",
        "rmse.vorticity.global",
        "lambda_snr1.ssh",
        "lambda_snr2.ssh",
    )
}


def compared_metrics(challenge: Challenge) -> tuple[str, ...]:
    """Give the official numbers that stand for the others: those that a board shows first.

    Examples
    --------
    >>> from oceanbench.catalog import load_challenge
    >>> compared_metrics(load_challenge("2020a"))
    ('mu', 'sigma', 'lambda_x', 'lambda_t')
    """
    return tuple(name for name in challenge.metric_names if metric_named(name).headline)


def shown_metrics(challenge: Challenge) -> tuple[str, ...]:
    """Give the numbers of the table on a page, and robust ones that have no official counterpart."""
    return (*compared_metrics(challenge), *_ROBUST_ONLY.get(challenge.kind, ()))


def terminal_metrics(challenge: Challenge) -> tuple[str, ...]:
    """Give those that fit a terminal of 80 columns with their intervals."""
    return _IN_TERMINAL.get(challenge.kind) or shown_metrics(challenge)
