"""One module a row; see `benchmarks/row.py` for its shape."""
