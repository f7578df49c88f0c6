#include <gtest/gtest.h>
#include <cstdlib>
#include <cstdio>
TEST(Sum, Passes) { puts("said here"); }
TEST(Sum, Fails) { EXPECT_EQ(1, 2); }
TEST(Sum, Skips) { GTEST_SKIP() << "not now"; }
TEST(Sum, DISABLED_Never) {}
TEST(Bad, Crashes) { abort(); }
TEST(Bad, EndsItsProcess) { exit(0); }
TEST(After, Passes) {}
class Par : public testing::TestWithParam<int> {};
TEST_P(Par, IsSmall) { EXPECT_LT(GetParam(), 3); }
INSTANTIATE_TEST_SUITE_P(All, Par, testing::Values(1, 2, 3));
