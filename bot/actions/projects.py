"""Whom an aid is asked for and what it is asked for, from the words of a sentence. Pure."""

import re
from collections.abc import Iterable

from aids.model import Audience, Project

_A, _P = Audience, Project

_AUDIENCE_WORDS = (
    (_A.ASSOCIATION, r"associations?|associati(?:f|ve)s?|asso|assos|loi 1901|club|comites? des fetes|comites? de quartier|amicale|ong"),
    (
        _A.COMMUNE,
        r"mairies?|collectivite\w*|communaute de communes|interco\w*|conseil municipal|ccas|elue? de|une commune|les communes|maire d\w*|la maire",
    ),
    (
        _A.AGRICULTEUR,
        r"agricult\w+|exploitante? agricole|exploitation agricole|(?:mon|notre) exploitation|gaec|earl|cuma|ma ferme|notre ferme|une ferme",
    ),
    (_A.ARTISAN, r"artisane?s?|artisanat|artisanale?"),
    (_A.COMMERCANT, r"commercante?s?|(?:mon|un|notre|petit) commerce|ma boutique|mon magasin"),
    (_A.PROFESSION_LIBERALE, r"professions? liberales?|en liberale?"),
    (
        _A.ENTREPRISE,
        r"entreprises?|entrepreneure?s?|entrepreneuse|micro[- ]?entreprises?|societes?|boites?|eurl|sarl|sas|sasu|scop|scic|pme|tpe|eti|start-?up|"
        r"gerante?s?|(?<!mon )(?<!notre )(?<!son )patronn?e?s?|dirigeante?s?|dirige|chef d'entreprise|auto[- ]?entrepreneu\w+|a (?:mon|son|notre) compte|freelance|independante?|(?:on|je|nous) fabriqu\w+|(?:on|nous|je) produi\w+|(?:mes|nos) clients",
    ),
    (_A.APPRENTI, r"apprentie?s?|en apprentissage|alternance|alternante?s?|cfa"),
    (
        _A.LYCEEN,
        r"lyceen(?:ne)?s?|au lycee|en (?:terminale|seconde|premiere)|collegien\w*|enfants? (?:\w+ )?(?:au college|au lycee|a l'ecole|au primaire|en maternelle)|eleves?|ecolier\w*|parents? d'eleves?",
    ),
    (_A.ETUDIANT, r"etudiante?s?|etudes|universite|a la fac|licence|master|doctorante?|erasmus|l[123]|m[12]|bts"),
    (
        _A.SALARIE,
        r"^salariee?(?= (?:au|a|en|dans|de|du|d))|(?:je suis|suis|etant|comme|statut de|une|un) (?:simple )?salariee?|mon (?:employeur|patron)|pour aller (?:au|a mon) (?:travail|boulot|taf)",
    ),
    (
        _A.PARTICULIER,
        r"particuliers?|proprietaires?|locataires?|retraitee?s?|ma maison|mon logement|notre maison|mon appartement|chez moi|famille|"
        r"(?:ma|mon|mes|notre) (?:fille|fils|enfants?|mere|pere|maman)|parent|chomage|demandeu\w+ d'emploi|habitante?s? de|"
        # A button of ours.
        r"pour moi|^moi(?:[- ]meme)?$|personnel(?:le)?",
    ),
)
_AUDIENCES = tuple((audience, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")) for audience, words in _AUDIENCE_WORDS)
_NEGATED = re.compile(r"(?:pas|ni|plus|non pas) (?:une?|des|d'une?|d'|de|pour (?:une?|mon|ma|notre)|la|le)? ?$")
_SELF = re.compile(
    r"(?:je suis|on est|nous sommes|moi c'est|en tant que|c'est pour|fille est|fils est|enfant est|represente|dirige|gere|preside|pour|\bet|\bou)"
    r"(?: (?:une?|des|du|de|d'|les?|la|l'|ma|mon|mes|notre|nos|petite?s?|tres|simple|jeune|deja|juste|ancienn?e?|futur\w*|en))* ?$"
)
_ORGANISED = frozenset({_A.ASSOCIATION, _A.COMMUNE, _A.AGRICULTEUR, _A.ARTISAN, _A.COMMERCANT, _A.PROFESSION_LIBERALE, _A.ENTREPRISE})
_PERSONS = frozenset(_A) - _ORGANISED
_TRADES = frozenset({_A.AGRICULTEUR, _A.ARTISAN, _A.COMMERCANT, _A.PROFESSION_LIBERALE, _A.ENTREPRISE})


def find_audiences(plain: str) -> tuple[frozenset[Audience], bool]:
    """Whom the sentence says that one is, and whether it says so of oneself; `plain` as `quantities.flat` writes it.

    What one says that one is ("je suis apprenti dans une entreprise") wins over what one only speaks of; else an association over a company,
    and both over a person.
    """
    found = [
        (audience, bool(_SELF.search(plain[: match.start()])))
        for audience, words in _AUDIENCES
        for match in words.finditer(plain)
        if not _NEGATED.search(plain[: match.start()])
    ]
    said_so = {audience for audience, of_oneself in found if of_oneself}
    kept = said_so or {audience for audience, _ in found}
    for world in ({_A.ASSOCIATION}, {_A.COMMUNE}, _TRADES):
        if kept & world and (world is not _TRADES or not said_so & _PERSONS):
            kept &= world
    specific = kept & {_A.ETUDIANT, _A.APPRENTI, _A.LYCEEN}
    if specific and kept <= _PERSONS:
        kept = specific | (kept & {_A.PARTICULIER} if "parent" in plain else set())
    return frozenset(kept), bool(said_so)


def without_audiences(plain: str) -> str:
    """The sentence without the words that tell who speaks."""
    for _, words in _AUDIENCES:
        plain = words.sub(" ", plain)
    return plain


_COUNTRIES = (
    "allemagne|espagne|italie|belgique|suisse|angleterre|royaume-uni|irlande|portugal|pologne|canada|quebec|japon|chine|coree|inde|maroc|tunisie|algerie|senegal|etats-unis|"
    "usa|bresil|mexique|australie|pays-bas|luxembourg|autriche|suede|norvege|danemark|finlande|grece|turquie|emirats|dubai|vietnam|europe|afrique|asie|amerique"
)
_PROJECT_WORDS = (
    (
        _P.EXPORTER,
        rf"(?:attaquer|conquerir|demarcher|prospecter|s'implanter|se lancer|se developper|vendre|des clients) (?:en |au |aux |l'|la |le |les |a l')?(?:{_COUNTRIES})\b|"
        r"export\w*|marches? (?:espagnol|allemand|italien|belge|suisse|anglais|britannique|europeen|americain|chinois|japonais|canadien|marocain|portugais)s?|a l'international|international\w*|vendre (?:a l'etranger|en|au|aux) ?\w*|marches? etrangers?|v\.?i\.?e\.?|prospect\w+|"
        r"salon(?!s? d[e'] ?(?:coiffure|the|beaute|esthetique|massage))s?|foires?|expose[rz]?|stand",
    ),
    (
        _P.CREER,
        r"(?:creer|cree|crees|creons|monter|monte|lancer|lance|ouvrir|ouvre|ouvrons|demarrer|installer) (?:\w+ ){0,2}?(?:entreprise|boite|societe|activite|affaire|atelier|"
        r"boutique|magasin|commerce|salon|restaurant|bar|garage|cabinet|start-?up|laverie|epicerie|boulangerie|\w+rie)|creation d'entreprise|creation d'activite|"
        r"reprendre (?:\w+ ){0,3}?(?:entreprise|commerce|fonds|epicerie|bar|garage|affaire|restaurant|\w+rie)|reprise d'entreprise|me mettre a mon compte|"
        r"m'installer a mon compte|me mets a mon compte|creer ou reprendre|m'installer comme",
    ),
    (
        _P.EQUIPER,
        r"machines?|materiels?|equipements?|equiper|m'equiper|s'equiper|outils?|outillage|four|fours|camions?|camionnettes?|fourgons?|minibus|minicar|utilitaires?|"
        r"vehicules?|tracteurs?|serres?|frigos?|chambre froide|imprimante|presse|robots?|buts|instruments?|mobilier|pont elevateur|anti-?gel|irrigation|investir|investissements?|caisse enregistreuse",
    ),
    (
        _P.AMENAGER,
        r"vitrines?|facades?|enseignes?|locaux|mon local|le local|notre local|un local|amenag\w+|mise aux normes|accessibilite|rampe|deco|decoration|renover (?:\w+ ){0,2}?(?:boutique|magasin|"
        r"commerce|local|atelier|restaurant|salon|salle|batiment|ecole|mairie|eglise|gymnase)|refaire (?:\w+ ){0,3}?(?:boutique|magasin|commerce|local|atelier|restaurant|salle|electricite|devanture)|"
        r"travaux (?:\w+ ){0,2}?(?:boutique|magasin|commerce|local|atelier|restaurant|salle|locaux)|agrandir",
    ),
    (
        _P.NUMERISER,
        r"site (?:internet|web)|sites? marchands?|logiciels?|informatique|numeri\w+|digital\w*|vendre en ligne|vente en ligne|paiement en ligne|ordinateurs?|"
        r"caisse enregistreuse|terminal de paiement|e-commerce|cybersecurite",
    ),
    (_P.RECRUTER, r"recrut\w+|embauch\w+|former|formations?|premier salarie"),
    (
        _P.DEVELOPPER,
        r"tresorerie|developper|developpement|croissance|communication|publicite|pub|emprunt\w*|pret\b(?! a)|stock|fonds de roulement",
    ),
    (
        _P.RENOVER,
        r"isol\w+|fenetres?|chaudiere|chauffage|passoire|toiture|toit|pompe a chaleur|renovation energetique|economies? d'energie|double vitrage|simple vitrage|"
        r"(?:renov\w+|retaper|travaux|refaire)(?: \w+){0,3}? (?:maison|logement|appartement|ferme|chez moi)|renover un logement",
    ),
    (_P.VELO, r"velos?|vae|bicyclette"),
    (_P.VOITURE, r"voitures?|(?:vehicule|auto) (?:electrique|hybride)|hybride rechargeable"),
    (_P.PERMIS, r"permis(?! de construire)|auto-?ecole|code de la route"),
    (
        _P.TRANSPORT_SCOLAIRE,
        r"(?:car|cars|bus|transports?|carte|ramassage|navette|train)(?: \w+)? scolaires?|aleop|(?:bus|car|train) (?:pour|de) (?:l'ecole|le college|le lycee|l'ecole)|"
        r"aller (?:a l'ecole|au college|au lycee)|(?:le|en|du|au) car\b(?! (?:il|elle|on|je|nous|ca|c'est)\b)",
    ),
    (
        _P.PARTIR,
        r"a l'etranger|erasmus|(?:stage|semestre|sejour|etudier|etudes|partir|part|pars|annee)(?: \w+){0,4}? (?:a l'etranger|au|aux|en|a) \w+|mobilite internationale|cesure",
    ),
    (
        _P.SOLIDARITE,
        r"solidair\w*|solidarite|precar\w+|gaspillage|epicerie solidaire|alimentaires?|colis|sans-?abri|handicap\w*|aide alimentaire|distribu\w+ (?:\w+ ){0,2}?repas|invendus|hygiene|"
        r"benevolat|insertion|lien social",
    ),
    (
        _P.CULTURE,
        r"festivals?|(?<!salle des )(?<!comite des )fetes?|concerts?|spectacles?|expositions?|patrimoine|evenements?|manifestation culturelle|creation artistique",
    ),
)
_PROJECTS = tuple((project, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")) for project, words in _PROJECT_WORDS)
_BUYS = re.compile(
    r"\b(?:acheter|changer|remplacer|renouveler|louer|s'offrir|m'offrir) (?:une?|des|le|la|les|l'|mon|ma|mes|notre|nos|de)\b"
)
_PERSONAL = frozenset({_P.RENOVER, _P.VELO, _P.VOITURE, _P.PERMIS, _P.TRANSPORT_SCOLAIRE, _P.PARTIR})
_PROFESSIONAL = frozenset(_P) - _PERSONAL - {_P.SOLIDARITE, _P.CULTURE}


def find_projects(plain: str, audiences: Iterable[Audience]) -> frozenset[Project]:
    """What is wanted. Who asks decides between two readings: a student's stay abroad is no export, a company's isolated roof is no home."""
    found = {
        project
        for project, words in _PROJECTS
        for match in words.finditer(plain)
        if not re.search(r"(?:pas|plus|non) (?:pour |de |d'|l'|le |la |du |un |une |a )*$", plain[: match.start()])
    }
    who = frozenset(audiences)
    if who and who <= _PERSONS:
        if _P.PARTIR in found or (_P.EXPORTER in found and "international" in plain):
            found -= {_P.EXPORTER, _P.RECRUTER}
            found |= {_P.PARTIR}
        if _P.PERMIS in found:
            found -= {_P.VOITURE}
        found -= {_P.DEVELOPPER, _P.AMENAGER} if found & _PERSONAL else set()
        found -= {_P.EQUIPER, _P.RECRUTER} if found & _PERSONAL else set()
    elif who:
        if _P.RENOVER in found:
            found = (found - {_P.RENOVER}) | {_P.AMENAGER}
        if _P.PARTIR in found:
            found = found - {_P.PARTIR} | ({_P.EXPORTER} if who & _TRADES else set())
        if _P.VOITURE in found:
            found = (found - {_P.VOITURE}) | {_P.EQUIPER}
    elif {_P.PARTIR, _P.EXPORTER} <= found:
        found -= {_P.PARTIR} if re.search(r"vend|export|salon|client", plain) else {_P.EXPORTER}
    if _P.CREER in found:
        found -= _PERSONAL  # a workshop of bicycles is a company
    if not found and who & (_TRADES | {_A.ASSOCIATION}) and _BUYS.search(plain):
        found = {_P.EQUIPER}
    if _P.VOITURE in found and "vehicule" in plain:
        found -= {_P.EQUIPER}
    if _P.PERMIS in found and _P.VOITURE in found:
        found -= {_P.VOITURE}
    return frozenset(found)
