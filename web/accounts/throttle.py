"""How long someone who tries passwords has to wait. Pure.

A failure slows down those who fail, never somebody else: it counts for the login together with the network it came from. A browser in
which the owner of the account has signed in before ("known") is counted apart from all others, so that no stranger can shut the owner
out (device cookies, OWASP). Nothing is blocked for good: the wait doubles, up to a quarter of an hour.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

MEMORY = timedelta(hours=1)
"""A failure counts for so long."""
FREE = 3
"""Slips of the hand that cost nothing."""
LONGEST = timedelta(minutes=15)
STRANGERS = 100
"""Failures of all unknown browsers on one login within MEMORY, after which unknown browsers wait: many networks guess together."""
FLOOD = 60
"""Failures of one network on all logins within MEMORY, after which its unknown browsers wait."""


@dataclass(frozen=True)
class Try:
    """A sign-in that failed, or has not yet succeeded. `device`: mark of the known browser it came from, empty for an unknown one."""

    login: str
    network: str
    device: str
    at: datetime


def wait(login: str, network: str, device: str, tries: Sequence[Try], now: datetime) -> timedelta:
    """Time before the next sign-in is listened to; zero when it may go on. `tries`: failures of the login and of the network."""
    recent = [one for one in tries if one.at > now - MEMORY]
    if device:
        return _pause([one.at for one in recent if one.login == login and one.device == device], FREE, now)
    strangers = [one for one in recent if not one.device]
    same = [one.at for one in strangers if one.login == login and one.network == network]
    crowd = [one.at for one in strangers if one.login == login]
    flood = [one.at for one in strangers if one.network == network]
    return max(_pause(same, FREE, now), _pause(crowd, STRANGERS, now), _pause(flood, FLOOD, now))


def network_of(address: str) -> str:
    """The network that an address stands for: itself, or its /64 in IPv6, which one household or office shares."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _pause(moments: Sequence[datetime], free: int, now: datetime) -> timedelta:
    """After `free` failures: 1 second from the last one, then 2, 4, 8…"""
    over = len(moments) - free
    if over < 0 or not moments:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** min(over, 20)), LONGEST)
    return max(max(moments) + pause - now, timedelta(0))
