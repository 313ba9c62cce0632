"""The file of a search: what was asked, every trial, and what follows from them."""

import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from oceanbench.tuning._errors import Errors, resampled, root_mean

__all__ = ["Result", "Trial", "read_result"]

_KIND = "oceanbench tune"
_FORMAT = 1


@dataclass(frozen=True)
class Trial:
    """One set of values that was tried.

    Attributes
    ----------
    parameters : mapping of str to float
        Values of the parameters that are searched.
    seconds : float
        Wall time of all maps.
    squared : tuple of float
        Σ (map - reference)², m², over the scored points of each block of days; empty where it failed.
    wavelength : float or None
        Zonal resolution in degrees of longitude, where it is known: for information, nothing is chosen by it.
    trouble : str
        Why the method could not map with these values.
    """

    parameters: Mapping[str, float]
    seconds: float
    squared: tuple[float, ...] = ()
    wavelength: float | None = None
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Result:
    """A search, as far as it has come.

    Attributes
    ----------
    asked : mapping
        What the scores depend on: method, challenge, track, ranges, start, days, seed, digests of the data.
        A search goes on only where all of it is the same.
    about : mapping
        What else is worth knowing: command, software, cases.
    points, reference : tuple of float
        Number of scored points, and Σ reference² in m², in each block of days.
    trials : tuple of Trial
        In the order in which they were made; the first is the start.
    """

    asked: Mapping[str, Any]
    about: Mapping[str, Any]
    points: tuple[float, ...] = ()
    reference: tuple[float, ...] = ()
    trials: tuple[Trial, ...] = field(default=())

    def with_trial(self, trial: Trial, errors: Errors | None) -> "Result":
        """Give the result with one trial more."""
        points, reference = self.points, self.reference
        if errors is not None:
            points, reference = tuple(errors.points.tolist()), tuple(errors.reference.tolist())
        return Result(self.asked, self.about, points, reference, (*self.trials, trial))

    def rmse(self, trial: Trial) -> float:
        """Root mean square of map - reference over all scored points, metres; inf where the trial failed."""
        if not trial.squared:
            return float("inf")
        return root_mean(np.array(trial.squared), np.array(self.points))

    def mu(self, trial: Trial) -> float:
        """1 - RMS(map - reference) / RMS(reference)."""
        return 1.0 - self.rmse(trial) / root_mean(np.array(self.reference), np.array(self.points))

    def standard_error(self, trial: Trial) -> float:
        """Standard error of the root mean square, metres, by block bootstrap; NaN with less than 4 blocks."""
        return float(np.std(self._resampled(trial)))

    def difference_error(self, one: Trial, other: Trial) -> float:
        """Standard error of the difference of two root mean squares, metres: paired, on the same days."""
        return float(np.std(self._resampled(one) - self._resampled(other)))

    def _resampled(self, trial: Trial) -> Any:
        return resampled(np.array(trial.squared), np.array(self.points))

    @cached_property
    def best(self) -> Trial | None:
        """The trial with the least root mean square, the first of equal ones; None where all have failed.

        Of trials that lie within one standard error the smoothest would be the cautious choice; but which
        values make a map smooth only the method knows, so the least error decides.
        """
        usable = [trial for trial in self.trials if trial.squared]
        return min(usable, key=self.rmse) if usable else None

    def indistinguishable(self) -> list[int]:
        """Indices of the trials that lie behind the best by no more than the error of the difference."""
        best = self.best
        if best is None:
            return []
        behind = {number: trial for number, trial in enumerate(self.trials) if trial.squared}
        return [
            number
            for number, trial in behind.items()
            if trial is best or self.rmse(trial) - self.rmse(best) <= self.difference_error(trial, best)
        ]

    def preset(self) -> dict[str, Any]:
        """Parameters of the best trial: those searched, and fixed ones that are not the defaults."""
        best = self.best
        found = {} if best is None else dict(best.parameters)
        return {**self.asked["fixed"], **found}

    def to_json(self) -> dict[str, Any]:
        """Everything, ready for JSON; what is infinite or not a number is null."""
        return {
            "kind": _KIND,
            "format": _FORMAT,
            "asked": dict(self.asked),
            **self.about,
            "best": self._best_json(),
            "preset": self.preset(),
            "blocks": {"points": list(self.points), "squared_reference": list(self.reference)},
            "trials": [self._trial_json(number, trial) for number, trial in enumerate(self.trials)],
        }

    def _best_json(self) -> dict[str, Any] | None:
        best = self.best
        if best is None:
            return None
        return {
            "trial": self.trials.index(best) + 1,
            "parameters": dict(best.parameters),
            "rmse": _plain(self.rmse(best)),
            "rmse_standard_error": _plain(self.standard_error(best)),
            "mu": _plain(self.mu(best)),
            "within_one_standard_error": [number + 1 for number in self.indistinguishable()],
        }

    def _trial_json(self, number: int, trial: Trial) -> dict[str, Any]:
        known = {
            "trial": number + 1,
            "parameters": dict(trial.parameters),
            "seconds": round(trial.seconds, 3),
        }
        if not trial.squared:
            return {**known, "rmse": None, "trouble": trial.trouble}
        scores = {"rmse": _plain(self.rmse(trial)), "mu": _plain(self.mu(trial))}
        return {
            **known,
            **scores,
            "lambda_x_zonal_degrees": trial.wavelength,
            "squared_error": list(trial.squared),
        }

    def write(self, path: Path) -> None:
        """Write the file, complete or not at all.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        try:
            text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, allow_nan=False)
            part.write_text(text + "\n", encoding="utf-8")
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)


def read_result(path: Path) -> Result:
    """Read the file of a search.

    Raises
    ------
    ValueError
        Where it is another kind of file, or is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["kind"] != _KIND or content["format"] != _FORMAT:
            raise ValueError(f"kind {content['kind']!r}, format {content['format']!r}")
        blocks = content["blocks"]
        about = {
            key: content[key] for key in ("command", "how", "software", "machine", "cases", "date_begun")
        }
        trials = tuple(_trial(one) for one in content["trials"])
        return Result(
            content["asked"], about, tuple(blocks["points"]), tuple(blocks["squared_reference"]), trials
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not a file that 'oceanbench tune' wrote ({type(error).__name__}: {error}); "
            "move it away or give another name"
        ) from error


def _trial(content: Mapping[str, Any]) -> Trial:
    return Trial(
        content["parameters"],
        content["seconds"],
        tuple(content.get("squared_error", ())),
        content.get("lambda_x_zonal_degrees"),
        content.get("trouble", ""),
    )


def _plain(value: float) -> float | None:
    return round(value, 9) if np.isfinite(value) else None
