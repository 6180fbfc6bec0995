"""The http transform: entities sent to a service, which answers with what becomes of them.

Rules: configuration-transforms-http.rst.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dataflow.dtl import transit
from dataflow.node.rest.call import Call, NotJson
from dataflow.node.rest.places import calling
from dataflow.node.transforms.action import Action

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dataflow.dtl import Context
    from dataflow.dtl.values import Entity
    from dataflow.node.rest.client import Clients
    from dataflow.pipe import Pipe, Step


def http(step: Step, pipe: Pipe, clients: Clients) -> Action:
    config = step.config

    def send(entity: Entity, context: Context) -> Iterable[Entity]:
        with calling(step.pointer, entity.get("_id")):
            client = clients.of(config.get("system"))
            connection = client.connection
            headers = client.plain_headers(config.get("headers"), accept="application/json")
            headers.setdefault("Content-Type", "application/json")
            body = transit.dumps([entity]).encode("utf-8")
            call = Call("http transform", "POST", connection.address(str(config.get("url"))), {}, headers, body)
            _, answer = connection.exchange(lambda: call)
            try:
                found = transit.decode(answer.json())
            except (NotJson, transit.TransitError) as error:
                raise connection.failure(call, f"the answer is no JSON array of entities: {error}", answer) from None
            if type(found) is not list or not all(type(one) is dict for one in found):
                raise connection.failure(call, "the answer is no JSON array of entities", answer)
            return found

    return Action(step.pointer, send, effects=config.get("side_effects", True) is not False)
