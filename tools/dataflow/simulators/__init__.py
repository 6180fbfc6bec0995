"""The two systems, simulated: real HTTP servers with the behaviour, the state and the faults of the real ones.

`server` runs an application at an address; `exchange` has what it is asked and what it answers, `journal` remembers that, `faults`
has what goes wrong between the two sides, `clock` is the time that the system believes in, `door` the way in for tests and people.
"""
