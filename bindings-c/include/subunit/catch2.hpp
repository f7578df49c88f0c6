// subunit/catch2.hpp - a reporter for Catch2 version 2: PROGRAM -r subunit
//
// Include it in the file that has CATCH_CONFIG_MAIN or CATCH_CONFIG_RUNNER, behind catch.hpp. Ids are the
// names of test cases, tags are tags. A test tagged [!shouldfail] that passes is an unexpected success, a
// failing one that may or should fail is an expected failure. -o FILE and SUBUNIT_OUTPUT are obeyed.
#ifndef SUBUNIT_CATCH2_HPP
#define SUBUNIT_CATCH2_HPP

#include <subunit/listener.hpp>

#include <catch2/catch.hpp>

namespace subunit {

class catch2_reporter : public Catch::StreamingReporterBase<catch2_reporter> {
public:
    explicit catch2_reporter(const Catch::ReporterConfig &config)
        : StreamingReporterBase(config), reporter_(config.stream())
    {
    }
    static std::string getDescription() { return "Reports tests as a subunit stream"; }

    void assertionStarting(const Catch::AssertionInfo &) override {}
    bool assertionEnded(const Catch::AssertionStats &stats) override
    {
        const Catch::AssertionResult &result = stats.assertionResult;
        if (result.isOk()) return true;
        failed_ = true;
        text_ += place(result.getSourceInfo().file, static_cast<long>(result.getSourceInfo().line));
        if (result.hasExpression()) text_ += result.getExpressionInMacro() + "\n";
        if (result.hasExpandedExpression()) text_ += "  is: " + result.getExpandedExpression() + "\n";
        for (const Catch::MessageInfo &info : stats.infoMessages) text_ += "  " + info.message + "\n";
        if (stats.infoMessages.empty() && result.hasMessage()) text_ += "  " + result.getMessage() + "\n";
        return true;
    }
    void testCaseStarting(const Catch::TestCaseInfo &test) override
    {
        StreamingReporterBase::testCaseStarting(test);
        failed_ = false;
        text_.clear();
        reporter_.start(test.name, test.tags);
    }
    void testCaseEnded(const Catch::TestCaseStats &stats) override
    {
        reporter_.end(stats.testInfo.name, status_of(stats), text_, stats.testInfo.tags);
        StreamingReporterBase::testCaseEnded(stats);
    }
    void testRunEnded(const Catch::TestRunStats &stats) override
    {
        reporter_.close();
        StreamingReporterBase::testRunEnded(stats);
    }

private:
    reporter reporter_;
    bool failed_ = false;
    std::string text_;

    subunit_status status_of(const Catch::TestCaseStats &stats) const
    {
        const Catch::Counts &cases = stats.totals.testCases;
        if (cases.failedButOk) return SUBUNIT_XFAIL;
        if (!cases.failed) return SUBUNIT_SUCCESS;
        return stats.testInfo.expectedToFail() && !failed_ ? SUBUNIT_UXSUCCESS : SUBUNIT_FAIL;
    }
};

CATCH_REGISTER_REPORTER("subunit", catch2_reporter)

} // namespace subunit
#endif // SUBUNIT_CATCH2_HPP
