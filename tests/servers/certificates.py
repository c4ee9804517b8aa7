"""An authority of our own and a server's certificate, made by openssl for the time of the tests."""

import subprocess
from pathlib import Path

HOST = "127.0.0.1"
DAYS = "2"


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(("openssl", *arguments), cwd=folder, check=True, capture_output=True, timeout=30)


def authority(folder: Path, name: str) -> Path:
    """`name`.crt and `name`.key of an authority; the path of the certificate (PEM)."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
    uses = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
    subject = ("-subj", f"/CN=Authority {name}", "-days", DAYS, "-out", f"{name}.crt")
    _openssl(folder, "req", "-x509", *key, *uses, *subject)
    return folder / f"{name}.crt"


def server(folder: Path, by: str, name: str) -> tuple[Path, Path]:
    """A certificate for HOST, signed by the authority `by` of the same folder; paths of certificate and key."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", f"{name}.key")
    _openssl(folder, "req", "-new", *key, "-subj", f"/CN={HOST}", "-out", f"{name}.csr")
    extensions = folder / f"{name}.ext"
    extensions.write_text(f"subjectAltName=IP:{HOST}\nextendedKeyUsage=serverAuth\n")
    signing = ("-CA", f"{by}.crt", "-CAkey", f"{by}.key", "-CAcreateserial", "-extfile", extensions.name)
    _openssl(folder, "x509", "-req", "-in", f"{name}.csr", *signing, "-days", DAYS, "-out", f"{name}.crt")
    return folder / f"{name}.crt", folder / f"{name}.key"
