"""What a spec asks of a function or a module over there: `attempt.step.like(...)`, `model.weights.expect(...)`.

Keywords that are no option are arguments: the oracle gets them by name, the learner's function by position, since its
learner may name them freely.  An argument that is called like an option is given by position.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlex.kit.calls import Asked
from dlex.kit.diagnosis import Diagnosis
from dlex.kit.families import Family
from dlex.kit.likeness import Case, Slips, Terms, What
from dlex.kit.proxy import Remote
from dlex.kit.weights import Parameters


class Judged(Remote):
    """Something in the attempt process, of which a spec can ask whether it does what it should."""

    def like(
        self,
        oracle: Callable[..., Any] | Any,
        *args: Any,
        slips: Slips | None = None,
        prefer: Sequence[Diagnosis] = (),
        shape: Diagnosis | None = None,
        otherwise: Diagnosis | None = None,
        random: Diagnosis | None = None,
        kept: Diagnosis | None = None,
        forbid: Mapping[Diagnosis, Family] | None = None,
        errors: Mapping[Diagnosis, str] | None = None,
        what: What | None = None,
        weights: Mapping[str, Any] | None = None,
        sizes: Mapping[str, int] | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        **named: Any,
    ) -> Any:
        """Pass if a call gives what the oracle gives for the same arguments; returns the oracle's value.

        oracle: a function, or the value itself; a tuple is several results.
        slips: what misconceptions give: functions of the same arguments, values, `when(...)`, or a list of these.
            They are computed only if the value is wrong.  One that makes no difference here explains nothing.
        prefer: which is told where slips of several misconceptions fit; else none of them is.
        shape, otherwise: what any other shape, and any other value of the right shape, means.
        random, kept: the function is called twice; told if a wrong value changes, and if a right one becomes wrong.
        forbid: families of operators that are not to be used, as for `gradients_like`.
        errors: what an exception means whose `Class: message` matches a pattern.
        what: how the value is called in a sentence, such as `Text(en="the loss", zh="损失")`.
        weights: handed to the oracle and to slips by name, and not to the attempt.
        sizes, rtol, atol: as for `Expectation.close_to`.

        attempt.mean.like(lambda x: x.mean(), x, slips={D.sum_not_mean: lambda x: x.sum()})
        """

        terms = Terms(
            slips=slips or {}, prefer=prefer, shape=shape, otherwise=otherwise, sizes=sizes or {}, rtol=rtol, atol=atol
        )
        case = Case(args, named, weights or {})
        asked = Asked(function=self, case=case, terms=terms, errors=errors or {}, what=what)
        return asked.like(oracle, random=random, kept=kept, forbid=forbid)

    def gradients_like(
        self,
        oracle: Callable[..., Any],
        *args: Any,
        cut: Diagnosis | None = None,
        forbid: Mapping[Diagnosis, Family] | None = None,
        constant: Sequence[str] = (),
        slips: Slips | None = None,
        errors: Mapping[Diagnosis, str] | None = None,
        what: What | None = None,
        weights: Mapping[str, Any] | None = None,
        rtol: float | None = None,
        atol: float | None = None,
        **named: Any,
    ) -> Any:
        """Pass if a call gives the oracle's value, and its gradients for a random upstream are the oracle's.

        Gradients are taken for every argument of real numbers, and for `weights` if the module's are given.
        cut: told if no gradient comes where the oracle has one (`no_gradient`); a wrong one is `wrong_gradient`.
        slips: also those that give the right value and other gradients, such as an oracle with a part detached.
        forbid: families of operators that are not to be used: `{D.not_by_hand: RECURRENT}`.
        constant: arguments, as the oracle calls them, of which no gradient is asked, such as labels: `("y",)`.
        The others are as for `like`.

        attempt.step.gradients_like(step, x=x, h=h, cut=D.graph_cut, forbid={D.not_by_hand: RECURRENT})
        """

        terms = Terms(slips=slips or {}, rtol=rtol, atol=atol)
        case = Case(args, named, weights or {})
        asked = Asked(function=self, case=case, terms=terms, errors=errors or {}, what=what)
        return asked.gradients_like(oracle, cut=cut, forbid=forbid or {}, constant=constant)

    def raises(
        self,
        wanted: type[BaseException] | tuple[type[BaseException], ...],
        *args: Any,
        instead: Diagnosis | None = None,
        silent: Diagnosis | None = None,
    ) -> None:
        """Pass if a call raises an exception of class `wanted`.

        instead: told if a line of the learner's raises another one on purpose; an accident is told as what it is.
        silent: told if nothing is raised.

        attempt.descend.raises(ArithmeticError, xs, ys, 100.0, instead=D.wrong_exception, silent=D.divergence_missed)
        """

        kinds = wanted if isinstance(wanted, tuple) else (wanted,)
        Asked(function=self, case=Case(args)).raises(kinds, instead=instead, silent=silent)

    @property
    def weights(self) -> Parameters:
        """A module's parameters by shape and order: `model.weights.expect({"w": (1, 3)}).randomise(rng)`."""

        return Parameters(self)
