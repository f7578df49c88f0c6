require "test_helper"

class BTest < Minitest::Test
  parallelize_me!
  def test_before = pass
  def test_ends_its_process = exit!(0)
end
