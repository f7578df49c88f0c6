#include <QtTest>
#include <cstdio>
#include <cstdlib>
class Shop : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() {}
    void passes() { puts("said here"); QVERIFY(true); }
    void fails() { QCOMPARE(1, 2); }
    void skipped() { QSKIP("not now"); }
    void known() { QEXPECT_FAIL("", "bug 12", Continue); QVERIFY(false); }
    void data_data() { QTest::addColumn<int>("n"); QTest::newRow("a b") << 1; QTest::newRow("x:y") << 2; QTest::newRow("big") << 3; }
    void data() { QFETCH(int, n); QVERIFY(n < 3); }
    void crashes() { abort(); }
    void endsItsProcess() { exit(0); }
    void after() { QVERIFY(true); }
};
QTEST_APPLESS_MAIN(Shop)
#include "tests.moc"
