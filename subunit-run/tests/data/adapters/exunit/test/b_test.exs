defmodule BTest do
  use ExUnit.Case

  test "before", do: :ok
  test "ends its process", do: System.halt(0)
  test "after", do: :ok
end
