"""Benchmarks: what the fake costs, beside what the same would cost otherwise, in one run."""
