"""What a cluster gets from elsewhere, stood in for: the database that an operator keeps, the cashier, secrets,
certificates, and what whoever installs Apricot fills in."""

from contextlib import AsyncExitStack
from urllib.parse import parse_qs, unquote, urlsplit

from deploy.rehearsal.cluster import Cluster
from deploy.rehearsal.manifests import generated
from deploy.rehearsal.pod import bucket
from deploy.rehearsal.secrets import issue_certificates, keep_secrets
from kit.rights import make_roles
from stack.authority import Authority
from stack.cashier.part import Cashier
from stack.events import silent
from stack.log import Log
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


class StandIns:
    """Around the cluster's pods; gone when the block is left."""

    def __init__(self, cluster: Cluster) -> None:
        self.cashier_url = ""
        self.names: list[str] = []
        """For people: what is stood in for."""
        self._cluster, self._objects = cluster, cluster.objects
        self._folder = cluster.state / "stand-ins"
        self.authority = Authority(self._folder / "certificates")
        self._running = AsyncExitStack()

    async def __aenter__(self) -> "StandIns":
        for folder in self._folder, self._folder / "pids":
            folder.mkdir(mode=0o711)
        keep_secrets(self._objects)
        issue_certificates(self._objects, self.authority)
        self._cluster.public_names[self.public_name] = self._cluster.address_of("gateway")
        await self._run_database()
        store = {"APRICOT_OBJECT_STORE_URL": bucket(self._cluster.state).as_uri()}
        self._fill_in(SETTINGS | store | await self._run_cashier())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._running.aclose()

    @property
    def public_is_tls(self) -> bool:
        return any(one["spec"]["secretName"] == "public-tls" for one in self._objects.of_kind("Certificate"))

    @property
    def public_name(self) -> str:
        """By which the world calls the gateway."""
        for one in self._objects.of_kind("Certificate"):
            if one["spec"]["secretName"] == "public-tls":
                return str(one["spec"]["dnsNames"][0])
        return "api.example.org"

    async def _run_database(self) -> None:
        """As the owner's Secret says: where, with which password, by TLS or without; with the roles that an operator
        keeps."""
        secrets = self._objects.secrets
        url = urlsplit(secrets[generated(secrets, "owner")]["APRICOT_DATABASE_URL"].decode())
        address = await self._cluster.stand_in(url.hostname or "")
        rules = self._folder / "pg_hba.conf"
        rules.write_text("host all all all scram-sha-256\n")
        options = {"hba_file": str(rules), "max_connections": "500"}
        tls = self.authority.folder / "postgres" if "sslmode" in parse_qs(url.query) else None
        password = unquote(url.password or "")
        postgres = Postgres(self._folder / "postgres", address, url.port or 5432, password, None, tls, options)
        await self._start(postgres)
        if roles := self._managed_roles():
            await make_roles(postgres.url.partition("?")[0], roles)  # its certificate is for its name

    def _managed_roles(self) -> dict[str, str]:
        """Return the passwords of the roles that an operator is asked for; empty: the migration makes them."""
        cluster, secrets = self._objects.find("Cluster", "postgres"), self._objects.secrets
        declared = cluster["spec"]["managed"]["roles"] if cluster else []
        return {
            one["name"].removeprefix("apricot_"): secrets[one["passwordSecret"]["name"]]["password"].decode()
            for one in declared
            if one["name"].startswith("apricot_")
        }

    async def _run_cashier(self) -> dict[str, str]:
        """What the pharmacy is told of it."""
        address = await self._cluster.stand_in("cashier")
        trusted = self.authority.folder / "public" / "ca.crt" if self.public_is_tls else None
        cashier = Cashier(self._folder / "cashier", address, 80, ["sandbox"], trusted)
        await self._start(cashier)
        self.cashier_url = cashier.url
        return cashier.merchant(f"http{'s' if self.public_is_tls else ''}://{self.public_name}:443")

    async def _start(self, program: Program) -> None:
        process = Process(
            program,
            log=Log(self._cluster.state / "logs" / f"{program.name}.log"),
            pid_file=self._folder / "pids" / program.name,
            listener=silent,
        )
        await process.start()
        self._running.push_async_callback(process.stop)
        self.names.append(program.name)

    def _fill_in(self, settings: dict[str, str]) -> None:
        """Where they are declared; else where every program reads."""
        maps = self._objects.config_maps
        for key, value in settings.items():
            default = "gateway" if key.startswith("APRICOT_GATEWAY_") else "apricot"
            for name in [name for name, data in maps.items() if key in data] or [generated(maps, default)]:
                maps[name][key] = value.encode()
