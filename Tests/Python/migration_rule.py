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


# One at a time holds its table up; with an ALTER TABLE of that table before it in the same transaction, readers as well.
INDEX = re.compile(r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(\w+)\s+ON\s+(\w+)", re.I)


def bare(sql: str) -> str:
    """Without comments, texts and bodies of functions: a body may do to its own tables what it wants."""
    kept, place = "", 0
    for match in re.finditer(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", sql, re.S):
        kept += sql[place:match.start()] + " "
        place = match.end()
    return kept + sql[place:]


def violations(sql: str, version: int = 1_000_000) -> list[str]:
    if CONTRACT.search(sql):
        return []
    text = bare(sql)
    found = []
    for pattern, words in FORBIDDEN:
        for match in re.finditer(pattern, text, re.I):
            said = words.format(match[1].lower())
            if said not in found:
                found.append(said)
    # Those before were applied when nobody had rows yet, and applied files are never changed.
    for match in INDEX.finditer(text) if version > 8 else []:
        if re.search(rf"\bALTER\s+TABLE\s+{match[2]}\b", text, re.I) and not re.search(
                rf"\bCREATE\s+TABLE\s+{match[2]}\b", text, re.I):
            return [f"makes {match[1]} in the file that alters {match[2]}: nobody reads the table until both are done; give the index a file of its own"]
    return [f"{said}: an up script only adds, unless it says -- contract: since VERSION, why" for said in found]
