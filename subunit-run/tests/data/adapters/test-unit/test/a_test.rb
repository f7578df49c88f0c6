require "test/unit"

class ATest < Test::Unit::TestCase
  def self.startup = puts("started")
  def test_passes = puts("said here")
  def test_fails = assert_equal(1, 2)
  def test_raises = raise("no")
  def test_omitted = omit("not now")
  def test_pending = pend("later")
  data("a b" => 1, "c" => 3)
  def test_data(n) = assert(n < 3)
end
