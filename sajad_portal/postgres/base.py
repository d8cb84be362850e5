"""What bounds an answer is the server's (`statement_timeout`, waits.py), and a server that stands still bounds nothing: the
kernel of its host goes on acknowledging, so that keepalive and `tcp_user_timeout` see a living peer. Here the client counts.
"""

import time
from collections.abc import Generator
from typing import Any

import psycopg
from django.db import OperationalError as DjangoOperationalError
from django.db.backends.postgresql import base
from psycopg.waiting import Ready


class NoAnswer(psycopg.OperationalError):
    """The server has not said a word for so long. `unsure`: it was asked to commit, and may have."""

    unsure = False


class Connection(psycopg.Connection):
    """`patience`: seconds of silence after which an answer is no longer waited for and the connection is closed; None: no end."""

    patience: float | None = None

    def wait(self, gen, interval=0.1, timeout=None):
        return super().wait(self._impatient(gen, self.patience) if self.patience else gen, interval, timeout)

    def _impatient(self, gen: Generator, seconds: float) -> Generator[Any, Any, Any]:
        """The same generator; psycopg sends Ready.NONE after every `interval` in which nothing came."""
        try:
            wanted = next(gen)
            last = time.monotonic()
            while True:
                ready = yield wanted
                now = time.monotonic()
                if ready != Ready.NONE:
                    last = now
                elif now - last > seconds:
                    gen.close()
                    self.pgconn.finish()
                    raise NoAnswer(f"no answer from the database for {seconds:g} seconds")
                wanted = gen.send(ready)
        except StopIteration as end:
            return end.value


class _Database:
    """psycopg as Django's wrapper asks for it, with our connections."""

    connect = Connection.connect

    def __getattr__(self, name: str):
        return getattr(psycopg, name)


class DatabaseWrapper(base.DatabaseWrapper):
    """`SILENCE_TIMEOUT` of the database's settings: `Connection.patience`. Asked whether it still is usable, a connection has
    as long as a new one has to be made: most requests that meet a frozen server wait for no more than that."""

    Database = _Database()  # type: ignore[assignment]

    def get_new_connection(self, conn_params):
        connection = super().get_new_connection(conn_params)
        connection.patience = self.settings_dict.get("SILENCE_TIMEOUT") or None
        return connection

    def is_usable(self) -> bool:
        if not isinstance(self.connection, Connection):
            return super().is_usable()
        usual, self.connection.patience = self.connection.patience, self._shortest()
        try:
            return super().is_usable()
        finally:
            if self.connection is not None:
                self.connection.patience = usual

    def _shortest(self) -> float | None:
        bounds = (self.settings_dict.get("SILENCE_TIMEOUT"), self.settings_dict["OPTIONS"].get("connect_timeout"))
        return min((float(bound) for bound in bounds if bound), default=None)

    def _commit(self):
        try:
            return super()._commit()
        except DjangoOperationalError as error:
            if isinstance(error.__cause__, NoAnswer):
                error.__cause__.unsure = True
            raise
