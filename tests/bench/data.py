"""Invented input for the two workloads, the same bytes on every machine: persons to map, orders to join.

`python data.py FOLDER [--scale 0.1] [--shop-only]` writes persons.ndjson, orders.ndjson, lines.ndjson and products.ndjson.
"""

import argparse
import datetime
import json
import random
from collections.abc import Iterator
from pathlib import Path

FIRST = "Kari Ola Anne Per Ingrid Lars Solveig Nils Åse Bjørn Øystein Marte Jonas Emma Noah Sofie Håkon Live".split()
MIDDLE = "Marie Johan Elise Andreas Bjerke Moe Dahl Berg Lie Aas".split()
LAST = "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Sørensen Ødegård Lund Strand".split()
TITLES = ["CEO", "CFO", "Head of Sales", "Purchaser", "Consultant", "Key Account Manager", "Developer"]
DOMAINS = ["Example.NO", "example.com", "Firma.example", "nordic-trade.Example", "mail.EXAMPLE.org"]
STREETS = ["Storgata", "Kirkeveien", "Parkveien", "Strandgata", "Skolegata", "Havnegata"]
CITIES = [("0150", "Oslo"), ("5003", "Bergen"), ("7010", "Trondheim"), ("4006", "Stavanger"), ("9008", "Tromsø")]
COUNTRIES = ["NO", "NO", "NO", "SE", "DK", "FI", "", None]
TAGS = [
    "newsletter",
    "vip",
    "partner",
    "event-2024",
    "internal:lead",
    "reference",
    "internal:gdpr",
    "golf",
    "internal:old",
]
WORDS = "ringte om tilbud følg opp neste uke avtale signert møte med innkjøp ønsker demo faktura sendt purret".split()
START = datetime.datetime(2012, 1, 1)


class Dice:
    """Chance from one stream of floats, so that it does not depend on the version of Python."""

    def __init__(self, seed: int) -> None:
        self.roll = random.Random(seed).random

    def pick(self, items):
        return items[int(self.roll() * len(items))]

    def stamp(self) -> str:
        moment = START + datetime.timedelta(seconds=int(self.roll() * 12 * 365 * 86_400))
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def phone(self) -> str | None:
        kind = self.roll()
        if kind < 0.2:
            return None if kind < 0.1 else ""
        digits = f"{int(40_000_000 + self.roll() * 59_999_999):08d}"
        form = self.roll()
        if form < 0.3:
            return f"+47 {digits[:3]} {digits[3:5]} {digits[5:]}"
        if form < 0.45:
            return f"0047 {digits}"
        if form < 0.8:
            return f"{digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}"
        return f"({digits[:2]}) {digits[2:5]}-{digits[5:]}" if form < 0.9 else digits


def persons(count: int) -> Iterator[dict]:
    dice = Dice(1)
    roll, pick = dice.roll, dice.pick
    for number in range(1, count + 1):
        first, last = pick(FIRST), pick(LAST)
        email = f"{first}.{last}{number}@{pick(DOMAINS)}" if roll() < 0.92 else None
        postal_code, city = pick(CITIES)
        updated = roll()
        yield {
            "_id": str(number),
            "PersonId": number,
            "FirstName": first,
            "MiddleName": pick([None, None, None, "", pick(MIDDLE), pick(MIDDLE)]),
            "LastName": last,
            "Title": pick([None, "", pick(TITLES), pick(TITLES), pick(TITLES), pick(TITLES), pick(TITLES)]),
            "Email": f" {email} " if email and roll() < 0.05 else email,
            "MobilePhone": dice.phone(),
            "DirectPhone": dice.phone(),
            "OrganisationId": None if roll() < 0.08 else int(1 + roll() * 40_000),
            "Status": int(roll() * 6),
            "CountryCode": pick(COUNTRIES),
            "Street": f"{pick(STREETS)} {1 + int(roll() * 200)}",
            "PostalCode": postal_code,
            "City": city,
            "Tags": [pick(TAGS) for _ in range(int(roll() * 6))],
            "CreatedAt": dice.stamp(),
            "UpdatedAt": None if updated < 0.1 else "0000-00-00T00:00:00Z" if updated < 0.11 else dice.stamp(),
            "DoNotContact": roll() < 0.2,
            "Anonymised": roll() < 0.05,
            "Score": round(roll() * 100, 2),
            "Notes": " ".join(pick(WORDS) for _ in range(int(roll() * 20))),
        }


def shop(orders: int, lines: int, products: int) -> dict[str, list[dict]]:
    dice = Dice(2)
    roll = dice.roll
    made_lines: list[dict] = []
    numbers: dict[str, int] = {}
    for number in range(1, lines + 1):
        # One line in a hundred points to no order, two in a hundred to no product.
        order = f"o{1 + int(roll() * orders)}" if roll() >= 0.01 else "o-missing"
        numbers[order] = numbers.get(order, 0) + 1
        made_lines.append(
            {
                "_id": f"l{number}",
                "orderId": order,
                "lineNo": numbers[order],
                "productId": f"p{1 + int(roll() * products)}" if roll() >= 0.02 else "p-missing",
                "quantity": 1 + int(roll() * 20),
                "unitPrice": 500 + int(roll() * 99_500),
                "comment": None,
            }
        )
    for last in range(len(made_lines) - 1, 0, -1):
        other = int(roll() * (last + 1))
        made_lines[last], made_lines[other] = made_lines[other], made_lines[last]
    return {
        "lines": made_lines,
        "products": [
            {"_id": f"p{n}", "sku": f"SKU-{n:05d}", "name": f"Product {n}", "weight": 10 + int(roll() * 5000)}
            for n in range(1, products + 1)
        ],
        "orders": [
            {
                "_id": f"o{n}",
                "customer": f"c{1 + int(roll() * 3000)}",
                "orderDate": dice.stamp()[:10],
                "currency": "NOK",
                "reference": f"PO-{int(roll() * 999_999):06d}",
            }
            for n in range(1, orders + 1)
        ],
    }


def write(path: Path, rows) -> None:
    with path.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def make(folder: Path, scale: float, shop_only: bool) -> None:
    """Full size is 200,000 persons, 10,000 orders, 100,000 lines and 1,000 products."""
    folder.mkdir(parents=True, exist_ok=True)
    if not shop_only:
        write(folder / "persons.ndjson", persons(int(200_000 * scale)))
    for name, rows in shop(int(10_000 * scale), int(100_000 * scale), max(int(1_000 * scale), 1)).items():
        write(folder / f"{name}.ndjson", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--shop-only", action="store_true", help="no persons")
    arguments = parser.parse_args()
    make(arguments.folder, arguments.scale, arguments.shop_only)
