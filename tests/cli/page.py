"""What tests ask of a page that tva report --html wrote: load_page(path) parses it, and its methods fail with a sentence.

Run by tests as `exec(open(...).read())` in reader.py; by itself, page.py PAGE.html checks one page."""

import html.parser
import re
import sys

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(html.parser.HTMLParser):
    """The elements in their order, as (name, attributes, text); elements that are open; the tables by their part."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.tables, self.source = [], [], {}, text
        self.part, self.skeleton = "", []
        self.feed(text)
        self.close()
        assert not self.open, f"elements that do not end: {self.open}"

    def handle_starttag(self, name, attributes):
        values = dict(attributes)
        element = [name, values, ""]
        self.elements.append(element)
        self.skeleton.append(name)
        if name == "section":
            self.part = values["id"]
        if name == "table":
            self.tables.setdefault(self.part, []).append([])
        if name == "tr":
            self.tables[self.part][-1].append([])
        if name in ("td", "th"):
            self.tables[self.part][-1][-1].append("")
        if name not in VOID:
            self.open.append(element)

    def handle_startendtag(self, name, attributes):
        self.elements.append([name, dict(attributes), ""])

    def handle_endtag(self, name):
        assert self.open and self.open[-1][0] == name, f"</{name}> ends {self.open[-1][0] if self.open else 'nothing'}"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element[2] += data
        if any(element[0] in ("td", "th") for element in self.open):
            self.tables[self.part][-1][-1][-1] += data

    def of(self, name, **attributes):
        wanted = {key.rstrip("_"): value for key, value in attributes.items()}
        return [e for e in self.elements if e[0] == name and wanted.items() <= e[1].items()]

    def text(self):
        return " ".join(self.of("body")[0][2].split())

    def check(self):
        """It is whole, loads nothing, and its links and labels lead to what is there, once."""
        ids = [e[1]["id"] for e in self.elements if "id" in e[1]]
        assert len(ids) == len(set(ids)), f"identifiers that are there twice: {sorted(i for i in ids if ids.count(i) > 1)}"
        for name, values, _ in self.elements:
            for key, value in values.items():
                assert not key.startswith("on"), f"<{name}> has {key}"
                if key in ("href", "xlink:href", "src", "action", "data", "poster", "srcset"):
                    assert value.startswith("#"), f"<{name}> leads to {value}"
                if key == "aria-labelledby" or (key in ("href", "xlink:href") and value.startswith("#")):
                    assert value.lstrip("#") in ids, f"<{name}> names {value}, which is not there"
        known = {"script", "style", "svg", "img", "iframe", "object", "embed", "link", "base", "form"}
        found = {name for name, _, _ in self.elements if name in known}
        assert found <= {"script", "style", "svg", "form"}, found
        assert len(self.of("script")) == len(self.of("style")) == len(self.of("h1")) == len(self.of("main")) == 1
        assert not re.search(r"https?://|@import|url\(", self.source), "something that could be loaded"
        assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", self.source), "a control character"
        levels = [int(name[1]) for name, _, _ in self.elements if re.fullmatch("h[1-6]", name)]
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:])), f"a level of headings is skipped: {levels}"
        for svg in self.of("svg", role="img"):
            assert svg[1].get("aria-label"), "a chart without a label"
        assert len(self.source.encode()) < 3 << 20, "it is larger than 3 MB"


UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1}


def seconds(text):
    value, unit = re.fullmatch(r"([\d.]+) (ns|us|ms|s)", text).groups()
    return float(value) * UNITS[unit]


def load_page(path):
    with open(path, encoding="utf-8") as file:
        return Page(file.read())


def check_figures(page, result):
    """Each valid batch is in the table of its group with the median of its makespan, and in its chart; returns how many are."""
    groups, count = list(dict.fromkeys(cell["group"] for cell in result["cells"])), 0
    for number, group in enumerate(groups, 1):
        part = f"work-{number}"
        assert group in page.of("section", id=part)[0][2]
        titles = [e[2] for e in page.of("title")]
        for cell in result["cells"]:
            if cell["group"] != group or not cell["valid"] or cell.get("load", {}).get("kind", "batch") != "batch":
                continue
            label = cell["model"] + (f"({cell['threads']})" if cell["threads"] else "")
            table = page.tables[part][0]
            row = next(row for row in table[1:] if row[0].removesuffix(" *") == label)
            shown, median = row[table[0].index("makespan")], cell["summary"]["makespan_s"]["median"]
            assert abs(seconds(shown) / median - 1) < 0.006, (group, label, shown, median)
            assert any(t.startswith(f"{label}: makespan {shown} ") for t in titles), (label, shown)
            count += 1
    return count


if __name__ == "__main__" and len(sys.argv) == 2:
    load_page(sys.argv[1]).check()
