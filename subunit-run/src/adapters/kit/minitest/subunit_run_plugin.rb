# Says in JSON Lines how tests of Minitest end, beside its reporters, which find this file by $RUBYLIB.
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it. With $SUBUNIT_LISTING, a file,
# no test runs: their ids are written there.
require_relative "../subunit_results"

module Minitest
  module SubunitRun
    class Results < AbstractReporter
      def initialize(path)
        @results = SubunitResults.new(path)
      end

      def prerecord(klass, name)
        @results.say(test_id: "#{klass}##{name}", status: "inprogress")
      end

      def record(result)
        id = "#{result.klass}##{result.name}"
        if result.skipped?
          @results.attach(id, "reason", result.failure.message)
          return @results.say(test_id: id, status: "skip")
        end
        @results.attach(id, "traceback", result.failures.map { |failure| text_of(failure) }.join("\n"))
        @results.say(test_id: id, status: result.passed? ? "success" : "fail")
      end

      private

      def text_of(failure)
        "#{failure.result_label} [#{failure.location}]:\n#{failure.message}\n"
      end
    end

    # Leaves out tests that are not asked for, whatever else chooses.
    class Choice < Module
      def initialize(path)
        asked = SubunitResults.asked(path)
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
