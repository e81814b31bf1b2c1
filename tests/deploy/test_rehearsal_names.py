"""The rehearsal's DNS: which addresses a name has, and that a real resolver understands the answer."""

import asyncio

import dns.asyncresolver
import dns.resolver
import pytest

from deploy.rehearsal.names import TTL_SECONDS, Names
from tests.patience import PATIENCE

KNOWN: dict[str, list[str]] = {"identity.clinic.svc.cluster.local": ["10.0.0.2", "10.0.0.3"], "empty.cluster.local": []}


@pytest.fixture
async def resolver(unused_tcp_port: int) -> dns.asyncresolver.Resolver:
    names = Names(KNOWN.get)
    await names.serve("127.0.0.1", unused_tcp_port)
    found = dns.asyncresolver.Resolver(configure=False)
    found.nameservers, found.port, found.lifetime = ["127.0.0.1"], unused_tcp_port, 5
    found.search = [dns.name.from_text("clinic.svc.cluster.local.")]
    return found


async def test_a_name_has_all_of_its_addresses(resolver: dns.asyncresolver.Resolver) -> None:
    answer = await resolver.resolve("Identity", "A", search=True)
    assert sorted(one.to_text() for one in answer) == ["10.0.0.2", "10.0.0.3"]
    assert answer.rrset is not None
    assert answer.rrset.ttl == TTL_SECONDS


@pytest.mark.parametrize("kind", ["A", "AAAA"])
async def test_a_name_without_addresses_is_there(resolver: dns.asyncresolver.Resolver, kind: str) -> None:
    with pytest.raises(dns.resolver.NoAnswer):
        await resolver.resolve("empty.cluster.local.", kind)


async def test_a_name_that_nobody_knows_is_not(resolver: dns.asyncresolver.Resolver) -> None:
    with pytest.raises(dns.resolver.NXDOMAIN):
        await resolver.resolve("stranger.cluster.local.", "A")


async def test_answers_follow_what_is_ready(resolver: dns.asyncresolver.Resolver) -> None:
    before = await resolver.resolve("identity.clinic.svc.cluster.local.", "A")
    KNOWN["identity.clinic.svc.cluster.local"] = ["10.0.0.4"]
    try:
        after = await asyncio.wait_for(resolver.resolve("identity.clinic.svc.cluster.local.", "A"), PATIENCE)
    finally:
        KNOWN["identity.clinic.svc.cluster.local"] = [one.to_text() for one in before]
    assert [one.to_text() for one in after] == ["10.0.0.4"]
