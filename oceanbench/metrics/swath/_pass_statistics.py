"""What one pass adds to the scores of filtered swaths."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from oceanbench.metrics.swath._derivatives import swath_derivatives
from oceanbench.metrics.swath._error_sums import RegimeSums, regime_sums, squared_errors
from oceanbench.metrics.swath._fields import QUANTITIES, PassFields, lines_around
from oceanbench.metrics.swath._periodograms import Segments, SpectrumSums, spectrum_sums

__all__ = ["PassStatistics", "pass_statistics"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PassStatistics:
    """Sums over one pass; small (about 0.1 MB), so that a worker can send them.

    Attributes
    ----------
    official : RegimeSums
        Squared errors with derivatives across the joints of the passes.
    robust : RegimeSums
        With derivatives of the pass alone, and the velocity error as a fourth quantity.
    spectra, robust_spectra : SpectrumSums
        With the segments of the official and of the robust numbers.
    segments, robust_segments : Segments
        How the columns were cut.
    points, covered : int
        Pixels with both a true and a noisy height, and those of them with a filtered one.
    """

    official: RegimeSums
    robust: RegimeSums
    spectra: SpectrumSums
    robust_spectra: SpectrumSums
    segments: Segments
    robust_segments: Segments
    points: int
    covered: int


def pass_statistics(
    fields: PassFields,
    *,
    before: PassFields | None = None,
    after: PassFields | None = None,
    posting_km: float = 2.0,
    segment_km: float = 1000.0,
    overlap: float = 0.25,
    robust_segment_km: float = 512.0,
) -> PassStatistics:
    """Sums over one pass from which all scores of filtered swaths follow.

    Parameters
    ----------
    fields : PassFields
        The pass.
    before, after : PassFields, optional
        Lines at the end of what precedes, and at the start of what follows, when the passes are put end to
        end as the official code does; none at the ends of the whole set. Two lines are enough, but for a pass
        of a single line at an end of the set: that one needs `HALO_LINES`. More change nothing.
    posting_km : float
        Distance between two pixels.
    segment_km, robust_segment_km : float
        Lengths of the segments of the official and of the robust spectra.
    overlap : float
        Part of a segment that the next one shares.

    Raises
    ------
    ValueError
        If the arrays are not of one shape, or the segments cannot be.
    """
    _check_shapes(fields)
    cuts = [
        Segments(posting_km, length_km, overlap, to_the_end=robust)
        for length_km, robust in ((segment_km, False), (robust_segment_km, True))
    ]
    heights, posting_m = fields.heights, 1000.0 * posting_km
    derived = swath_derivatives(heights, fields.lat, posting_m)
    errors = squared_errors(heights, derived)
    regimes = fields.regimes()
    quantities = [heights, derived.speed, derived.vorticity]
    spectra = [spectrum_sums(quantities, cut) for cut in cuts]
    points = np.isfinite(fields.truth) & np.isfinite(fields.noisy)
    return PassStatistics(
        official=regime_sums(_errors_at_joints(errors, fields, before, after, posting_m), regimes),
        robust=regime_sums(errors, regimes),
        spectra=spectra[0],
        robust_spectra=spectra[1],
        segments=cuts[0],
        robust_segments=cuts[1],
        points=int(points.sum()),
        covered=int((points & np.isfinite(fields.filtered)).sum()),
    )


def _errors_at_joints(
    errors: list[list[FloatArray]],
    fields: PassFields,
    before: PassFields | None,
    after: PassFields | None,
    posting_m: float,
) -> list[list[FloatArray]]:
    """Squared errors (ssh, speed, vorticity) with derivatives across the joints of the passes."""
    official = len(QUANTITIES)
    if before is None and after is None:
        return [of_field[:official] for of_field in errors]
    heights, lat, lines = lines_around(fields, before, after)
    joined = squared_errors(heights, swath_derivatives(heights, lat, posting_m))
    return [[error[lines] for error in of_field[:official]] for of_field in joined]


def _check_shapes(fields: PassFields) -> None:
    shapes = {name: np.shape(values) for name, values in fields._asdict().items()}
    if len(set(shapes.values())) > 1 or len(shapes["truth"]) != 2:
        raise ValueError(f"fields of one pass have the shapes {shapes}; expected one shape (lines, pixels)")
