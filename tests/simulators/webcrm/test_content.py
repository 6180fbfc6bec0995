"""Where rows come from: fixtures, made up, a file that is kept."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from dataflow.clock import FixedClock
from dataflow.errors import UsageError
from dataflow.simulators.webcrm import Store, Webcrm
from dataflow.simulators.webcrm.generate import Sizes, generate
from dataflow.simulators.webcrm.resource import RESOURCES
from dataflow.simulators.webcrm.seed import seed, seed_from

TESTDATA = Path(__file__).parents[3] / "testdata"


@pytest.fixture
def tenant():
    return Webcrm(clock=FixedClock()).tenant


@pytest.fixture(scope="module")
def made():
    """A tenant of 100 organisations that nobody has changed in what it shows."""
    tenant = Webcrm(clock=FixedClock()).tenant
    generate(tenant, Sizes.read("100"))
    return tenant


class TestFixtures:
    def test_every_record_of_the_package_is_a_row(self, tenant):
        counts = seed_from(tenant, TESTDATA)
        assert list(counts) == ["organisation", "person", "user", "opportunity", "quotationline", "product"]
        for noun, count in counts.items():
            entities = json.loads((TESTDATA / f"webcrm-{noun}-all.json").read_text("utf-8"))
            latest = {entity["_id"]: entity for entity in entities}
            alive = {row_id: entity for row_id, entity in latest.items() if not entity.get("_deleted")}
            rows = {str(row[RESOURCES[noun].key]): row for row in tenant.all(noun)}
            assert rows.keys() == alive.keys()
            assert count == len(alive)
            derived = {"PersonName", "ProductCombined", "OpportunityLevelText", "OrganisationCountryData"}
            for row_id, entity in alive.items():
                given = {name: value for name, value in entity.items() if name[0] not in "_$" and name not in derived}
                assert given.items() <= rows[row_id].items()

    def test_what_is_left_out_is_empty_or_made(self, tenant):
        seed(tenant, "person", [{"_id": "7", "PersonFirstName": "Åse", "PersonLastName": "Dahl"}])
        seed(tenant, "organisation", [{"_id": "3", "OrganisationUpdatedAt": "2026-06-01T10:00:00+01:00"}])
        row = tenant.get("person", 7)
        assert (row["PersonName"], row["PersonStatus"], row["PersonCustom4"]) == ("Åse Dahl", "Active", "[]")
        assert tenant.get("organisation", 3)["OrganisationCreatedAt"] == "2026-06-01T10:00:00+01:00"

    def test_new_ids_are_above_the_highest(self, tenant):
        seed(tenant, "opportunity", [{"_id": "8"}, {"_id": "5"}])
        assert tenant.add("delivery") == 9

    def test_the_last_of_an_id_counts(self, tenant):
        versions = [
            {"_id": "1", "OrganisationName": "Gammel"},
            {"_id": "2", "OrganisationName": "Borte"},
            {"_id": "1", "OrganisationName": "Ny"},
            {"_id": "2", "_deleted": True},
        ]
        seed(tenant, "organisation", versions)
        assert [row["OrganisationName"] for row in tenant.all("organisation")] == ["Ny"]

    @pytest.mark.parametrize(
        "text", ["{", '[{"_id": "x"}]', '[{"Name": "x"}]', '[{"_id": "1", "PersonColour": 1}]', "7"]
    )
    def test_a_file_that_is_none(self, tenant, tmp_path, text):
        (tmp_path / "webcrm-person-all.json").write_text(text)
        with pytest.raises(UsageError, match=r"webcrm-person-all.json has something"):
            seed_from(tenant, tmp_path)

    def test_a_folder_without_any(self, tenant, tmp_path):
        with pytest.raises(UsageError, match="has no webcrm"):
            seed_from(tenant, tmp_path)


class TestMadeUp:
    def test_so_many_as_wanted(self, made):
        counts = {noun: made.store.count(noun) for noun in RESOURCES}
        assert counts == {
            "organisation": 100,
            "person": 300,
            "user": 1,
            "opportunity": 200,
            "delivery": 0,
            "quotationline": 600,
            "product": 50,
            "catalogue": 0,
        }

    def test_what_every_tenant_has(self, made):
        assert made.get("organisation", 1)["OrganisationName"] == "webCRM"
        assert made.get("person", 2)["PersonOrganisationId"] == 1
        nameless = made.get("person", 50)
        assert (nameless["PersonLastName"], nameless["PersonStatus"]) == ("-", "Resigned")

    def test_the_last_user_has_no_access(self, tenant):
        generate(tenant, Sizes(users=3))
        assert [row["UserAccessLevel"] for row in tenant.all("user")] == [50, 50, 1]

    def test_everything_hangs_on_something_that_is_there(self, made):
        organisations = {row["OrganisationId"] for row in made.all("organisation")}
        for noun in ("person", "opportunity", "product"):
            owners = {row[RESOURCES[noun].owner] for row in made.all(noun)}
            assert owners <= organisations
            assert len(owners) > 20
        deals = {row["OpportunityId"] for row in made.all("opportunity")}
        assert {row["QuotationLineOpportunityId"] for row in made.all("quotationline")} == deals

    def test_values_of_orders_are_those_of_their_lines(self, made):
        before = made.get("opportunity", 7)
        assert before["OpportunityOrderValue"] > 0
        line = made.rows("quotationline", "r.owner = 7")[0]
        made.update("quotationline", line["QuotationLineId"], {"QuotationLineMemo": "x"})
        assert made.get("opportunity", 7) == before

    def test_rows_would_be_taken_by_the_api(self, made):
        for noun in ("organisation", "person", "user", "opportunity", "quotationline", "product"):
            for row in made.all(noun)[:20]:
                made.update(noun, row[RESOURCES[noun].key], row)

    def test_keys_are_unique(self, made):
        for noun, member in (
            ("organisation", "OrganisationVatNumber"),
            ("person", "PersonEmail"),
            ("product", "ProductCustom1"),
        ):
            values = [row[member] for row in made.all(noun) if row[member]]
            assert len(values) == len(set(values)) >= 50

    def test_the_same_again_for_a_seed(self):
        def persons(seed):
            tenant = Webcrm(clock=FixedClock()).tenant
            generate(tenant, Sizes(organisations=20, persons=20), seed)
            return tenant.all("person")

        assert persons(1) == persons(1) != persons(2)

    def test_sizes(self):
        assert Sizes.read("organisations=5, persons=7") == Sizes(organisations=5, persons=7)
        assert Sizes.read("10000") == Sizes(10_000, 30_000, 50, 5_000, 20_000, 60_000)

    @pytest.mark.parametrize(
        "text", ["", "x", "organisations=x", "customers=5", "persons=5", "organisations=1,quotationlines=1"]
    )
    def test_what_is_no_size(self, text):
        with pytest.raises(UsageError):
            Sizes.read(text)


class TestFile:
    def test_it_is_kept(self, tmp_path):
        store = Store(tmp_path / "crm.sqlite")
        tenant = Webcrm(clock=FixedClock(), store=store).tenant
        deal = tenant.add("opportunity", OpportunityDescription="Skap", OpportunityLost1="dyrt")
        tenant.convert("opportunity", deal)
        # Makes an index with a collation, which another process has to know before it writes.
        tenant.store.index("delivery", "json_extract(data, '$.DeliveryNumber')")
        store.close()
        again = Webcrm(clock=FixedClock(), store=Store(tmp_path / "crm.sqlite")).tenant
        assert again.get("delivery", deal)["DeliveryDescription"] == "Skap"
        again.edit("delivery", deal, DeliveryNumber="7")
        assert again.convert("delivery", deal, level=5) == deal
        assert again.get("opportunity", deal)["OpportunityLost1"] == "dyrt"
        assert again.add("delivery") == deal + 1
        again.store.close()

    def test_what_is_no_such_file(self, tmp_path):
        (tmp_path / "text").write_text("no database, but long enough to be taken for something " * 20)
        with sqlite3.connect(tmp_path / "other") as other:
            other.execute("CREATE TABLE x (y)")
        other.close()
        for name in ("text", "other", "no/folder"):
            with pytest.raises(UsageError, match=name):
                Store(tmp_path / name)

    def test_rows_come_in_together_or_not_at_all(self, tenant):
        def rows():
            yield 1, {"OrganisationName": "A"}
            raise KeyError

        with pytest.raises(KeyError):
            tenant.put("organisation", rows())
        assert tenant.all("organisation") == []
        tenant.put("organisation", [(1, {"OrganisationName": "A"})])
        assert len(tenant.all("organisation")) == 1
