# SPDX-License-Identifier: Apache-2.0
"""Documents of --json against the lists of slipway-json(5).

json_forms.py each PAGE FORM FILE...   every document has exactly the members that are listed
json_forms.py all PAGE FORM FILE...    and every listed one is in some of them, in lists and objects, too
"""

import json
import re
import sys

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")


def read_forms(page):
    """{form: {path: kind}}, as it is written."""
    forms, titles = {}, []
    for line in page:
        if line.startswith(".Ss "):
            titles = line[4:].strip().split(", ")
        row = re.match(r"\.It Li (\S+) Ta ([^T]*?) Ta", line)
        for title in titles if row else []:
            forms.setdefault(title, {})[row[1]] = row[2]
    return forms


def expand(forms, name, prefix=""):
    """{path: kind}: what stands for a form is that form's members."""
    members = {}
    for path, kind in forms[name].items():
        word, _, null = kind.partition(" or ")
        if word[0].isupper():
            members[prefix + path] = "object" + (" or null" if null else "")
            members.update(expand(forms, word, prefix + path + "."))
        else:
            members[prefix + path] = kind
    return members


def observe(value, path=""):
    """(path, kind) of every leaf; an empty list is a leaf of the kind 'nothing'."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from observe(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        if not value:
            yield path + "[]", "nothing"
        for member in value:
            yield from observe(member, path + "[]")
    elif value is None:
        yield path, "null"
    elif isinstance(value, bool):
        yield path, "bool"
    elif isinstance(value, (int, float)):
        yield path, "number"
    else:
        yield path, "time" if TIME.match(value) else "text"


def is_below(path, top):
    return path == top or path.startswith((top + ".", top + "["))


def faults(members, seen, strict):
    for path, kind in sorted(seen):
        if kind == "nothing":
            if not any(is_below(listed, path) for listed in members):
                yield f"{path} is not listed"
        elif path not in members:
            yield f"{path} ({kind}) is not listed"
        elif kind not in members[path].split(" or "):
            yield f"{path} is {kind}, listed as {members[path]}"
    closed = [] if strict else [path for path, kind in seen if kind in ("null", "nothing")]
    for path, kind in members.items():
        if kind.startswith("object") or any(is_below(path, top) for top in closed):
            continue
        if not any(path == one for one, one_kind in seen if one_kind != "nothing"):
            yield f"{path} is listed and not there"


def main(mode, page, form, files):
    with open(page, encoding="utf-8") as lines:
        members = expand(read_forms(lines), form)
    wrong, together = [], set()
    for name in files:
        with open(name, encoding="utf-8") as file:
            text = file.read()
        if text.count("\n") != 1:
            wrong.append(f"{name}: not one line")
        seen = set(observe(json.loads(text)))
        together |= seen
        wrong += [f"{name}: {fault}" for fault in faults(members, seen, False)]
    if mode == "all":
        wrong += faults(members, together, True)
    print("\n".join(wrong) or "as listed")
    sys.exit(bool(wrong))


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
