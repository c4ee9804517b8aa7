"""One life of the service as a process: signals in, an exit code out, and never longer than ten seconds to stop."""

import asyncio
import sys

from callout.assemble import Service
from callout.logs import redact
from callout.settings import Settings
from callout.supervise import leave

STOP = 8.0  # seconds to finish what was begun after SIGTERM
AT_LAST = 9.5  # seconds after SIGTERM at which the process ends, whatever still runs (F18)


async def serve(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; the exit code. What stopped us by itself is said on standard error.

    Fatal: it could not start. When something will not end, the process is left from here.
    """
    service = Service(settings)
    supervisor = service.supervisor
    supervisor.install_signals(timeout=STOP)
    bell = asyncio.create_task(_last_bell(service))
    code = await service.run()
    if supervisor.fatal:
        sys.stderr.write(redact(supervisor.fatal.sentence) + "\n")
    if supervisor.abandoned:
        leave(code)
    bell.cancel()
    return code


async def _last_bell(service: Service) -> None:
    """A database held by another program, or a dead network, must not keep us beyond ten seconds (F18)."""
    supervisor = service.supervisor
    await supervisor.stopping.wait()
    await asyncio.sleep(AT_LAST)
    leave(supervisor.fatal.code if supervisor.fatal else 0)
