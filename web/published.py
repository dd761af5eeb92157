"""What the published page needs of the steering page's counts: the whole, each channel, each commitment, over the last twelve months."""

from datetime import date

from desk.steering import Asked, Facts, handled, read_asked
from desk.words import CHANNELS
from quality.results import Counts, Results, publish
from quality.tally import COMMITMENTS


def published(facts: Facts, today: date) -> Results:
    """Figures of the messages received since the first day of the month, eleven months ago. Channels without a message are left out."""
    asked = read_asked({}, today)
    wanted: list[tuple[str, str, str, Asked]] = [("ensemble", "", "Tous les messages", asked)]
    wanted += [("canal", slug, name, Asked(asked.since, asked.until, channel=slug)) for slug, name in CHANNELS.items()]
    wanted += [("engagement", slug, name, Asked(asked.since, asked.until, commitment=slug)) for slug, name in COMMITMENTS.items()]
    counted = [Counts(dimension, code, name, *handled(facts, one, today)) for dimension, code, name, one in wanted]
    return publish(asked.since, asked.until, [one for one in counted if one.dimension != "canal" or one.due or one.answers or one.opinions])
