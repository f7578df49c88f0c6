def total(n):
    if n < 0:
        raise ValueError(n)
    x = n
    while x > 10:
        x -= 1
    return x
