"""Measurements, each beside a raw baseline of the same run. `python -m benchmarks` runs them all."""
