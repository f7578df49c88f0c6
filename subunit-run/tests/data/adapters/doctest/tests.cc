#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <cstdio>
#include <cstdlib>
TEST_CASE("passes") { puts("said here"); CHECK(1 == 1); }
TEST_CASE("fails, with a comma") { CHECK(1 == 2); }
TEST_SUITE("a suite") {
    TEST_CASE("passes") { CHECK(1 == 1); }
    TEST_CASE("may fail" * doctest::may_fail()) { CHECK(1 == 2); }
    TEST_CASE("should fail" * doctest::should_fail()) { CHECK(1 == 1); }
    TEST_CASE("never" * doctest::skip()) { CHECK(1 == 2); }
}
TEST_CASE("crashes") { abort(); }
TEST_CASE("ends its process") { exit(0); }
TEST_CASE("after") { SUBCASE("one") { CHECK(1 == 1); } SUBCASE("two") { CHECK(1 == 1); } }
TEST_CASE_TEMPLATE("typed", T, int, char) { CHECK(sizeof(T) > 0); }
