"""Ways in which a server can repeat a text."""

from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

ENCODINGS = {
    "as it is": str,
    "URL": lambda text: quote(text, safe=""),
    "URL twice": lambda text: quote(quote(text, safe=""), safe=""),
    "form": quote_plus,
    "every byte": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "units": lambda text: "".join(f"\\u{ord(c):04x}" for c in text),
    "HTML": html.escape,
    "entities": lambda text: "".join(f"&#{ord(c)};" for c in text),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in more": lambda text: base64.b64encode(f"Bearer {text} ab".encode()).decode(),
    "base64 one off": lambda text: base64.urlsafe_b64encode(f"x{text}".encode()).decode(),
    "base64 in URL": lambda text: quote(base64.b64encode(f"xy{text}?".encode()).decode()),
    "hex": lambda text: text.encode().hex(),
}
