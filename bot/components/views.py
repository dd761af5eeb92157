"""The sentence features that the pipeline put on messages, as views of their texts."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix, vstack

from language.kernel_head import Views


def has_views(message: Message) -> bool:
    """Whether anything of the message's text was turned into features."""
    return bool(_features(message))


def views_of(messages: Sequence[Message]) -> Views:
    """One row a message. All messages hold the same features, in the order of the pipeline."""
    rows = [_features(message) for message in messages]
    dense = [[one.features[0] for one in row if one.is_dense()] for row in rows]
    sparse = [[one.features for one in row if one.is_sparse()] for row in rows]
    meanings = tuple(np.stack(column).astype(np.float32) for column in zip(*dense))
    return Views(meanings, csr_matrix(vstack([row[0] if row else csr_matrix((1, 0), dtype=np.float32) for row in sparse])))


def _features(message: Message) -> List[Features]:
    return [one for one in message.features if one.attribute == TEXT and one.type == FEATURE_TYPE_SENTENCE]
