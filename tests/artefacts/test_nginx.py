"""nginx files are read as nginx reads them, whole or in pieces, and a piece is put where it belongs."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from plimsoll.artefacts import nginx
from plimsoll.artefacts.nginx_text import NotNginx, read
from plimsoll.observations.artefacts import Kind, NginxFiles, SourceFile

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def seen(**texts: str) -> NginxFiles:
    """Files by their names, with `__` for a slash and `_` for a dot."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in texts.items()}
    sources = tuple(SourceFile(name=name, kind=Kind.NGINX, text=text) for name, text in named.items())
    return nginx.observe(sources, NOW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a b  c;", ("b", "c")),
        ('a \'b "c\' "d;" e#f;', ('b "c', "d;", "e#f")),
        ("a ${b}c $d{2;", None),
        ('a "b\\"c";', ('b"c',)),
        ("if ($a = b) {}", ("$a", "=", "b")),
        ("if ( $a ) {}", ("$a",)),
        ("location ~ \\.php$ {}", ("~", "\\.php$")),
        ('location ~ "^/a{2}" {}', ("~", "^/a{2}")),
        ("...\na b;\n  …\n", ("b",)),
    ],
)
def test_words(text: str, words: tuple[str, ...] | None) -> None:
    """Quotes, escapes, variables in braces, comments only where a word begins (ngx_conf_read_token)."""
    if words is None:
        with pytest.raises(NotNginx):
            read(text)
    else:
        assert read(text)[0].arguments == words


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a;\n}\n", 2, "a } closes a block that was never opened"),
        ("a {\n b;\n", 1, "the block of 'a' is never closed"),
        ("a;\nb\n", 2, "'b' is not ended by a semicolon"),
        ("a {\n b }\n", 2, "'b' is not ended by a semicolon"),
        ("a;\nb 'c;\n", 2, "a quote is never closed"),
        ("a;\n;\n", 2, "a ; ends nothing"),
        ("a {" * 100, 1, "blocks are nested more than 60 deep"),
    ],
)
def test_what_nginx_would_not_read(text: str, line: int, said: str) -> None:
    """The line and the reason are those of whoever has to mend it."""
    with pytest.raises(NotNginx) as caught:
        read(text)

    assert (caught.value.line, caught.value.said) == (line, said)


def test_other_languages_pass_by() -> None:
    """Lua in a block is not nginx's to read."""
    assert [each.name for each in read('content_by_lua_block { if a then ngx.say("}") end }\nb;')][-1] == "b"


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("events {}\nhttp {}", ()),
        ("upstream a { server b:1; }\nserver {}", ("http",)),
        ("listen 80;\nlocation / {}", ("http", "server")),
        ("ssl_certificate a;\nssl_protocols TLSv1.3;", ("http", "server")),
        ("proxy_pass http://a;\nproxy_set_header A b;", ("http", "server", "location")),
        ("server { listen 5432; proxy_pass a; }", ("stream",)),
        ("limit_req_zone $a zone=b:1m rate=1r/s;", ("http",)),
    ],
)
def test_a_piece_is_put_where_it_belongs(text: str, around: tuple[str, ...]) -> None:
    """The outermost block that something in it needs."""
    (tree,) = seen(site_conf=text).trees

    assert (tree.around, tree.whole) == (around, not around)
    assert tree.misplaced == ()


def test_includes_stand_in_place_of_their_names() -> None:
    """What a file includes belongs to the block that does; what is not at hand leaves a gap; circles end."""
    files = seen(
        nginx__nginx_conf="http {\n include /etc/nginx/conf.d/*.conf;\n include mime.types;\n}\n",
        nginx__conf_d__a_conf="server {\n include snippets/tls.conf;\n include snippets/none.conf;\n}\n",
        nginx__snippets__tls_conf="ssl_protocols TLSv1.3;\ninclude snippets/tls.conf;\n",
    )

    (tree,) = files.trees

    protocols = next(tree.named("ssl_protocols"))
    assert (protocols.where, [label.partition("#")[0] for label in protocols.context]) == (
        "nginx/snippets/tls.conf:1",
        ["http", "server"],
    )
    assert {label.partition("#")[0] for gap in tree.gaps for label in gap[1:]} == {"server"}
    assert not tree.lacks("listen", protocols.context)


def test_the_nearest_file_is_meant() -> None:
    """Two environments have a snippet of one name each: every site has its own."""
    files = seen(
        prod__nginx_conf="http { include snippets/a.conf; }",
        prod__snippets__a_conf="gzip on;",
        dev__nginx_conf="http { include snippets/a.conf; }",
        dev__snippets__a_conf="gzip off;",
    )

    assert [next(tree.named("gzip")).where for tree in files.trees] == [
        "prod/snippets/a.conf:1",
        "dev/snippets/a.conf:1",
    ]


def test_a_file_that_cannot_be_read_is_named() -> None:
    """It takes no other down with it."""
    files = seen(a_conf="server {", b_conf="server { listen 80; }")

    assert [str(trouble.spot) for trouble in files.troubles] == ["a.conf:1"]
    assert [tree.source.name for tree in files.trees] == ["b.conf"]
