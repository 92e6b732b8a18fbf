"""Condition 5: proxies of every kind, authorities, limits of what is followed."""

import asyncio

import pytest

from faregate.kernel.egress import Deadlines, Egress, EgressSettings, Request
from faregate.kernel.errors import BadRequest, Unreachable
from tests.kernel.egress.egress_proxies import socks_proxy, tunnelling
from tests.kernel.egress.egress_upstream import OK, Authority, Line, always, upstream


async def get(egress: Egress, url: str, proxy: str = "", guarded: bool = False) -> bytes:
    async with await egress.send(Request("GET", url, proxy=proxy, guarded=guarded)) as answer:
        return await answer.read(1000)


def trusting(authority: Authority, **environment: str) -> Egress:
    return Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file), **environment}))


async def test_a_plain_call_through_an_http_proxy_names_the_whole_url_and_the_credentials(egress: Egress) -> None:
    async with upstream(always(OK)) as proxy:
        for _ in range(2):
            assert await get(egress, "http://api.example/v1?a=b", f"http://me:secret@127.0.0.1:{proxy.port}") == b"ok"
    assert proxy.heads[0] == (
        b"GET http://api.example/v1?a=b HTTP/1.1\r\nHost: api.example\r\n"
        b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n\r\n"
    )
    assert (proxy.lines, len(proxy.heads)) == (1, 2)


async def test_a_tls_call_through_an_http_proxy_goes_through_a_tunnel(authority: Authority) -> None:
    egress = trusting(authority)
    async with (
        upstream(always(OK), authority.server_context("api.example")) as server,
        upstream(tunnelling(server.port)) as proxy,
    ):
        for _ in range(3):
            assert await get(egress, "https://api.example/v1", f"http://me:secret@127.0.0.1:{proxy.port}") == b"ok"
        assert proxy.lines == 1
        assert proxy.heads[0].startswith(b"CONNECT api.example:443 HTTP/1.1\r\nHost: api.example\r\n")
        assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in proxy.heads[0]
        assert server.heads == [b"GET /v1 HTTP/1.1\r\nHost: api.example\r\n\r\n"] * 3
        assert server.names == ["api.example"]
    await egress.close()


async def test_proxies_with_other_credentials_share_no_connection(authority: Authority) -> None:
    egress = trusting(authority)
    async with (
        upstream(always(OK), authority.server_context("api.example")) as server,
        upstream(tunnelling(server.port)) as proxy,
    ):
        for user in ("a", "b", "a", "b"):
            await get(egress, "https://api.example/", f"http://{user}:x@127.0.0.1:{proxy.port}")
        assert proxy.lines == 2
    await egress.close()


async def test_a_proxy_that_refuses_the_tunnel_means_not_sent(egress: Egress) -> None:
    async with upstream(always(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")) as proxy:
        with pytest.raises(Unreachable) as caught:
            await get(egress, "https://api.example/", f"http://127.0.0.1:{proxy.port}")
    assert caught.value.code == "upstream.proxy_failed"


async def test_a_proxy_that_is_not_there_means_not_sent(egress: Egress, unused_tcp_port: int) -> None:
    for scheme in ("http", "socks5", "socks5h"):
        with pytest.raises(Unreachable) as caught:
            await get(egress, "https://127.0.0.1/", f"{scheme}://127.0.0.1:{unused_tcp_port}")
        assert caught.value.code == "upstream.proxy_failed"


async def test_a_proxy_that_falls_silent_is_a_connect_timeout(egress: Egress) -> None:
    async with upstream(lambda line: line.until_closed()) as proxy:
        for scheme in ("http", "socks5h"):
            proxy.left.clear()
            request = Request("GET", "https://api.example/", proxy=f"{scheme}://127.0.0.1:{proxy.port}")
            with pytest.raises(Unreachable) as caught:
                await egress.send(request._replace(deadlines=Deadlines(connect_s=0.1)))
            assert caught.value.code == "upstream.connect_timeout"
            await proxy.left.wait()


async def test_socks5h_hands_the_name_to_the_proxy(egress: Egress) -> None:
    async with upstream(always(OK)) as server, socks_proxy(server.port) as socks:
        for _ in range(3):
            assert await get(egress, "http://api.example:81/v1", socks.url("socks5h")) == b"ok"
        assert (socks.asked, server.lines) == ([("api.example", 81)], 1)
        assert server.heads[0] == b"GET /v1 HTTP/1.1\r\nHost: api.example:81\r\n\r\n"


async def test_socks5_hands_a_resolved_address_to_the_proxy(egress: Egress) -> None:
    async with upstream(always(OK)) as server, socks_proxy(server.port) as socks:
        assert await get(egress, "http://localhost:81/", socks.url("socks5")) == b"ok"
        assert socks.asked == [("127.0.0.1", 81)]


async def test_socks_carries_credentials_and_tls_for_the_name(authority: Authority) -> None:
    egress = trusting(authority)
    async with (
        upstream(always(OK), authority.server_context("api.example")) as server,
        socks_proxy(server.port) as socks,
    ):
        for user in ("a", "b", "a"):
            assert await get(egress, "https://api.example/", socks.url("socks5h", f"{user}:pa%20ss@")) == b"ok"
        assert socks.credentials == [("a", "pa ss"), ("b", "pa ss")]
        assert server.names == ["api.example", "api.example"]
    await egress.close()


async def test_socks_does_not_excuse_a_certificate_for_another_name(authority: Authority) -> None:
    egress = trusting(authority)
    async with (
        upstream(always(OK), authority.server_context("other.example")) as server,
        socks_proxy(server.port) as socks,
    ):
        with pytest.raises(Unreachable) as caught:
            await get(egress, "https://api.example/", socks.url("socks5h"))
        assert caught.value.code == "upstream.tls_failed"
    await egress.close()


async def test_a_socks_proxy_that_cannot_connect_means_not_sent(egress: Egress) -> None:
    refused = b"\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00"
    async with socks_proxy(1, refused) as socks:
        with pytest.raises(Unreachable) as caught:
            await get(egress, "http://api.example/", socks.url("socks5h"))
    assert caught.value.code == "upstream.proxy_failed"


async def test_a_call_cancelled_in_the_socks_handshake_closes_its_connection(egress: Egress) -> None:
    asked = asyncio.Event()

    async def mute(line: Line) -> None:
        asked.set()
        await line.until_closed()

    async with upstream(mute) as proxy:
        for _ in range(20):
            asked.clear()
            proxy.left.clear()
            task = asyncio.create_task(get(egress, "http://api.example/", f"socks5h://127.0.0.1:{proxy.port}"))
            await asked.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            async with asyncio.timeout(0.1):
                await proxy.left.wait()


@pytest.mark.parametrize("proxy", ["socks4://127.0.0.1:1", "ftp://127.0.0.1:1", "http://", "socks://x", "http://[::1"])
async def test_a_proxy_we_cannot_speak_to_is_refused_and_never_guessed(egress: Egress, proxy: str) -> None:
    async with upstream(always(OK)) as server:
        with pytest.raises(BadRequest):
            await get(egress, server.url(), proxy)
        assert server.lines == 0


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
async def test_the_environments_proxy_is_used_unless_the_call_has_its_own(name: str) -> None:
    async with upstream(always(OK)) as proxy, upstream(always(OK)) as other:
        egress = Egress(EgressSettings(environment={name: f"127.0.0.1:{proxy.port}"}))
        await get(egress, "http://api.example/")
        await get(egress, "http://api.example/", f"http://127.0.0.1:{other.port}")
        assert (len(proxy.heads), len(other.heads)) == (1, 1)
        await egress.close()


async def test_the_environments_https_proxy_carries_tls_calls(authority: Authority) -> None:
    async with (
        upstream(always(OK), authority.server_context("api.example")) as server,
        upstream(tunnelling(server.port)) as proxy,
    ):
        egress = trusting(authority, HTTPS_PROXY=f"http://127.0.0.1:{proxy.port}", HTTP_PROXY="http://127.0.0.1:1")
        assert await get(egress, "https://api.example/") == b"ok"
        await egress.close()


async def test_the_environments_proxy_is_left_alone_when_the_setting_says_so(unused_tcp_port: int) -> None:
    environment = {"ALL_PROXY": f"http://127.0.0.1:{unused_tcp_port}"}
    egress = Egress(EgressSettings(trust_environment=False, environment=environment))
    async with upstream(always(OK)) as server:
        assert await get(egress, server.url()) == b"ok"
    await egress.close()


@pytest.mark.parametrize(
    ("exceptions", "direct"),
    [
        ("127.0.0.1", True),
        ("*", True),
        ("127.0.0.0/8", True),
        ("example.com, 127.0.0.1 ", True),
        ("127.0.0.1:PORT", True),
        ("127.0.0.1:1", False),
        ("10.0.0.0/8", False),
        ("example.com", False),
        ("0.0.1", True),
        ("", False),
    ],
)
async def test_no_proxy_makes_exceptions(exceptions: str, direct: bool) -> None:
    async with upstream(always(OK)) as server, upstream(always(OK)) as proxy:
        environment = {
            "HTTP_PROXY": f"http://127.0.0.1:{proxy.port}",
            "NO_PROXY": exceptions.replace("PORT", str(server.port)),
        }
        egress = Egress(EgressSettings(environment=environment))
        await get(egress, server.url())
        assert (len(server.heads), len(proxy.heads)) == ((1, 0) if direct else (0, 1))
        await egress.close()


async def test_an_authority_is_trusted_by_file_or_by_directory(authority: Authority) -> None:
    context = authority.server_context("localhost")
    (authority.file.parent / f"{authority.subject_hash()}.0").write_bytes(authority.file.read_bytes())
    for variable, value in (("SSL_CERT_FILE", authority.file), ("SSL_CERT_DIR", authority.file.parent)):
        egress = Egress(EgressSettings(environment={variable: str(value)}))
        async with upstream(always(OK), context) as server:
            assert await get(egress, server.url(host="localhost")) == b"ok"
        await egress.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_not_followed(egress: Egress, status: int) -> None:
    moved = b"HTTP/1.1 %d Moved\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n" % status
    async with upstream(always(moved)) as server, await egress.send(Request("GET", server.url())) as answer:
        assert (answer.head.status, answer.head.get("location")) == (status, "/else")
        assert len(server.heads) == 1


async def test_a_checked_address_is_dialled_while_host_and_sni_stay_the_name(authority: Authority) -> None:
    asked: list[tuple[str, int]] = []
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def resolve(host: str, port: int) -> list[str]:
        asked.append((host, port))
        return next(answers)

    settings = EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)})
    egress = Egress(settings, resolve)
    egress.guard = type(egress.guard)(allow_private=True, allowed_ports=())
    async with upstream(always(OK), authority.server_context("hook.example")) as server:
        url = server.url("/in", host="hook.example")
        assert await get(egress, url, guarded=True) == b"ok"
        assert asked == [("hook.example", server.port)]
        assert server.names == ["hook.example"]
        assert server.heads == [b"GET /in HTTP/1.1\r\nHost: hook.example:%d\r\n\r\n" % server.port]
    await egress.close()


async def test_the_next_address_of_a_name_is_tried_when_the_first_does_not_answer(unused_tcp_port: int) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    egress = Egress(EgressSettings(), resolve)
    egress.guard = type(egress.guard)(allow_private=True, allowed_ports=())
    async with upstream(always(OK)) as server:
        assert await get(egress, server.url(host="two.example"), guarded=True) == b"ok"
    await egress.close()


async def test_a_guarded_call_asks_a_proxy_for_the_checked_address(authority: Authority) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.216.34"]

    egress = Egress(EgressSettings(environment={"SSL_CERT_FILE": str(authority.file)}), resolve)
    async with (
        upstream(always(OK), authority.server_context("hook.example")) as server,
        upstream(tunnelling(server.port)) as proxy,
        socks_proxy(server.port) as socks,
    ):
        for through in (f"http://127.0.0.1:{proxy.port}", socks.url("socks5h")):
            assert await get(egress, "https://hook.example/", through, guarded=True) == b"ok"
        assert proxy.heads[0].startswith(b"CONNECT 93.184.216.34:443 HTTP/1.1\r\n")
        assert socks.asked == [("93.184.216.34", 443)]
        assert server.names == ["hook.example", "hook.example"]
        assert server.heads == [b"GET / HTTP/1.1\r\nHost: hook.example\r\n\r\n"] * 2
    await egress.close()
