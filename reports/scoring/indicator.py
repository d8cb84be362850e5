"""What an indicator must have to be scored."""

from collections.abc import Mapping
from typing import Protocol


class IndicatorLike(Protocol):
    """What scoring needs of a form's indicator (`reports.xlsform.Indicator` has it). Numbers are decimal strings."""

    @property
    def code(self) -> str: ...

    @property
    def section(self) -> str: ...

    @property
    def inputs(self) -> Mapping[str, str]: ...

    @property
    def weight(self) -> str: ...

    @property
    def standard(self) -> str: ...

    @property
    def floor(self) -> str: ...

    @property
    def direction(self) -> str: ...

    @property
    def score(self) -> str: ...

    @property
    def bands(self) -> str: ...

    @property
    def levels(self) -> str: ...

    @property
    def scale(self) -> str: ...

    @property
    def source(self) -> str: ...
