// subunit/cppunit.hpp - a listener for CppUnit.
//
//     CppUnit::TestResult controller;
//     subunit::cppunit_listener listener;
//     controller.addListener(&listener);
//
// Each test has one result with all of its failures, also where setUp and tearDown fail both.
#ifndef SUBUNIT_CPPUNIT_HPP
#define SUBUNIT_CPPUNIT_HPP

#include <subunit/listener.hpp>

#include <cppunit/Exception.h>
#include <cppunit/SourceLine.h>
#include <cppunit/Test.h>
#include <cppunit/TestFailure.h>
#include <cppunit/TestListener.h>

namespace subunit {

class cppunit_listener : public CppUnit::TestListener {
public:
    void startTest(CppUnit::Test *test) override
    {
        failed_ = false;
        text_.clear();
        reporter_.start(test->getName());
    }
    void addFailure(const CppUnit::TestFailure &failure) override
    {
        failed_ = true;
        const CppUnit::SourceLine line = failure.sourceLine();
        if (line.isValid()) text_ += place(line.fileName().c_str(), line.lineNumber());
        const CppUnit::Message message = failure.thrownException()->message();
        text_ += message.shortDescription() + "\n" + message.details();
    }
    void endTest(CppUnit::Test *test) override
    {
        reporter_.end(test->getName(), failed_ ? SUBUNIT_FAIL : SUBUNIT_SUCCESS, text_);
    }

private:
    reporter reporter_;
    bool failed_ = false;
    std::string text_;
};

} // namespace subunit
#endif // SUBUNIT_CPPUNIT_HPP
