"""The one place where HTTP happens: a session per system, with its time limits, credentials, retries and trace.

Rules: configuration-systems-url.rst and -rest.rst (`verify_ssl`, timeouts, `rate_limiting_*`, `retry_strategy`); decision 0430.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from requests.structures import CaseInsensitiveDict

from dataflow.errors import CallFailed
from dataflow.node.rest.address import absolute
from dataflow.node.rest.call import Answer
from dataflow.node.rest.credentials import ANONYMOUS, Credentials
from dataflow.node.rest.patience import IMPATIENT, RetryStrategy, asked_to_wait, seconds
from dataflow.node.rest.redaction import HIDDEN, Redactor
from dataflow.node.rest.trace import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dataflow.node.reach import Reach
    from dataflow.node.rest.call import Call
    from dataflow.node.rest.patience import Patience
    from dataflow.project import System

CONNECT_TIMEOUT = 60.0
READ_TIMEOUT = 1800.0
# Connections kept open per system; more are opened when needed.
POOL = 10
# Characters of an answer that a message quotes.
EXCERPT = 200

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (requests.exceptions.SSLError, "the certificate or the encryption was refused"),
    (requests.exceptions.ProxyError, "the proxy cannot be reached"),
    (requests.exceptions.ConnectTimeout, "no connection within {connect:g} seconds"),
    (requests.exceptions.ReadTimeout, "no answer within {read:g} seconds"),
    (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    (requests.exceptions.ContentDecodingError, "the answer cannot be decompressed"),
    (requests.exceptions.TooManyRedirects, "it redirects again and again"),
    (requests.exceptions.InvalidHeader, "a header has characters that cannot be sent"),
    (requests.exceptions.InvalidSchema, "the scheme of the address, or of the proxy, is not one that can be used"),
    (requests.exceptions.ConnectionError, "the connection failed"),
    (requests.exceptions.RequestException, "the request cannot be sent"),
)


class Connection:
    """A system as it is used: `config` with its secrets not filled in."""

    def __init__(self, system: System, reach: Reach) -> None:
        self.id = system.id
        self.config = system.config
        self.clock = reach.clock
        self.credentials: Credentials = ANONYMOUS
        self.redacted = Redactor(lambda: reach.secrets(system.id).values())
        self.strategy = RetryStrategy(system.config.get("retry_strategy"))
        self._reach = reach
        self._timeouts = (
            seconds(self.config.get("connect_timeout"), CONNECT_TIMEOUT),
            seconds(self.config.get("read_timeout"), READ_TIMEOUT),
        )

    def filled(self, value: Any) -> Any:
        """A part of the configuration with its secrets. Raises PumpFailed when one has no value."""
        return self._reach.filled(self.id, value)

    def secret(self, name: str) -> str:
        """Raises PumpFailed when it has no value."""
        return str(self.filled(f"$SECRET({name})"))

    def address(self, url: str) -> str:
        """The absolute URL of one that an operation gives. Raises PumpFailed."""
        parts = {
            name: self.config[name]
            for name in ("url_pattern", "base_url", "docker", "use_https")
            if name in self.config
        }
        return absolute(self.id, self.filled(parts), url)

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        # What the machine has set up for its user (proxies, .netrc) is none of the package's business.
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, requests.adapters.HTTPAdapter(pool_connections=POOL, pool_maxsize=POOL))
        session.proxies = dict(self.filled(self.config.get("proxies") or {}))
        session.verify = self._verified()
        return session

    def _verified(self) -> bool | str:
        """Whether certificates are verified, or the file with those that are trusted."""
        defaults = self._reach.metadata.get("global_defaults")
        default = defaults.get("verify_ssl", False) if type(defaults) is dict else False
        if self.config.get("verify_ssl", default) is not True:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            return False
        chain = self.config.get("custom_ca_pem_chain")
        if type(chain) is not str:
            return True
        folder = Path(tempfile.mkdtemp(prefix="dataflow-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        file = folder / "chain.pem"
        file.write_text(self.filled(chain), "utf-8")
        return str(file)

    # --- exchanges ----------------------------------------------------------------------------------------------------

    def exchange(
        self,
        build: Callable[[], Call],
        *,
        patience: Patience = IMPATIENT,
        accepts: Callable[[int], bool] = lambda status: 200 <= status < 300,
        anonymous: bool = False,
    ) -> tuple[Call, Answer]:
        """Send what `build` makes, again where that is allowed, until the status of the answer is one that `accepts` says.

        It is built anew each time, because it may hold a token that is renewed. A token that is refused is renewed once, unless
        it has just been fetched; `anonymous` leaves the credentials out. Raises CallFailed.
        """
        call, answer = self._limited(build, patience, anonymous)
        if not accepts(answer.status):
            raise self.failure(call, f"answered {answer.title}", answer)
        return call, answer

    def _limited(self, build: Callable[[], Call], patience: Patience, anonymous: bool) -> tuple[Call, Answer]:
        tries = 0
        renewed = anonymous
        while True:
            known = self.credentials.serial
            call = build()
            answer = self.send(call, anonymous=anonymous)
            if answer.status == 401 and not renewed and self.credentials.serial == known and self.credentials.renew():
                renewed = True
            elif answer.status == 429 and tries < patience.rate_limiting_retries:
                tries += 1
                now = self.clock.now_ns()
                self.clock.sleep(max(patience.rate_limiting_delay, asked_to_wait(answer.headers, now)))
            else:
                return call, answer

    def send(self, call: Call, *, anonymous: bool = False) -> Answer:
        """Send one request once; `anonymous` leaves the credentials out. Raises CallFailed when there is no answer."""
        headers = CaseInsensitiveDict(call.headers)
        auth: requests.auth.AuthBase | None = None
        if not anonymous:
            for name, value in self.credentials.headers().items():
                if name not in headers or self.credentials.overrides:
                    headers[name] = value
            auth = self.credentials.auth
        started = self.clock.now_ns()
        try:
            # As bytes, because requests would take text for Latin-1.
            encoded = {name: value.encode("utf-8") for name, value in headers.items()}
            response = self._sent(call, encoded, auth)
        except (requests.exceptions.RequestException, ValueError) as error:
            reason = self._reason(error)
            self._trace(call, headers, started, error=reason)
            raise self.failure(call, reason) from None
        answer = Answer(response.status_code, response.headers, response.content)
        self._trace(call, headers, started, answer=answer)
        self._check_length(call, answer)
        return answer

    def _sent(self, call: Call, headers: Mapping[str, bytes], auth: requests.auth.AuthBase | None) -> requests.Response:
        """What `Session.request` does, without merging the same settings of the session into every request."""
        session = self._session
        whole = CaseInsensitiveDict(session.headers)
        whole.update(headers)
        request = requests.Request(
            call.method,
            call.url,
            params=dict(call.params),
            data=call.body,
            headers=whole,
            auth=auth or _keep,
            cookies=session.cookies if len(session.cookies) else None,
        )
        return session.send(
            request.prepare(), timeout=self._timeouts, verify=session.verify, proxies=session.proxies, stream=False
        )

    def _check_length(self, call: Call, answer: Answer) -> None:
        given = answer.headers.get("Content-Length")
        if given is None or self.config.get("ignore_invalid_content_length_response_header") is True:
            return
        if not (given.strip().isascii() and given.strip().isdigit()):
            raise self.failure(call, f'answered with the Content-Length "{given}", which is no number', answer)

    def _reason(self, error: Exception) -> str:
        # The message of the library may quote the address or a header.
        connect, read = self._timeouts
        known = (text for kind, text in _REASONS if isinstance(error, kind))
        return next(known, "the request cannot be sent").format(connect=connect, read=read)

    def failure(self, call: Call, problem: str, answer: Answer | None = None) -> CallFailed:
        """The exception for a call, without its secrets; with an answer it quotes the beginning of that."""
        text = f"{call.method} {self.redacted(call.address, 500)}: {self.redacted(problem, 500)}"
        status = None if answer is None else answer.status
        if answer is not None and answer.content and not call.confidential:
            text += f": {self.excerpt(answer)}"
        return CallFailed(f'system "{self.id}": {text}', status=status, retries=self.strategy.of(status))

    def excerpt(self, answer: Answer) -> str:
        """The beginning of a body on one line, without secrets."""
        return " ".join(self.redacted(answer.text, EXCERPT).split())

    def _trace(
        self,
        call: Call,
        headers: CaseInsensitiveDict[str],
        started: int,
        *,
        answer: Answer | None = None,
        error: str | None = None,
    ) -> None:
        def kept(body: str) -> str:
            return HIDDEN if call.confidential else self.redacted(body, self._reach.trace.body)

        exchange = Exchange(
            system=self.id,
            operation=call.operation,
            method=call.method,
            url=self.redacted(call.address),
            started_ns=started,
            ended_ns=self.clock.now_ns(),
            request_headers=self.redacted.headers(headers),
            request_body=None if call.body is None else kept(call.body.decode("utf-8", "replace")),
            status=None if answer is None else answer.status,
            response_headers=None if answer is None else self.redacted.headers(answer.headers),
            response_body=None if answer is None else kept(answer.text),
            error=error,
        )
        self._reach.trace.add(exchange)


def _keep(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """No authentication of its own; without any, requests would take one out of the URL."""
    return request
