defmodule ATest do
  use ExUnit.Case
  doctest Shop

  test "passes", do: :ok

  test "fails \"so\"" do
    assert Shop.add(1, 1) == 3
  end

  @tag skip: "not now"
  test "skipped", do: :ok

  @tag :never
  test "left out", do: flunk()

  describe "group" do
    test "raises", do: raise("no")
    for number <- 1..2, do: test("made #{number}: 100%", do: :ok)
  end
end

defmodule SetUpTest do
  use ExUnit.Case

  setup_all do: raise("no set-up")

  test "one", do: :ok
end
