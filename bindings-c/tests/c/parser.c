/* The parser: the same items however the stream is cut, by pull and by callbacks, and bad calls. */
#include "expect.h"
#include <stdlib.h>
#include <subunit.h>

static unsigned char stream[4096];
static size_t length;

static int keep(void *user, const void *bytes, size_t size)
{
    (void)user;
    memcpy(stream + length, bytes, size);
    length += size;
    return 0;
}

/* text, an event with every field, a damaged packet, an event, a packet cut short */
static void make_stream(void)
{
    static const char *const tags[] = {"a", "b"};
    subunit_event event = SUBUNIT_EVENT_INIT;
    subunit_writer_options options = SUBUNIT_WRITER_OPTIONS_INIT;
    subunit_writer *writer;
    size_t start;
    options.flags = SUBUNIT_WR_NO_TIME;
    EXPECT(subunit_writer_open_callback(keep, NULL, &options, &writer) == SUBUNIT_OK);
    subunit_writer_bytes(writer, "hello\n", 6);
    event.flags = SUBUNIT_EV_TIME | SUBUNIT_EV_EOF | SUBUNIT_EV_NOT_RUNNABLE;
    event.status = SUBUNIT_XFAIL;
    event.sec = 1700000000;
    event.nsec = 123456789;
    event.test_id = "every.field";
    event.tags = tags;
    event.tag_count = 2;
    event.file_name = "log";
    event.file_bytes = "\0\xb3raw";
    event.file_size = 5;
    event.mime_type = "application/octet-stream";
    event.route_code = "0/1";
    EXPECT(subunit_writer_event(writer, &event) == SUBUNIT_OK);
    start = length;
    subunit_writer_start(writer, "damaged");
    stream[start + 5] ^= 1;
    subunit_writer_start(writer, "whole");
    start = length;
    subunit_writer_start(writer, "cut");
    length -= 2;
    EXPECT(start < length);
    EXPECT(subunit_writer_close(writer) == SUBUNIT_OK);
}

struct seen {
    unsigned char bytes[4096];
    size_t size;
    uint64_t offset;
    int events, texts, damages, stop_at, wrong;
    uint32_t damage[4];
    subunit_parser *parser;
};

static void see(struct seen *seen, const subunit_item *item)
{
    seen->wrong += item->struct_size != sizeof *item;
    seen->wrong += item->offset != seen->offset;
    seen->offset += item->size;
    memcpy(seen->bytes + seen->size, item->bytes, item->size);
    seen->size += item->size;
}

static int on_event(void *user, const subunit_item *item)
{
    struct seen *seen = user;
    const subunit_event *event = item->event;
    see(seen, item);
    if (seen->events++ == 0) {
        EXPECT(event->struct_size == sizeof *event);
        EXPECT(event->flags == (SUBUNIT_EV_TIME | SUBUNIT_EV_EOF | SUBUNIT_EV_NOT_RUNNABLE));
        EXPECT(event->status == SUBUNIT_XFAIL);
        EXPECT(event->sec == 1700000000 && event->nsec == 123456789);
        EXPECT(strcmp(event->test_id, "every.field") == 0);
        EXPECT(event->tag_count == 2 && strcmp(event->tags[0], "a") == 0 && strcmp(event->tags[1], "b") == 0);
        EXPECT(strcmp(event->file_name, "log") == 0);
        EXPECT(event->file_size == 5 && memcmp(event->file_bytes, "\0\xb3raw", 5) == 0);
        EXPECT(strcmp(event->mime_type, "application/octet-stream") == 0);
        EXPECT(strcmp(event->route_code, "0/1") == 0);
        /* What was read can be written: the same bytes. */
        {
            unsigned char again[512];
            size_t size;
            EXPECT(subunit_event_encode(event, again, sizeof again, &size) == SUBUNIT_OK);
            EXPECT(size == item->size && memcmp(again, item->bytes, size) == 0);
        }
    } else {
        EXPECT(strcmp(event->test_id, "whole") == 0);
        EXPECT(event->flags == 0 && !event->tags && !event->file_name && !event->mime_type);
    }
    return seen->stop_at && seen->events == seen->stop_at;
}

static int on_text(void *user, const subunit_item *item)
{
    struct seen *seen = user;
    see(seen, item);
    seen->texts++;
    EXPECT(!item->event && !item->message);
    return 0;
}

static int on_damage(void *user, const subunit_item *item)
{
    struct seen *seen = user;
    subunit_item inner = SUBUNIT_ITEM_INIT;
    see(seen, item);
    if (seen->damages < 4) seen->damage[seen->damages] = item->damage;
    seen->damages++;
    EXPECT(item->message && *item->message);
    /* The parser is not to be used in here, and says so. */
    EXPECT(subunit_parser_next(seen->parser, &inner) == SUBUNIT_E_STATE);
    EXPECT(subunit_parser_feed(seen->parser, "x", 1) == SUBUNIT_E_STATE);
    subunit_parser_free(seen->parser);
    return 0;
}

static const subunit_callbacks callbacks = {sizeof callbacks, on_event, on_text, on_damage};

static void check_seen(const struct seen *seen)
{
    EXPECT(seen->wrong == 0);
    EXPECT(seen->size == length && memcmp(seen->bytes, stream, length) == 0);
    EXPECT(seen->events == 2 && seen->damages == 2);
    EXPECT(seen->damage[0] == SUBUNIT_DAMAGE_CHECKSUM && seen->damage[1] == SUBUNIT_DAMAGE_TRUNCATED);
}

static void by_callbacks(size_t piece)
{
    struct seen seen;
    size_t at;
    memset(&seen, 0, sizeof seen);
    EXPECT(subunit_parser_new(&seen.parser) == SUBUNIT_OK);
    for (at = 0; at < length; at += piece) {
        size_t size = length - at < piece ? length - at : piece;
        EXPECT(subunit_parser_feed(seen.parser, stream + at, size) == SUBUNIT_OK);
        EXPECT(subunit_parser_each(seen.parser, &callbacks, &seen) == SUBUNIT_OK);
    }
    EXPECT(subunit_parser_finish(seen.parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_each(seen.parser, &callbacks, &seen) == SUBUNIT_OK);
    EXPECT(subunit_parser_feed(seen.parser, "x", 1) == SUBUNIT_E_STATE);
    EXPECT(strcmp(subunit_parser_message(seen.parser), "the parser is finished") == 0);
    check_seen(&seen);
    subunit_parser_free(seen.parser);
}

static void by_pull(void)
{
    struct seen seen;
    subunit_item item = SUBUNIT_ITEM_INIT;
    memset(&seen, 0, sizeof seen);
    EXPECT(subunit_parser_new(&seen.parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_next(seen.parser, &item) == SUBUNIT_OK && item.kind == SUBUNIT_ITEM_NONE);
    EXPECT(subunit_parser_ended(seen.parser) == 0);
    EXPECT(subunit_parser_feed(seen.parser, stream, length) == SUBUNIT_OK);
    EXPECT(subunit_parser_settle(seen.parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_finish(seen.parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_ended(seen.parser) == 0 && subunit_parser_ended(NULL) == 1);
    while (subunit_parser_next(seen.parser, &item) == SUBUNIT_OK && item.kind != SUBUNIT_ITEM_NONE) {
        EXPECT(subunit_parser_ended(seen.parser) == 0);
        if (item.kind == SUBUNIT_ITEM_EVENT) on_event(&seen, &item);
        if (item.kind == SUBUNIT_ITEM_TEXT) on_text(&seen, &item);
        if (item.kind == SUBUNIT_ITEM_DAMAGE) {
            see(&seen, &item);
            seen.damage[seen.damages++ & 3] = item.damage;
        }
    }
    EXPECT(subunit_parser_ended(seen.parser) == 1);
    check_seen(&seen);
    subunit_parser_free(seen.parser);
}

static void stops_and_goes_on(void)
{
    struct seen seen;
    memset(&seen, 0, sizeof seen);
    EXPECT(subunit_parser_new(&seen.parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_feed(seen.parser, stream, length) == SUBUNIT_OK);
    EXPECT(subunit_parser_finish(seen.parser) == SUBUNIT_OK);
    seen.stop_at = 1;
    EXPECT(subunit_parser_each(seen.parser, &callbacks, &seen) == SUBUNIT_E_STOPPED);
    EXPECT(seen.events == 1);
    EXPECT(subunit_parser_each(seen.parser, &callbacks, &seen) == SUBUNIT_OK);
    check_seen(&seen);
    subunit_parser_free(seen.parser);
}

static void refuses_bad_calls(void)
{
    subunit_callbacks none = SUBUNIT_CALLBACKS_INIT;
    subunit_item item = SUBUNIT_ITEM_INIT;
    subunit_parser *parser;
    EXPECT(subunit_parser_new(NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_parser_new(&parser) == SUBUNIT_OK);
    EXPECT(subunit_parser_feed(NULL, "x", 1) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_parser_feed(parser, NULL, 1) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_parser_feed(parser, NULL, 0) == SUBUNIT_OK);
    EXPECT(subunit_parser_next(parser, NULL) == SUBUNIT_E_ARGUMENT);
    item.struct_size = 8;
    EXPECT(subunit_parser_next(parser, &item) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_parser_each(parser, NULL, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(subunit_parser_feed(parser, stream, length) == SUBUNIT_OK);
    EXPECT(subunit_parser_each(parser, &none, NULL) == SUBUNIT_OK);
    none.struct_size = 0;
    EXPECT(subunit_parser_each(parser, &none, NULL) == SUBUNIT_E_ARGUMENT);
    EXPECT(*subunit_parser_message(NULL));
    EXPECT(subunit_parser_finish(NULL) == SUBUNIT_E_ARGUMENT);
    subunit_parser_free(parser);
    subunit_parser_free(NULL);
}

int main(void)
{
    size_t piece;
    make_stream();
    for (piece = 1; piece <= length; piece++) by_callbacks(piece);
    by_pull();
    stops_and_goes_on();
    refuses_bad_calls();
    return report("parser");
}
