"""What filters of swaths share: one pass comes in, its heights go through, what was missing stays missing."""

from oceanbench_baselines.filtering._pass_filter import PassFilter

__all__ = ["PassFilter"]
