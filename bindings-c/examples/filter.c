/* Reads a stream from stdin and writes it to stdout with every id in front of it "c.". Text and damaged
 * packets go through as they are: nothing is lost. */
#include <stdio.h>
#include <string.h>
#include <subunit.h>
#include <unistd.h>

static int forward(subunit_writer *writer, const subunit_item *item)
{
    char id[4096];
    subunit_event event;
    if (item->kind != SUBUNIT_ITEM_EVENT || !item->event->test_id || strlen(item->event->test_id) > sizeof id - 3)
        return subunit_writer_bytes(writer, item->bytes, item->size);
    snprintf(id, sizeof id, "c.%s", item->event->test_id);
    event = *item->event;
    event.test_id = id;
    return subunit_writer_event(writer, &event);
}

static int drain(subunit_parser *parser, subunit_writer *writer)
{
    subunit_item item = SUBUNIT_ITEM_INIT;
    for (;;) {
        if (subunit_parser_next(parser, &item) != SUBUNIT_OK) return -1;
        if (item.kind == SUBUNIT_ITEM_NONE) return 0;
        if (forward(writer, &item) != SUBUNIT_OK) return -1;
    }
}

int main(void)
{
    static char block[65536];
    subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
    subunit_parser *parser;
    subunit_writer *writer;
    ssize_t size;
    int failed = 0;
    options.flags = SUBUNIT_WR_NO_TIME;
    if (subunit_parser_new(&parser) || subunit_writer_open_fd(1, &options, &writer)) return 2;
    while (!failed && (size = read(0, block, sizeof block)) > 0)
        failed = subunit_parser_feed(parser, block, (size_t)size) || drain(parser, writer);
    if (!failed) failed = subunit_parser_finish(parser) || drain(parser, writer);
    subunit_parser_free(parser);
    return subunit_writer_close(writer) != SUBUNIT_OK || failed;
}
