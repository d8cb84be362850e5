"""ODK's functions of numbers. Each is `f(token, context)`; importing the module registers them."""

import math
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from .arguments import number_at, numbers_given
from .values import ARITHMETIC, NAN, to_number
from .xpath import function, value_of


@function("number", (0, 1))
def _number_function(self, context=None):
    return to_number(value_of(self[0], context)) if len(self) else to_number([context.item])


@function("int", 1)
def _int(self, context=None):
    value = number_at(self, context)
    return value.to_integral_value(ROUND_DOWN) if value.is_finite() else NAN


@function("round", (1, 2))
def _round(self, context=None):
    value = number_at(self, context)
    places = number_at(self, context, 1) if len(self) > 1 else Decimal(0)
    if not value.is_finite() or not places.is_finite() or abs(places) > 30 or value.adjusted() > 30:
        return value if value.is_finite() else NAN
    # XPath 1.0: of the two nearest numbers the one closest to positive infinity, so -2.5 is -2.
    downwards = value < 0 and context.edition > 1
    half = ROUND_HALF_DOWN if downwards else ROUND_HALF_UP
    return value.quantize(Decimal(1).scaleb(-int(places)), rounding=half, context=ARITHMETIC)


@function("floor", 1)
def _floor(self, context=None):
    value = number_at(self, context)
    return value.to_integral_value(ROUND_FLOOR) if value.is_finite() else NAN


@function("ceiling", 1)
def _ceiling(self, context=None):
    value = number_at(self, context)
    return value.to_integral_value(ROUND_CEILING) if value.is_finite() else NAN


@function("abs", 1)
def _abs(self, context=None):
    return ARITHMETIC.abs(number_at(self, context))


@function("pow", 2)
def _pow(self, context=None):
    base, power = number_at(self, context), number_at(self, context, 1)
    if not (base.is_finite() and power.is_finite()) or abs(power) > 1000:
        return NAN
    return ARITHMETIC.power(base, power)


@function("sqrt", 1)
def _sqrt(self, context=None):
    return ARITHMETIC.sqrt(number_at(self, context))


@function("exp", 1)
def _exp(self, context=None):
    value = number_at(self, context)
    return ARITHMETIC.exp(value) if value.is_finite() and abs(value) < 900 else NAN


@function("log", 1)
def _log(self, context=None):
    value = number_at(self, context)
    return ARITHMETIC.ln(value) if value.is_finite() and value > 0 else NAN


@function("log10", 1)
def _log10(self, context=None):
    value = number_at(self, context)
    return ARITHMETIC.log10(value) if value.is_finite() and value > 0 else NAN


@function("exp10", 1)
def _exp10(self, context=None):
    value = number_at(self, context)
    return ARITHMETIC.power(Decimal(10), value) if value.is_finite() and abs(value) <= 390 else NAN


def _of_angles(calculate):
    """XPath 3.0's math:sin and its like: angles are radians; 15 decimals, so that sin(pi()) is 0."""

    def evaluate(self, context=None):
        given = [number_at(self, context, index) for index in range(len(self))]
        if not all(value.is_finite() for value in given):
            return NAN
        try:
            return Decimal(str(round(calculate(*map(float, given)), 15)))
        except (ValueError, OverflowError):  # the arc sine of 2 is none
            return NAN

    return evaluate


for _name in ("sin", "cos", "tan", "asin", "acos", "atan"):
    function(_name, 1)(_of_angles(getattr(math, _name)))
function("atan2", 2)(_of_angles(math.atan2))


@function("pi", 0)
def _pi(self, context=None):
    return Decimal(str(math.pi))


@function("sum", (1, None))
def _sum(self, context=None):
    total = Decimal(0)
    for value in numbers_given(self, context):
        total = ARITHMETIC.add(total, value)
    return total


@function("min", (1, None))
def _min(self, context=None):
    given = numbers_given(self, context)
    return NAN if not given or any(value.is_nan() for value in given) else min(given)


@function("max", (1, None))
def _max(self, context=None):
    given = numbers_given(self, context)
    return NAN if not given or any(value.is_nan() for value in given) else max(given)
