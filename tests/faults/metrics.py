"""What the replicas say of themselves at `/metrics`."""

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from stack.platform import Platform


async def total(platform: Platform, name: str) -> float:
    """A metric's sum over its labels and over all glucose replicas."""
    found = 0.0
    async with aiohttp.ClientSession() as http:
        for address in platform.http_addresses("glucose"):
            async with http.get(f"http://{address}/metrics") as answer:
                text = await answer.text()
            samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
            found += sum(one.value for one in samples if one.name == name)
    return found


async def watchers(platform: Platform) -> float:
    """Open watches."""
    return await total(platform, "apricot_watchers")
