"""The figures of glucose readings: arrays in, values out. What cannot be told is None, never NaN.

pandas and numpy are imported here and in what imports this: in the pool's workers, not in the service.
"""

from numpy import bool_, float64, int64
from numpy.typing import NDArray

type Floats = NDArray[float64]
type Ints = NDArray[int64]
type Flags = NDArray[bool_]
