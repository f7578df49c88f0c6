// subunit/gtest.hpp - reports the tests of a GoogleTest program, while they run.
//
//     testing::InitGoogleTest(&argc, argv);
//     subunit::install_gtest();
//     return RUN_ALL_TESTS();
//
// Ids are "Suite.Test". Properties become attachments. Disabled tests are skips. Failures outside of tests,
// which GoogleTest's own reports leave out, are reported under the suite's name, or as "Environment".
#ifndef SUBUNIT_GTEST_HPP
#define SUBUNIT_GTEST_HPP

#include <subunit/listener.hpp>

#include <gtest/gtest.h>

namespace subunit {

class gtest_listener : public testing::EmptyTestEventListener {
public:
    void OnTestIterationStart(const testing::UnitTest &run, int) override
    {
        for (int s = 0; s < run.total_test_suite_count(); s++) {
            const testing::TestSuite &suite = *run.GetTestSuite(s);
            for (int t = 0; t < suite.total_test_count(); t++) {
                const testing::TestInfo &test = *suite.GetTestInfo(t);
                if (test.is_reportable() && !test.should_run())
                    reporter_.end(id_of(test), SUBUNIT_SKIP, "disabled");
            }
        }
    }
    void OnTestSuiteStart(const testing::TestSuite &suite) override { outside_ = suite.name(); }
    void OnTestStart(const testing::TestInfo &test) override
    {
        in_test_ = true;
        text_.clear();
        reporter_.start(id_of(test));
    }
    void OnTestPartResult(const testing::TestPartResult &part) override
    {
        if (part.passed()) return;
        std::string &text = in_test_ ? text_ : outside_text_;
        text += place(part.file_name(), part.line_number()) + part.message() + "\n";
        outside_failed_ |= !in_test_ && part.failed();
    }
    void OnTestEnd(const testing::TestInfo &test) override
    {
        const testing::TestResult &result = *test.result();
        const std::string id = id_of(test);
        for (int n = 0; n < result.test_property_count(); n++)
            reporter_.attach(id, result.GetTestProperty(n).key(), result.GetTestProperty(n).value());
        reporter_.end(id,
                      result.Skipped()  ? SUBUNIT_SKIP
                      : result.Passed() ? SUBUNIT_SUCCESS
                                        : SUBUNIT_FAIL,
                      text_);
        in_test_ = false;
    }
    void OnTestSuiteEnd(const testing::TestSuite &) override
    {
        report_outside();
        outside_ = "Environment";
    }
    void OnTestIterationEnd(const testing::UnitTest &, int) override { report_outside(); }
    void OnTestProgramEnd(const testing::UnitTest &) override { reporter_.close(); }

private:
    reporter reporter_;
    bool in_test_ = false, outside_failed_ = false;
    std::string text_, outside_text_, outside_ = "Environment";

    static std::string id_of(const testing::TestInfo &test)
    {
        return std::string(test.test_suite_name()) + "." + test.name();
    }
    void report_outside()
    {
        if (outside_failed_) reporter_.end(outside_, SUBUNIT_FAIL, outside_text_);
        outside_failed_ = false;
        outside_text_.clear();
    }
};

// Call after InitGoogleTest(). GoogleTest's own printing goes on; without it stdout is packets only.
inline void install_gtest(bool keep_printer = true)
{
    testing::TestEventListeners &listeners = testing::UnitTest::GetInstance()->listeners();
    if (!keep_printer) delete listeners.Release(listeners.default_result_printer());
    listeners.Append(new gtest_listener);
}

} // namespace subunit
#endif // SUBUNIT_GTEST_HPP
