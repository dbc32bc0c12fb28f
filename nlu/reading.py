"""The tools every step of understanding shares, built once and handed around."""

from __future__ import annotations

from dataclasses import dataclass

from nlu.cues import load_cues
from nlu.features import FeatureReader, fold
from nlu.lexicon import load_lexicon, load_places
from nlu.normalise import Normaliser
from nlu.segment import Segmenter, build_segmenter
from nlu.severity import SeverityRules, build_severity_rules
from nlu.tagger import TaggingReader
from nlu.vectors import Located, WordVectors, load_vectors


@dataclass(frozen=True, slots=True)
class Reading:
    """Normaliser, segmenter and feature readers over the packaged word lists."""

    normaliser: Normaliser
    segmenter: Segmenter
    severity: SeverityRules
    features: FeatureReader
    tagging: TaggingReader
    vectors: WordVectors

    def located(self, text: str) -> Located:
        """The words of a normalised text as rows of the vector table."""
        return self.vectors.locate(self.segmenter.words(fold(text)))


def build_reading() -> Reading:
    """Load the word lists and put the readers together."""
    lexicon = load_lexicon()
    segmenter = build_segmenter(lexicon.terms())
    severity = build_severity_rules()
    features = FeatureReader(segmenter, lexicon, load_cues(), severity)
    tagging = TaggingReader(features, load_places())
    return Reading(Normaliser(), segmenter, severity, features, tagging, load_vectors())
