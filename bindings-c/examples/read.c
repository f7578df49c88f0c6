/* Reads a stream from stdin and prints what fails. */
#include <stdio.h>
#include <subunit.h>
#include <unistd.h>

int main(void)
{
    static char block[65536];
    subunit_item item = SUBUNIT_ITEM_INIT;
    subunit_parser *parser;
    ssize_t size;
    int bad = 0;
    if (subunit_parser_new(&parser) != SUBUNIT_OK) return 2;
    while (!subunit_parser_ended(parser)) {
        if (subunit_parser_next(parser, &item) != SUBUNIT_OK) return 2;
        switch (item.kind) {
        case SUBUNIT_ITEM_NONE: /* it takes more bytes */
            size = read(0, block, sizeof block);
            if (size < 0) return 2;
            if ((size ? subunit_parser_feed(parser, block, (size_t)size) : subunit_parser_finish(parser)) != SUBUNIT_OK) return 2;
            break;
        case SUBUNIT_ITEM_EVENT:
            if (item.event->status != SUBUNIT_FAIL) break;
            printf("failed: %s\n", item.event->test_id ? item.event->test_id : "(no test id)");
            bad = 1;
            break;
        case SUBUNIT_ITEM_DAMAGE:
            printf("damaged at byte %llu: %s\n", (unsigned long long)item.offset, item.message);
            bad = 1;
            break;
        }
    }
    subunit_parser_free(parser);
    return bad;
}
