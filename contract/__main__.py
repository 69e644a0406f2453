"""`python -m contract ARGS` is `heygen-contract ARGS`."""

from contract.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
