import pytest
from shop import b
def test_neg():
    with pytest.raises(ValueError): b.total(-1)
@pytest.mark.parametrize("n", range(20))
def test_n(n): b.total(n)
