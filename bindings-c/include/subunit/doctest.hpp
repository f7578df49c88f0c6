// subunit/doctest.hpp - a reporter for doctest: PROGRAM -r=subunit
//
// Include it in the file that has DOCTEST_CONFIG_IMPLEMENT or its _WITH_MAIN, behind doctest.h. Ids are
// "suite.name", or the name alone. Tests with skip() are skips; failures that are allowed, expected or
// demanded by a decorator are expected ones. --out=FILE and SUBUNIT_OUTPUT are obeyed.
#ifndef SUBUNIT_DOCTEST_HPP
#define SUBUNIT_DOCTEST_HPP

#include <subunit/listener.hpp>

#include <doctest/doctest.h>

#include <mutex>

namespace subunit {

class doctest_reporter : public doctest::IReporter {
public:
    explicit doctest_reporter(const doctest::ContextOptions &options) : reporter_(*options.cout) {}

    void report_query(const doctest::QueryData &) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats &) override { reporter_.close(); }

    void test_case_start(const doctest::TestCaseData &test) override
    {
        text_.clear();
        id_ = id_of(test);
        reporter_.start(id_);
    }
    void test_case_reenter(const doctest::TestCaseData &) override {}
    void test_case_end(const doctest::CurrentTestCaseStats &stats) override
    {
        reporter_.end(id_, status_of(stats), text_);
    }
    void test_case_exception(const doctest::TestCaseException &exception) override
    {
        add(std::string(exception.is_crash ? "crash: " : "exception: ") + exception.error_string.c_str());
    }
    void subcase_start(const doctest::SubcaseSignature &) override {}
    void subcase_end() override {}

    // Any thread of a test may come here.
    void log_assert(const doctest::AssertData &data) override
    {
        if (!data.m_failed) return;
        std::string text = place(data.m_file, data.m_line) + data.m_expr;
        if (data.m_threw) text += std::string("\n  threw: ") + data.m_exception.c_str();
        else text += std::string("\n  is: ") + data.m_decomp.c_str();
        add(text);
    }
    void log_message(const doctest::MessageData &data) override
    {
        add(place(data.m_file, data.m_line) + data.m_string.c_str());
    }
    void test_case_skipped(const doctest::TestCaseData &test) override
    {
        if (test.m_skip) reporter_.end(id_of(test), SUBUNIT_SKIP);
    }

private:
    reporter reporter_;
    std::mutex mutex_;
    std::string id_, text_;

    void add(const std::string &text)
    {
        const std::lock_guard<std::mutex> guard(mutex_);
        text_ += text + "\n";
    }
    static std::string id_of(const doctest::TestCaseData &test)
    {
        const std::string suite = test.m_test_suite ? test.m_test_suite : "";
        return suite.empty() ? test.m_name : suite + "." + test.m_name;
    }
    static subunit_status status_of(const doctest::CurrentTestCaseStats &stats)
    {
        namespace why = doctest::TestCaseFailureReason;
        if (stats.failure_flags & why::ShouldHaveFailedButDidnt) return SUBUNIT_UXSUCCESS;
        const int expected = why::ShouldHaveFailedAndDid | why::CouldHaveFailedAndDid | why::FailedExactlyNumTimes;
        if (!stats.testCaseSuccess) return SUBUNIT_FAIL;
        return stats.failure_flags & expected ? SUBUNIT_XFAIL : SUBUNIT_SUCCESS;
    }
};

DOCTEST_REGISTER_REPORTER("subunit", 1, doctest_reporter);

} // namespace subunit
#endif // SUBUNIT_DOCTEST_HPP
