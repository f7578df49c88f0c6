require "test/unit"

class BTest < Test::Unit::TestCase
  def self.startup = puts("started B")
  def test_before = assert(true)
  def test_ends_its_process = exit!(0)
end
