"""The HTTP API of a node, so that sesam-py and curl drive it as they drive one of the platform.

Rules: hub/swagger_public.yaml; sesam-py 2.11.13. One module per noun, each with its routes.
"""
