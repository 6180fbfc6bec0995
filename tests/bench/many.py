"""A package of any number of files: the package of this repository over and over, each time with ids of its own.

`many.py FOLDER NUMBER` writes it, `many.py --load FOLDER` reads its files with `json.load` and does nothing else.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ("pipes/*.conf.json", "systems/*.conf.json")


def make(folder: Path, number: int) -> None:
    """Write that many components."""
    paths = [path for part in _PARTS for path in sorted(ROOT.glob(part))]
    texts = {path.relative_to(ROOT): path.read_text("utf-8") for path in paths}
    names = sorted((re.escape(path.name.removesuffix(".conf.json")) for path in paths), key=len, reverse=True)
    named = re.compile(rf'"({"|".join(names)})( \w+)?"')
    made = 0
    for turn in range(1 + number // len(texts)):
        for path, text in texts.items():
            if made == number:
                break
            made += 1
            # The first is what the others are made of, so that nothing is missing whatever the number.
            own = f"n{turn}-" if turn else ""
            target = folder / path.parent / f"{own}{path.name}"
            target.parent.mkdir(parents=True, exist_ok=True)
            content = named.sub(lambda found, own=own: f'"{own}{found[1]}{found[2] or ""}"', text)
            target.write_text(content, "utf-8")
    for path in (*ROOT.glob("*-env.json"), ROOT / "node-metadata.conf.json"):
        (folder / path.name).write_bytes(path.read_bytes())


def load(folder: Path) -> None:
    """What a validator cannot do without."""
    for path in folder.rglob("*.json"):
        with path.open(encoding="utf-8") as file:
            json.load(file)


if __name__ == "__main__":
    if sys.argv[1] == "--load":
        load(Path(sys.argv[2]))
    else:
        make(Path(sys.argv[1]), int(sys.argv[2]))
