"""Formatted text: HTML, MarkdownV2 and Markdown into plain text plus entities.

Offsets and lengths of entities count UTF-16 code units, as documented.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

from .errors import bad_request

Entity = dict[str, Any]
Parsed = tuple[str, list[Entity]]

HTML_TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline",
    "ins": "underline", "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough",
    "tg-spoiler": "spoiler", "span": "spoiler", "code": "code", "pre": "pre", "a": "text_link",
    "blockquote": "blockquote", "tg-emoji": "custom_emoji",
}  # fmt: skip
HTML_TOKEN = re.compile(
    r"<(?P<close>/)?(?P<tag>[a-zA-Z][\w-]*)(?P<attrs>[^<>]*)>"
    r"|(?P<ref>&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)|(?P<bad><)"
)
ATTRIBUTE = re.compile(r"""([\w-]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?""")
V2_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
V2_MARKS = {
    "||": "spoiler", "__": "underline", "*": "bold", "_": "italic", "~": "strikethrough",
}  # fmt: skip
V2_TOKEN = re.compile(
    r"\\(?P<escaped>.)|```(?P<lang>\w*\n)?(?P<pre>.*?)```|`(?P<code>[^`]*)`"
    r"|(?P<quote>(?:(?<=\n)|^)(?:\*\*)?>)|(?P<mark>\|\||__|[*_~])|(?P<open>!?\[)"
    r"|\]\((?P<url>(?:\\.|[^)\\])*)\)|(?P<newline>\n)|(?P<char>.)",
    re.DOTALL,
)
V1_TOKEN = re.compile(
    r"\\(?P<escaped>[_*`\[])|```(?P<lang>\w*\n)?(?P<pre>.*?)```|`(?P<code>[^`]*)`"
    r"|\*(?P<bold>[^*]*)\*|_(?P<italic>[^_]*)_|\[(?P<label>[^\]]*)\]\((?P<url>[^)]*)\)"
    r"|(?P<bad>[*_`\[])|(?P<char>.)",
    re.DOTALL,
)


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


class _Builder:
    """Collects text and open entities; closes them in the order of nesting."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.offset = 0
        self.entities: list[Entity] = []
        self.open: list[tuple[str, Entity]] = []

    def add(self, text: str) -> None:
        self._parts.append(text)
        self.offset += utf16_length(text)

    def start(self, mark: str, entity: Entity) -> None:
        self.open.append((mark, {**entity, "offset": self.offset}))

    def end(self, **extra: Any) -> None:
        _, entity = self.open.pop()
        entity.update(extra, length=self.offset - entity["offset"])
        if entity["length"]:
            self.entities.append(entity)

    def whole(self, text: str, **entity: Any) -> None:
        self.start("", entity)
        self.add(text)
        self.end()

    def result(self) -> Parsed:
        if self.open:
            raise _parse_error(f'Can\'t find end of the entity "{self.open[-1][0]}"')
        ordered = sorted(self.entities, key=lambda item: (item["offset"], -item["length"]))
        return "".join(self._parts), ordered


def _parse_error(text: str) -> Exception:
    return bad_request(f"can't parse entities: {text}")


def _byte_offset(text: str, position: int) -> int:
    return len(text[:position].encode())


def _html_entity(tag: str, attrs: str) -> Entity:
    values = {key: html.unescape(value.strip("\"'")) for key, value in ATTRIBUTE.findall(attrs)}
    entity: Entity = {"type": HTML_TAGS[tag]}
    if tag == "a":
        entity["url"] = values.get("href", "")
    elif tag == "tg-emoji":
        entity["custom_emoji_id"] = values.get("emoji-id", "")
    elif tag == "blockquote" and "expandable" in values:
        entity["type"] = "expandable_blockquote"
    elif tag == "span" and values.get("class") != "tg-spoiler":
        raise _parse_error('Tag "span" must have class "tg-spoiler"')
    elif tag == "code" and values.get("class", "").startswith("language-"):
        entity["language"] = values["class"].removeprefix("language-")
    return entity


def _html_tag(builder: _Builder, source: str, match: re.Match[str]) -> None:
    tag, at = match["tag"].lower(), _byte_offset(source, match.start())
    if match["close"]:
        if not builder.open:
            raise _parse_error(f"Unexpected end tag at byte offset {at}")
        expected = builder.open[-1][0]
        if expected != tag:
            raise _parse_error(
                f'Unmatched end tag at byte offset {at}, expected "</{expected}>", found "</{tag}>"'
            )
        builder.end()
    elif tag not in HTML_TAGS:
        raise _parse_error(f'Unsupported start tag "{tag}" at byte offset {at}')
    else:
        builder.start(tag, _html_entity(tag, match["attrs"]))


def parse_html(source: str) -> Parsed:
    """Bot API HTML style. Raises ApiError 400 as Telegram does for bad nesting and tags."""
    builder, position = _Builder(), 0
    for match in HTML_TOKEN.finditer(source):
        builder.add(source[position : match.start()])
        position = match.end()
        if match["bad"]:
            raise _parse_error(
                f"Unsupported start tag at byte offset {_byte_offset(source, match.start())}"
            )
        if match["ref"]:
            builder.add(html.unescape(match["ref"]))
        else:
            _html_tag(builder, source, match)
    builder.add(source[position:])
    return _merge_pre_code(builder.result())


def _merge_pre_code(parsed: Parsed) -> Parsed:
    """``<pre><code class="language-x">`` is one entity of type pre with a language."""
    text, entities = parsed
    spans = {(e["offset"], e["length"]): e for e in entities if e["type"] == "pre"}
    kept: list[Entity] = []
    for entity in entities:
        outer = spans.get((entity["offset"], entity["length"]))
        if entity["type"] == "code" and outer is not None:
            outer.update({k: v for k, v in entity.items() if k == "language"})
            continue
        if entity["type"] == "code":
            entity.pop("language", None)
        kept.append(entity)
    return text, kept


def _v2_mark(builder: _Builder, match: re.Match[str]) -> None:
    mark = match["mark"]
    if builder.open and builder.open[-1][0] == mark:
        builder.end()
    elif any(open_mark == mark for open_mark, _ in builder.open):
        raise _parse_error(f'Can\'t find end of the entity "{builder.open[-1][0]}"')
    else:
        builder.start(mark, {"type": V2_MARKS[mark]})


def _v2_url(builder: _Builder, match: re.Match[str]) -> None:
    if not builder.open or builder.open[-1][0] not in ("[", "!["):
        raise _parse_error("Character ']' is reserved and must be escaped with the preceding '\\'")
    url = re.sub(r"\\(.)", r"\1", match["url"])
    if builder.open[-1][0] == "![":
        builder.end(type="custom_emoji", custom_emoji_id=url.rpartition("id=")[2])
    else:
        builder.end(url=url)


def _v2_newline(builder: _Builder, match: re.Match[str]) -> None:
    following = match.string[match.end() : match.end() + 1]
    if builder.open and builder.open[-1][0] == ">" and following != ">":
        builder.end()
    builder.add("\n")


def _v2_quote(builder: _Builder, match: re.Match[str]) -> None:
    if not any(mark == ">" for mark, _ in builder.open):
        builder.start(">", {"type": "blockquote"})


def _v2_char(builder: _Builder, match: re.Match[str]) -> None:
    char = match["char"]
    if char in V2_RESERVED:
        raise _parse_error(
            f"Character '{char}' is reserved and must be escaped with the preceding '\\'"
        )
    builder.add(char)


def _pre(builder: _Builder, match: re.Match[str]) -> None:
    language = (match["lang"] or "").strip()
    builder.whole(match["pre"], type="pre", **({"language": language} if language else {}))


def _escaped(builder: _Builder, match: re.Match[str]) -> None:
    builder.add(match["escaped"])


def _code(builder: _Builder, match: re.Match[str]) -> None:
    builder.whole(match["code"], type="code")


def _v2_open(builder: _Builder, match: re.Match[str]) -> None:
    builder.start(match["open"], {"type": "text_link"})


def _v1_link(builder: _Builder, match: re.Match[str]) -> None:
    builder.whole(match["label"], type="text_link", url=match["url"])


def _v1_bad(builder: _Builder, match: re.Match[str]) -> None:
    at = _byte_offset(match.string, match.start())
    raise _parse_error(f"Can't find end of the entity starting at byte offset {at}")


def _plain(builder: _Builder, match: re.Match[str]) -> None:
    builder.add(match["char"])


def _styled(kind: str) -> _Rule:
    return lambda builder, match: builder.whole(match[kind], type=kind)


_Rule = Callable[[_Builder, re.Match[str]], None]
V2_RULES: dict[str, _Rule] = {
    "escaped": _escaped, "pre": _pre, "code": _code, "quote": _v2_quote, "mark": _v2_mark,
    "open": _v2_open, "url": _v2_url, "newline": _v2_newline, "char": _v2_char,
}  # fmt: skip
V1_RULES: dict[str, _Rule] = {
    "escaped": _escaped, "pre": _pre, "code": _code, "bold": _styled("bold"),
    "italic": _styled("italic"), "url": _v1_link, "bad": _v1_bad, "char": _plain,
}  # fmt: skip


def _scan(source: str, token: re.Pattern[str], rules: dict[str, _Rule]) -> Parsed:
    builder = _Builder()
    for match in token.finditer(source):
        rules[match.lastgroup or "char"](builder, match)
    if builder.open and builder.open[-1][0] == ">":
        builder.end()
    return builder.result()


def parse_markdown_v2(source: str) -> Parsed:
    """Bot API MarkdownV2 style; reserved characters must be escaped."""
    return _scan(source, V2_TOKEN, V2_RULES)


def parse_markdown(source: str) -> Parsed:
    """Bot API legacy Markdown style; entities do not nest."""
    return _scan(source, V1_TOKEN, V1_RULES)


PARSERS: dict[str, Callable[[str], Parsed]] = {
    "html": parse_html,
    "markdownv2": parse_markdown_v2,
    "markdown": parse_markdown,
}


def parse(source: str, parse_mode: str | None) -> Parsed:
    """Text and entities for a ``parse_mode`` (case does not matter); none means plain text."""
    if not parse_mode:
        return source, []
    parser = PARSERS.get(parse_mode.lower())
    if parser is None:
        raise bad_request("unsupported parse_mode")
    return parser(source)


def trimmed(parsed: Parsed) -> Parsed:
    """Surrounding white space is cut off, entities move along and are clipped."""
    text, entities = parsed
    cut = utf16_length(text) - utf16_length(text.lstrip())
    text = text.strip()
    size = utf16_length(text)
    if not entities:
        return text, []
    moved: list[Entity] = []
    for entity in entities:
        start = max(entity["offset"] - cut, 0)
        end = min(entity["offset"] - cut + entity["length"], size)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return text, moved


COMMAND = re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@\w+)?")
LINK = re.compile(r"https?://[^\s<>\"，。；！？）]+")
MENTION = re.compile(r"(?<!\w)@[A-Za-z]\w{3,31}")
AUTOMATIC = {"bot_command": COMMAND, "url": LINK, "mention": MENTION}


def detect(text: str) -> list[Entity]:
    """The entities a client finds by itself in what a person types."""
    found = [
        {
            "type": kind,
            "offset": utf16_length(text[: match.start()]),
            "length": utf16_length(match[0]),
        }
        for kind, pattern in AUTOMATIC.items()
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda entity: entity["offset"])
