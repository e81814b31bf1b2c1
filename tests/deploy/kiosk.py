"""A container for the rehearsal's tests: says over HTTP what it finds, and ends by SIGTERM unless it is stubborn."""

import json
import os
import signal
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def found() -> dict[str, object]:
    try:
        Path("/scribble").touch()
    except OSError:
        root_is_read_only = True
    else:
        root_is_read_only = False
    return {
        "me": os.environ["ME"],
        "word": Path("/etc/kiosk/word").read_text(),
        "root_is_read_only": root_is_read_only,
        "prepared": Path("/shared/prepared").exists(),
    }


class Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(found()).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Quietly."""


if __name__ == "__main__":
    if os.environ.get("STUBBORN"):
        signal.signal(signal.SIGTERM, lambda *_: time.sleep(60))
    HTTPServer((os.environ["HOST"], 9000), Answer).serve_forever()
