"""Words with our lexicon, in one spelling, at the places where the citizen typed them."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.lexicon import load_lexicon
from nlu.normalise import Normaliser
from nlu.segment import dictionary_segmenter


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LexiconTokenizer(Tokenizer):
    """Cuts the normalised text with jieba and `nlu/lexicon.txt`.

    Rasa's own JiebaTokenizer makes tokens of blanks, and the featurizers stumble over them (Rasa
    issue 7910); here they are left out. Words that jieba would guess are not used: they cut through names, and
    DIET cannot learn an entity that ends inside a token. A token carries the normalised word (simplified,
    half-width) but the offsets of the message as sent, so that entities point into the original.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self._normaliser = Normaliser()
        self._segmenter = dictionary_segmenter(load_lexicon().terms())

    @staticmethod
    def supported_languages() -> list[str]:
        """Chinese only."""
        return ["zh"]

    @staticmethod
    def required_packages() -> list[str]:
        """What the normaliser and the segmenter import."""
        return ["jieba", "opencc"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`longest_example`: words of a training example that are learned from.

        DIET pads every batch to its longest member and walks it word by word: one letter of a page
        among the short messages would make the whole batch ten times as slow. What is parsed later
        is never cut. The other two are what Rasa's Tokenizer wants to find: intents are not split.
        """
        return {
            "longest_example": 64,
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
        }

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """The words of all examples, of long ones the first."""
        done = super().process_training_data(training_data)
        for example in done.training_examples:
            words = example.get(TOKENS_NAMES[TEXT])
            if words:
                example.set(TOKENS_NAMES[TEXT], words[: self._config["longest_example"]])
        return done

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of a message."""
        normalised = self._normaliser.normalise(message.get(attribute))
        return [
            _token(word, *normalised.span(start, end))
            for word, start, end in self._segmenter.words(normalised.text)
            if not word.isspace()
        ]


def _token(word: str, start: int, end: int) -> Token:
    return Token(word, start, end)
