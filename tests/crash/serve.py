"""Runs the service as a process of its own, from CALLOUT_ variables, until SIGTERM."""

import asyncio
import sys

from callout import logs
from callout.assemble import Service
from callout.settings import load


async def main() -> int:
    settings = load()
    logs.configure(settings.logging.level, settings.logging.format, secrets=settings.secrets())
    service = Service(settings)
    service.supervisor.install_signals()
    return await service.run()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
