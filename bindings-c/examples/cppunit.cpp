// CppUnit with its listener.
#include <cppunit/TestResult.h>
#include <cppunit/TestResultCollector.h>
#include <cppunit/TestRunner.h>
#include <cppunit/extensions/HelperMacros.h>
#include <cppunit/extensions/TestFactoryRegistry.h>
#include <subunit/cppunit.hpp>

#include <iostream>

class Arithmetic : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(Arithmetic);
    CPPUNIT_TEST(passes);
    CPPUNIT_TEST(fails);
    CPPUNIT_TEST(throws);
    CPPUNIT_TEST_SUITE_END();

public:
    void passes() { CPPUNIT_ASSERT(2 + 2 == 4); }
    void fails() { CPPUNIT_ASSERT_EQUAL(5, 2 + 2); }
    void throws() { throw 42; }
};
CPPUNIT_TEST_SUITE_REGISTRATION(Arithmetic);

class FailsTwice : public CppUnit::TestFixture {
    CPPUNIT_TEST_SUITE(FailsTwice);
    CPPUNIT_TEST(body);
    CPPUNIT_TEST_SUITE_END();

public:
    void setUp() override { CPPUNIT_FAIL("setUp fails"); }
    void tearDown() override { CPPUNIT_FAIL("tearDown fails"); }
    void body() {}
};
CPPUNIT_TEST_SUITE_REGISTRATION(FailsTwice);

int main()
{
    CppUnit::TestResult controller;
    CppUnit::TestResultCollector results;
    subunit::cppunit_listener listener;
    controller.addListener(&results);
    controller.addListener(&listener);
    CppUnit::TestRunner runner;
    runner.addTest(CppUnit::TestFactoryRegistry::getRegistry().makeTest());
    runner.run(controller);
    std::cerr << "ran " << results.runTests() << " tests, " << results.testFailuresTotal() << " failures\n";
    return results.wasSuccessful() ? 0 : 1;
}
