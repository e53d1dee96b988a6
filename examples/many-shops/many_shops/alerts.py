"""Alerts, by webhook or by mail."""

from __future__ import annotations

import json
import smtplib
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from many_shops.shops import ShopsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TIMEOUT: Final = 20
_MAIL: Final = {"smtp": 25, "smtps": 465}


class AlertError(Exception):
    """A message could not be sent."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Where messages go.

    Attributes:
        webhook: A URL that takes ``{"text": …}``, as Slack, Mattermost and others do.
        server: ``smtp://user:password@host:port`` or ``smtps://…``, for mail.
        sender: The mail's sender.
        receivers: The mail's receivers, with commas between them.
    """

    webhook: str = ""
    server: str = ""
    sender: str = ""
    receivers: str = ""

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Alerts:
        """What the environment says.

        Raises:
            ShopsError: A variable has no valid value, or one is missing.
        """
        webhook = variables.get("MANY_SHOPS_ALERT_WEBHOOK", "")
        if webhook and urlsplit(webhook).scheme not in {"http", "https"}:
            raise ShopsError("MANY_SHOPS_ALERT_WEBHOOK is no http(s) URL")
        names = [f"MANY_SHOPS_ALERT_{name}" for name in ("SMTP", "FROM", "TO")]
        mail = [variables.get(name, "") for name in names]
        if any(mail):
            for name, value in zip(names, mail, strict=True):
                if not value:
                    raise ShopsError(f"{name} is not set: mail needs {', '.join(names)}")
            if urlsplit(mail[0]).scheme not in _MAIL:
                raise ShopsError(f"{names[0]} should look like smtp://host:25 or smtps://host")
        return cls(webhook, *mail)

    def send(self, lines: Sequence[str]) -> None:
        """Send a message wherever it is to go.

        Raises:
            AlertError: It could not be sent.
        """
        try:
            if self.webhook:
                self._post("\n".join(lines))
            if self.server:
                self._mail(lines)
        except (OSError, smtplib.SMTPException) as error:
            # The address can hold a secret.
            raise AlertError(f"The message could not be sent: {type(error).__name__}") from None

    def _post(self, text: str) -> None:
        request = urllib.request.Request(  # noqa: S310 - http(s), as `of` has checked
            self.webhook,
            json.dumps({"text": text}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=_TIMEOUT):  # noqa: S310 - as above
            pass

    def _mail(self, lines: Sequence[str]) -> None:
        message = EmailMessage()
        message["Subject"] = lines[0] + (f" (and {len(lines) - 1} more)" if lines[1:] else "")
        message["From"], message["To"] = self.sender, self.receivers
        message.set_content("\n".join(lines))
        server = urlsplit(self.server)
        connect = smtplib.SMTP_SSL if server.scheme == "smtps" else smtplib.SMTP
        port = server.port or _MAIL[server.scheme]
        with connect(server.hostname or "", port, timeout=_TIMEOUT) as connection:
            if server.username:
                if server.scheme == "smtp":
                    connection.starttls()
                connection.login(unquote(server.username), unquote(server.password or ""))
            connection.send_message(message)
