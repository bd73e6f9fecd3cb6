"""The rule of docs/migrations.md: what an up script may do while the release before is still running.

It adds. What takes away, renames or narrows breaks statements of the release before and needs a line that says so:
-- contract: since 1.4.0, and why nobody uses it any more
"""
import re

CONTRACT = re.compile(r"^-- contract: since \d+\.\d+\.\d+\b.*\w", re.M)
FORBIDDEN = [
    (r"\bDROP\s+(TABLE|COLUMN|VIEW|MATERIALIZED\s+VIEW|FUNCTION|PROCEDURE|TYPE|SCHEMA|SEQUENCE|DOMAIN|INDEX|TRIGGER)\b",
     "drops {0}"),
    (r"\bALTER\s+TABLE\s+[^;]*?\bDROP\s+(?!CONSTRAINT\b|NOT\s+NULL\b|DEFAULT\b|IDENTITY\b|EXPRESSION\b)(\w+)", "drops {0}"),
    (r"\bRENAME\b(?:\s+(?:TO|COLUMN|CONSTRAINT))?\s+(\w+)", "renames {0}"),
    (r"\bALTER\s+(?:COLUMN\s+)?(\w+)\s+(?:SET\s+DATA\s+)?TYPE\b", "changes the type of {0}"),
    (r"\bALTER\s+(?:COLUMN\s+)?(\w+)\s+SET\s+NOT\s+NULL\b", "makes {0} required, which the release before may leave empty"),
    (r"\bADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\b(?:DEFAULT|GENERATED)\b)",
     "adds {0}, required and without a default"),
    (r"\bTRUNCATE\s+(\w+)", "empties {0}"),
    (r"\bSET\s+SCHEMA\s+(\w+)", "moves something to {0}"),
    (r"\bREVOKE\s+(\w+)", "takes {0} away"),
    (r"\bDROP\s+OWNED\s+(\w+)", "drops what {0} owns"),
]


def bare(sql: str) -> str:
    """Without comments, texts and bodies of functions: a body may do to its own tables what it wants."""
    kept, place = "", 0
    for match in re.finditer(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", sql, re.S):
        kept += sql[place:match.start()] + " "
        place = match.end()
    return kept + sql[place:]


def violations(sql: str) -> list[str]:
    if CONTRACT.search(sql):
        return []
    text = bare(sql)
    found = []
    for pattern, words in FORBIDDEN:
        for match in re.finditer(pattern, text, re.I):
            said = words.format(match[1].lower())
            if said not in found:
                found.append(said)
    return [f"{said}: an up script only adds, unless it says -- contract: since VERSION, why" for said in found]
