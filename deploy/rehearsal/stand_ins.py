"""What a cluster gets from elsewhere, stood in for: the database that an operator keeps, the cashier, secrets,
certificates, and what whoever installs Apricot fills in."""

import base64
import secrets as random
from contextlib import AsyncExitStack

from deploy.rehearsal.certificates import Authority
from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.manifests import Data, name_of
from deploy.rehearsal.pod import bucket
from stack.cashier.part import Cashier
from stack.events import silent
from stack.log import Log
from stack.nats import Nats
from stack.postgres import Postgres
from stack.process import Process
from stack.program import Program

SETTINGS = {
    "APRICOT_DEMO": "1",  # people whose code and second factor are known
    "APRICOT_CODES_PER_ADDRESS_AND_HOUR": "100000",
    "APRICOT_SIGN_INS_PER_ADDRESS_AND_HOUR": "100000",
    "APRICOT_GATEWAY_USER_REQUESTS_PER_SECOND": "10000",
    "APRICOT_GATEWAY_SIGN_IN_REQUESTS_PER_MINUTE": "100000",
}
"""Changed for the rehearsal: all its people sit at one address, and nobody sends them codes."""
_DATABASE, _NATS, _CASHIER = "postgres-rw", "nats", "cashier"


class StandIns:
    """Around the cluster's pods; gone when the block is left."""

    def __init__(self, cluster: Cluster) -> None:
        self.authority = Authority()
        self.cashier_url = ""
        self.names: list[str] = []
        """For people: what is stood in for."""
        self._cluster, self._objects = cluster, cluster.objects
        self._folder = cluster.state / "stand-ins"
        self._running = AsyncExitStack()

    async def __aenter__(self) -> "StandIns":
        self._folder.mkdir(mode=0o711, parents=True)
        (self._folder / "pids").mkdir()
        database_url = await self._database()
        nats_url = await self._nats()
        store = {"APRICOT_OBJECT_STORE_URL": bucket(self._cluster.state).as_uri()}
        self._fill_in(SETTINGS | store | await self._cashier())
        self._keep_secrets({"APRICOT_DATABASE_URL": database_url, "APRICOT_NATS_URL": nats_url})
        self._issue_certificates()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    async def _database(self) -> str:
        address = await self._cluster.stand_in(_DATABASE)
        password, rules = random.token_urlsafe(24), self._folder / "pg_hba.conf"
        rules.write_text("host all all all scram-sha-256\n")
        options = {"hba_file": str(rules), "max_connections": "400"}
        postgres = Postgres(self._folder / "postgres", address, 5432, password, None, options)
        await self._start(postgres)
        return postgres.url.replace(address, _DATABASE)

    async def _nats(self) -> str:
        """By the manifests' own, where they have it."""
        if any(name_of(one) == _NATS for one in self._objects.of_kind("StatefulSet")):
            return f"nats://{_NATS}:4222"
        address = await self._cluster.stand_in(_NATS)
        nats = Nats(self._folder / "nats", address, 4222, random.token_urlsafe(24))
        await self._start(nats)
        return nats.url.replace(address, _NATS)

    async def _cashier(self) -> dict[str, str]:
        """What the pharmacy is told of it."""
        address = await self._cluster.stand_in(_CASHIER)
        cashier = Cashier(self._folder / "cashier", address, 80, ["sandbox"])
        await self._start(cashier)
        self.cashier_url = cashier.url
        return cashier.merchant("http://gateway:443")

    async def _start(self, program: Program) -> None:
        process = Process(
            program,
            log=Log(self._cluster.state / "logs" / f"{program.name}.log"),
            pid_file=self._folder / "pids" / program.name,
            listener=silent,
        )
        await process.start()
        self._running.push_async_callback(process.stop)
        self.names.append(f"{program.name} at {program.address}")

    def _fill_in(self, settings: dict[str, str]) -> None:
        """Where they are declared; else where every program reads."""
        maps = self._objects.config_maps
        for key, value in settings.items():
            default = "gateway" if key.startswith("APRICOT_GATEWAY_") else "apricot"
            for name in [name for name, data in maps.items() if key in data] or [_generated(maps, default)]:
                maps[name][key] = value.encode()

    def _keep_secrets(self, urls: dict[str, str]) -> None:
        """What an external store would hold, or people would fill in."""
        known: dict[str, Data] = {
            "apricot": {key: url.encode() for key, url in urls.items()} | {"APRICOT_SERVICE_SECRET": _key()},
            "identity": {"APRICOT_IDENTITY_KEY": _key()},
        }
        declared = {
            one["spec"]["target"]["name"]: [each["secretKey"] for each in one["spec"]["data"]]
            for one in self._objects.of_kind("ExternalSecret")
        }
        everything = {key: value for data in known.values() for key, value in data.items()}
        for name, keys in declared.items():
            self._objects.secrets[name] = {key: everything.get(key, _key()) for key in keys}
        for name, data in known.items():
            present = self._objects.secrets.setdefault(name, everything if name == "apricot" else data)
            present |= {key: value for key, value in everything.items() if key in present}

    def _issue_certificates(self) -> None:
        for one in self._objects.of_kind("Certificate"):
            spec = one["spec"]
            self._objects.secrets[spec["secretName"]] = self.authority.issue(
                spec["dnsNames"], spec.get("commonName", "")
            )


def _generated(maps: dict[str, Data], name: str) -> str:
    """A ConfigMap's own name: kustomize appends a hash to those it makes."""
    return next(one for one in maps if one == name or one.rpartition("-")[0] == name)


def _key() -> bytes:
    return base64.b64encode(random.token_bytes(32))
