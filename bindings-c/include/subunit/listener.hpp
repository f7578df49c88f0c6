// subunit/listener.hpp - what the listeners for C++ test frameworks have in common.
//
// A listener never throws and never stops the tests: what cannot be written is told on stderr at the end.
#ifndef SUBUNIT_LISTENER_HPP
#define SUBUNIT_LISTENER_HPP

#include <subunit.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <ostream>
#include <string>
#include <vector>

namespace subunit {

// Reports tests of one run. Strings may hold any bytes: ids that are not UTF-8 are escaped.
class reporter {
public:
    // To where SUBUNIT_OUTPUT says, else to stdout.
    reporter() { opened(subunit_writer_open_default(nullptr, &writer_)); }
    // To where SUBUNIT_OUTPUT says, else to the framework's own stream.
    explicit reporter(std::ostream &stream)
    {
        const char *path = std::getenv("SUBUNIT_OUTPUT");
        if ((path && *path) || stream.rdbuf() == std::cout.rdbuf())
            opened(subunit_writer_open_default(nullptr, &writer_));
        else
            opened(subunit_writer_open_callback(to_stream, &stream, nullptr, &writer_));
    }
    ~reporter() { close(); }
    reporter(const reporter &) = delete;
    reporter &operator=(const reporter &) = delete;

    void start(const std::string &id, const std::vector<std::string> &tags = {})
    {
        report(id, SUBUNIT_INPROGRESS, nullptr, std::string(), tags);
    }
    void end(const std::string &id, subunit_status status, const std::string &text = std::string(),
             const std::vector<std::string> &tags = {})
    {
        report(id, status, status == SUBUNIT_SKIP ? "reason" : "traceback", text, tags);
    }
    // Attach a text to a test.
    void attach(const std::string &id, const std::string &name, const std::string &text)
    {
        report(id, SUBUNIT_NO_STATUS, escaped(name).c_str(), text, {});
    }
    void close()
    {
        const int code = subunit_writer_close(writer_);
        writer_ = nullptr;
        if (code != SUBUNIT_OK) complain(code);
    }

private:
    subunit_writer *writer_ = nullptr;

    void opened(int code)
    {
        if (code != SUBUNIT_OK) complain(code);
    }
    static void complain(int code)
    {
        std::fprintf(stderr, "subunit: results were not written: %s\n", subunit_strerror(code));
    }
    static int to_stream(void *user, const void *bytes, size_t size)
    {
        std::ostream &stream = *static_cast<std::ostream *>(user);
        try {
            stream.write(static_cast<const char *>(bytes), static_cast<std::streamsize>(size)).flush();
        } catch (...) {
            return -1;
        }
        return stream.good() ? 0 : -1;
    }
    void report(const std::string &id, subunit_status status, const char *file,
                const std::string &text, const std::vector<std::string> &tags)
    {
        if (!writer_) return;
        std::vector<std::string> strings{escaped(id)};
        std::vector<const char *> pointers;
        for (const std::string &tag : tags) strings.push_back(escaped(tag));
        for (const std::string &tag : strings) pointers.push_back(tag.c_str());
        subunit_event event = SUBUNIT_EVENT_INIT;
        event.status = status;
        event.test_id = pointers[0];
        event.tags = pointers.data() + 1;
        event.tag_count = tags.size();
        if (file && (!text.empty() || status == SUBUNIT_NO_STATUS)) {
            event.flags = SUBUNIT_EV_EOF;
            event.file_name = file;
            event.file_bytes = text.data();
            event.file_size = text.size();
            event.mime_type = is_utf8(text) ? "text/plain;charset=utf8" : "text/plain;charset=iso-8859-1";
        }
        subunit_writer_event(writer_, &event);
    }

    // The length of the character at bytes[at], 0 where there is none.
    static size_t character(const std::string &bytes, size_t at)
    {
        const auto byte = [&](size_t n) { return n < bytes.size() ? static_cast<unsigned char>(bytes[n]) : 0u; };
        const unsigned first = byte(at), second = byte(at + 1);
        if (first < 0x80) return 1;
        const size_t length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (first == 0xe0 && second < 0xa0) return 0;
        if (first == 0xed && second > 0x9f) return 0;
        if (first == 0xf0 && second < 0x90) return 0;
        if (first == 0xf4 && second > 0x8f) return 0;
        for (size_t n = 1; n < length; n++)
            if ((byte(at + n) & 0xc0u) != 0x80) return 0;
        return length;
    }
    static bool is_utf8(const std::string &text)
    {
        for (size_t at = 0, length; at < text.size(); at += length)
            if ((length = character(text, at)) == 0) return false;
        return true;
    }
    // Bytes that no string of the protocol can have, as \xe9.
    static std::string escaped(const std::string &text)
    {
        std::string out;
        for (size_t at = 0; at < text.size();) {
            const size_t length = text[at] ? character(text, at) : 0;
            if (length) {
                out.append(text, at, length);
                at += length;
                continue;
            }
            char hex[5];
            std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[at++])));
            out += hex;
        }
        return out;
    }
};

// "file:line: " where a file is known.
inline std::string place(const char *file, long line)
{
    return file && *file ? std::string(file) + ":" + std::to_string(line) + ": " : std::string();
}

} // namespace subunit
#endif // SUBUNIT_LISTENER_HPP
