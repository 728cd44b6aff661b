# SPDX-License-Identifier: Apache-2.0
"""Rules files against the JSON schema of `slipway check --schema`.

schema.py judge SCHEMA FILE...    one line per file: "accepted FILE" or "refused FILE: why"
schema.py extract DIR FILE...     write every rules file that stands in documents and tests to DIR
"""

import re
import sys
import textwrap
from pathlib import Path

# Here documents of shell, fenced blocks of Markdown, literal displays of manual pages.
BLOCKS = [
    re.compile(r"<<-?'?\\?(END|EOF)'?\n(.*?)\n\1\n", re.S),
    re.compile(r"```(yaml)\n(.*?)\n *```", re.S),
    re.compile(r"\.Bd -literal( -offset indent)?\n(.*?)\n\.Ed", re.S),
]


def core_loader():
    """YAML 1.2: no times, and only true and false are booleans."""
    import yaml

    class Core(yaml.SafeLoader):
        yaml_implicit_resolvers = {
            first: [(tag, form) for tag, form in forms if tag.split(":")[-1] not in ("timestamp", "bool", "merge")]
            for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
    return lambda text: yaml.load(text, Loader=Core)


def judge(schema, files):
    import json

    import jsonschema

    load = core_loader()
    validator = jsonschema.Draft202012Validator(json.loads(Path(schema).read_text()))
    for name in files:
        error = next(iter(validator.iter_errors(load(Path(name).read_text()))), None)
        if error is None:
            print(f"accepted {name}")
        else:
            where = "/".join(str(part) for part in error.absolute_path)
            print(f"refused {name}: {where}: {error.message[:200]}")


def extract(directory, files):
    count = 0
    for name in files:
        for block in (b for r in BLOCKS for b in r.finditer(Path(name).read_text())):
            text = textwrap.dedent(block.group(2)).replace("\\&", "").replace("\\e", "\\")
            if not re.search(r"^rules:", text, re.M) or not re.search(r"^version:", text, re.M):
                continue
            count += 1
            Path(directory, f"{count:03}-{Path(name).name}.yaml").write_text(text + "\n")
    print(count)


if __name__ == "__main__":
    if sys.argv[1] == "judge":
        judge(sys.argv[2], sys.argv[3:])
    else:
        extract(sys.argv[2], sys.argv[3:])
