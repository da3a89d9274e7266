"""Stands in for `docker compose` at the host of a run. It is copied there, and runs alone, as a program of that name.

`exec` and `run` become the program that runs where the service runs, so that data streams past us; what starts and
stops services, and what makes an edge read its files anew, is asked of the harness. Anything else ends with 64, as
nobody here knows what it would do.
"""

from __future__ import annotations

import json
import os
import sys

UNKNOWN, FAILED, NO_FILE = 64, 1, 14
CHARGED = ("stop", "start", "restart", "up", "kill", "down", "pull")
"""What the harness is asked for."""

EDGES = (["nginx", "-t"], ["nginx", "-s", "reload"])
"""What is said to an edge whose files have changed."""

WITH_VALUE = {
    "compose": ("-f", "--file", "-p", "--project-name", "--project-directory", "--env-file", "--profile", "--ansi"),
    "exec": ("-e", "--env", "-u", "--user"),
    "run": ("-e", "--env", "-u", "--user"),
    "stop": ("-t", "--timeout"),
    "restart": ("-t", "--timeout"),
    "up": ("-t", "--timeout", "--wait-timeout"),
    "kill": ("-s", "--signal"),
    "ps": ("--status", "--filter", "--format"),
}
ALONE = {
    "exec": ("-T", "--no-TTY", "-i", "--interactive"),
    "run": ("-T", "--no-TTY", "-i", "--interactive", "--rm", "--no-deps"),
    "up": ("-d", "--detach", "--wait", "--no-deps", "--no-build", "--force-recreate", "--no-recreate"),
    "pull": ("-q", "--quiet"),
    "restart": ("--no-deps",),
    "start": ("--wait",),
    "ps": ("--services", "-q", "--quiet"),
}


def end(code: int, fact: str) -> None:
    """This program ends with that code, saying why."""
    sys.stderr.write(f"{fact}\n")
    sys.exit(code)


def options(act: str, words: list[str]) -> list[tuple[str, str]]:
    """The options that `words` begin with, taken from them."""
    found = []
    while words and words[0].startswith("-"):
        name, same, value = words.pop(0).partition("=")
        if name in WITH_VALUE.get(act, ()):
            if not same and not words:
                end(UNKNOWN, f"docker compose {act}: {name} needs a value")
            found.append((name, value if same else words.pop(0)))
        elif name in ALONE.get(act, ()) and not same:
            found.append((name, ""))
        else:
            end(UNKNOWN, f"the stand-in for docker does not know this option of {act}: {name}")
    return found


def inside(home: str, act: str, words: list[str], files: list[str]) -> None:
    """This program becomes the one that is asked for, where the service runs."""
    given = options(act, words)
    if not words:
        end(FAILED, f"docker compose {act}: names no service")
    role, command = words[0], words[1:]
    if act == "exec" and command in EDGES:
        charge(home, "reread" if "reload" in command else "test", [role])
    with open(f"{home}/services.json", encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes longer to load than all else
        known = json.load(file)
    if role not in known:
        end(FAILED, f"no such service: {role}")
    if act == "exec" and os.path.exists(f"{home}/halted/{role}"):  # noqa: PTH110 - likewise
        end(FAILED, f'service "{role}" is not running')
    if not command:
        end(UNKNOWN, f"the stand-in for docker needs to be told what to {act} in {role}")
    if not any(name in ("-T", "--no-TTY") for name, _ in given) and not sys.stdin.isatty():
        end(FAILED, "the input device is not a TTY")
    named = [value for name, value in given if name in ("-e", "--env")]
    variables = [value if "=" in value else f"{value}={os.environ.get(value, '')}" for value in named]
    if act == "run" and known[role]["slot"]:
        variables = [*asked(home, act, [role], [], files)["variables"], *variables]
    for port, here in known[role]["ports"].items():
        command = [word.replace(f"127.0.0.1:{port}", f"127.0.0.1:{here}") for word in command]
    there = [*known[role]["words"], *(["env", *variables] if variables else []), *command]
    try:
        os.execvpe(there[0], there, known[role]["environment"])  # noqa: S606 - it is what was asked for, without a shell
    except OSError as error:
        end(127, f"exec: {there[0]}: {error.strerror}")


def asked(home: str, act: str, words: list[str], given: list[str], files: list[str]) -> dict[str, list[str]]:
    """What the harness answered. This program ends where it refused."""
    import socket  # noqa: PLC0415 - most calls of this program never need it

    with socket.socket(socket.AF_UNIX) as harness:
        try:
            harness.connect(f"{home}/harness")
        except OSError:
            end(FAILED, "cannot connect to the engine: is it running?")
        wanted = {"act": act, "options": given, "roles": words, "files": files, "variables": dict(os.environ)}
        harness.sendall(json.dumps(wanted).encode())
        harness.shutdown(socket.SHUT_WR)
        with harness.makefile(encoding="utf-8") as answers:
            answer: dict[str, list[str]] = json.loads(answers.read() or '{"code": 1, "said": "the harness is gone"}')
    if answer["said"]:
        sys.stderr.write(f"{answer['said']}\n")
    if answer["code"]:
        sys.exit(int(str(answer["code"])))
    return answer


def charge(home: str, act: str, words: list[str], files: list[str] | None = None) -> None:
    """The harness has done that to the services."""
    given = [name for name, _ in options(act, words)]
    if act == "up" and not {"-d", "--detach", "--wait"} & {*given}:
        end(UNKNOWN, "the stand-in for docker knows up only with --detach")
    asked(home, act, words, given, files or [])
    sys.exit(0)


def listed(home: str, words: list[str]) -> None:
    """The services that run are listed."""
    options("ps", words)
    with open(f"{home}/services.json", encoding="utf-8") as file:  # noqa: PTH123 - likewise
        roles = words or json.load(file)
    sys.stdout.writelines(f"{role}\n" for role in roles if not os.path.exists(f"{home}/halted/{role}"))  # noqa: PTH110 - likewise


def main(home: str, words: list[str]) -> None:
    """What compose would do, as far as it is known here."""
    if words[:1] != ["compose"]:
        end(UNKNOWN, f"the stand-in for docker knows only docker compose, not: docker {' '.join(words[:2])}")
    words = words[1:]
    files = [value for name, value in options("compose", words) if name in ("-f", "--file")]
    for file in files:
        if not os.path.exists(file):  # noqa: PTH110 - likewise
            end(NO_FILE, f"open {file}: no such file or directory")
    act = words.pop(0) if words else ""
    if act in ("exec", "run"):
        inside(home, act, words, files)
    elif act in CHARGED:
        charge(home, act, words, files)
    elif act == "ps":
        listed(home, words)
    else:
        end(UNKNOWN, f"the stand-in for docker does not know: docker compose {act}")


if __name__ == "__main__":
    main(os.path.join(os.path.dirname(os.path.abspath(__file__)), "engine"), sys.argv[1:])  # noqa: PTH100, PTH118, PTH120 - likewise
