"""Side-by-side measurements: each line against its limit, in one run, on the local stack. `make bench`."""
