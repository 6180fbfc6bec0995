"""A simulated webCRM: its REST API with all its peculiarities, the state of a tenant behind it, and ways to edit that as people do.

    crm = Webcrm(clock=FixedClock(), behaviour=Behaviour(rate_limit=None))
    seed_from(crm.tenant, Path("testdata"))
    with crm.served() as server:
        mark = len(server.journal)
        server.faults.add("reset", method="POST", path="^/Persons$", after=True)
        ...                                                     # requests to server.url
        crm.tenant.edit("person", 901, PersonTitle="Leder")     # as somebody in the screens
        crm.clock.advance(60)
        assert crm.tenant.get("person", 901)["PersonTitle"] == "Leder"
        print(*server.journal.writes(since=mark), sep="\\n")

`tenant` has the rows and their rules, `Behaviour` the switches for what is not known of the real one; `seed` and `generate` are
where rows come from.
"""

from dataflow.simulators.webcrm.application import Webcrm
from dataflow.simulators.webcrm.behaviour import Behaviour
from dataflow.simulators.webcrm.store import Store

__all__ = ["Behaviour", "Store", "Webcrm"]
