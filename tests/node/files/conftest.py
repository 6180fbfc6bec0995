"""A web server on this machine that has some files, and pipes that read them."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from dataflow.node.outer import reaching
from dataflow.node.reach import Reach
from dataflow.node.sources.source import Surroundings
from dataflow.project import System
from dataflow.source import Document
from node.pipes import node_of, pipe


class Web:
    """`files` by path; `asked` are the requests: path with its query, headers."""

    def __init__(self):
        self.files = {}
        self.asked = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append((self.path, self.headers))
                content = web.files.get(urlsplit(self.path).path)
                self.send_response(404 if content is None else 200)
                self.send_header("content-length", str(len(content or b"")))
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def reach(self, **config):
        config = {"_id": "web", "type": "system:url", "url_pattern": f"{self.url}/%s", **config}
        return Reach({"web": System("web", Document(None, "{}", {}), {}, config)}, lambda _: {"pw": "s3cr3t"})

    def source(self, **source):
        config = {"type": "csv", "system": "web", "url": "file.csv", "primary_key": "id", **source}
        made = pipe({"_id": "p", "type": "pipe", "source": config})
        return reaching(self.reach()).sources["csv"](made, Surroundings({}, None))

    def read(self, content, **source):
        self.files["/file.csv"] = content if isinstance(content, bytes) else content.encode()
        return list(self.source(**source).read())

    def node(self, **source):
        config = {"type": "csv", "system": "web", "url": "file.csv", "primary_key": "id", **source}
        makers = reaching(self.reach()).sources
        return node_of({"_id": "p", "type": "pipe", "source": config}, source_makers=makers)


@pytest.fixture
def web():
    running = Web()
    yield running
    running.close()
