require "test_helper"

class ATest < Minitest::Test
  def test_passes = puts("said here")
  def test_fails = assert_equal(1, 2)
  def test_raises = raise("no")
  def test_skipped = skip("not now")
end

describe "group" do
  describe("inner") { it("is a spec: 100%") { _(1).must_equal 1 } }
end
