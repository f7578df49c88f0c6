// doctest with its reporter: run with -r=subunit.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <subunit/doctest.hpp>

#include <stdexcept>

TEST_CASE("passes") { CHECK(2 + 2 == 4); }
TEST_CASE("fails") { INFO("two and two"); CHECK(2 + 2 == 5); REQUIRE(1 == 0); }
TEST_CASE("throws") { throw std::runtime_error("thrown"); }
TEST_CASE("may fail" * doctest::may_fail()) { CHECK(false); }
TEST_CASE("should fail" * doctest::should_fail()) { CHECK(false); }
TEST_CASE("should fail and passes" * doctest::should_fail()) { CHECK(true); }
TEST_CASE("skipped" * doctest::skip()) { CHECK(false); }
TEST_SUITE("suite")
{
    TEST_CASE("in a suite")
    {
        SUBCASE("one") { CHECK(true); }
        SUBCASE("two") { CHECK(false); }
    }
}
