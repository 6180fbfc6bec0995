"""What a Python developer would write by hand for the two workloads: the measure the compiled rules are held against.

`python hand.py map|join|roundtrip FOLDER OUTPUT [--stdlib] [--workers N]`
"""

import argparse
import itertools
import json
import multiprocessing
import re
import shutil
from datetime import datetime
from pathlib import Path

import orjson

PHONE = re.compile(r"[ ()\-]")
STATUS = {0: "prospect", 1: "active", 2: "inactive", 3: "blocked"}


def phone(value):
    if not value:
        return None
    value = PHONE.sub("", value)
    if value.startswith("+"):
        return value
    if value.startswith("00"):
        return "+" + value[2:]
    return "+47" + value


def date(value):
    if not value:
        return None
    try:
        return datetime.fromisoformat(value).strftime("%d.%m.%Y")
    except ValueError:
        return None


def map_person(source):
    if source.get("Anonymised") is True:
        return None
    target = {"_id": source["_id"]}
    target["contactNo"] = "C" + str(source["PersonId"]).rjust(8, "0")
    names = (source.get("FirstName"), source.get("MiddleName"), source.get("LastName"))
    target["name"] = " ".join(name for name in names if name)
    if source.get("Email") is not None:
        target["email"] = source["Email"].strip().lower()
    mobile = phone(source.get("MobilePhone"))
    if mobile is not None:
        target["mobile"] = mobile
    direct = phone(source.get("DirectPhone"))
    if direct is not None:
        target["phone"] = direct
    if source.get("Title"):
        target["title"] = source["Title"]
    if source.get("OrganisationId") is not None:
        target["company"] = "~:crm-organisation:" + str(source["OrganisationId"])
    target["status"] = STATUS.get(source.get("Status"), "unknown")
    target["country"] = source.get("CountryCode") or "NO"
    created = date(source.get("CreatedAt"))
    if created is not None:
        target["createdDate"] = created
    modified = date(source.get("UpdatedAt"))
    if modified is not None:
        target["modifiedDate"] = modified
    target["address"] = {
        "street": source.get("Street"),
        "postalCode": source.get("PostalCode"),
        "city": source.get("City"),
        "country": target["country"],
    }
    target["categories"] = [tag for tag in source.get("Tags") or [] if not tag.startswith("internal:")]
    target["marketing"] = not source.get("DoNotContact")
    return target


def join_orders(orders, lines, products):
    product_by_id = {product["_id"]: product for product in products}
    lines_by_order = {}
    for line in lines:
        lines_by_order.setdefault(line["orderId"], []).append(line)
    for order in orders:
        joined = []
        for line in lines_by_order.get(order["_id"], []):
            out = {name: line[name] for name in ("_id", "lineNo", "quantity", "unitPrice")}
            product = product_by_id.get(line["productId"])
            if product is not None:
                out["sku"] = product["sku"]
                out["name"] = product["name"]
            out["weight"] = line["quantity"] * (product["weight"] if product else 0)
            out["amount"] = line["quantity"] * line["unitPrice"]
            joined.append(out)
        joined.sort(key=lambda line: line["lineNo"])
        yield {
            "_id": order["_id"],
            "customer": order["customer"],
            "orderDate": order["orderDate"],
            "reference": order["reference"],
            "lines": joined,
            "lineCount": len(joined),
            "total": sum(line["amount"] for line in joined),
            "weight": sum(line["weight"] for line in joined),
        }


class Json:
    def __init__(self, stdlib):
        self.loads = json.loads if stdlib else orjson.loads
        self.dumps = (lambda v: json.dumps(v, ensure_ascii=False).encode()) if stdlib else orjson.dumps

    def rows(self, path, start=0, stop=None):
        with path.open("rb") as stream:
            stream.seek(start)
            position = start
            for line in stream:
                if stop is not None and position >= stop:
                    return
                position += len(line)
                yield self.loads(line)

    def write(self, path, rows):
        with path.open("wb") as stream:
            for row in rows:
                stream.write(self.dumps(row) + b"\n")


def map_part(stdlib, source, target, start, stop):
    form = Json(stdlib)
    mapped = (map_person(row) for row in form.rows(source, start, stop))
    form.write(target, (row for row in mapped if row is not None))


def map_parallel(stdlib, source, output, workers):
    size = source.stat().st_size
    bounds = [0]
    with source.open("rb") as stream:
        for index in range(1, workers):
            stream.seek(size * index // workers)
            stream.readline()
            bounds.append(stream.tell())
    bounds.append(size)
    parts = [output.with_suffix(f".{index}") for index in range(workers)]
    jobs = [
        (stdlib, source, part, start, stop)
        for part, (start, stop) in zip(parts, itertools.pairwise(bounds), strict=True)
    ]
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        pool.starmap(map_part, jobs, chunksize=1)
    with output.open("wb") as stream:
        for part in parts:
            with part.open("rb") as done:
                shutil.copyfileobj(done, stream)
            part.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workload", choices=["map", "join", "roundtrip"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--stdlib", action="store_true")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    form = Json(given.stdlib)
    persons = given.folder / "persons.ndjson"
    if given.workload == "roundtrip":
        form.write(given.output, form.rows(persons))
    elif given.workload == "map":
        if given.workers > 1:
            map_parallel(given.stdlib, persons, given.output, given.workers)
        else:
            map_part(given.stdlib, persons, given.output, 0, None)
    else:
        tables = [form.rows(given.folder / f"{name}.ndjson") for name in ("orders", "lines", "products")]
        form.write(given.output, join_orders(*tables))


if __name__ == "__main__":
    main()
