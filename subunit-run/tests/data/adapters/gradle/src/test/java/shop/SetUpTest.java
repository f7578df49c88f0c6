package shop;

import org.junit.*;

public class SetUpTest {
    @BeforeClass public static void up() { throw new RuntimeException("no"); }
    @Test public void one() {}
}
