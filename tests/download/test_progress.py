"""What is told of a transfer is true: bytes, rate, time left, and what is not known."""

import io

import pytest
from rich.console import Console

from oceanbench.download import Standing, TransferBar
from oceanbench.download.bar import standing_text
from oceanbench.download.progress import Meter
from oceanbench.download.space import human_bytes


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_bytes_that_were_here_count_as_done_and_not_in_the_rate(diary, clock):
    meter = Meter(diary, [("a", 1000)], clock)
    meter.stand("a", 600, 1000)
    for _ in range(4):
        clock.now += 0.5
        meter.receive("a", 50)
    last = diary.standings[-1]
    assert (last.done, last.total) == (800, 1000)
    assert last.rate == pytest.approx(100, rel=0.35)  # the first arrival only starts the clock
    assert last.seconds_left == pytest.approx(200 / last.rate)


def test_the_rate_is_that_of_the_last_seconds(diary, clock):
    meter = Meter(diary, [("a", None)], clock)
    for count in [1000] * 30 + [10] * 100:
        clock.now += 0.5
        meter.receive("a", count)
    assert diary.standings[-1].rate == pytest.approx(20, rel=0.1)


def test_the_rate_falls_while_nothing_comes(diary, clock):
    meter = Meter(diary, [("a", 10_000)], clock)
    for _ in range(10):
        clock.now += 0.5
        meter.receive("a", 100)
    before = diary.standings[-1].rate
    for _ in range(40):
        clock.now += 0.5
        meter.refresh()
    assert before == pytest.approx(200, rel=0.2)
    assert diary.standings[-1].rate == 0
    assert diary.standings[-1].seconds_left is None


def test_a_total_is_known_only_when_every_file_is(diary, clock):
    meter = Meter(diary, [("a", 1000), ("b", None)], clock)
    meter.stand("a", 0, None)
    assert diary.standings[-1].total is None
    clock.now += 1
    meter.stand("b", 0, 500)
    assert diary.standings[-1].total == 1500


def test_a_file_that_begins_anew_is_not_counted_twice(diary, clock):
    meter = Meter(diary, [("a", 1000)], clock)
    meter.receive("a", 700)
    clock.now += 1
    meter.stand("a", 0, 1000)
    assert diary.standings[-1].done == 0


def test_it_is_drawn_at_most_ten_times_a_second_and_at_the_end(diary, clock):
    meter = Meter(diary, [("a", 10_000)], clock)
    for _ in range(1000):
        clock.now += 0.001
        meter.receive("a", 10)
    assert len(diary.standings) <= 11
    meter.finish("a", 10_000, "a: 10 kB")
    assert diary.standings[-1] == Standing(10_000, 10_000, diary.standings[-1].rate, 1, 1)
    assert diary.sentences == ["a: 10 kB"]


def test_a_download_tells_true_bytes(server, get, diary, body):
    get(server.add("/x.nc", body, etag='"v1"', cuts=[20_000], seconds_per_block=0.02))
    assert [standing.done for standing in diary.standings] == sorted(
        standing.done for standing in diary.standings
    )
    last = diary.standings[-1]
    assert (last.done, last.total, last.files_done, last.files) == (len(body), len(body), 1, 1)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (12_345, "12.3 kB"),
        (118_012_432, "118 MB"),
        (999_600, "1 MB"),
        (11_500_000_000, "11.5 GB"),
        (2.5e12, "2.5 TB"),
    ],
)
def test_bytes_are_written_as_people_read_them(count, text):
    assert human_bytes(count) == text


def test_a_terminal_shows_one_bar_and_a_line_for_each_file():
    screen = io.StringIO()
    with TransferBar(Console(file=screen, force_terminal=True, width=120)) as bar:
        bar.show(Standing(1_000_000, 4_000_000, 500_000.0, 1, 3))
        bar.say("a.nc: 1 MB")
    assert "1 MB of 4 MB, 500 kB/s, 6 s left, 1 of 3 files" in screen.getvalue()
    assert "a.nc: 1 MB" in screen.getvalue()


def test_without_a_terminal_there_are_lines_only():
    screen = io.StringIO()
    with TransferBar(Console(file=screen, width=40)) as bar:
        bar.show(Standing(1_000_000, 4_000_000, 500_000.0, 1, 3))
        bar.say("a [file] with a name that is longer than the console is wide.nc: 1 MB")
    assert screen.getvalue() == "a [file] with a name that is longer than the console is wide.nc: 1 MB\n"


@pytest.mark.parametrize(("seconds", "text"), [(50, "50 s"), (600, "10 min"), (9000, "2 h 30 min")])
def test_the_time_left_is_written_as_people_say_it(seconds, text):
    assert f"{text} left" in standing_text(Standing(0, seconds, 1.0, 0, 1))
