# Says in JSON Lines how examples of RSpec end, beside the formatters of the user: rspec --require FILE.
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it.
require_relative "subunit_results"
require "rspec/core"

module Subunit
  RESULTS = SubunitResults.new(ENV.delete("SUBUNIT_RESULTS"))
  ASKED = SubunitResults.asked(ENV.delete("SUBUNIT_IDS"))

  class Listener
    def example_started(notification)
      RESULTS.say(test_id: notification.example.id, status: "inprogress")
    end

    def example_passed(notification)
      RESULTS.say(test_id: notification.example.id, status: "success")
    end

    def example_pending(notification)
      example = notification.example
      result = example.execution_result
      RESULTS.attach(example.id, "reason", result.pending_message)
      # Those that are only skipped have not run.
      RESULTS.say(test_id: example.id, status: result.pending_exception ? "xfail" : "skip")
    end

    def example_failed(notification)
      example = notification.example
      if example.execution_result.pending_fixed
        RESULTS.attach(example.id, "reason", "expected to fail, and passed")
        return RESULTS.say(test_id: example.id, status: "uxsuccess")
      end
      text = (notification.message_lines + notification.formatted_backtrace.map { |line| "# #{line}" })
      RESULTS.attach(example.id, "traceback", text.join("\n") + "\n")
      RESULTS.say(test_id: example.id, status: "fail")
    end
  end

  # Leaves out examples that are not asked for, whatever else chooses.
  module Choice
    def prune(examples)
      super.select { |example| ASKED.key?(example.id) }
    end
  end

  # Errors outside of examples, such as hooks of the whole suite.
  module Outside
    def notify_non_example_exception(exception, context)
      super.tap do
        text = "#{context}\n#{exception.class}: #{exception.message}\n#{Array(exception.backtrace).join("\n")}\n"
        RESULTS.attach("rspec [outside of examples]", "traceback", text)
        RESULTS.say(test_id: "rspec [outside of examples]", status: "fail", runnable: false)
      end
    end
  end
end

RSpec::Core::FilterManager.prepend(Subunit::Choice) if Subunit::ASKED
RSpec::Core::Reporter.prepend(Subunit::Outside)
RSpec.configure do |config|
  config.before(:suite) do
    config.reporter.register_listener(
      Subunit::Listener.new, :example_started, :example_passed, :example_pending, :example_failed
    )
  end
end
