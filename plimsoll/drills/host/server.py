"""Stands in for the machines that PM2 runs an application on. It is copied to the host of a run, and runs alone.

As `ssh` it runs a command in the folder that stands for that machine; there it is `git`, `npm` and `pm2` as well. Each
does what a release needs of it: git brings the code of a release that was published, npm installs what that code needs
and builds it, and PM2 runs what was built, which is asked of the harness. Anything else ends with 64.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys

UNKNOWN, FAILED, UNREACHABLE, UNKNOWN_REVISION = 64, 1, 255, 128
"""What they end with: ssh says 255 where nobody answers, git 128 where it is not in a repository."""

CODE, INSTALLED, BUILT = ".git/HEAD", "node_modules/release", "dist/release"
"""In these files, below where the code lies, each step leaves the release that it was for."""

SSH_VALUES = ("-o", "-p", "-l", "-i", "-F", "-J")
MANAGED = ("reload", "restart", "start", "startOrReload", "startOrRestart", "stop")


def end(code: int, fact: str) -> None:
    """This program ends with that code, saying why."""
    sys.stderr.write(f"{fact}\n")
    sys.exit(code)


def ssh(home: str, words: list[str]) -> None:
    """This program becomes a shell on that machine, with the command that is asked for."""
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option[:2] in SSH_VALUES:
            words = words[1:] if len(option) == 2 else words  # noqa: PLR2004 - an option alone, its value behind it
        elif option not in ("-T", "-q", "-n", "-x"):
            end(UNKNOWN, f"the stand-in for ssh does not know this option: {option}")
    if not words:
        end(UNKNOWN, "the stand-in for ssh needs to be told where to go")
    name, command = words[0].rpartition("@")[2], " ".join(words[1:])
    with open(f"{home}/servers.json", encoding="utf-8") as file:  # noqa: PTH123 - pathlib takes longer to load than all else
        known = json.load(file)
    if name not in known["servers"]:
        end(UNREACHABLE, f"ssh: Could not resolve hostname {name}: Name or service not known")
    if not command:
        end(UNKNOWN, "the stand-in for ssh needs a command")
    server = known["servers"][name]
    command = command.replace(f"{known['root']}/", f"{server['folder']}/")
    for port, here in server["ports"].items():
        command = re.sub(rf"(127\.0\.0\.1|localhost):{port}\b", here, command)
    environment = {
        "PATH": f"{home}/bin:{os.environ.get('PATH', os.defpath)}",
        "HOME": server["folder"],
        "LC_ALL": "C.UTF-8",
        "SERVER": name,
    }
    os.chdir(server["folder"])
    os.execve("/bin/bash", ["bash", "-c", command], environment)  # noqa: S606 - it is what was asked for


def git(home: str, words: list[str]) -> None:
    """The code that lies here is that of a release."""
    left(CODE, "fatal: not a git repository (or any of the parent directories): .git", UNKNOWN_REVISION)
    act, rest = words[0] if words else "", [word for word in words[1:] if not word.startswith("-")]
    if act == "fetch":
        return
    if act not in ("checkout", "rev-parse") or len(rest) != 1:
        end(UNKNOWN, f"the stand-in for git does not know: git {' '.join(words)}")
    with open(f"{home}/releases.json", encoding="utf-8") as file:  # noqa: PTH123 - likewise
        published = json.load(file)
    version = rest[0].removeprefix("refs/tags/").removeprefix("v")
    if version not in published:
        said = f"error: pathspec '{rest[0]}' did not match any file(s) known to git"
        end(FAILED, said if act == "checkout" else "")
    if act == "checkout":
        leave(CODE, version)


def npm(home: str, words: list[str]) -> None:
    """What the code here needs is installed, or the code is built."""
    version = left(CODE, "npm error enoent Could not read package.json", FAILED)
    if words[:1] == ["ci"]:
        charge(home, "install", version)
        leave(INSTALLED, version)
    elif words == ["run", "build"]:
        if left(INSTALLED, "sh: 1: tsc: not found", FAILED) != version:
            end(FAILED, "error TS2307: Cannot find module: its dependencies are those of another release")
        charge(home, "build", version)
        leave(BUILT, version)
    else:
        end(UNKNOWN, f"the stand-in for npm does not know: npm {' '.join(words)}")


def pm2(home: str, words: list[str]) -> None:
    """PM2 runs what was built."""
    if not words or words[0] not in MANAGED:
        end(UNKNOWN, f"the stand-in for pm2 does not know: pm2 {' '.join(words)}")
    if len(words) > 1 and words[1].endswith((".js", ".json")) and not os.path.exists(words[1]):  # noqa: PTH110 - likewise
        end(FAILED, f"[PM2][ERROR] File {words[1]} not found")
    charge(home, words[0], left(BUILT, "[PM2][ERROR] Script not found: dist/server.js", FAILED))


def left(name: str, otherwise: str, code: int) -> str:
    """The release that a step has left here; without one this program ends."""
    try:
        with open(name, encoding="utf-8") as file:  # noqa: PTH123 - likewise
            return file.read().strip()
    except OSError:
        end(code, otherwise)
        raise


def leave(name: str, version: str) -> None:
    """A step leaves word of the release that it was for."""
    os.makedirs(os.path.dirname(name), exist_ok=True)  # noqa: PTH103, PTH120 - likewise
    with open(name, "w", encoding="utf-8") as file:  # noqa: PTH123 - likewise
        file.write(f"{version}\n")


def charge(home: str, act: str, version: str) -> None:
    """The harness has done that on this machine."""
    with socket.socket(socket.AF_UNIX) as harness:
        harness.connect(f"{home}/../engine/harness")
        asked = {
            "act": f"server {act}",
            "options": [],
            "roles": [os.environ.get("SERVER", "")],
            "files": [],
            "variables": {"release": version},
        }
        harness.sendall(json.dumps(asked).encode())
        harness.shutdown(socket.SHUT_WR)
        with harness.makefile(encoding="utf-8") as answers:
            answer = json.loads(answers.read() or '{"code": 1, "said": "the harness is gone"}')
    if answer["code"]:
        end(answer["code"], answer["said"])


def main(called: str, words: list[str]) -> None:
    """What the program of that name would do."""
    beside = os.path.dirname(os.path.abspath(called))  # noqa: PTH100, PTH120 - likewise
    name = os.path.basename(called)  # noqa: PTH119 - likewise
    if name == "ssh":
        ssh(f"{beside}/servers", words)
        return
    home = os.path.dirname(beside)  # noqa: PTH120 - likewise
    if name == "npx":
        words = [word for word in words if word not in ("--no-install", "--yes")]
        name, words = (words[0], words[1:]) if words else ("npx", [])
    programs = {"git": git, "npm": npm, "pm2": pm2}
    if name not in programs:
        end(UNKNOWN, f"nobody stands in for {name}")
    programs[name](home, words)


if __name__ == "__main__":
    main(sys.argv[0], sys.argv[1:])
