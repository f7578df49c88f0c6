// subunit.hpp - write and read subunit from C++11 and later. Header only, over <subunit.h>.
//
//     subunit::writer writer;                       // SUBUNIT_OUTPUT, else stdout
//     writer.start("parser.empty");
//     writer.result("parser.empty", SUBUNIT_FAIL, "expected 0, got 1\n");
//     writer.close();                               // throws if anything failed
//
// Failures are thrown as subunit::error, except in destructors, which close quietly. Threads, fork and
// signals are as in <subunit.h>.
#ifndef SUBUNIT_HPP
#define SUBUNIT_HPP

#include <subunit.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace subunit {

// A function of the library failed: its code, and what the handle said about it.
class error : public std::runtime_error {
public:
    explicit error(int code, const char *message = "")
        : std::runtime_error(*message ? std::string(subunit_strerror(code)) + ": " + message
                                      : std::string(subunit_strerror(code))),
          code_(code)
    {
    }
    int code() const noexcept { return code_; }

private:
    int code_;
};

// An event that says nothing yet.
inline subunit_event event()
{
    const subunit_event empty = SUBUNIT_EVENT_INIT;
    return empty;
}

// Writes a stream. Moves, and does not copy; one may be shared by threads.
class writer {
public:
    // Where the environment says: SUBUNIT_OUTPUT=path, else stdout.
    explicit writer(const subunit_writer_options *options = nullptr)
    {
        take(subunit_writer_open_default, options);
    }
    // To an open descriptor.
    static writer to_fd(int fd, const subunit_writer_options *options = nullptr)
    {
        return writer(subunit_writer_open_fd, fd, options);
    }
    // To the end of a file, or to a FIFO.
    static writer to_path(const std::string &path, const subunit_writer_options *options = nullptr)
    {
        return writer(subunit_writer_open_path, path.c_str(), options);
    }

    void event(const subunit_event &event) { check(subunit_writer_event(handle_.get(), &event)); }
    void exists(const std::string &id) { check(subunit_writer_exists(handle_.get(), id.c_str())); }
    void start(const std::string &id) { check(subunit_writer_start(handle_.get(), id.c_str())); }
    void result(const std::string &id, subunit_status status, const std::string &text = std::string())
    {
        check(subunit_writer_result(handle_.get(), id.c_str(), status, text.c_str()));
    }
    // Attach a whole file to a test.
    void attach(const std::string &id, const std::string &name, const std::string &content,
                const char *mime_type = "text/plain;charset=utf8")
    {
        check(subunit_writer_attach(handle_.get(), id.c_str(), name.c_str(), mime_type, content.data(),
                                    content.size()));
    }
    // Write a packet or text as it is.
    void bytes(const void *bytes, size_t size)
    {
        check(subunit_writer_bytes(handle_.get(), bytes, size));
    }
    // The first failure of the writer's life is thrown here at the latest.
    void close()
    {
        const int code = subunit_writer_close(handle_.release());
        if (code != SUBUNIT_OK) throw error(code);
    }
    subunit_writer *get() const noexcept { return handle_.get(); }

private:
    struct closer {
        void operator()(subunit_writer *writer) const noexcept { subunit_writer_close(writer); }
    };
    std::unique_ptr<subunit_writer, closer> handle_;

    template <typename Open, typename... Where> writer(Open open, Where... where) { take(open, where...); }
    template <typename Open, typename... Where> void take(Open open, Where... where)
    {
        subunit_writer *opened = nullptr;
        const int code = open(where..., &opened);
        if (code != SUBUNIT_OK) throw error(code);
        handle_.reset(opened);
    }
    void check(int code) const
    {
        if (code != SUBUNIT_OK) throw error(code, subunit_writer_message(handle_.get()));
    }
};

// Reads a stream. What an item points to lives until the next call.
class parser {
public:
    parser()
    {
        subunit_parser *made = nullptr;
        const int code = subunit_parser_new(&made);
        if (code != SUBUNIT_OK) throw error(code);
        handle_.reset(made);
    }
    void feed(const void *bytes, size_t size) { check(subunit_parser_feed(handle_.get(), bytes, size)); }
    void feed(const std::string &bytes) { feed(bytes.data(), bytes.size()); }
    void finish() { check(subunit_parser_finish(handle_.get())); }
    void settle() { check(subunit_parser_settle(handle_.get())); }
    // The next item into item; false where there is none.
    bool next(subunit_item &item)
    {
        item.struct_size = sizeof item;
        check(subunit_parser_next(handle_.get(), &item));
        return item.kind != SUBUNIT_ITEM_NONE;
    }
    subunit_parser *get() const noexcept { return handle_.get(); }

private:
    struct deleter {
        void operator()(subunit_parser *parser) const noexcept { subunit_parser_free(parser); }
    };
    std::unique_ptr<subunit_parser, deleter> handle_;

    void check(int code) const
    {
        if (code != SUBUNIT_OK) throw error(code, subunit_parser_message(handle_.get()));
    }
};

} // namespace subunit
#endif // SUBUNIT_HPP
