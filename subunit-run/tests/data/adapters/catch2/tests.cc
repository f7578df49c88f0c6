#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <iostream>
TEST_CASE("passes", "[quick]") { std::cout << "said here\n"; puts("and there"); REQUIRE(1 == 1); }
TEST_CASE("fails, with \"a\" comma [x] and a \\", "[quick]") { CHECK(1 == 2); }
TEST_CASE("may fail", "[!mayfail]") { CHECK(1 == 2); }
TEST_CASE("should fail", "[!shouldfail]") { CHECK(1 == 1); }
TEST_CASE("never", "[.]") { CHECK(1 == 2); }
TEST_CASE("* starred") { SECTION("one") { CHECK(1 == 1); } SECTION("two") { CHECK(1 == 2); } }
TEST_CASE("crashes") { abort(); }
TEST_CASE("ends its process") { exit(0); }
TEST_CASE("after") { CHECK(1 == 1); }
TEMPLATE_TEST_CASE("typed", "", int, char) { CHECK(sizeof(TestType) > 0); }
