"""The first service as it is shown and tested: its card, its agreement's text, its documents."""
