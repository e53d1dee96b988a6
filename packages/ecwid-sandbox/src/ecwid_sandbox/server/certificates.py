"""Certificates for serving over TLS: one that is given, or one made for this machine."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_NAMES: Final = ("localhost", "127.0.0.1", "::1")
# Some systems take no certificate that is valid for more than 825 days.
_VALID: Final = timedelta(days=800)


class CertificateError(ValueError):
    """A certificate can't be read, or not be made; the message says why."""


class Certificate(NamedTuple):
    """What a server shows, and what a client has to trust.

    Attributes:
        chain: PEM file with the server's certificate first.
        key: PEM file with its private key.
        ca: PEM file with the certificate of its issuer; None where somebody else made it.
    """

    chain: Path
    key: Path
    ca: Path | None = None


def check_certificate(certificate: Certificate) -> None:
    """See that a server can use it.

    Raises:
        CertificateError: A file isn't there or can't be read, or the two don't belong together.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate.chain, certificate.key)
    except OSError as error:
        raise CertificateError(
            f"can't serve with the certificate {certificate.chain} and the key "
            f"{certificate.key}: {error.strerror or error}; both must be PEM files"
        ) from error


def local_certificate(folder: Path, host: str) -> Certificate:
    """A certificate for localhost, 127.0.0.1, ::1 and a host, with an issuer of its own.

    What the folder has already is used again, so that it needs to be trusted only once. The
    issuer's private key is not kept: nobody can make further certificates that you trust.

    Raises:
        CertificateError: The extra ``tls`` isn't installed, or the folder can't be written to.
    """
    found = Certificate(folder / "certificate.pem", folder / "key.pem", folder / "ca.pem")
    names = {*_NAMES, host}
    try:
        if not _is_good(found, names):
            _make(found, names)
    except ModuleNotFoundError as error:
        raise CertificateError(
            "--tls needs further packages: pip install 'ecwid-sandbox[tls]'"
        ) from error
    except OSError as error:
        raise CertificateError(
            f"can't write a certificate to {folder}: {error.strerror}"
        ) from error
    return found


def trusting(chain: str) -> ssl.SSLContext:
    """How a client asks the one server that has this certificate, whatever it is called."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # The certificate itself is trusted; its issuer may be unknown here.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(chain)
    return context


def _is_good(found: Certificate, names: set[str]) -> bool:
    from cryptography import x509  # noqa: PLC0415 - only with --tls

    if not all(path is not None and path.exists() for path in found):
        return False
    certificate = x509.load_pem_x509_certificate(found.chain.read_bytes())
    known = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    told = {
        *known.get_values_for_type(x509.DNSName),
        *map(str, known.get_values_for_type(x509.IPAddress)),
    }
    return names <= told and certificate.not_valid_after_utc > datetime.now(UTC)


def _make(found: Certificate, names: set[str]) -> None:
    import trustme  # noqa: PLC0415 - only with --tls

    authority = trustme.CA(organization_name="ecwid-sandbox")
    end = datetime.now(UTC) + _VALID
    issued = authority.issue_cert(*sorted(names), not_after=end)
    folder = found.chain.parent
    folder.mkdir(parents=True, exist_ok=True)
    found.key.touch(mode=0o600)
    issued.private_key_pem.write_to_path(found.key)
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    found.chain.write_bytes(chain)
    authority.cert_pem.write_to_path(folder / "ca.pem")
