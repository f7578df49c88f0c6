// Catch2 version 2 with its reporter: run with -r subunit.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#include <subunit/catch2.hpp>

#include <stdexcept>

TEST_CASE("passes", "[fast][arithmetic]") { REQUIRE(2 + 2 == 4); }
TEST_CASE("fails", "[fast]") { INFO("two and two"); CHECK(2 + 2 == 5); REQUIRE(1 == 0); }
TEST_CASE("throws") { throw std::runtime_error("thrown"); }
TEST_CASE("may fail", "[!mayfail]") { REQUIRE(false); }
TEST_CASE("may fail and passes", "[!mayfail]") { REQUIRE(true); }
TEST_CASE("should fail", "[!shouldfail]") { REQUIRE(false); }
TEST_CASE("should fail and passes", "[!shouldfail]") { REQUIRE(true); }
TEST_CASE("hidden", "[.]") { REQUIRE(false); }
TEST_CASE("sections")
{
    SECTION("one") { CHECK(true); }
    SECTION("two") { CHECK(false); }
    SECTION("three") { CHECK(true); }
}
TEST_CASE("no check at all") {}
TEST_CASE("check that cannot fail") { CHECK_NOFAIL(false); }
