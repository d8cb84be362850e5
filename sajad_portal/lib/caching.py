"""The cache on Redis, which may be lost or hang at any moment: nothing may be the worse for it but slower."""

import logging
import time
from collections.abc import Callable

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE = 15.0  # seconds in which nobody asks again, after it did not answer: not every page waits for it


class SoftRedisCache(RedisCache):
    """A Redis that does not answer holds nothing and keeps nothing."""

    asleep_until = 0.0  # of the whole process, by its monotonic clock

    def _softly(self, ask: Callable, otherwise):
        if time.monotonic() < SoftRedisCache.asleep_until:
            return otherwise
        try:
            return ask()
        except (RedisError, OSError) as error:
            SoftRedisCache.asleep_until = time.monotonic() + PAUSE
            logger.warning("The cache does not answer (%s); for %.0f s it is not asked.", type(error).__name__, PAUSE)
            return otherwise

    def get(self, key, default=None, version=None):
        return self._softly(lambda: super(SoftRedisCache, self).get(key, default, version), default)

    def get_many(self, keys, version=None):
        return self._softly(lambda: super(SoftRedisCache, self).get_many(keys, version), {})

    def has_key(self, key, version=None):
        return self._softly(lambda: super(SoftRedisCache, self).has_key(key, version), False)

    def set(self, key, value, *args, **kwargs):
        return self._softly(lambda: super(SoftRedisCache, self).set(key, value, *args, **kwargs), None)

    def set_many(self, data, *args, **kwargs):
        return self._softly(lambda: super(SoftRedisCache, self).set_many(data, *args, **kwargs), list(data))

    def add(self, key, value, *args, **kwargs):
        return self._softly(lambda: super(SoftRedisCache, self).add(key, value, *args, **kwargs), False)

    def touch(self, key, *args, **kwargs):
        return self._softly(lambda: super(SoftRedisCache, self).touch(key, *args, **kwargs), False)

    def delete(self, key, version=None):
        return self._softly(lambda: super(SoftRedisCache, self).delete(key, version), False)

    def delete_many(self, keys, version=None):
        return self._softly(lambda: super(SoftRedisCache, self).delete_many(keys, version), None)

    def clear(self):
        return self._softly(lambda: super(SoftRedisCache, self).clear(), False)
