"""The registry: listing imports nothing, loading imports one, a wrong name gets the near matches."""

import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from oceanbench import registry
from oceanbench.registry import Registry


@pytest.fixture
def fruits(monkeypatch: pytest.MonkeyPatch) -> Registry:
    entries = [
        EntryPoint("apple", "collections:OrderedDict", "fruits"),
        EntryPoint("broken", "no_such_module:thing", "fruits"),
    ]
    monkeypatch.setattr(registry, "entry_points", lambda group: [e for e in entries if e.group == group])
    return Registry("fruits", "fruit")


def test_listing_does_not_import_the_entries(fruits: Registry) -> None:
    assert fruits.names() == ["apple", "broken"]


def test_loading_imports_the_one_that_is_asked_for(fruits: Registry) -> None:
    assert fruits.load("apple").__name__ == "OrderedDict"  # type: ignore[attr-defined]


def test_an_unknown_name_gets_the_near_match_and_the_list(fruits: Registry) -> None:
    with pytest.raises(
        LookupError, match=r"no fruit is called 'aple'; did you mean apple\? installed: apple"
    ):
        fruits.load("aple")


def test_listing_challenges_imports_nothing_heavy() -> None:
    code = (
        "import sys; from oceanbench.catalog import challenge_names; challenge_names();"
        "heavy = {'jax', 'pyinterp', 'matplotlib', 'xarray', 'scipy', 'dask', 'pandas'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
