"""White noise of the instruments, for the errors that a mapping expects of each mission."""

from typing import Final

import numpy as np

from oceanbench_baselines.mapping._observed import Floats

__all__ = ["nadir_noise_std", "swath_noise_std"]

# Standard deviations of 1 Hz heights, m: the middle of what is usual for each family of altimeters at a wave
# height near 2 m. A prior, not a measurement: `representativity` and tuning correct it.
_NADIR: Final = {
    "topex": 0.0175,
    "jason": 0.0175,
    "sentinel-6": 0.0175,
    "envisat": 0.02,
    "ers": 0.02,
    "geosat": 0.025,
    "cryosat": 0.0175,
    "sentinel-3": 0.0175,
    "saral": 0.0135,
    "altika": 0.0135,
    "hy-2": 0.0225,
    "swot nadir": 0.0175,
}
_UNKNOWN: Final = 0.02


def nadir_noise_std(mission: str) -> float:
    """Standard deviation in metres of the white noise of one 1 Hz height; 2 cm for an unknown mission.

    Examples
    --------
    >>> nadir_noise_std("Jason-3"), nadir_noise_std("SARAL/AltiKa"), nadir_noise_std("mine")
    (0.0175, 0.0135, 0.02)
    """
    name = mission.lower()
    return next((value for key, value in _NADIR.items() if name.startswith(key)), _UNKNOWN)


def swath_noise_std(across_km: Floats, pixel_area_km2: float) -> Floats:
    """Standard deviation in metres of KaRIn's white noise of one pixel, for waves of 2 m.

    Nearer to nadir than 10 km or farther than 60 km, where the table ends, its nearest value is taken.
    """
    from oceanbench.physics.karin_noise import FARTHEST_KM, NEAREST_KM, karin_noise_std

    distance = np.clip(np.abs(across_km), NEAREST_KM, FARTHEST_KM)
    return karin_noise_std(distance, pixel_area_km2=pixel_area_km2)
