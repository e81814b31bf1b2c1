"""What several dashboards ask."""

FAILED = "2|4|13|14|15"
"""The statuses that are our fault: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS."""
QUANTILES = ((0.5, "half of them"), (0.95, "19 of 20"), (0.99, "99 of 100"))


def slow(share: float, where: str) -> str:
    """In how many seconds this share of calls is answered."""
    buckets = f"sum by (le) (rate(apricot_request_seconds_bucket{{{where}}}[$__rate_interval]))"
    return f"histogram_quantile({share}, {buckets})"
