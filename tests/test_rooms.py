"""A room looks down only: what its modules may import, read from their text and from a fresh interpreter."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = {
    "oceanbench": ROOT / "oceanbench",
    "oceanbench_baselines": ROOT / "baselines" / "oceanbench_baselines",
    "oceanbench_leaderboard": ROOT / "leaderboard" / "oceanbench_leaderboard",
    "oceanbench_web": ROOT / "web" / "oceanbench_web",
}
HTTP = {"fastapi", "starlette", "uvicorn", "httpx", "http", "limits", "itsdangerous", "authlib"}
ABOVE = {"oceanbench_leaderboard", "oceanbench_web", "sqlalchemy", *HTTP}
FORBIDDEN = {
    "oceanbench": {"oceanbench_baselines", *ABOVE} - {"http"},
    "oceanbench_baselines": ABOVE,
    "oceanbench_leaderboard": {"oceanbench_baselines", "oceanbench_web", *HTTP},
    "oceanbench_web": {"oceanbench_baselines", "h5py", "netCDF4", "zarr", "xarray", "numpy", "pyinterp"},
}
HEAVY = ("xarray", "netCDF4", "h5py", "numpy", "scipy", "pandas", "dask", "zarr", "matplotlib", "pyinterp")


def imported_names(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_from_above_and_nothing_that_is_not_its_business(room: str) -> None:
    found = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in sorted(ROOMS[room].rglob("*.py"))
        for name in imported_names(file)
        if name.partition(".")[0] in FORBIDDEN[room]
    ]
    assert found == []


def test_the_process_of_the_pages_loads_nothing_that_reads_maps() -> None:
    code = f"import sys, oceanbench_web.app; print(*(n for n in {HEAVY!r} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
