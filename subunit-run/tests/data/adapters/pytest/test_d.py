import pytest

pytest.skip("a whole module", allow_module_level=True)
