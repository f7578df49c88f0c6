# Says in JSON Lines how tests of test-unit end, beside its runners: $RUBYOPT has Ruby load this file, which waits for test-unit.
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it. With $SUBUNIT_LISTING, a file, no test runs:
# their ids are written there.
require_relative "subunit_results"

module SubunitTestUnit
  class << self
    # Test-unit is loaded in this process, so it is the one that runs tests.
    def start
      results, ids, @listing = %w[SUBUNIT_RESULTS SUBUNIT_IDS SUBUNIT_LISTING].map { |name| ENV.delete(name) }
      @results = results && SubunitResults.new(results)
      @asked = SubunitResults.asked(ids)
    end

    def id_of(test)
      "#{test.class}##{test.local_name}"
    end

    def chooses?(test)
      return @asked.nil? || @asked.key?(id_of(test)) unless @listing
      File.write(@listing, "#{id_of(test)}\n", mode: "a")
      false
    end

    def attach(...)
      @results&.attach(...)
    end

    def say(...)
      @results&.say(...)
    end
  end

  module Choice
    def include?(test)
      super && SubunitTestUnit.chooses?(test)
    end
  end

  module Told
    def run(result)
      id = SubunitTestUnit.id_of(self)
      faults = []
      result.add_listener(Test::Unit::TestResult::FAULT) { |fault| faults << fault if fault.test_name == name }
      SubunitTestUnit.say(test_id: id, status: "inprogress")
      super
    ensure
      # What ends the process is no result.
      SubunitTestUnit.ended(self, id, faults) unless $!.is_a?(SystemExit)
    end
  end

  def self.ended(test, id, faults)
    left_out = faults.find { |fault| fault.is_a?(Test::Unit::Omission) || fault.is_a?(Test::Unit::Pending) }
    bad = faults.select { |fault| fault.is_a?(Test::Unit::Failure) || fault.is_a?(Test::Unit::Error) }
    if bad.any? || (left_out.nil? && !test.passed?)
      attach(id, "traceback", bad.map { |fault| fault.long_display }.join("\n") + "\n")
      return say(test_id: id, status: "fail")
    end
    attach(id, "reason", left_out.message) if left_out
    say(test_id: id, status: left_out ? "skip" : "success")
  end

  HOOKS = { "Test::Unit::TestCase" => Told, "Test::Unit::Collector" => Choice }
  left = HOOKS.keys
  waits = TracePoint.new(:end) do |point|
    name = Module.instance_method(:name).bind_call(point.self)
    if left.delete(name)
      SubunitTestUnit.start if left.size == HOOKS.size - 1
      point.self.prepend(HOOKS[name])
      waits.disable if left.empty?
    end
  end
  waits.enable
end
