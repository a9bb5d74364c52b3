"""Benchmarks: loads beside their floor, queries beside the ceiling."""
