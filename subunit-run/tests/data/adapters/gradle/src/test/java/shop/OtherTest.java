package shop;

import org.junit.*;

public class OtherTest {
    @Test public void one() { System.err.println("from one"); }
}
