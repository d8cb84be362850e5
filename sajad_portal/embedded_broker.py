"""kombu's file-system transport as the embedded start uses it: a torn message is a doorbell that nobody heard, not the end of
the worker that met it. A file that is still being written, or was when its writer was killed, is read as no JSON."""

import logging

from kombu.transport import filesystem

logger = logging.getLogger(__name__)

WHOLE = {"body", "headers", "properties"}


class ForgivingChannel(filesystem.Channel):
    def _get(self, queue, timeout=None):
        """The next whole message; a torn one has left the queue by then. Raises Empty as kombu's does."""
        while True:
            try:
                message = super()._get(queue)
            except ValueError:  # JSONDecodeError, UnicodeDecodeError
                message = None
            if isinstance(message, dict) and message.keys() >= WHOLE:
                return message
            logger.warning("A torn message was thrown away; the sweeps do its work.")

    def _queue_bind(self, exchange, *args):
        try:
            super()._queue_bind(exchange, *args)
        except ValueError:
            self._exchange_file(exchange).unlink(missing_ok=True)
            super()._queue_bind(exchange, *args)

    def get_table(self, exchange):
        """Which queues an exchange feeds; where the shared table is torn, what this process knows of it."""
        try:
            return super().get_table(exchange)
        except ValueError:
            logger.warning("The table of the exchange %s was torn.", exchange)
            return super(filesystem.Channel, self).get_table(exchange)


class ForgivingTransport(filesystem.Transport):
    Channel = ForgivingChannel
