"""`python -m bot` is `shian`."""

from bot.cli import main

main()
