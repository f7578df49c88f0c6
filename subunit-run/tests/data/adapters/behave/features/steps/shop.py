import os

from behave import given, then


@given("a shop")
def a_shop(context):
    print("said here")


@then("it is open")
def is_open(context):
    pass


@then("it is closed")
def is_closed(context):
    assert False, "it is open"


@then("the process ends")
def the_process_ends(context):
    os._exit(0)


@then("{n:d} is small")
def is_small(context, n):
    assert n < 3, n
