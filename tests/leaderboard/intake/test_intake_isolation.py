"""What a process that reads a file is said not to be kept from."""

import pytest

from oceanbench_leaderboard.intake import isolation_here, unconfined

WHOLE = {
    "memory": "8589934592 bytes of address space",
    "network": "namespace, seccomp",
    "files": "landlock 7",
    "privileges": "no new ones",
    "system calls": "seccomp",
}


def test_where_everything_is_there_nothing_lacks() -> None:
    assert unconfined(WHOLE) == []


@pytest.mark.parametrize("what", WHOLE)
def test_each_thing_that_lacks_is_told_with_its_cause(what: str) -> None:
    assert unconfined(WHOLE | {what: "none: not this kernel"}) == [f"{what}: none: not this kernel"]


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_landlock_lacks_something_unless_calls_are_filtered_too(version: int) -> None:
    old = WHOLE | {"files": f"landlock {version}"}
    assert unconfined(old) == []
    unfiltered = unconfined(old | {"system calls": "none: not this kernel"})
    assert f"files: landlock {version} does not keep them from being cut short" in unfiltered
    newer = WHOLE | {"files": "landlock 3", "system calls": "none: not this kernel"}
    assert unconfined(newer) == ["system calls: none: not this kernel"]


def test_here_whatever_lacks_says_so_itself() -> None:
    here = isolation_here()
    assert unconfined(here) == [f"{what}: {how}" for what, how in here.items() if how.startswith("none")]
