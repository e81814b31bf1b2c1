"""Whether an overlay's objects are what a cluster takes, and what Apricot wants of them."""
