ExUnit.start(exclude: [:never])
