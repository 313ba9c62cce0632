"""Methods side by side on one challenge: scores, seconds, memory, pictures, and the published order."""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_leaderboard.bench.agreement import Agreement as Agreement
    from oceanbench_leaderboard.bench.agreement import agreement_on as agreement_on
    from oceanbench_leaderboard.bench.choosing import Contestant as Contestant
    from oceanbench_leaderboard.bench.choosing import chosen_methods as chosen_methods
    from oceanbench_leaderboard.bench.choosing import chosen_tracks as chosen_tracks
    from oceanbench_leaderboard.bench.page import write_bench as write_bench
    from oceanbench_leaderboard.bench.pictures import pictures_of as pictures_of
    from oceanbench_leaderboard.bench.rows import BenchRow as BenchRow
    from oceanbench_leaderboard.bench.rows import bench_rows as bench_rows

_HOMES = {
    "Agreement": "agreement",
    "BenchRow": "rows",
    "Contestant": "choosing",
    "agreement_on": "agreement",
    "bench_rows": "rows",
    "chosen_methods": "choosing",
    "chosen_tracks": "choosing",
    "pictures_of": "pictures",
    "write_bench": "page",
}

__all__ = [
    "Agreement",
    "BenchRow",
    "Contestant",
    "agreement_on",
    "bench_rows",
    "chosen_methods",
    "chosen_tracks",
    "pictures_of",
    "write_bench",
]


__getattr__ = lazy_names(__name__, _HOMES)
