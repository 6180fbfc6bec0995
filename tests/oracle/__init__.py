"""A second DTL engine, written from the public semantics alone: slow, plain, and the yardstick of the compiled one.

With the product it shares only the values, the transit form and the ordinary functions of the registry. Paths, variables,
special forms, transforms, hops and namespaces are its own.
"""
