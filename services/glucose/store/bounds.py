"""SQL: what a device said instead of a value, read from a reading's stored body."""

from glycemia.units import Bound

BOUND = f"""
coalesce(case substring(body from nullif(position('\\x0a0d09'::bytea in body), 0) + 11 for 4)
         when '\\x10011801' then {Bound.LOW:d} when '\\x10021801' then {Bound.LOW:d}
         when '\\x10011802' then {Bound.HIGH:d} when '\\x10021802' then {Bound.HIGH:d} end, {Bound.NONE:d})::int2
"""
"""`Glucose.bound` of a body. A `Glucose` with a bound is 13 bytes long and begins with its value: 0a 0d 09, eight bytes
of the value, 10 and the unit, 18 and the bound. So no column is needed, and readings stored long ago tell it too."""
