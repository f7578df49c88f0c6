def price(n):
    if n > 3:
        return n * 2
    return n

def never():
    return 1
