"""Changes values in a YAML text and leaves the rest as it was written: comments, order, quotes, layout. Pure."""

import io
import re
from copy import deepcopy
from difflib import SequenceMatcher
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString

from store.content import ContentError, plain_values

LAYOUTS = ((4, 2), (2, 0))
"""How lists are set in: columns of their values, and of their dashes. A file keeps its own."""
_WORD = re.compile(r"[a-z_]+")


class CannotRewriteError(Exception):
    """Ce fichier ne peut pas être modifié par le formulaire sans perdre sa mise en page. Modifiez-le comme texte."""


def rewrite(text: str, wanted: Any) -> str:
    """`text` with the values `wanted`; what is equal is left untouched, byte for byte.

    The result is read again by the loader of the content files, and holds exactly `wanted`. Raises CannotRewriteError when it would not,
    or when the writer would also change a part that was not edited; ContentError when `text` is not YAML.
    """
    before = plain_values(text, "texte")
    if _same(before, wanted):
        return text
    try:
        layout = next((each for each in LAYOUTS if _dump(_load(text), each) == text), None)
        if layout is None:
            raise CannotRewriteError
        for blocks in (True, False):
            result = _dump(_merged(_load(text), before, deepcopy(wanted), blocks), layout)
            if _holds(result, wanted):
                return result
    except YAMLError:
        pass
    raise CannotRewriteError


def _holds(text: str, wanted: Any) -> bool:
    try:
        return _same(plain_values(text, "texte"), wanted)
    except ContentError:
        return False


def _writer(layout: tuple[int, int] = LAYOUTS[0]) -> YAML:
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = 10**9
    writer.indent(mapping=2, sequence=layout[0], offset=layout[1])
    writer.representer.ignore_aliases = lambda _value: True  # the loader reads none
    writer.representer.add_representer(type(None), lambda made, _none: made.represent_scalar("tag:yaml.org,2002:null", "null"))
    return writer


def _load(text: str) -> Any:
    return _writer().load(text)


def _dump(document: Any, layout: tuple[int, int]) -> str:
    told = io.StringIO()
    _writer(layout).dump(document, told)
    return told.getvalue()


def _same(one: Any, other: Any) -> bool:
    """Equal, and of the same types: 1, 1.0 and true are three values."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _merged(node: Any, before: Any, wanted: Any, blocks: bool) -> Any:
    if _same(before, wanted):
        return node
    if isinstance(node, CommentedMap) and isinstance(before, dict) and isinstance(wanted, dict):
        for key in [key for key in node if key not in wanted]:
            del node[key]
        for key, value in wanted.items():
            node[key] = _merged(node[key], before[key], value, blocks) if key in node and key in before else _new(value, blocks)
        return node
    if isinstance(node, CommentedSeq) and isinstance(before, list) and isinstance(wanted, list) and len(node) == len(before):
        _merge_items(node, before, wanted, blocks)
        return node
    return _new(wanted, blocks, node)


def _merge_items(node: CommentedSeq, before: list[Any], wanted: list[Any], blocks: bool) -> None:
    matcher = SequenceMatcher(None, [repr(each) for each in before], [repr(each) for each in wanted], autojunk=False)
    for tag, start, end, new_start, new_end in reversed(matcher.get_opcodes()):
        if tag == "equal":
            continue
        common = min(end - start, new_end - new_start)
        for at in range(common):
            node[start + at] = _merged(node[start + at], before[start + at], wanted[new_start + at], blocks)
        for _ in range(start + common, end):
            del node[start + common]
        for offset, value in enumerate(wanted[new_start + common : new_end]):
            node.insert(start + common + offset, _new(value, blocks))


def _new(value: Any, blocks: bool, old: Any = None) -> Any:
    """A value as an editor would have written it. `old`: what stood in its place, whose quotes it takes."""
    if isinstance(value, dict):
        made = CommentedMap({key: _new(each, blocks) for key, each in value.items()})
        made.fa.set_flow_style()
        return made
    if isinstance(value, list):
        items = CommentedSeq([_new(each, blocks) for each in value])
        items.fa.set_flow_style()
        return items
    if not isinstance(value, str):
        return value
    if blocks and "\n" in value and (old is None or isinstance(old, LiteralScalarString)):
        return LiteralScalarString(value)
    if blocks and isinstance(old, LiteralScalarString) and value:
        return LiteralScalarString(value)
    if _WORD.fullmatch(value) and not isinstance(old, DoubleQuotedScalarString) and yaml.safe_load(value) == value:
        return value
    return DoubleQuotedScalarString(value)
