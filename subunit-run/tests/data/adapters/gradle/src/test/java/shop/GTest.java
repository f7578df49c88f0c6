package shop;

import org.junit.*;
import static org.junit.Assert.*;

public class GTest {
    @Test public void passes() { System.out.println("from passes"); }
    @Test public void fails() { assertEquals("sums", 1, 2); }
    @Test public void errs() { throw new IllegalStateException("broken"); }
    @Test @Ignore("not now") public void skipped() {}
}
