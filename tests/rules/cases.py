"""Cases of rules: small packages in one text file each, `tests/test_rules/<ID>/{bad,good}-*.txt`.

A case begins with a sentence that says what it shows. Then come the files of the package, each below a line `--- <path>`, and
last, below `--- output`, the whole of what `dataflow validate` says to it. In a path line `(mark)` stands for a byte order mark,
`(latin-1)` for another encoding.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "test_rules"
_HEAD = re.compile(r"^--- (.+?)(?: \((mark|latin-1)\))?\n", re.MULTILINE)
OUTPUT = "output"


@dataclass(frozen=True, slots=True)
class Case:
    path: Path
    about: str
    files: dict[str, bytes]
    output: str

    @property
    def code(self) -> str:
        return self.path.parent.name

    @property
    def good(self) -> bool:
        return self.path.name.startswith("good-")

    def write(self, root: Path) -> None:
        for name, content in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def with_output(self, output: str) -> str:
        """The text of the case with another output."""
        text = self.path.read_text("utf-8")
        return text[: text.index(f"--- {OUTPUT}\n")] + f"--- {OUTPUT}\n{output}"


def read(path: Path) -> Case:
    text = path.read_text("utf-8")
    parts = _HEAD.split(text)
    files: dict[str, bytes] = {}
    output = ""
    for name, form, content in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if name == OUTPUT:
            output = content
        else:
            files[name] = (b"\xef\xbb\xbf" if form == "mark" else b"") + content.encode(
                "latin-1" if form == "latin-1" else "utf-8"
            )
    return Case(path, parts[0].strip(), files, output)


def all_cases() -> list[Case]:
    return [read(path) for path in sorted(FOLDER.glob("DF*/*.txt"))]
