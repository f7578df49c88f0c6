// subunit/catch2v3.hpp - a reporter for Catch2 version 3.3 and later: PROGRAM -r subunit
//
// Include it in one file of the program. Ids are the names of test cases, tags are tags. A test tagged
// [!shouldfail] that passes is an unexpected success, a failing one that may or should fail is an expected
// failure. -o FILE (or -r subunit::out=FILE) and SUBUNIT_OUTPUT are obeyed.
#ifndef SUBUNIT_CATCH2V3_HPP
#define SUBUNIT_CATCH2V3_HPP

#include <subunit/listener.hpp>

#include <catch2/catch_test_case_info.hpp>
#include <catch2/reporters/catch_reporter_registrars.hpp>
#include <catch2/reporters/catch_reporter_streaming_base.hpp>

#include <utility>

namespace subunit {

class catch2v3_reporter : public Catch::StreamingReporterBase {
public:
    explicit catch2v3_reporter(Catch::ReporterConfig &&config)
        : StreamingReporterBase(std::move(config)), reporter_(m_stream)
    {
    }
    static std::string getDescription() { return "Reports tests as a subunit stream"; }

    void assertionEnded(const Catch::AssertionStats &stats) override
    {
        const Catch::AssertionResult &result = stats.assertionResult;
        if (result.getResultType() != Catch::ResultWas::ExplicitSkip && result.isOk()) return;
        failed_ |= !result.isOk();
        text_ += place(result.getSourceInfo().file, static_cast<long>(result.getSourceInfo().line));
        if (result.hasExpression()) text_ += result.getExpressionInMacro() + "\n";
        if (result.hasExpandedExpression()) text_ += "  is: " + result.getExpandedExpression() + "\n";
        for (const Catch::MessageInfo &info : stats.infoMessages) text_ += "  " + info.message + "\n";
        if (stats.infoMessages.empty() && result.hasMessage())
            text_ += "  " + std::string(result.getMessage()) + "\n";
    }
    void testCaseStarting(const Catch::TestCaseInfo &test) override
    {
        StreamingReporterBase::testCaseStarting(test);
        failed_ = false;
        text_.clear();
        reporter_.start(test.name, tags_of(test));
    }
    void testCaseEnded(const Catch::TestCaseStats &stats) override
    {
        reporter_.end(stats.testInfo->name, status_of(stats), text_, tags_of(*stats.testInfo));
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

    static std::vector<std::string> tags_of(const Catch::TestCaseInfo &test)
    {
        std::vector<std::string> tags;
        for (const Catch::Tag &tag : test.tags) tags.push_back(std::string(tag.original));
        return tags;
    }
    subunit_status status_of(const Catch::TestCaseStats &stats) const
    {
        const Catch::Counts &cases = stats.totals.testCases;
        if (cases.skipped) return SUBUNIT_SKIP;
        if (cases.failedButOk) return SUBUNIT_XFAIL;
        if (!cases.failed) return SUBUNIT_SUCCESS;
        return stats.testInfo->expectedToFail() && !failed_ ? SUBUNIT_UXSUCCESS : SUBUNIT_FAIL;
    }
};

CATCH_REGISTER_REPORTER("subunit", catch2v3_reporter)

} // namespace subunit
#endif // SUBUNIT_CATCH2V3_HPP
