"""A simulated Customerp: an ERP that answers as `systems/customerp.openapi.yaml` says, and ways to edit its books as its users do.

`Customerp` is the system; `erp` its records and what is done with them, `Habits` the switches for what the contract leaves open,
`seed` and `generate` where records come from. What is allowed is read from the contract (`simulators.contract`), not said again.
"""

from dataflow.simulators.customerp.application import Customerp
from dataflow.simulators.customerp.habits import Habits
from dataflow.simulators.customerp.refused import Refused

__all__ = ["Customerp", "Habits", "Refused"]
