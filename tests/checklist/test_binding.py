"""What labels, properties, keys and types of a document are in the package, and what binds to nothing."""

from pathlib import Path

import pytest

from dataflow.checklist.binding import FILE, Binding, Words, read_words
from dataflow.checklist.checks.direction import BACK, OUT
from dataflow.checklist.document import Coverage, Flow, KeepInSync, KeyPair, MergeKeys, Property, Term
from dataflow.errors import UsageError
from dataflow.generate.mapping_file import read_mappings
from dataflow.project import load_project
from dataflow.scenario.reading import Reading
from dataflow.scenario.tables import read_tables

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def reading():
    mappings, environment = ROOT / "pipes" / "mappings", load_project(ROOT, "test").env
    return Reading(read_mappings(mappings), environment, read_tables(mappings, environment))


@pytest.fixture(scope="module")
def binding(reading):
    return Binding(reading, read_words(ROOT))


def prop(source, target, kind="string"):
    return Property(Term(source), Term(target), kind)


def bound(binding, source, target, *rows):
    return binding.bind(Flow(source, target, (Coverage(), KeepInSync(), *rows)))


@pytest.mark.parametrize(
    ("source", "target", "flow", "direction"),
    [
        ("Webcrm Persons", "Customerp Contact", "Webcrm Persons to Customerp Contact", OUT),
        ("webcrm  persons", "CUSTOMERP Contact (human data)", "Webcrm Persons to Customerp Contact", OUT),
        ("Customerp Contact", "Webcrm Users", "Webcrm Users to Customerp Contact", BACK),
        ("Webcrm Quotationline", "Customerp Order", "Webcrm Quotationline to Customerp Order", OUT),
        ("Webcrm Opportunities", "Custom Order", "Webcrm Opportunities to Customerp Order", OUT),
    ],
)
def test_labels_give_a_flow_and_a_direction(binding, source, target, flow, direction):
    found = bound(binding, source, target)
    assert (found.flow.title, found.direction) == (flow, direction)


@pytest.mark.parametrize("target", ["Customerp Task", "Customerp Product", "Webcrm Users"])
def test_a_pair_that_no_mapping_has_binds_to_nothing(binding, target):
    assert bound(binding, "Webcrm Persons", target) is None


def faults(found):
    return [one.fault for one in (*found.rows, *found.keys)]


def test_properties_are_bound_and_the_rest_is_beyond(binding):
    found = bound(binding, "Webcrm Organisations", "Customerp Customer", prop("OrganisationName", "Name"))
    assert [one.row.golden for one in found.rows] == ["name"]
    assert faults(found) == [None]
    assert "name" not in {row.golden for row in found.beyond}
    assert {"vat", "external-id"} < {row.golden for row in found.beyond}
    assert "customer-number" not in {row.golden for row in found.beyond}  # it goes the other way


@pytest.mark.parametrize(
    ("source", "target", "fault"),
    [
        ("OrganisationFax", "Fax", "no row of the mapping"),
        ("OrganisationName", "City", "no row of the mapping"),
        ("organisationname", "Name", "no row of the mapping"),
        ("OrganisationExtraCustom2", "CustomerNumber", "the mapping has it the other way only"),
    ],
)
def test_what_binds_to_nothing_has_a_fault(binding, source, target, fault):
    found = bound(binding, "Webcrm Organisations", "Customerp Customer", prop(source, target))
    assert faults(found) == [fault]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("decimal", None),
        ("float", None),
        ("N/A", None),
        ('["decimal","_."]', None),
        ("string", "its type is decimal here, string in the document"),
        ("integer", "its type is decimal here, integer in the document"),
    ],
)
def test_types_of_customerp(binding, kind, fault):
    found = bound(binding, "Webcrm Products", "Customerp Product", prop("ProductPrice", "UnitPrice", kind))
    assert faults(found) == [fault]


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("string", None),  # what published documents say of every property of webCRM
        ("float", None),
        ("boolean", "its type is float here, boolean in the document"),
    ],
)
def test_types_of_webcrm(binding, kind, fault):
    found = bound(binding, "Customerp Product", "Webcrm Products", prop("UnitPrice", "ProductPrice", kind))
    assert faults(found) == [fault]


def test_parts_are_paths_and_hang_on_the_link_of_the_whole(binding):
    found = bound(
        binding,
        "Webcrm Quotationline",
        "Customerp Order",
        prop("QuotationLineMemo", "Lines.Description"),
        prop("QuotationLineOpportunityId", "ExternalId"),
        prop("QuotationLineId", "Lines.ExternalId"),
        prop("QuotationLineMemo", "Description"),
    )
    assert [one.row and one.row.golden for one in found.rows] == ["text", "order-ni", "external-id", None]


def test_a_constant_has_no_source(binding):
    found = bound(binding, "Webcrm Users", "Customerp Contact", prop("", "ContactType"))
    assert [one.row.golden for one in found.rows] == ["contact-type"]


def test_keys(binding):
    pairs = (
        KeyPair(Term("OrganisationVatNumber"), Term("OrganizationNumber")),
        KeyPair(Term("OrganisationId"), Term("ExternalId")),
        KeyPair(Term("OrganisationName"), Term("Name")),
        KeyPair(Term("OrganisationFax"), Term("Fax")),
    )
    found = bound(binding, "Webcrm Organisations", "Customerp Customer", MergeKeys(pairs))
    assert [one.fault for one in found.keys] == [None, None, "no key in the mapping", "no row of the mapping"]


def test_words_can_be_overridden(reading):
    words = Words(
        labels={"CRM Firms": ("webcrm-organisation",)},
        also={"ERP Buyer": "Customerp Customer"},
        properties={"CRM Firms": {"Firm": "OrganisationName"}},
    )
    found = bound(Binding(reading, words), "CRM Firms", "ERP Buyer", prop("Firm", "Name"))
    assert faults(found) == [None]


def test_a_member_that_no_mapping_has_is_a_mistake_of_the_user(reading):
    with pytest.raises(UsageError, match='"webcrm-organization"; did you mean "webcrm-organisation"'):
        Binding(reading, Words(labels={"Webcrm Firms": ("webcrm-organization",)}))


def test_the_file_has_every_label_of_the_mappings(reading):
    assert read_words(ROOT).labels == {
        name: tuple(dict.fromkeys(members)) for name, members in Binding._own_titles(reading.flows)
    }


def test_an_unknown_key_of_the_file_is_a_mistake_of_the_user(tmp_path):
    assert read_words(tmp_path) == Words()
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text("lables: {}\n", "utf-8")
    with pytest.raises(UsageError, match="unknown lables"):
        read_words(tmp_path)
