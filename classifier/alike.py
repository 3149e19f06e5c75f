"""Which messages say the same: near in meaning whatever the language, and about the same topic.

Two messages are as alike as the cosine of their sentence embeddings, and more if they have the same
topic. A group holds those that are alike on average (average linkage); who comes later joins when
they are as alike to the group on average. Both numbers were measured on the corpus (ADR 49).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.floating[Any]]

ALIKE: Final = 0.35
"""So alike are two messages of a group on average."""
SHARED_TOPIC: Final = 0.1
"""What the same topic adds."""


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
    apart = 1 - vectors @ vectors.T - SHARED_TOPIC * (kinds[:, None] == kinds[None])
    np.fill_diagonal(apart, 0)
    near = linkage(squareform(np.clip(apart, 0, 2), checks=False), "average")
    found: dict[int, list[int]] = {}
    for number, group in enumerate(fcluster(near, 1 - ALIKE, "distance")):
        found.setdefault(int(group), []).append(number)
    large = [group for group in found.values() if len(group) >= least]
    return sorted(large, key=lambda group: (-len(group), group))


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
    shared = [SHARED_TOPIC if topic and one == topic else 0.0 for one in topics]
    return [bool(value) for value in alike + np.array(shared, dtype=np.float32) >= ALIKE]


def most_typical(vectors: "Floats") -> int:
    """The number of the text that is most like the others of its group."""
    return int((vectors @ vectors.mean(axis=0)).argmax())
