"""Systems that speak HTTP: sessions, credentials, operations, paging, and a trace of what was asked and answered.

Rules: configuration-systems-rest.rst, -url.rst and -microservice.rst; decisions 0430 to 0434.
"""
