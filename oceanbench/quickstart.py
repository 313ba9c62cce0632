"""The first job a person runs: map the embedded ocean, score the map, draw it."""

from pathlib import Path

from oceanbench.catalog import load_challenge
from oceanbench.evaluation import evaluate
from oceanbench.methods import write_map
from oceanbench.progress import Progress
from oceanbench.report import write_report
from oceanbench.running import run_challenge
from oceanbench.score import Evaluation

__all__ = ["run_quickstart"]


def run_quickstart(report: Path, progress: Progress | None = None) -> list[Evaluation]:
    """Map ``2020a-twin`` with the baseline optimal interpolation from four nadir altimeters and score it.

    Parameters
    ----------
    report : pathlib.Path
        Folder that gets ``map.nc`` and the report; it is made if absent.
    progress : callable, optional
        Called with a sentence and a fraction.

    Returns
    -------
    list of Evaluation
        One, of the track ``4 nadirs``.
    """
    challenge = load_challenge("2020a-twin")
    report.mkdir(parents=True, exist_ok=True)
    run = run_challenge(challenge, "oi", challenge.track("4 nadirs"), progress=progress)
    path = write_map(run.maps, report / "map.nc", attributes=run.attributes)
    result = evaluate(path, progress=progress)
    write_report(result, report)
    return [result]
