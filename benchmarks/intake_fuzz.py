"""Damaged NetCDF files through the intake of the leaderboard service: does it always end, and in time?

    python benchmarks/intake_fuzz.py [--files 10000] [--workers 2] [--first 0] [--seconds 10] [--keep FOLDER]

Each file is a map of a toy challenge in one of seven formats, damaged in one of seven ways (bytes and bits
flipped, cut short, blocks swapped or repeated, odd numbers in the header, bytes inserted or removed), and
known by its number, so that a run can be repeated. It goes through ``run_intake`` as a worker of the service
calls it, in a confined process of its own. The benchmark fails if one took longer than its limit and a
margin, if the service was found at fault, or if what was accepted holds a height that no map may have.
"""

import argparse
import platform
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from oceanbench.challenge import Challenge, read_challenge
from oceanbench_leaderboard.intake import Reader, Verdict, isolation_here, read_canonical, run_intake
from oceanbench_leaderboard.settings import Limits
from tests.leaderboard.intake.mutations import damaged, whole_files
from tests.toy_sea import write_world

MARGIN_SECONDS = 5.0
GREATEST_M = 20.0


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    number: int
    what: str
    end: str
    seconds: float
    sound: bool = True


def end_of(verdict: Verdict) -> str:
    """Say how a file ended, in a word or two."""
    if verdict.accepted:
        return "accepted"
    if verdict.fault == "service":
        return f"fault of the service: {verdict.reason}"
    for words, end in (
        ("crashed the reader", "crashed the reader"),
        ("took more than", "stopped: time"),
        ("needed more memory", "stopped: memory"),
        ("reading it failed", "reader failed"),
        ("no answer", "no answer"),
    ):
        if words in verdict.reason:
            return end
    return "refused"


@dataclass(frozen=True)
class Course:
    """What all files have in common."""

    whole: dict[str, bytes]
    challenge: Challenge
    limits: Limits

    def one(self, number: int, folder: Path, reader: Reader) -> Outcome:
        """Send one damaged file through the intake."""
        what, content = damaged(self.whole, number)
        upload, job = folder / "upload.nc", folder / "job"
        upload.write_bytes(content)
        began = time.monotonic()
        verdict = run_intake(upload, job, self.challenge, "all", self.limits, reader=reader)
        seconds = time.monotonic() - began
        return Outcome(number, what, end_of(verdict), seconds, not verdict.accepted or is_map(job))

    def many(self, numbers: range, folder: Path) -> list[Outcome]:
        """Send files one after the other, as one worker does."""
        folder.mkdir()
        with Reader() as reader:
            return [self.one(number, folder, reader) for number in numbers]


def is_map(folder: Path) -> bool:
    """Tell whether what was accepted has heights that a map may have, and all of them."""
    return bool(np.abs(read_canonical(folder).ssh.values).max() <= GREATEST_M)


def resident_mb() -> float:
    """Give the memory that this process holds now, MB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1e3
    return float("nan")


def failures(outcomes: list[Outcome], seconds: float) -> list[str]:
    """Say what must not be."""
    late = [one for one in outcomes if one.seconds > seconds + MARGIN_SECONDS]
    ours = [one for one in outcomes if one.end.startswith("fault")]
    wrong = [one for one in outcomes if not one.sound]
    return [
        f"{words}: file {one.number} ({one.what}), {one.end}, {one.seconds:.1f} s"
        for words, found in (("past its limit", late), ("our fault", ours), ("accepted, no map", wrong))
        for one in found
    ]


def show(outcomes: list[Outcome], elapsed: float, before: float) -> None:
    """Print counts, times and memory."""
    for end, count in Counter(one.end for one in outcomes).most_common():
        print(f"{end:24} {count:7d}")
    seconds = np.array([one.seconds for one in outcomes])
    slowest = max(outcomes, key=lambda one: one.seconds)
    print(f"{len(outcomes)} files in {elapsed:.0f} s; each: median {np.median(seconds):.3f} s, ", end="")
    print(f"99 of 100 within {np.quantile(seconds, 0.99):.3f} s, slowest {slowest.seconds:.2f} s ", end="")
    print(f"(file {slowest.number}: {slowest.what}, {slowest.end})")
    print(f"memory of this process: {before:.0f} MB before, {resident_mb():.0f} MB after")
    odd = [one for one in outcomes if one.end not in ("accepted", "refused")]
    for outcome in odd[:20]:
        print(f"  file {outcome.number}: {outcome.what}: {outcome.end}, {outcome.seconds:.2f} s")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--seconds", type=int, default=10, help="wall clock of one file")
    parser.add_argument("--keep", type=Path, help="folder for the files that ended in an odd way")
    return parser.parse_args()


def main() -> None:
    """Damage files, read them, print what became of them."""
    given = arguments()
    limits = Limits(intake_seconds=given.seconds, intake_memory=2 << 30)
    print(f"{platform.machine()}, Python {platform.python_version()}; confined by {isolation_here(limits)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = write_world(folder / "world")
        challenge = read_challenge(world / "toy" / "challenge.toml")
        course = Course(whole_files(folder), challenge, limits)
        last = given.first + given.files
        parts = [range(given.first + place, last, given.workers) for place in range(given.workers)]
        course.many(range(given.first, given.first + 20), folder / "before the clock runs")
        before, began = resident_mb(), time.monotonic()
        with ThreadPoolExecutor(given.workers) as pool:
            folders = [folder / f"worker {place}" for place in range(given.workers)]
            outcomes = [outcome for part in pool.map(course.many, parts, folders) for outcome in part]
        show(outcomes, time.monotonic() - began, before)
        if given.keep:
            keep(outcomes, course.whole, given.keep)
    wrong = failures(outcomes, given.seconds)
    print("\n".join(wrong) or "none hung, none was the fault of the service, all that was accepted are maps")
    raise SystemExit(bool(wrong))


def keep(outcomes: list[Outcome], whole: dict[str, bytes], folder: Path) -> None:
    """Write the files that were neither accepted nor refused."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for outcome in outcomes:
        if outcome.end not in ("accepted", "refused"):
            (folder / f"{outcome.number}.nc").write_bytes(damaged(whole, outcome.number)[1])


if __name__ == "__main__":
    main()
