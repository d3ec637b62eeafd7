"""The environment a child gets: what is named, and nothing else of ours."""

import os
from collections.abc import Iterable, Mapping

# What any program may need to find files, name servers, certificates and proxies. Nothing here is a secret.
_BASE = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def allowed_environment(
    names: Iterable[str] = (),
    *,
    prefixes: tuple[str, ...] = (),
    extra: Mapping[str, str] | None = None,
    source: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The base variables, those in `names`, those that begin with one of `prefixes`, then `extra` on top.

    `source` is the environment to choose from (default: this process's own).
    """
    source = os.environ if source is None else source
    wanted = {*_BASE, *names}
    chosen = {key: value for key, value in source.items() if key in wanted or (prefixes and key.startswith(prefixes))}
    return {**chosen, **(extra or {})}
