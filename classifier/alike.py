"""Which messages say the same: near in meaning whatever the language, and about the same topic.

Two messages are as alike as the cosine of their sentence embeddings, more if they have the same
topic, and less if they are of two categories. A group holds those that are alike on average
(average linkage), each of them as alike to the others; who comes later joins when they are as alike
to the group on average. The numbers were measured on the corpus (ADR 49).
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]

ALIKE: Final = 0.4
"""So alike are two messages of a group on average."""
SHARED_TOPIC: Final = 0.2
"""What the same topic adds."""
TWO_CATEGORIES: Final = 0.1
"""What two categories take away."""
_NAMED = re.compile(r"(?<!\w)@[\w.-]+")


def unaddressed(text: str) -> str:
    """The text without the accounts that it names: two that say nothing alike but to whom would
    else be near."""
    return _NAMED.sub(" ", text)


def groups(vectors: "Floats", topics: Sequence[str], least: int) -> list[list[int]]:
    """The numbers of the texts in each group of at least so many, the largest group first.

    `vectors` are (texts, dimensions) of length 1; an empty topic is like no other. It takes
    memory by the square of the texts: 2,000 take about 80 MB meanwhile.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    if len(vectors) < max(least, 2):
        return []
    kinds = np.unique(np.array(topics), return_inverse=True)[1]
    kinds = np.where(np.array(topics) == "", -1 - np.arange(len(topics)), kinds)
    wide = np.unique([_category(topic) for topic in topics], return_inverse=True)[1]
    known = np.array(topics) != ""
    near = vectors @ vectors.T + SHARED_TOPIC * (kinds[:, None] == kinds[None])
    near -= TWO_CATEGORIES * ((wide[:, None] != wide[None]) & known[:, None] & known[None])
    apart = 1 - near
    np.fill_diagonal(apart, 0)
    tree = linkage(squareform(np.clip(apart, 0, 2), checks=False), "average")
    found: dict[int, list[int]] = {}
    for number, group in enumerate(fcluster(tree, 1 - ALIKE, "distance")):
        found.setdefault(int(group), []).append(number)
    large = [_close(group, apart) for group in found.values() if len(group) >= least]
    return sorted(
        (group for group in large if len(group) >= least), key=lambda group: (-len(group), group)
    )


def _close(group: list[int], apart: "Floats") -> list[int]:
    """Those of a group who are as alike to the others as a group is: the average of a large one
    hides somebody at its edge. The farthest leaves first, for then the others are nearer."""
    while len(group) > 1:
        far = apart[group][:, group].sum(axis=1) / (len(group) - 1)
        if far.max() <= 1 - ALIKE:
            break
        group = [one for place, one in enumerate(group) if place != far.argmax()]
    return group


def _category(topic: str) -> str:
    return topic.partition(".")[0]


def centre(vectors: "Floats") -> list[float]:
    """What a group is compared by later: the mean of its texts, as plain numbers."""
    return [round(float(value), 5) for value in vectors.mean(axis=0)]


def fits(
    vectors: "Floats", topics: Sequence[str], middle: Sequence[float], topic: str
) -> list[bool]:
    """Which texts belong to the group with this centre and this topic. The product with the mean of
    a group is the mean of the products with its texts."""
    import numpy as np

    alike = vectors @ np.array(middle, dtype=np.float32)
    known = [_known(one, topic) for one in topics]
    return [bool(value) for value in alike + np.array(known, dtype=np.float32) >= ALIKE]


def _known(one: str, other: str) -> float:
    """What two topics say of how alike their texts are: nothing where one of them is not known."""
    if not one or not other:
        return 0.0
    if one == other:
        return SHARED_TOPIC
    return 0.0 if _category(one) == _category(other) else -TWO_CATEGORIES


def most_typical(vectors: "Floats") -> int:
    """The number of the text that is most like the others of its group."""
    return int((vectors @ vectors.mean(axis=0)).argmax())
