# attack: skips the whole module, as under pytest
# exercise: 01_double
# expect: status=unrunnable points<=0 verdicts=raised

import pytest

pytest.skip("not today", allow_module_level=True)
