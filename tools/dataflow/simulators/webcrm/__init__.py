"""A simulated webCRM: its REST API with all its peculiarities, the state of a tenant behind it, and ways to edit that as people do.

`Webcrm` is the system; `tenant` its rows and rules, `behaviour` the switches for what is not known of the real one, `seed` and
`generate` where rows come from.
"""

from dataflow.simulators.webcrm.application import Webcrm
from dataflow.simulators.webcrm.behaviour import Behaviour
from dataflow.simulators.webcrm.store import Store

__all__ = ["Behaviour", "Store", "Webcrm"]
