"""What is measured, each a process of its own: `python -m benchmarks.programs.NAME ARGUMENT…`."""
