"""A guide's blocks are files, with the names that the guide gives them and the lines that they have in it."""

from __future__ import annotations

import pytest

from plimsoll.artefacts import guide
from plimsoll.observations.artefacts import Kind, SourceFile


def block(before: str, text: str, info: str = "") -> SourceFile:
    """The only block of a guide with that sentence before it."""
    (found,) = guide.read(f"{before}\n\n```{info}\n{text}\n```\n", "guide.md")
    return found


@pytest.mark.parametrize(
    ("before", "text", "info", "name", "kind"),
    [
        ("## `nginx.conf`", "server {}", "nginx", "nginx.conf", Kind.NGINX),
        ("**docker-compose.yml:**", "services: {}", "yaml", "docker-compose.yml", Kind.COMPOSE),
        ("## Vercel (Next.js App Only)", "npm i -g vercel", "bash", "script-L4", Kind.SCRIPT),
        ("Edit `docker-compose.yml`, then:", "docker compose up -d", "bash", "script-L4", Kind.SCRIPT),
        ("**postgresql.conf:**", "max_connections = 200", "bash", "postgresql.conf", Kind.POSTGRES),
        ("## Tuning", "# redis.conf optimizations\nmaxmemory 2gb", "conf", "redis.conf", Kind.REDIS),
        ("## A", "# /etc/nginx/sites-available/shop\nserver {}", "", "etc/nginx/sites-available/shop", Kind.NGINX),
        ("## See https://example.com/nginx.conf", "x", "", "other-L4", Kind.OTHER),
        ("Copy `a.yml` to `b.yml`:", "a: 1", "yaml", "other-L4", Kind.OTHER),
        ("Ask api.example.com for it:", "a: 1", "yaml", "other-L4", Kind.OTHER),
        ("## Staging (.env.staging)", "A=1", "bash", ".env.staging", Kind.ENVIRONMENT),
        ("## Server", "# docker-compose.yml must be here first\ndocker compose up", "bash", "script-L4", Kind.SCRIPT),
        ("## Frontend", "const a = 1", "{.js}", "javascript-L4", Kind.JAVASCRIPT),
    ],
)
def test_a_block_is_called_what_the_guide_calls_it(before: str, text: str, info: str, name: str, kind: Kind) -> None:
    """By its first line, the sentence before it or its heading, unless that speaks of another file."""
    found = block(before, text, info)

    assert (found.name, found.kind) == (name, kind)


def test_a_line_of_a_block_is_a_line_of_the_guide() -> None:
    """A person opens the guide, and finds the line there; strange ends of lines count as editors count them."""
    text = "# A\u2028guide\n\n- a list:\n\n  ```yaml\n  a: 1\n  b: 2\n  ```\n\n~~~sh\necho\n"

    listed, last = guide.read(text, "guide.md")

    assert (listed.text, str(listed.spot(2))) == ("a: 1\nb: 2\n", "guide.md:7")
    assert (last.kind, str(last.spot(1))) == (Kind.SCRIPT, "guide.md:11")  # a block that is never closed ends the guide


def test_a_longer_fence_holds_shorter_ones() -> None:
    """What shows Markdown in Markdown is one block."""
    (found,) = guide.read("````md\n```sh\necho\n```\n````\n", "guide.md")

    assert found.text == "```sh\necho\n```\n"


def test_what_a_script_writes_is_a_file_of_its_own() -> None:
    """Between <<EOF and EOF stands a file, at its own lines; what is added to a file is a part of it."""
    script = (
        "sudo tee /etc/nginx/sites-available/shop > /dev/null <<'EOF'\nserver {\n    listen 80;\n}\nEOF\n"
        "cat >> .env <<-END\n\tPORT=3000\n\tEND\n"
        "cat <<EOF\nnothing\nEOF\n# cat > docker-compose.yml <<EOF\nmysql <<SQL\nselect 1;\n"
    )

    whole, site, added = guide.read(f"```bash\n{script}```\n", "guide.md")

    assert whole.kind is Kind.SCRIPT
    assert (site.name, site.kind, str(site.spot(2))) == ("etc/nginx/sites-available/shop", Kind.NGINX, "guide.md:4")
    assert (added.name, added.text, added.fragment, str(added.spot())) == (".env", "PORT=3000\n", True, "guide.md:8")
