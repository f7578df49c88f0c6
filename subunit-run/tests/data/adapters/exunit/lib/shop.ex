defmodule Shop do
  @doc """
      iex> Shop.add(1, 2)
      3
  """
  def add(one, other), do: one + other
end
