"""The command line."""


def main() -> int:
    raise SystemExit(2)
