"""A Prometheus that scrapes a platform on this machine, with the jobs that it has in a cluster."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from stack import probe
from stack.platform import Platform
from stack.ports import Ports

HOST = "127.0.0.1"
_PATIENCE_SECONDS = 30.0


class PrometheusMissing(Exception):
    """`prometheus` is not installed: Debian and others have it as a package of that name."""


class Prometheus:
    """Its HTTP interface."""

    def __init__(self, http: aiohttp.ClientSession, address: str) -> None:
        self._http = http
        self._address = address

    async def now(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression at this instant."""
        return await self._ask("query", {"query": expression})

    async def course(self, expression: str, start: float, end: float, step: float) -> list[dict[str, Any]]:
        """The series of an expression, in seconds since 1970."""
        between = {"start": str(start), "end": str(end), "step": str(step)}
        return await self._ask("query_range", {"query": expression} | between)

    async def firing(self) -> set[str]:
        """The names of the alerts that fire."""
        return {found["metric"]["alertname"] for found in await self.now('ALERTS{alertstate="firing"}')}

    async def _ask(self, what: str, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
        url = f"http://{self._address}/api/v1/{what}"
        async with self._http.post(url, data=parameters) as answer:
            body = await answer.json()
            if body["status"] != "success":
                raise ValueError(body["error"])
            result: list[dict[str, Any]] = body["data"]["result"]
            return result


@dataclass(frozen=True)
class Target:
    """Where a process shows its metrics, and what it is called in a cluster."""

    job: str
    pod: str
    address: str
    path: str


def targets(platform: Platform) -> list[Target]:
    """Every process that has metrics."""
    found: list[Target] = []
    for one in platform.plan.services:
        job = one.service if one.program == "main" else f"{one.service}-worker"
        found.append(Target(job, one.name, one.http_address, "/metrics"))
    if platform.plan.gateway is not None:
        found.append(Target("gateway", "gateway", platform.plan.gateway.admin_address, "/stats/prometheus"))
    return found


@asynccontextmanager
async def scraping(
    platform: Platform, folder: Path, rules: Mapping[str, Any], every_seconds: float
) -> AsyncIterator[Prometheus]:
    """A Prometheus that scrapes and evaluates so often, for as long as the block runs. Errors: `PrometheusMissing`."""
    program = shutil.which("prometheus")
    if program is None:
        raise PrometheusMissing
    (folder / "rules.yaml").write_text(yaml.safe_dump(dict(rules)))
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(_config(platform, f"{round(every_seconds * 1000)}ms")))
    ports = Ports()
    address = f"{HOST}:{(port := ports.choose())}"
    flags = {
        "config.file": str(folder / "prometheus.yaml"),
        "storage.tsdb.path": str(folder / "data"),
        "web.listen-address": address,
        "log.level": "error",
    }
    process = await asyncio.create_subprocess_exec(program, *(f"--{name}={value}" for name, value in flags.items()))
    try:
        await _until_ready(port)
        async with aiohttp.ClientSession() as http:
            yield Prometheus(http, address)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        ports.release()


def _config(platform: Platform, every: str) -> dict[str, Any]:
    jobs: dict[str, dict[str, Any]] = {}
    for target in targets(platform):
        job = jobs.setdefault(target.job, {"job_name": target.job, "metrics_path": target.path, "static_configs": []})
        job["static_configs"].append({"targets": [target.address], "labels": {"pod": target.pod}})
    return {
        "global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every},
        "rule_files": ["rules.yaml"],
        "scrape_configs": list(jobs.values()),
    }


async def _until_ready(port: int) -> None:
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            try:
                if await probe.http_ok(HOST, port, "/-/ready"):
                    return
            except OSError:
                pass
            await asyncio.sleep(0.05)
