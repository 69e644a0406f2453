"""`python -m contract ARGS` is `heygen-contract ARGS`."""

import sys


def run() -> int:
    """The program; Ctrl-C while it is loaded is no error either."""
    try:
        from contract.cli import main  # noqa: PLC0415 - the loading is what can be interrupted

        return main()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(run())
