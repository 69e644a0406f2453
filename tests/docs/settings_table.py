"""The table in docs/settings.md, made from the settings: python -m tests.docs.settings_table"""

from __future__ import annotations

import dataclasses

from mock_server.settings import Settings, variable


def settings_table() -> str:
    rows = [
        "| flag | variable | default | live | meaning |",
        "|---|---|---|---|---|",
    ]
    for item in dataclasses.fields(Settings):
        flag, meaning = "--" + item.name.replace("_", "-"), item.metadata["help"]
        if "negative" in item.metadata:
            flag = f"--no-{flag[2:]}"
        if "choices" in item.metadata:
            meaning += " (" + ", ".join(f"`{one}`" for one in item.metadata["choices"]) + ")"
        default = "" if item.default in (None, (), "") else f"`{item.default}`"
        if isinstance(item.default, bool):
            default = "on" if item.default else "off"
        live = "yes" if item.metadata["live"] else ""
        rows.append(f"| `{flag}` | `{variable(item.name)}` | {default} | {live} | {meaning} |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(settings_table())
