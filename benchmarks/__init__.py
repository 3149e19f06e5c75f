"""Measurements beside raw baselines of the same run. `python -m benchmarks` runs them all."""
