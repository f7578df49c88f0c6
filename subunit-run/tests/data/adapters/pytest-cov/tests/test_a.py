from shop import a
def test_small(): assert a.price(1) == 1
def test_big(): assert a.price(4) == 8
def test_fail(): assert a.price(4) == 9
