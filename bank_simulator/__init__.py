"""A bank to click through: a small HTTP server of its own, on the standard library alone. It moves no money.

    python -m bank_simulator --port 8001

It speaks to the portal as a bank does (`server.py`), keeps its books in SQLite (`books.py`) and shows a payment page on
which a person chooses how it goes (`outcomes.py`): paid, cancelled, and everything that a bank or a forger can do wrong.
"""
