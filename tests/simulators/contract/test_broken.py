"""The check catches servers that break the contract, and names the operation and the rule.

Each variant breaks a sound simulator in one place. Products have every operation, and need no other records; orders have lines.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from dataclasses import replace

import pytest
from requests.structures import CaseInsensitiveDict

from dataflow.results import Verdict
from dataflow.simulators.contract.rules import RULES
from dataflow.simulators.customerp import Refused
from dataflow.simulators.exchange import Answer


def rewrites(customerp, change):
    """Every answer goes through `change(request, answer)`."""
    answer = customerp.api.answer
    customerp.api.answer = lambda request: change(request, answer(request))


def rewrites_records(customerp, method, change):
    """The JSON of successful answers to a method goes through `change(record)`."""

    def rewrite(request, answer):
        if request.method == method and answer.status in (200, 201):
            answer.body = json.dumps(change(json.loads(answer.body))).encode()
        return answer

    rewrites(customerp, rewrite)


# --- variants ---------------------------------------------------------------------------------------------------------


def ignores_if_match(customerp):
    erp = customerp.erp
    erp._demanded = lambda noun, record_id, etag: erp.books.stored(noun, record_id)


def does_not_miss_if_match(customerp):
    takes_as_the_present_etag(customerp, None)


def takes_any_etag(customerp):
    takes_as_the_present_etag(customerp, "*")


def takes_as_the_present_etag(customerp, sent):
    answer = customerp.api.answer

    def changed(request):
        if request.method in ("PATCH", "DELETE") and request.headers.get("If-Match") == sent:
            noun, record_id = request.path.removeprefix("/api/v1/").split("s/")
            stored = customerp.erp._records.get(noun, int(record_id))
            headers = CaseInsensitiveDict(request.headers.items())
            headers["If-Match"] = '"0"' if stored is None else customerp.erp.etag(stored)
            request = replace(request, headers=headers)
        return answer(request)

    customerp.api.answer = changed


def leaves_out_the_moment_itself(customerp):
    page = customerp.erp.page

    def later(noun, *, since, **options):
        items, more = page(noun, since=since, **options)
        return [item for item in items if since is None or json.loads(item)["UpdatedAt"] > since], more

    customerp.erp.page = later


def ignores_modified_since(customerp):
    page = customerp.erp.page
    customerp.erp.page = lambda noun, **options: page(noun, **{**options, "since": None})


def drops_a_page(customerp):
    page = customerp.erp.page

    def skipping(noun, *, skip, size, **options):
        return page(noun, skip=skip + size if skip else 0, size=size, **options)

    customerp.erp.page = skipping


def says_there_is_no_more(customerp):
    page = customerp.api.page
    customerp.api.page = lambda items, number, size, *, more: page(items, number, size, more=False)


def sorts_by_time(customerp):
    def page(noun, *, since, external, skip, size):
        records = sorted(customerp.erp.all(noun), key=lambda one: (one["UpdatedAt"], one["Id"]))
        found = [json.dumps(one) for one in records if since is None or one["UpdatedAt"] >= since]
        if external is not None:
            found = [one for one in found if json.loads(one)["ExternalId"] == external]
        return found[skip : skip + size], len(found) > skip + size

    customerp.erp.page = page


def finds_external_ids_that_only_begin_so(customerp):
    def page(noun, *, external, skip, size, **options):
        if external is None:
            return sound(noun, external=external, skip=skip, size=size, **options)
        found = [one for one in customerp.erp.all(noun) if (one["ExternalId"] or "").startswith(external)]
        return [json.dumps(one) for one in found], False

    sound, customerp.erp.page = customerp.erp.page, page


def forgets_who_has_it(customerp):
    def unnamed(request, answer):
        if answer.status == 409:
            problem = {name: value for name, value in json.loads(answer.body).items() if name != "existingId"}
            answer.body = json.dumps(problem).encode()
        return answer

    rewrites(customerp, unnamed)


def makes_it_twice(customerp):
    customerp.erp.books._check_unique = lambda *_: None
    put = customerp.erp._records.put
    customerp.erp._records.put = lambda *given, unique, **options: put(*given, unique={}, **options)


def gives_ids_anew(customerp):
    rewrites_records(customerp, "PATCH", lambda record: {**record, "Id": record["Id"] + 1})


def ignores_null(customerp):
    patch = customerp.erp.patch

    def without_null(noun, record_id, etag, values):
        return patch(noun, record_id, etag, {name: value for name, value in values.items() if value is not None})

    customerp.erp.patch = without_null


def answers_errors_as_html(customerp):
    def page(request, answer):
        if answer.status >= 400:
            return Answer(answer.status, b"<h1>No</h1>", {**answer.headers, "Content-Type": "text/html"})
        return answer

    rewrites(customerp, page)


def has_one_etag(customerp):
    customerp.erp.etag = lambda stored: f'"{stored.id}"'


def has_an_etag_of_the_content(customerp):
    customerp.erp.etag = lambda stored: f'"{hash(re.sub("UpdatedAt[^,]*", "", stored.body))}"'


def moves_on_without_a_change(customerp):
    change = customerp.erp.books.change

    def always(noun, stored, values, **options):
        after = change(noun, stored, values, **options)
        if after is stored:
            return customerp.erp.books.put(customerp.erp.books.kinds[noun], stored.record, stored.version + 1)
        return after

    customerp.erp.books.change = always


def numbers_lines_anew(customerp):
    lines = customerp.erp.books._lines

    def renumbered(kind, before, entries):
        return [{**line, "Id": customerp.erp._records.next("line", 1)} for line in lines(kind, before, entries)]

    customerp.erp.books._lines = renumbered


def loses_lines_that_are_not_sent(customerp):
    patch = customerp.erp.patch

    def emptied(noun, record_id, etag, values):
        return patch(noun, record_id, etag, {"Lines": [], **values} if noun == "order" else values)

    customerp.erp.patch = emptied


def keeps_lines_that_are_not_named(customerp):
    lines = customerp.erp.books._lines

    def kept(kind, before, entries):
        named = {entry.get("Id") for entry in entries} | {entry.get("ExternalId") for entry in entries}
        rest = [{"Id": line["Id"]} for line in before if not {line["Id"], line["ExternalId"]} & named]
        return lines(kind, before, [*entries, *rest])

    customerp.erp.books._lines = kept


def counts_wrong(customerp):
    def amounts(record):
        lines = [{**line, "Amount": (line["Amount"] or 0) + 100} for line in record.get("Lines", ())]
        return {**record, **({"Lines": lines} if lines else {})}

    for method in ("PATCH", "POST", "GET"):
        rewrites_records(customerp, method, amounts)


def trims(customerp):
    patch = customerp.erp.patch

    def trimmed(noun, record_id, etag, values):
        short = {name: value.strip() if type(value) is str else value for name, value in values.items()}
        return patch(noun, record_id, etag, short)

    customerp.erp.patch = trimmed


def rounds(customerp):
    patch = customerp.erp.patch

    def rounded(noun, record_id, etag, values):
        short = {
            name: round(value, 2) if name in ("UnitPrice", "DiscountPercent") else value
            for name, value in values.items()
        }
        return patch(noun, record_id, etag, short)

    customerp.erp.patch = rounded


def lets_strangers_in(customerp):
    customerp.tokens.fault = lambda _: None


def deletes_what_is_referred_to(customerp):
    customerp.erp._records.referring = lambda *_: None


def uses_ids_again(customerp):
    records = customerp.erp._records
    remove = records.remove

    def forgotten(noun, record_id):
        remove(noun, record_id)
        records._execute("UPDATE counter SET last = ? WHERE name = ?", (record_id - 1, noun))

    records.remove = forgotten


def keeps_what_refers_to_nothing(customerp):
    customerp.erp.books._check_references = lambda *_: None


def has_no_location(customerp):
    def without(request, answer):
        answer.headers.pop("Location", None)
        return answer

    rewrites(customerp, without)


def stops_the_clock(customerp):
    customerp.erp.books._now = lambda: "2026-01-01T00:00:00Z"


def takes_anything(customerp):
    customerp.api._resources = copy.deepcopy(customerp.api._resources)
    for resource in customerp.api._resources.values():
        for operation in resource.operations.values():
            for schema in operation.bodies.values():
                schema.faults = lambda _: []


def changes_a_number_that_is_set(customerp):
    customerp.erp.books._guard = lambda *_: None


def fails_now_and_then(customerp):
    def failing(request, answer):
        return Answer(500, b"oops", {"Content-Type": "text/plain"}) if request.path.endswith("99") else answer

    rewrites(customerp, failing)


def leaves_out_properties(customerp):
    rewrites_records(
        customerp, "GET", lambda found: {name: value for name, value in found.items() if name != "UpdatedAt"}
    )


def overlooks_parameters_of_the_wrong_form(customerp):
    def empty(request, answer):
        if request.method == "GET" and answer.status == 400:
            return customerp.api.page([], 1, 100, more=False)
        return answer

    rewrites(customerp, empty)


def alters_what_is_sent(customerp):
    rewrites_records(customerp, "POST", lambda record: {**record, "Name": (record.get("Name") or "").upper()})


def fills_in_empty_text(customerp):
    rewrites_records(customerp, "POST", lambda record: {**record, "Description": record.get("Description") or ""})


def has_one_id(customerp):
    rewrites_records(customerp, "POST", lambda record: {**record, "Id": 1001})


def makes_half_of_it(customerp):
    post = customerp.erp.post

    def half(noun, values):
        try:
            return post(noun, values)
        except Refused:
            if values.get("Lines"):
                post(noun, {**values, "Lines": []})
            raise

    customerp.erp.post = half


def finds_a_customer(customerp):
    answer = customerp.api.answer

    def helpful(request):
        if request.method == "POST" and request.path.endswith("/orders") and request.body.startswith(b'{"ExternalId"'):
            body = json.loads(request.body)
            request = replace(request, body=json.dumps({"CustomerId": 1001, **body}).encode())
        return answer(request)

    customerp.api.answer = helpful


def names_one_fault_only(customerp):
    def first(request, answer):
        if answer.status == 422:
            problem = json.loads(answer.body)
            answer.body = json.dumps({**problem, "errors": problem["errors"][:1]}).encode()
        return answer

    rewrites(customerp, first)


def takes_nonsense_for_nothing(customerp):
    answer = customerp.api.answer

    def lenient(request):
        try:
            json.loads(request.body or "{}")
        except ValueError:
            request = replace(request, body=b"{}")
        return answer(request)

    customerp.api.answer = lenient


def says_gone(customerp):
    def gone(request, answer):
        if answer.status == 404:
            answer.status = 410
            answer.body = answer.body.replace(b"404", b"410")
        return answer

    rewrites(customerp, gone)


def changes_when_it_is_read(customerp):
    count = itertools.count()
    customerp.erp.etag = lambda stored: f'"{next(count)}"'


def reads_another(customerp):
    rewrites_records(customerp, "GET", lambda found: {**found, "Id": found["Id"] + 1} if "Id" in found else found)


def knows_one_media_type(customerp):
    def refused(request, answer):
        if request.media_type == "application/merge-patch+json":
            return customerp.refusal(415, None)
        return answer

    rewrites(customerp, refused)


def rewrites_lines(customerp, change):
    """The entries of a request go through `change(before, entries)` before they become lines."""
    lines = customerp.erp.books._lines
    customerp.erp.books._lines = lambda kind, before, entries: lines(kind, before, change(before, entries))


def empties_what_is_not_named_of_a_line(customerp):
    names = ("Description", "Quantity", "UnitPrice")
    rewrites_lines(customerp, lambda _, entries: [{**dict.fromkeys(names), **entry} for entry in entries])


def does_not_remove_the_last_line(customerp):
    rewrites_lines(customerp, lambda before, entries: entries or [{"Id": line["Id"]} for line in before])


def takes_unknown_lines_for_new_ones(customerp):
    def known(before, entries):
        ids = {line["Id"] for line in before}
        return [entry if entry.get("Id") in ids else {**entry, "Id": None} for entry in entries]

    rewrites_lines(customerp, lambda before, entries: [_without_null(entry) for entry in known(before, entries)])


def _without_null(entry):
    return {name: value for name, value in entry.items() if value is not None}


def takes_a_line_twice(customerp):
    rewrites_lines(customerp, lambda _, entries: list({json.dumps(entry): entry for entry in entries}.values()))


def sorts_lines_as_they_came(customerp):
    lines = customerp.erp.books._lines
    customerp.erp.books._lines = lambda *given: lines(*given)[::-1]


def does_not_move_on_with_its_lines(customerp):
    books = customerp.erp.books
    change = books.change

    def unmoved(noun, stored, values, **options):
        after = change(noun, stored, values, **options)
        if set(values) == {"Lines"}:
            record = {**after.record, "UpdatedAt": stored.record["UpdatedAt"]}
            return books.put(books.kinds[noun], record, after.version + 1)
        return after

    books.change = unmoved


# The rule that is broken, and the kinds of operations that are named for it.
OF_PRODUCTS = [
    (ignores_if_match, "stale", {"update", "delete"}),
    (does_not_miss_if_match, "no-if-match", {"update", "delete"}),
    (takes_any_etag, "any-if-match", {"update"}),
    (leaves_out_the_moment_itself, "at-the-moment", {"list"}),
    (ignores_modified_since, "before-the-moment", {"list"}),
    (drops_a_page, "pages", {"list"}),
    (says_there_is_no_more, "pages", {"list"}),
    (sorts_by_time, "steady", {"list"}),
    (finds_external_ids_that_only_begin_so, "external-id", {"list"}),
    (forgets_who_has_it, "taken", {"create", "update"}),
    (makes_it_twice, "taken", {"create", "update"}),
    (gives_ids_anew, "change", {"update"}),
    (ignores_null, "null", {"update"}),
    (answers_errors_as_html, "form", {"list", "create", "read", "update", "delete"}),
    (has_one_etag, "new-etag", {"update"}),
    (has_an_etag_of_the_content, "new-etag", {"update"}),
    (moves_on_without_a_change, "no-change", {"update"}),
    (trims, "text", {"update"}),
    (rounds, "digits", {"update"}),
    (lets_strangers_in, "strangers", {"list", "create", "read", "update", "delete"}),
    (deletes_what_is_referred_to, "referred", {"delete"}),
    (uses_ids_again, "removed", {"delete"}),
    (has_no_location, "address", {"create"}),
    (stops_the_clock, "moves-on", {"update"}),
    (takes_anything, "read-only", {"create", "update"}),
    (changes_a_number_that_is_set, "number-once", {"update"}),
    (fails_now_and_then, "form", {"read", "update", "delete"}),
    (leaves_out_properties, "form", {"read"}),
    (overlooks_parameters_of_the_wrong_form, "parameters", {"list"}),
    (alters_what_is_sent, "new", {"create"}),
    (fills_in_empty_text, "least", {"create"}),
    (has_one_id, "own-ids", {"create"}),
    (names_one_fault_only, "values", {"create", "update"}),
    (takes_nonsense_for_nothing, "no-json", {"create", "update"}),
    (says_gone, "nothing-there", {"read", "update", "delete"}),
    (changes_when_it_is_read, "quiet", {"read"}),
    (reads_another, "own-id", {"read"}),
    (knows_one_media_type, "media", {"update"}),
]
OF_ORDERS = [
    (makes_half_of_it, "all-or-nothing", {"create"}),
    (finds_a_customer, "no-customer", {"create"}),
    (empties_what_is_not_named_of_a_line, "line-kept", {"update"}),
    (does_not_remove_the_last_line, "lines-removed", {"update"}),
    (takes_unknown_lines_for_new_ones, "no-such-line", {"update"}),
    (takes_a_line_twice, "line-twice", {"update"}),
    (sorts_lines_as_they_came, "line-order", {"update"}),
    (does_not_move_on_with_its_lines, "line-change", {"update"}),
    (numbers_lines_anew, "line-ids", {"update"}),
    (loses_lines_that_are_not_sent, "lines-left-out", {"update"}),
    (keeps_lines_that_are_not_named, "line-added", {"update"}),
    (counts_wrong, "amounts", {"update"}),
    (keeps_what_refers_to_nothing, "no-such-reference", {"create", "update"}),
]
VARIANTS = [(*row, "product") for row in OF_PRODUCTS] + [(*row, "order") for row in OF_ORDERS]


@pytest.mark.parametrize(("variant", "rule", "kinds", "noun"), VARIANTS, ids=[row[0].__name__ for row in VARIANTS])
def test_it_is_caught(description, customerp, checked, variant, rule, kinds, noun):
    operations = description.resources[noun].operations
    variant(customerp)
    outcome = checked(only=[operation.id for operation in operations.values()])
    failed = {result.id for result in outcome.results if result.verdict is Verdict.FAIL}
    assert {name for name in failed if name.endswith(f".{rule}")} == {f"{operations[kind].id}.{rule}" for kind in kinds}


def test_every_rule_has_something_that_breaks_it():
    assert {row[1] for row in VARIANTS} == {rule.name for rule in RULES} | {"form"}
