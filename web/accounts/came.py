"""Where a request comes from, in what the accounts keep of it."""

import re

from fastapi import Request

from web.accounts.sessions import Came
from web.accounts.throttle import network_of
from web.pace import client_of

DEVICE_COOKIE = "ecoute_appareil"
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Chrome", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone|iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def came_from(request: Request) -> Came:
    """The network, the browser in words, the token of a known browser."""
    agent = request.headers.get("user-agent", "")
    return Came(network_of(client_of(request)), browser_in_words(agent), request.cookies.get(DEVICE_COOKIE, "")[:100])


def browser_in_words(agent: str) -> str:
    """ "Firefox sous Windows": enough for its owner to know it again; browsers do not say more that is true."""
    browser = next((name for sign, name in _BROWSERS if sign in agent), "Navigateur inconnu")
    system = next((name for sign, name in _SYSTEMS if re.search(sign, agent)), "")
    return f"{browser} sous {system}" if system else browser
