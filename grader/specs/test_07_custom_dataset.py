import pytest, torch
from dlex.spec import Attempt, Inputs, expect, Text
@pytest.mark.points(5)
@pytest.mark.public
def test_workers(attempt: Attempt, rng: Inputs, dataset) -> None:
    """W.

    zh: 好。
    """
    import time
    d = attempt.DiabetesDataset(str(dataset("diabetes.csv")))
    t=time.time()
    l = attempt.make_loader(d, 32, shuffle=False, num_workers=2)
    b = attempt.batches(l)
    t1=time.time()-t
    b = attempt.batches(l)
    t2=time.time()-t
    expect(len(b)).equals(24)
    expect((t1,t2,attempt.value(l.num_workers), [tuple(x.shape) for x in b[-1]])).equals(3)
@pytest.mark.points(5)
def test_other(attempt: Attempt, rng: Inputs, dataset) -> None:
    """W.

    zh: 好。
    """
    p = attempt.write_file("a.csv", b"1,2,3,4,5,6,7,8,9\n"*7)
    d = attempt.DiabetesDataset(p)
    expect((attempt.opened(p), p, len(d))).equals(3)
