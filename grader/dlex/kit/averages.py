"""The mean over all samples, from the means of batches of which the last is smaller, and the usual slips."""

from __future__ import annotations

from collections.abc import Sequence

from dlex.kit.diagnosis import Diagnosis

Slips = dict[Diagnosis, list[float]]


def averages(means: Sequence[float], sizes: Sequence[int], slips: Sequence[Diagnosis]) -> tuple[float, Slips]:
    """The mean over the samples of batches with these means, and what slips make of it.

    These are: the mean of the means, the first batch alone, the last batch alone, a total or a count off by one.

    MEANS = (D.mean_of_means, D.first_batch_only, D.last_batch_only, D.count_off_by_one)
    right, wrong = averages([0.5, 0.3, 1.0], [64, 64, 22], MEANS)
    """
    count, last = sum(sizes), sizes[-1]
    total = sum(mean * size for mean, size in zip(means, sizes, strict=True))
    wrong = (
        [sum(means) / len(means)],
        [means[0]],
        [means[-1], means[-1] * last / count, total / last],
        [(total + 1) / count, (total - 1) / count, total / (count + 1), total / max(count - 1, 1)],
    )
    return total / count, dict(zip(slips, wrong, strict=True))
