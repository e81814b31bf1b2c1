"""Free ports, chosen so that several stacks on one machine never choose the same one."""

import random
import socket
import sys

# Below the range the kernel takes outgoing ports from: a port that is free for the second in which its
# part restarts cannot be taken by some client's connection.
RANGE = range(20000, 32000)


class Ports:
    """The ports of one platform; they stay its own until `release`."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._claims: list[socket.socket] = []

    def choose(self, default: int = 0) -> int:
        """The default if it is free, else any free port."""
        if default and self._take(default):
            return default
        while not self._take(port := random.choice(RANGE)):
            pass
        return port

    def release(self) -> None:
        for claim in self._claims:
            claim.close()
        self._claims.clear()

    def _take(self, port: int) -> bool:
        return self._claim(port) and self._is_free(port)

    def _claim(self, port: int) -> bool:
        """Keep other stacks away between this choice and the part's own bind, and while it restarts.

        An abstract Unix socket is a lock that has no file and ends with its process.
        """
        if sys.platform != "linux":
            return True
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0apricot-port-{port}")
        except OSError:
            claim.close()
            return False
        self._claims.append(claim)
        return True

    def _is_free(self, port: int) -> bool:
        with socket.socket() as listener:
            # As the servers do: connections of an earlier run that linger in TIME_WAIT do not count.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((self._host, port))
            except OSError:
                return False
            return True
