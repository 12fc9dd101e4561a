"""``python -m sandbox.acr``: the registry as a process of its own.

When it takes requests it prints one line of JSON: ``url``, ``login_server``, ``identity_env``, ``users``, ``pid``.
"""

import argparse
import asyncio
import json
import os
import signal
import ssl
import sys
from pathlib import Path
from typing import Any

from sandbox.acr.options import AcrOptions
from sandbox.acr.registry import Registry
from sandbox.acr.scenario import ScenarioError, load_scenario
from sandbox.acr.server import AcrSandbox


def main() -> int:
    """Run until SIGTERM or SIGINT; give the exit status."""
    arguments = _parser().parse_args()
    try:
        registry = load_scenario(arguments.scenario) if arguments.scenario else Registry()
        asyncio.run(_serve(registry, arguments))
    except (ScenarioError, OSError, ValueError) as fault:
        print(fault, file=sys.stderr)  # noqa: T201 - the program's own voice
        return 2
    return 0


async def _serve(registry: Registry, arguments: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    sandbox = AcrSandbox(registry, _options(arguments))
    await sandbox.start(arguments.host, arguments.port, _context(arguments))
    print(json.dumps(_addresses(sandbox)), flush=True)  # noqa: T201 - who started it reads this line
    await ended.wait()
    await sandbox.stop()


def _addresses(sandbox: AcrSandbox) -> dict[str, Any]:
    return {
        "url": sandbox.url,
        "login_server": sandbox.login_server,
        "identity_env": sandbox.identity_env,
        "users": {found.name: found.password for found in sandbox.options.principals if found.password},
        "pid": os.getpid(),
    }


def _options(arguments: argparse.Namespace) -> AcrOptions:
    return AcrOptions(
        latency=arguments.latency,
        reads_per_minute=arguments.reads_per_minute,
        writes_per_minute=arguments.writes_per_minute,
        tokens_per_minute=arguments.tokens_per_minute,
        access_token_seconds=arguments.access_token_seconds,
        refresh_token_seconds=arguments.refresh_token_seconds,
        seed=arguments.seed,
        log_limit=arguments.log_limit,
        control=arguments.control,
    )


def _context(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if arguments.certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(arguments.certificate, arguments.key)
    return context


def _parser() -> argparse.ArgumentParser:
    defaults = AcrOptions()
    parser = argparse.ArgumentParser(prog="python -m sandbox.acr", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0: one that the system chooses")
    parser.add_argument("--scenario", type=Path, help="YAML file to seed from")
    parser.add_argument("--latency", type=float, default=0, help="seconds before each answer")
    parser.add_argument("--reads-per-minute", type=float, help="limit per caller, such as 3000")
    parser.add_argument("--writes-per-minute", type=float, help="limit per caller, such as 500")
    parser.add_argument("--tokens-per-minute", type=float, help="limit per caller, such as 10000")
    parser.add_argument("--access-token-seconds", type=float, default=defaults.access_token_seconds)
    parser.add_argument("--refresh-token-seconds", type=float, default=defaults.refresh_token_seconds)
    parser.add_argument("--seed", type=int, default=0, help="for faults and chance")
    parser.add_argument("--log-limit", type=int, help="log entries to keep; counts go on")
    parser.add_argument("--control", action="store_true", help="open /_sandbox/ without protection")
    parser.add_argument("--certificate", type=Path, help="PEM chain; makes it https")
    parser.add_argument("--key", type=Path, help="PEM key of the certificate, if not in the same file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
