package shop;

import static org.junit.jupiter.api.Assertions.*;

import org.junit.jupiter.api.*;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ATest {
    @Test void passes() { System.out.println("from passes"); }
    @Test void fails() { assertEquals(1, 2, "sums"); }
    @Test void errs() { throw new IllegalStateException("broken"); }
    @Test @Disabled("not now") void skipped() {}
    @ParameterizedTest @ValueSource(ints = {1, 2}) void rows(int n) { assertTrue(n < 2); }
    @Nested class Inner { @Test void inner() {} }
}
