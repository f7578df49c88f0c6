# Says in JSON Lines how examples of RSpec end, beside the formatters of the user: rspec --require FILE.
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it.
require "json"
require "rspec/core"

module Subunit
  OUT = File.open(ENV.delete("SUBUNIT_RESULTS"), "a")
  OUT.sync = true
  PID = Process.pid
  ids = ENV.delete("SUBUNIT_IDS")
  ASKED = ids && File.readlines(ids, chomp: true, encoding: "UTF-8").to_h { |id| [id, true] }

  def self.say(fields)
    # What examples fork does not speak for them.
    return unless Process.pid == PID
    OUT.write(JSON.generate({ type: "event", runnable: true, eof: false }.merge(fields)) + "\n")
  end

  def self.attach(id, name, text)
    return if text.to_s.empty?
    text = text.encode("UTF-8", invalid: :replace, undef: :replace)
    say(test_id: id, file_name: name, file_bytes: text, eof: true, mime_type: "text/plain;charset=utf8")
  end

  class Listener
    def example_started(notification)
      Subunit.say(test_id: notification.example.id, status: "inprogress")
    end

    def example_passed(notification)
      Subunit.say(test_id: notification.example.id, status: "success")
    end

    def example_pending(notification)
      example = notification.example
      result = example.execution_result
      Subunit.attach(example.id, "reason", result.pending_message)
      # Those that are only skipped have not run.
      Subunit.say(test_id: example.id, status: result.pending_exception ? "xfail" : "skip")
    end

    def example_failed(notification)
      example = notification.example
      if example.execution_result.pending_fixed
        Subunit.attach(example.id, "reason", "expected to fail, and passed")
        return Subunit.say(test_id: example.id, status: "uxsuccess")
      end
      text = (notification.message_lines + notification.formatted_backtrace.map { |line| "# #{line}" })
      Subunit.attach(example.id, "traceback", text.join("\n") + "\n")
      Subunit.say(test_id: example.id, status: "fail")
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
        Subunit.attach("rspec [outside of examples]", "traceback", text)
        Subunit.say(test_id: "rspec [outside of examples]", status: "fail", runnable: false)
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
