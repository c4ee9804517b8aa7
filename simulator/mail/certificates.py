"""A certificate authority of our own and one server certificate by it, made by the openssl command."""

import asyncio
import shutil
import ssl
from dataclasses import dataclass
from pathlib import Path

# Python 3.13 and later verify strictly: the authority needs its key usage, the server its authority's key.
CONFIG = """[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, DNS:{host}, IP:127.0.0.1
"""
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
DAYS = "30"


@dataclass(frozen=True)
class Certificates:
    """Where the files are: the authority's certificate, which a client trusts, and the server's own."""

    ca_file: Path
    cert_file: Path
    key_file: Path

    def server_context(self) -> ssl.SSLContext:
        """TLS as the server speaks it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert_file, self.key_file)
        return context

    def client_context(self) -> ssl.SSLContext:
        """TLS of a client that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.ca_file))


def available() -> bool:
    """Whether certificates can be made here."""
    return shutil.which("openssl") is not None


async def make(folder: Path, host: str) -> Certificates:
    """An authority and a certificate for localhost, 127.0.0.1 and `host`, valid 30 days, in `folder`.

    RuntimeError when the openssl command is missing or fails.
    """
    for name, title in (("ca", "Simulated authority"), ("server", host)):
        (folder / f"{name}.cnf").write_text(CONFIG.format(name=title, host=host), "ascii")
    ca, server = ("-config", "ca.cnf"), ("-config", "server.cnf")
    await _openssl(
        folder, "req", "-x509", *KEY, *ca, "-extensions", "authority",
        "-days", DAYS, "-keyout", "ca.key", "-out", "ca.pem",
    )  # fmt: skip
    await _openssl(folder, "req", "-new", *KEY, *server, "-keyout", "server.key", "-out", "server.csr")
    await _openssl(
        folder, "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-extfile", "server.cnf", "-extensions", "server", "-days", DAYS, "-out", "server.pem",
    )  # fmt: skip
    return Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")


async def _openssl(folder: Path, *arguments: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise RuntimeError("TLS needs a certificate, and the openssl command that makes it is not installed")
    process = await asyncio.create_subprocess_exec(
        program, *arguments, cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, said = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed: {said.decode('utf-8', 'replace').strip()}")
