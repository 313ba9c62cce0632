"""The trainer of unet: it learns, the same for the same seed, and refuses what it cannot learn from."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

jax = pytest.importorskip("jax")

from oceanbench.progress import Progress, silent  # noqa: E402
from oceanbench.training import Lessons, Limits  # noqa: E402
from oceanbench.twin.two_layer_run import SpinUp  # noqa: E402
from oceanbench_baselines.unet import _trainer as trainer  # noqa: E402
from oceanbench_baselines.unet import train  # noqa: E402
from oceanbench_baselines.unet._oceans import OCEANS, Stage, ocean_heights  # noqa: E402
from oceanbench_baselines.unet._patches import Mixture, RandomSource  # noqa: E402
from oceanbench_baselines.unet._shape import Shape  # noqa: E402
from oceanbench_baselines.unet._training import Checked, Course, fit  # noqa: E402

TINY = Shape(widths=(4, 6), blocks=(1, 1))


def waves(lines: int, seed: int) -> np.ndarray:
    """A pass with a truth: slanted waves, no truth at nadir and on some land."""
    rng = np.random.default_rng(seed)
    along, across = np.arange(lines)[:, None], np.arange(71)[None, :]
    heights = 0.1 * np.sin((along + rng.uniform(-1, 1) * across) / rng.uniform(5, 20))
    heights[:, 35] = np.nan
    heights[:10, :20] = np.nan
    return np.asarray(heights)


def lessons(passes: int = 5) -> Lessons:
    """Some passes."""
    return Lessons((), tuple(waves(90 + 60 * number, number) for number in range(passes)))


def calm_oceans(seed: int, progress: Progress) -> np.ndarray:
    """Two snapshots, at once."""
    x = 2 * np.pi * np.arange(64) / 64
    field = 0.1 * (np.sin(x)[None, :] + np.cos(2 * x)[:, None] + 0 * seed)
    return np.stack([field, field.T]).astype(np.float32)


def short_fit(steps: int, seed: int = 0) -> Iterator[Checked]:
    """A tiny network on random fields."""
    mixture = Mixture([RandomSource()], [1.0])
    held_out = mixture.draw(np.random.default_rng(9), 2)
    return fit(TINY, mixture, held_out, Course(steps=steps, seed=seed, batch=2, check_every=10))


@pytest.mark.slow
def test_three_steps_are_the_same_bit_for_bit_and_others_for_another_seed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "Shape", lambda: TINY)
    files = []
    for number, seed in enumerate((0, 0, 1)):
        looks = list(train(lessons(), Limits(steps=3, seed=seed), oceans=calm_oceans))
        assert [look.step for look in looks] == [3]
        assert looks[0].done == 1
        assert 0 < looks[0].held_out < looks[0].untreated
        looks[0].write(tmp_path / f"{number}.npz")
        with np.load(tmp_path / f"{number}.npz") as file:
            files.append({name: file[name] for name in file.files})
    one, again, other = files
    assert all(np.array_equal(one[name], again[name]) for name in one)
    assert any(not np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.slow
def test_forty_steps_of_a_tiny_network_make_the_loss_smaller() -> None:
    looks = list(short_fit(40))
    assert [look.step for look in looks] == [10, 20, 30, 40]
    assert looks[-1].loss < looks[0].loss
    assert looks[-1].done == 1
    assert looks[-1].rmse_mm < 0.4 * looks[-1].noise_mm


def test_a_training_by_time_ends_when_the_time_is_over() -> None:
    course = Course(minutes=2.0)
    assert course.done(10_000, 60.0) == 0.5
    assert course.done(1, 500.0) == 1.0
    assert Course(steps=10, minutes=2.0).done(9, 6.0) == 0.9


def test_the_rate_rises_then_falls_to_almost_nothing() -> None:
    course = Course(steps=10_000)
    rates = [course.rate_at(course.done(step, 0.0), step) for step in (1, 100, 200, 5_000, 10_000)]
    assert rates[0] < rates[1] < rates[2]
    assert rates[2] > rates[3] > rates[4] > 0
    assert rates[4] < 0.01 * course.rate


def test_too_few_passes_are_refused() -> None:
    with pytest.raises(ValueError, match="there are 3 passes"):
        next(train(lessons(3), Limits(steps=1), oceans=calm_oceans))


def test_passes_of_another_width_are_refused() -> None:
    narrow = Lessons((), tuple(np.zeros((50, 69)) for _ in range(5)))
    with pytest.raises(ValueError, match=r"\(50, 69\)"):
        next(train(narrow, Limits(steps=1), oceans=calm_oceans))


@pytest.mark.slow
def test_a_small_ocean_has_eddies_and_is_the_same_for_the_same_seed() -> None:
    def run(seed: int) -> np.ndarray:
        stages = (Stage(96, 900.0, 2, snapshots=2),)
        return ocean_heights(OCEANS[0], seed=seed, progress=silent, spin_up_days=SpinUp(10, 1), stages=stages)

    one, again, other = run(1), run(1), run(2)
    assert one.shape == (2, 96, 96)
    assert one.std() > 0.01
    np.testing.assert_array_equal(one, again)
    assert (one != other).any()
