#define BOOST_TEST_MODULE shop
#include <boost/test/included/unit_test.hpp>
#include <boost/test/data/test_case.hpp>
#include <cstdio>
#include <cstdlib>
#include <tuple>
namespace utf = boost::unit_test;
BOOST_AUTO_TEST_CASE(passes) { puts("said here"); BOOST_TEST(1 == 1); }
BOOST_AUTO_TEST_CASE(fails) { BOOST_TEST(1 == 2); }
BOOST_AUTO_TEST_CASE(known, *utf::expected_failures(1)) { BOOST_TEST(1 == 2); }
BOOST_AUTO_TEST_CASE(never, *utf::disabled()) { BOOST_TEST(1 == 2); }
BOOST_AUTO_TEST_CASE(skipped, *utf::precondition([](utf::test_unit_id) { return false; })) {}
BOOST_AUTO_TEST_SUITE(inner)
BOOST_DATA_TEST_CASE(data, boost::unit_test::data::make({1, 2, 3}), n) { BOOST_TEST(n < 3); }
typedef std::tuple<int, std::pair<int, char>> types;
BOOST_AUTO_TEST_CASE_TEMPLATE(typed, T, types) { BOOST_TEST(sizeof(T) > 0u); }
BOOST_AUTO_TEST_SUITE_END()
BOOST_AUTO_TEST_CASE(crashes) { abort(); }
BOOST_AUTO_TEST_CASE(ends_its_process) { exit(0); }
BOOST_AUTO_TEST_CASE(after) { BOOST_TEST(1 == 1); }
