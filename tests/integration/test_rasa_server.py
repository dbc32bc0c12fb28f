"""The real Rasa: trained on a part of the sentences, served, killed, started again."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from bot.clock import SHANGHAI
from nlu.engines.fallback import UNAVAILABLE, CircuitBreaker, FallbackInterpreter, State
from nlu.engines.local import LocalEngine
from nlu.engines.rasa import RasaEngine
from nlu.engines.rasa_client import RasaClient, RasaUnavailable
from nlu.engines.rasa_home import RasaError, rasa_python
from nlu.engines.rasa_server import RasaServer, serve_rasa
from nlu.engines.rasa_train import stored_rasa_model, train_rasa
from nlu.engines.train import training_dir
from nlu.training_data import training_files

pytestmark = pytest.mark.rasa

PER_INTENT = 12
EPOCHS = 3
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
SENTENCE = "昨天在 學校食堂吃了包子，３个同学上吐下泻"
PAUSE = 0.5


@pytest.fixture(scope="module", autouse=True)
def environment() -> None:
    try:
        rasa_python()
    except RasaError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few short examples of every intent, as the files have them."""
    found: dict[str, list[dict[str, object]]] = defaultdict(list)
    for path in training_files(training_dir()):
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for block in loaded["nlu"]:
            found[block["intent"]] += [e for e in block["examples"] if len(e["text"]) < 80]
    blocks = [{"intent": i, "examples": e[:PER_INTENT]} for i, e in found.items()]
    file = tmp_path_factory.mktemp("part") / "part.yml"
    content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=1000)
    file.write_text(content, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def model(part: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, lines = tmp_path_factory.mktemp("models"), []
    model = train_rasa([part], folder, EPOCHS, lines.append)
    assert list(folder.iterdir()) == [model] and stored_rasa_model(folder) == model
    assert any("Epochs" in line for line in lines), "training tells how far it is"
    return model


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[RasaServer]:
    with serve_rasa(model) as server:
        yield server
    assert server.pid is None


@pytest.fixture
def rasa(server: RasaServer) -> RasaEngine:
    return RasaEngine(server.client(timeout=10))


def until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.2)


def test_every_task_is_answered(rasa: RasaEngine, model: Path) -> None:
    heard = rasa.understand(SENTENCE, NOW)
    assert heard.engine == "rasa" and f"{heard.model_version}.tar.gz" == model.name
    assert set(heard.probabilities) == {"intent", "severity", "stage", "venue", "product"}
    told = heard.intent in {"complaint", "report", "complaint_and_report", "supplement"}
    assert heard.severity == "urgent" or not told, "the safety net holds for what is told"
    assert heard.evidence == () and all(one.value is None for one in heard.entities)


def test_offsets_point_into_the_message_as_sent(rasa: RasaEngine) -> None:
    text = "  \u3000投诉：２０２６年１１月３日 在【食堂】\n吃壞肚子 😷 上吐下瀉，賠我 300 元"
    for entity in rasa.understand(text, NOW).entities:
        assert text[entity.start : entity.end] == entity.text and not entity.text.isspace()


@pytest.mark.parametrize(
    "text", ["", " ", "。。。", "\x00", "😀", "\ud800", "/", "/report", "a" * 9000]
)
def test_anything_may_be_sent(rasa: RasaEngine, text: str) -> None:
    assert rasa.understand(text, NOW).engine == "rasa"


def test_a_slash_gives_no_orders(rasa: RasaEngine) -> None:
    heard = rasa.understand('/withdraw@1.0{"phone": "13800000000"}', NOW)
    assert heard.confidence < 1 and heard.probabilities["severity"] > 0


def test_without_the_token_nothing_is_told(server: RasaServer) -> None:
    for client in (RasaClient(server.url), RasaClient(server.url, "guess")):
        with pytest.raises(RasaUnavailable, match="401"):
            client.parse("x")
    with pytest.raises(RasaUnavailable, match="404"):
        RasaClient(f"{server.url}/webhooks/rest/webhook").status()


def test_the_token_is_in_no_list_of_processes(server: RasaServer) -> None:
    told = (
        Path(f"/proc/{server.pid}/cmdline").read_bytes()
        + Path(f"/proc/{server.pid}/environ").read_bytes()
    )
    assert server.client(1).token.encode() not in told


def test_a_killed_server_is_replaced(server: RasaServer, engine: LocalEngine) -> None:
    breaker = CircuitBreaker(failures=2, pause=PAUSE)
    both = FallbackInterpreter(RasaEngine(server.client(timeout=10)), engine, breaker)
    assert both.understand(SENTENCE, NOW).engine == "rasa"
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    until(lambda: server.pid != killed, 10)
    heard = [both.understand(SENTENCE, NOW) for _ in range(3)]
    assert {one.engine for one in heard} == {UNAVAILABLE}
    assert heard[0].model_version == engine.version and breaker.state is State.OPEN
    until(lambda: both.understand(SENTENCE, NOW).engine == "rasa", 120)
    assert breaker.state is State.CLOSED and server.pid not in (None, killed)


def test_recorded_replies_still_look_like_real_ones(server: RasaServer) -> None:
    recorded = Path(__file__).parents[1] / "unit" / "nlu" / "rasa_replies.json"
    kept = json.loads(recorded.read_text(encoding="utf-8"))
    real = server.client(timeout=10).parse(SENTENCE)
    assert set(real["tasks"]) == set(kept["parse"][0]["reply"]["tasks"])
    assert set(real) >= {"text", "intent", "entities", "tasks"}
    assert set(server.client(timeout=10).status()) >= set(kept["status"])
