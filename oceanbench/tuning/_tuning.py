"""From a method and a challenge to the parameters that fit it: trial after trial, each kept at once."""

import dataclasses
import inspect
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import oceanbench
from oceanbench.challenge import Challenge, Track
from oceanbench.data_files import find_files, observation_files
from oceanbench.evaluation import refuse_pending
from oceanbench.methods import Method, describe, load_method
from oceanbench.passport import files_digest, machine, software
from oceanbench.progress import Progress, silent
from oceanbench.tuning._case import Case, errors_of
from oceanbench.tuning._errors import Errors, join
from oceanbench.tuning._left_out import left_out, missions_that_judge_nothing
from oceanbench.tuning._pseudo_observations import pseudo_observations
from oceanbench.tuning._result import Result, Trial, read_result
from oceanbench.tuning._search import Spent, search
from oceanbench.tuning._space import Range, Space, space_of

__all__ = ["Budget", "Design", "tune"]


@dataclass(frozen=True)
class Budget:
    """When a search ends, at the latest.

    Parameters
    ----------
    trials : int or None
        After so many, those of an earlier part of the search counted.
    minutes : float or None
        No trial begins after so many minutes of this part.

    Raises
    ------
    ValueError
        Where one of them is not above 0, or both are missing.
    """

    trials: int | None = 40
    minutes: float | None = None

    def __post_init__(self) -> None:
        """Refuse a budget that lets nothing happen, or everything."""
        if self.trials is None and self.minutes is None:
            raise ValueError("a search needs an end; give a number of trials, or of minutes, or both")
        for name, value in (("budget", self.trials), ("minutes", self.minutes)):
            if value is not None and not value > 0:
                raise ValueError(f"{name} is {value:g}; give a number above 0")


@dataclass(frozen=True)
class Design:
    """What each trial consists of.

    Parameters
    ----------
    days : int
        Days scored in each trial, all stretches or missions together.
    stretches : int
        Stretches of the training period that they are spread over (pseudo-observations only).
    noise : bool
        Observations with measurement error, where there are both.
    seed : int
        Of the points that are spread over the ranges.

    Raises
    ------
    ValueError
        Where a number is below 1 (``seed``: below 0).
    """

    days: int = 60
    stretches: int = 3
    noise: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing."""
        for name, least in (("days", 1), ("stretches", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; give a whole number from {least}")
        if self.stretches > self.days:
            raise ValueError(
                f"{self.days} days cannot be spread over {self.stretches} stretches; give each a day at least"
            )


def tune(
    challenge: Challenge,
    spec: str,
    track: Track,
    output: Path,
    *,
    settings: Mapping[str, str] | None = None,
    searched: Mapping[str, Range | None] | None = None,
    budget: Budget | None = None,
    design: Design | None = None,
    data: Path | None = None,
    command: str = "",
    progress: Progress | None = None,
) -> Result:
    """Search the parameters of a method that fit a challenge, without a look at what it is scored on.

    Where the challenge has gridded truth of other days, the method maps pseudo-observations of these
    (:func:`oceanbench.tuning.pseudo_observations`); where it is judged along tracks, it maps the missions
    that judge nothing, each left out in turn (:func:`oceanbench.tuning.left_out`). What is made small is the
    root mean square of map - reference over all scored points.

    Parameters
    ----------
    challenge : Challenge
        Definition.
    spec : str
        Name of a registered method, or ``path/to/file.py:name``.
    track : Track
        Whose observations are imitated.
    output : pathlib.Path
        The file, written after each trial. Where it exists and asks for the same, the search goes on.
    settings : mapping of str to str, optional
        Parameters by name as text: where the search starts, and what is fixed.
    searched : mapping of str to (low, high) or None, optional
        As in :func:`oceanbench.tuning.space_of`.
    budget : Budget, optional
        40 trials unless given.
    design : Design, optional
        60 days in three stretches, without error, unless given.
    data : pathlib.Path, optional
        Folder in which the files of the challenge are looked for first.
    command : str
        For the file: how to do it again.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    Result

    Raises
    ------
    FileNotFoundError
        Where the folder of ``output`` does not exist.
    LookupError
        Where method, parameter, truth or missions are not there.
    ValueError
        Where the start cannot be mapped with, nothing can be searched, or the file is of another search. A
        later trial that raises ValueError counts as infinitely bad and is listed.
    KeyboardInterrupt
        Where the user stops it; the trials that were made are in the file.
    """
    if not output.absolute().parent.is_dir():
        raise FileNotFoundError(
            f"there is no folder {output.parent} to write {output.name} into; make it first"
        )
    refuse_pending(challenge)
    budget, design = budget or Budget(), design or Design()
    method = load_method(spec, settings or {}, challenge=challenge.id)
    space = space_of(method, searched)
    cases = _cases(challenge, track, design, data, progress)
    begun = Result(_asked(challenge, track, method, space, design, data), _about(challenge, cases, command))
    result = _resumed(output, begun)
    ledger = _Ledger(method, cases, result, output, budget, progress or silent)
    search(space, ledger.score, seed=design.seed)
    return ledger.result


def _cases(
    challenge: Challenge, track: Track, design: Design, data: Path | None, progress: Progress | None
) -> Sequence[Case]:
    if challenge.kind == "map-ose":
        return left_out(challenge, track, given=data, noise=design.noise, days=design.days, progress=progress)
    return pseudo_observations(
        challenge,
        track,
        given=data,
        noise=design.noise,
        days=design.days,
        stretches=design.stretches,
        progress=progress,
    )


# --- what a score depends on


def _asked(
    challenge: Challenge, track: Track, method: Method, space: Space, design: Design, data: Path | None
) -> dict[str, Any]:
    told = describe(method)
    searched = {axis.name: [axis.low, axis.high] for axis in space.axes}
    return {
        "oceanbench": oceanbench.__version__,
        "method": told["name"],
        "code": _code_digest(method),
        "challenge": challenge.id,
        "challenge_version": challenge.version,
        "track": track.id,
        "searched": searched,
        "start": told["parameters"],
        "fixed": _fixed(method, told["parameters"], searched),
        **dataclasses.asdict(design),
        "inputs": _inputs(challenge, track, data),
    }


def _code_digest(method: Method) -> str:
    """Give one digest for the code that a score depends on: trials of changed code never mix.

    That is all of this package, and all of the package of the method's class and its parents; of a method in
    a file that is in no package, the file (what it imports from its neighbours is not looked at).
    """
    own = type(method).__module__.partition(".")[0]
    family = [cls for cls in type(method).__mro__ if cls.__module__.partition(".")[0] == own]
    sources = {oceanbench.__file__, *(path for cls in family if (path := inspect.getsourcefile(cls)))}
    return files_digest(sorted({path for source in sources for path in _package_of(Path(source))}))


def _package_of(source: Path) -> list[Path]:
    """Files of the outermost package that a file is in, or the file alone."""
    top = source.parent
    if not (top / "__init__.py").is_file():
        return [source]
    while (top.parent / "__init__.py").is_file():
        top = top.parent
    return list(top.rglob("*.py"))


def _fixed(method: Method, parameters: Mapping[str, Any], searched: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters that are not searched and do not have their default."""
    fields = {one.name: one.default for one in dataclasses.fields(cast(Any, method))}
    return {
        name: value
        for name, value in parameters.items()
        if name not in searched and getattr(method, name) != fields[name]
    }


def _inputs(challenge: Challenge, track: Track, data: Path | None) -> dict[str, str]:
    """Give one digest for each of the challenge's files that the trials read."""
    if challenge.kind == "map-ose":
        names, learned = missions_that_judge_nothing(challenge, track), "mean"
    else:
        names, learned = list(track.observations), "training"
    paths = {name: observation_files(challenge, challenge.file(name), data) for name in names}
    for file in challenge.files:
        if file.role == learned and file.layout == "grid":
            paths[file.id] = find_files(challenge, file, data)
            break
    return {name: files_digest(files) for name, files in paths.items()}


def _about(challenge: Challenge, cases: Sequence[Case], command: str) -> dict[str, Any]:
    left = challenge.kind == "map-ose"
    return {
        "command": command,
        "how": "missions left out in turn" if left else "pseudo-observations of the training truth",
        "software": dict(software()),
        "machine": dict(machine()),
        "date_begun": datetime.now(UTC).isoformat(timespec="seconds"),
        "cases": [
            {
                "what": case.label,
                "observations": case.observations.sizes["obs"],
                "maps": case.grid.sizes["time"],
            }
            for case in cases
        ],
    }


def _resumed(output: Path, begun: Result) -> Result:
    """Give the search in the file where it is the same one; refuse another."""
    if not output.exists():
        return begun
    found = read_result(output)
    keys = [key for key in begun.asked if found.asked.get(key) != begun.asked[key]]
    if keys:
        key = keys[0]
        raise ValueError(
            f"{output} holds another search: its {key} is {found.asked.get(key)!r}, not "
            f"{begun.asked[key]!r}; give another name with -o, or move it away"
        )
    return found


# --- one trial after another


class _Ledger:
    """Makes the trials that the search asks for, once each, and keeps them."""

    def __init__(
        self,
        method: Method,
        cases: Sequence[Case],
        result: Result,
        output: Path,
        budget: Budget,
        progress: Progress,
    ) -> None:
        self.result = result
        self._method, self._cases, self._output = method, cases, output
        self._budget, self._progress = budget, progress
        self._began = time.monotonic()
        self._known = {_key(trial.parameters): result.rmse(trial) for trial in result.trials}

    def score(self, values: Mapping[str, float]) -> float:
        """Root mean square error with these values, from memory where they were tried before."""
        key = _key(values)
        if key not in self._known:
            self._tell()
            if self._is_spent():
                raise Spent
            self._known[key] = self._tried(values)
            self._tell()
        return self._known[key]

    def _tried(self, values: Mapping[str, float]) -> float:
        began = time.monotonic()
        try:
            errors, trouble = self._errors(values), ""
        except ValueError as error:
            if not self.result.trials:
                raise ValueError(f"the start cannot be tried: {error}; start elsewhere with --set") from error
            errors, trouble = None, str(error)
        trial = _trial(values, time.monotonic() - began, errors, trouble)
        self.result = self.result.with_trial(trial, errors)
        self.result.write(self._output)
        return self.result.rmse(trial)

    def _errors(self, values: Mapping[str, float]) -> Errors:
        method = cast(Method, dataclasses.replace(cast(Any, self._method), **values))
        return join([errors_of(method, case) for case in self._cases])

    def _is_spent(self) -> bool:
        trials, minutes = self._budget.trials, self._budget.minutes
        if minutes is not None and self._minutes() >= minutes:
            return True
        return trials is not None and len(self.result.trials) >= trials

    def _minutes(self) -> float:
        return (time.monotonic() - self._began) / 60.0

    def _tell(self) -> None:
        by_count = len(self.result.trials) / self._budget.trials if self._budget.trials else 0.0
        by_time = self._minutes() / self._budget.minutes if self._budget.minutes else 0.0
        self._progress("trying parameters", min(1.0, max(by_count, by_time)))


def _key(values: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted((name, float(value)) for name, value in values.items()))


def _trial(values: Mapping[str, float], seconds: float, errors: Errors | None, trouble: str) -> Trial:
    if errors is None:
        return Trial(dict(values), seconds, trouble=trouble or "not a number")
    wavelength = errors.power.resolution if errors.power is not None else math.nan
    return Trial(
        dict(values),
        seconds,
        tuple(float(f"{value:.9g}") for value in errors.squared),
        round(wavelength, 4) if math.isfinite(wavelength) else None,
    )
