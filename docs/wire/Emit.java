// Writes events of subunit version 2 to standard output.
import java.io.*;
import java.time.Instant;
import java.util.zip.CRC32;

class Emit {
    static final int INPROGRESS = 2, SUCCESS = 3, SKIP = 5, FAIL = 6;

    static void number(DataOutputStream out, int n) throws IOException {
        int size = n < 1 << 6 ? 1 : n < 1 << 14 ? 2 : n < 1 << 22 ? 3 : 4;
        long marked = n | (long) (size - 1) << 8 * size - 2;
        while (size-- > 0) out.writeByte((int) (marked >> 8 * size));
    }

    static void text(DataOutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes("UTF-8");
        number(out, bytes.length);
        out.write(bytes);
    }

    static void event(String testId, int status, String fileName, String content) throws IOException {
        int flags = 0x2B00 | status; // version 2, with a test id and a time, runnable
        var bytes = new ByteArrayOutputStream();
        var body = new DataOutputStream(bytes);
        Instant now = Instant.now();
        body.writeInt((int) now.getEpochSecond());
        number(body, now.getNano());
        text(body, testId);
        if (fileName != null) {
            flags |= 0x0050; // with a file, which is whole
            text(body, fileName);
            text(body, content);
        }
        int size = bytes.size() + 7;
        size += size + 1 < 1 << 6 ? 1 : size + 2 < 1 << 14 ? 2 : 3;
        var packet = new ByteArrayOutputStream();
        var out = new DataOutputStream(packet);
        out.writeByte(0xB3);
        out.writeShort(flags);
        number(out, size);
        bytes.writeTo(out);
        var sum = new CRC32();
        sum.update(packet.toByteArray());
        out.writeInt((int) sum.getValue());
        System.out.write(packet.toByteArray());
        System.out.flush();
    }

    public static void main(String[] arguments) throws IOException {
        event("shop.cart", INPROGRESS, null, null);
        event("shop.cart", SUCCESS, null, null);
        event("shop.checkout", FAIL, "reason", "total: 41, expected 42: " + "a book for 20 and a lamp for 21".repeat(2));
        event("shop.search", SKIP, "reason", "no search engine here");
    }
}
