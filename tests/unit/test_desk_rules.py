"""The desk's rules that touch nothing: order by risk, addresses of lists, harmless HTML, words."""

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from desk import words
from desk.model import LEASE, Filter, Lease, Place, read_filter, read_place
from desk.original import harmless, open_original
from language.dates import in_words
from triage.model import Channel, Commitment, Kind, Sentiment
from triage.risk import rank
from triage.route import When

DAY = date(2026, 12, 1)
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)


def test_the_order_is_the_one_that_is_told() -> None:
    def place(urgent: bool = False, due: date | None = DAY, negative: float = 0, kind: float = 0.9) -> int:
        return rank(urgent, due, date(2026, 11, 20), negative, kind)

    soon, furious, unsure = place(due=DAY - timedelta(days=3)), place(negative=0.9), place(kind=0.3)
    ranked = [place(urgent=True, due=None), soon, furious, unsure, place(), place(due=None)]
    assert ranked == sorted(ranked)
    assert furious == place(due=DAY - timedelta(days=2))
    assert unsure == place(due=DAY - timedelta(days=1))
    assert place(urgent=True, due=date(2400, 1, 1)) < place(due=date(2000, 1, 1))


@given(st.booleans(), st.dates(), st.floats(0, 1), st.floats(0, 1))
def test_what_is_urgent_comes_before_what_is_not(urgent: bool, due: date, negative: float, kind: float) -> None:
    later = rank(False, due + timedelta(days=1) if due < date.max else due, date(2026, 1, 1), negative, kind)
    assert rank(urgent, due, date(2026, 1, 1), negative, kind) <= later
    assert -(2**31) < later < 2**31


FILTERS = st.builds(
    Filter,
    queue=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip),
    status=st.sampled_from(["", "open", "closed", "tous"]),
    who=st.sampled_from(["", "moi", "personne", "12"]),
    late=st.booleans(),
    commitment=st.sampled_from(["", *map(str, Commitment)]),
    since=st.none() | st.dates(),
    words=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip),
)


@given(FILTERS)
def test_the_address_of_a_list_tells_all_of_it(wanted: Filter) -> None:
    from urllib.parse import parse_qsl

    assert read_filter(dict(parse_qsl(wanted.address()))) == wanted


@given(st.dictionaries(st.sampled_from(["file", "etat", "qui", "retard", "du", "q", "type"]), st.text(max_size=30)), st.text(max_size=30))
def test_any_address_is_read(address: dict[str, str], place: str) -> None:
    read_filter(address).terms()
    read_place(place, place)


def test_a_place_is_written_and_read() -> None:
    assert read_place(Place(-5, 12).written(), "") == Place(-5, 12)
    assert read_place("", "7.3") == Place(7, 3, back=True)
    assert read_place("abc", "1.") is None


def test_a_lease_keeps_others_out_while_it_lasts() -> None:
    lease = Lease(1, "Agnès", NOW + LEASE)
    assert lease.keeps_out(2, NOW)
    assert not lease.keeps_out(1, NOW)
    assert not lease.keeps_out(2, NOW + LEASE)


HOSTILE = """<html><head><title>t</title><style>@import url(http://x)</style><script>alert(1)</script></head><body onload="x()">
<p style="background:url(http://x)" onclick="y()">Bonjour <b>vous</b></p><img src="http://x/pixel.gif" alt="&lt;script&gt; &quot;Logo&quot;">
<img src=x onerror=alert(1)><a href="javascript:z()">lien</a><form action="http://x"><input name=p></form><iframe src="http://x"></iframe>
<td colspan="2">a</td><table background="http://x"><tr><td colspan="<img >">c</td></tr></table><svg><script>1</script></svg></body></html>"""


def test_html_loads_and_runs_nothing() -> None:
    shown = harmless(HOSTILE)
    assert "<b>vous</b>" in shown
    assert "[Image non affichée : &lt;script&gt; &quot;Logo&quot;]" in shown
    assert "[Image non affichée]" in shown
    for bad in ("http:", "script>", "onclick", "onload", "onerror", "href", "src=", "style", "<form", "<input", "<iframe", "<a", "@import"):
        assert bad not in shown.replace("&lt;script&gt;", ""), bad


@given(st.text(alphabet='<>"=/& imgaltsrcx', max_size=120))
def test_no_source_makes_an_attribute_of_its_own(source: str) -> None:
    import re

    tags = re.findall(r"<[a-z][^>]*>", harmless(source))
    assert all(re.fullmatch(r'<[a-z0-9]+( class="image")?>', tag) for tag in tags)


def test_files_of_a_mail_are_given_as_they_came() -> None:
    mail = EmailMessage()
    mail.set_content("texte")
    mail.add_alternative("<p>page</p>", subtype="html")
    mail.add_attachment(b"\x00PDF", maintype="application", subtype="pdf", filename="rib é.pdf")
    found = open_original(mail.as_bytes())
    assert found.html.strip() == "<p>page</p>"
    assert [(file.name, file.raw) for file in found.files] == [("rib é.pdf", b"\x00PDF")]


def test_conditions_and_deadlines_in_words() -> None:
    when = When((Kind.AVIS,), (Commitment.DELAIS,), (Sentiment.NEGATIF,), False, (Channel.MAIL,), 0.5)
    told = words.conditions(when)
    assert (
        told
        == "non urgent, type avis, engagement Délais, ressenti négatif, arrivé par e-mail, type lu avec moins de 50\u00a0% de certitude"
    )
    assert words.conditions(When()) == "tout message"
    assert (
        words.deadline_at(date(2026, 12, 3), DAY, "17\u00a0h")
        == f"à répondre avant {in_words(date(2026, 12, 3), weekday=True)} à 17\u00a0h"
    )
    assert words.deadline_at(DAY, DAY, "17\u00a0h") == "à répondre avant aujourd'hui à 17\u00a0h"
    assert words.deadline_at(None, DAY, "") == "pas de réponse attendue"
