"""A stand-in for Terraform, which needs a provider and a cloud: it writes down what it is asked, and plans nothing.

Runs as a program of its own. It refuses what Terraform would refuse for the order alone: a plan before `init`, and a
plan's file that nobody has written.
"""

import json
import sys
from pathlib import Path

CALLS = "calls.jsonl"
INITIALISED = ".terraform"
FAILED = 1


def answer(words: list[str], folder: Path) -> tuple[int, str]:
    """The exit code and what is said."""
    act = next((word for word in words if not word.startswith("-")), "")
    if not any(folder.glob("*.tf")):
        return FAILED, f"Error: no configuration files in {folder.name}"
    if act == "init":
        (folder / INITIALISED).mkdir(exist_ok=True)
    elif act in ("plan", "apply", "destroy"):
        if not (folder / INITIALISED).exists():
            return FAILED, "Error: required plugins are not installed: run terraform init first"
        for word in words:
            if word.startswith("-out="):
                (folder / word.removeprefix("-out=")).touch()
        files = [word for word in words if not word.startswith("-") and word != act]
        if act == "apply" and files and not (folder / files[0]).exists():
            return FAILED, f"Error: failed to load {files[0]} as a plan file"
    return 0, f"a stand-in for Terraform was asked to {act}, wrote that down, and did nothing"


def main() -> int:
    """One call of Terraform."""
    folder = Path.cwd()
    code, said = answer(sys.argv[1:], folder)
    with (Path(sys.argv[0]).resolve().parent / CALLS).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"words": sys.argv[1:], "folder": str(folder), "code": code}) + "\n")
    (sys.stderr if code else sys.stdout).write(f"{said}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
