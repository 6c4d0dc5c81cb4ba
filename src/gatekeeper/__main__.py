"""`python -P -m gatekeeper`: the same as the console script."""

from gatekeeper.cli import main

main()
