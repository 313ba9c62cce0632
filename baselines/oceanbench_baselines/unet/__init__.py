"""The filter unet: a small neural network, how it is trained, and the weights that ship."""

from typing import TYPE_CHECKING

from oceanbench.lazy import lazy_names

if TYPE_CHECKING:
    from oceanbench_baselines.unet._filter import UNet as UNet
    from oceanbench_baselines.unet._trainer import train as train

__all__ = ["UNet", "train"]

__getattr__ = lazy_names(__name__, {"UNet": "_filter", "train": "_trainer"})
