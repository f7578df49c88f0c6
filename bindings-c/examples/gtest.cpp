// GoogleTest with its listener: every kind of result.
#include <gtest/gtest.h>
#include <subunit/gtest.hpp>

TEST(Arithmetic, Passes) { EXPECT_EQ(2 + 2, 4); }
TEST(Arithmetic, Fails) { EXPECT_EQ(2 + 2, 5) << "two and two"; EXPECT_TRUE(false); }
TEST(Arithmetic, Skips) { GTEST_SKIP() << "not today"; }
TEST(Arithmetic, DISABLED_Later) { FAIL(); }
TEST(Arithmetic, HasProperties) { RecordProperty("size", 42); SUCCEED(); }
TEST(Arithmetic, FailsWithBytes) { FAIL() << "latin-1: \xe9, and a NUL: " << std::string("\0", 1); }
TEST(Arithmetic, Throws) { throw std::runtime_error("thrown"); }

class Parameters : public testing::TestWithParam<int> {};
TEST_P(Parameters, IsSmall) { EXPECT_LT(GetParam(), 3); }
INSTANTIATE_TEST_SUITE_P(All, Parameters, testing::Range(1, 5));

class BadSuite : public testing::Test {
protected:
    static void SetUpTestSuite() { FAIL() << "the suite cannot be set up"; }
};
TEST_F(BadSuite, RunsAnyway) {}

TEST(Death, Dies) { EXPECT_DEATH(std::abort(), ""); }

int main(int argc, char **argv)
{
    testing::InitGoogleTest(&argc, argv);
    subunit::install_gtest();
    return RUN_ALL_TESTS();
}
