"""Who may log in to the host, and with what."""

from __future__ import annotations

from plimsoll.model import Finding, Promise
from plimsoll.observations import SshServer

__all__ = ["ssh_keys_only"]

KEYS = ("publickey", "hostbased")
"""Ways in that need a key (RFC 4252, 7 and 9)."""

SWITCHES = {
    "password": "passwordauthentication",
    "keyboard-interactive": "kbdinteractiveauthentication",
    "none": "permitemptypasswords",
}
"""The setting that offers each other way in."""

NOT_ROOT = "no"


def ssh_keys_only(promise: Promise, server: SshServer, *, root: bool = True) -> Finding:
    """The SSH server offers keys to everybody and nothing else, and an authorised key gets in.

    `root` is whether root may log in, by a key.
    """
    expected = f"publickey alone{'' if root else ', and nobody as root'}"
    evidence = [f"{server.address} offers {user}: {', '.join(ways)}" for user, ways in server.offers.items()]
    evidence += [f"sshd -T: {name} {server.settings[name]}" for name in SWITCHES.values() if name in server.settings]
    wrong = {way: user for user, ways in reversed(list(server.offers.items())) for way in ways if way not in KEYS}
    if wrong:
        words = ", ".join(f"{way} to {user}" for way, user in wrong.items())
        return promise.broken(
            expected=expected,
            actual="; ".join(f"{user}: {', '.join(ways)}" for user, ways in server.offers.items()),
            message=f"the SSH server offers {words}{_blamed(server, [SWITCHES.get(way, way) for way in wrong])}",
            hint="PasswordAuthentication no and KbdInteractiveAuthentication no, before any Match block; then reload",
            evidence=evidence,
        )
    if not root and server.settings.get("permitrootlogin", NOT_ROOT) != NOT_ROOT:
        return promise.broken(
            expected=expected,
            actual=f"PermitRootLogin {server.settings['permitrootlogin']}",
            message=f"root may log in{_blamed(server, ['permitrootlogin'])}",
            hint="PermitRootLogin no",
            evidence=evidence,
        )
    if server.entered is False or not any("publickey" in ways for ways in server.offers.values()):
        doubt = "an authorised key did not get in either" if server.entered is False else "no key is asked for either"
        return promise.unknown(f"{doubt}: {server.trouble or server.address}", expected=expected, evidence=evidence)
    if not root and "permitrootlogin" not in server.settings:
        return promise.unknown("whether root may log in does not show from here", expected=expected, evidence=evidence)
    control = "; an authorised key gets in" if server.entered else "; nobody here holds a key"
    return promise.kept(expected=expected, actual=f"{len(server.offers)} users: keys{control}", evidence=evidence)


def _blamed(server: SshServer, names: list[str]) -> str:
    """The lines of the deployment's file that say so."""
    old = {"kbdinteractiveauthentication": "challengeresponseauthentication"}
    wanted = {*names, *(old[name] for name in names if name in old)}
    lines = [line.where for line in server.lines if line.text.split()[0].lower() in wanted]
    if lines:
        return f" ({', '.join(lines)})"
    file = server.lines[0].file if server.lines else ""
    return f" ({file} does not say {', '.join(names)}, and the default is yes)" if file else ""
