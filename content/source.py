"""Reading a YAML file while remembering the line every mapping starts on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from content.errors import ContentError, Problem

LINE = "__line__"


class _LineLoader(yaml.CSafeLoader):
    """The safe loader, parsing in C, that adds the 1-based source line to each mapping and refuses repeated keys."""


def _mapping(loader: _LineLoader, node: yaml.MappingNode) -> dict[str, Any]:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.MarkedYAMLError(
                problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark
            )
        seen.add(key.value)
    built = loader.construct_mapping(node, deep=True)
    return {**{str(key): value for key, value in built.items()}, LINE: node.start_mark.line + 1}


_LineLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping a file holds, lines kept under `LINE`.

    Raises ContentError naming file, line and remedy when the file is missing or not YAML.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_LineLoader)  # noqa: S506
    except FileNotFoundError:
        problem = Problem(path, 1, "file is missing", "restore it or name another")
        raise ContentError([problem]) from None
    except (UnicodeDecodeError, yaml.reader.ReaderError) as error:
        problem = Problem(
            path,
            _line_of_bytes(path, error),
            f"not readable text ({error.reason})",
            "save it as UTF-8 without control characters",
        )
        raise ContentError([problem]) from error
    except OSError as error:
        problem = Problem(
            path, 1, f"cannot be read ({error.strerror})", "check the path and its rights"
        )
        raise ContentError([problem]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"not valid YAML ({error.problem})"
        raise ContentError([Problem(path, line, what, "mend the syntax on this line")]) from error
    if not isinstance(data, dict):
        raise ContentError([Problem(path, 1, "not a mapping", "start with `schema_version: 1`")])
    return data


def _line_of_bytes(path: Path, error: UnicodeDecodeError | yaml.reader.ReaderError) -> int:
    """The line of a byte or character that cannot stand in the file."""
    start = error.start if isinstance(error, UnicodeDecodeError) else int(error.position or 0)
    return path.read_bytes()[:start].count(b"\n") + 1


def line_of(mapping: dict[str, Any]) -> int:
    """The source line of a mapping read by `read_yaml`."""
    return int(mapping.get(LINE, 1))


def line_naming(path: Path, row_id: str) -> int:
    """The line on which the row `row_id` starts; 1 when the file does not name it."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip().startswith(f"- id: {row_id}"):
            return number
    return 1
