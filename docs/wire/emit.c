/* Writes events of subunit version 2 to standard output. A packet has less than 4096 bytes. */
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { INPROGRESS = 2, SUCCESS = 3, SKIP = 5, FAIL = 6 };

static uint8_t *word(uint8_t *at, uint32_t n, int size) {
    while (size--) *at++ = n >> 8 * size;
    return at;
}

static uint8_t *number(uint8_t *at, uint32_t n) {
    int size = n < 1 << 6 ? 1 : n < 1 << 14 ? 2 : n < 1 << 22 ? 3 : 4;
    return word(at, n | (uint32_t)(size - 1) << (8 * size - 2), size);
}

static uint8_t *text(uint8_t *at, const char *text) {
    at = number(at, strlen(text));
    return (uint8_t *)memcpy(at, text, strlen(text)) + strlen(text);
}

static void event(const char *test_id, int status, const char *file_name, const char *content) {
    size_t size = strlen(test_id) + (file_name ? strlen(file_name) + strlen(content) : 0);
    uint8_t packet[4096], body[4096], *end = body;
    struct timespec now;
    if (size > sizeof body - 64) return;
    clock_gettime(CLOCK_REALTIME, &now);
    end = text(number(word(end, now.tv_sec, 4), now.tv_nsec), test_id);
    if (file_name) end = text(text(end, file_name), content);
    size = end - body + 7;
    /* Version 2, with a test id and a time, runnable; perhaps with a file, which is whole. */
    end = word(word(packet, 0xB3, 1), 0x2B00 | (file_name ? 0x0050 : 0) | status, 2);
    end = number(end, size + (size + 1 < 1 << 6 ? 1 : 2));
    end = (uint8_t *)memcpy(end, body, size - 7) + size - 7;
    uint32_t sum = ~0u;
    for (uint8_t *at = packet; at < end; at++) {
        sum ^= *at;
        for (int bit = 0; bit < 8; bit++) sum = sum >> 1 ^ (sum & 1 ? 0xEDB88320 : 0);
    }
    end = word(end, ~sum, 4);
    if (write(1, packet, end - packet) < 0) _exit(2);
}

int main(void) {
    event("shop.cart", INPROGRESS, NULL, NULL);
    event("shop.cart", SUCCESS, NULL, NULL);
    event("shop.checkout", FAIL, "reason", "total: 41, expected 42: "
          "a book for 20 and a lamp for 21a book for 20 and a lamp for 21");
    event("shop.search", SKIP, "reason", "no search engine here");
    return 0;
}
