# Says in JSON Lines how tests of Minitest end, beside its reporters, which find this file by $RUBYLIB.
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it. With $SUBUNIT_LISTING, a file,
# no test runs: their ids are written there.
require "json"

module Minitest
  module SubunitRun
    PID = Process.pid

    class Results < AbstractReporter
      def initialize(path)
        @out = File.open(path, "a")
        @out.sync = true
      end

      def prerecord(klass, name)
        say(test_id: "#{klass}##{name}", status: "inprogress")
      end

      def record(result)
        id = "#{result.klass}##{result.name}"
        if result.skipped?
          attach(id, "reason", result.failure.message)
          return say(test_id: id, status: "skip")
        end
        attach(id, "traceback", result.failures.map { |failure| text_of(failure) }.join("\n"))
        say(test_id: id, status: result.passed? ? "success" : "fail")
      end

      private

      def text_of(failure)
        "#{failure.result_label} [#{failure.location}]:\n#{failure.message}\n"
      end

      def attach(id, name, text)
        return if text.to_s.empty?
        text = text.encode("UTF-8", invalid: :replace, undef: :replace)
        say(test_id: id, file_name: name, file_bytes: text, eof: true, mime_type: "text/plain;charset=utf8")
      end

      def say(fields)
        # What tests fork does not speak for them.
        return unless Process.pid == PID
        @out.write(JSON.generate({ type: "event", runnable: true, eof: false }.merge(fields)) + "\n")
      end
    end

    # Leaves out tests that are not asked for, whatever else chooses.
    class Choice < Module
      def initialize(path)
        asked = File.readlines(path, chomp: true, encoding: "UTF-8").to_h { |id| [id, true] }
        define_method(:runnable_methods) { super().select { |name| asked.key?("#{self}##{name}") } }
      end
    end

    # Writes the id of a test instead of running it.
    class Listing < Module
      def initialize(path)
        define_method(:run_one_method) do |klass, name|
          File.write(path, "#{klass}##{name}\n", mode: "a")
          Result.from(klass.new(name)).tap { |result| result.time = 0 }
        end
      end
    end
  end

  def self.plugin_subunit_run_init(_options)
    results, ids, listing = %w[SUBUNIT_RESULTS SUBUNIT_IDS SUBUNIT_LISTING].map { |name| ENV.delete(name) }
    singleton_class.prepend(SubunitRun::Listing.new(listing)) if listing
    Test.singleton_class.prepend(SubunitRun::Choice.new(ids)) if ids
    reporter << SubunitRun::Results.new(results) if results
  end
end
