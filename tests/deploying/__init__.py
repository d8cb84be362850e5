"""`make deploy-test`: an empty machine, deploy/README.md from top to bottom as a stranger types it, and what may go wrong later."""
