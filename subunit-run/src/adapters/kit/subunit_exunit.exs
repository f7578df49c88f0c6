# Says in JSON Lines how tests of ExUnit end, beside the formatters of the user. Elixir loads this file before Mix:
# $SUBUNIT_RESULTS is where, $SUBUNIT_IDS a file of the ids to run; all run without it. With $SUBUNIT_LISTING, a file, no test
# runs: they are written there.
defmodule SubunitExUnit.Results do
  @behaviour :gen_event

  @impl true
  def init(%{settings: settings} = state) do
    {:ok, out} = :file.open(settings["LISTING"] || settings["RESULTS"], [:append, :raw])
    {:ok, Map.merge(state, %{out: out, lists: Map.has_key?(settings, "LISTING"), begun: %{}})}
  end

  @impl true
  def handle_event(event, state), do: {:ok, told(event, state)}

  # All that came before is said now.
  @impl true
  def handle_call(:said, state), do: {:ok, :ok, state}

  def id(module, name), do: inspect(module) <> ": " <> Atom.to_string(name)

  def told({:module_started, %{tests: tests}}, %{lists: true} = state) do
    for test <- Enum.sort_by(tests, & &1.tags.line), listed?(test, tests, state.options) do
      file = Path.relative_to(test.tags.file, state.settings["FOLDER"])
      write(state, id: id(test.module, test.name), file: file)
    end

    state
  end

  def told({:suite_finished, _}, %{lists: true} = state) do
    write(state, end: true)
    state
  end

  def told(_, %{lists: true} = state), do: state

  def told({:test_started, %{state: nil} = test}, state) do
    now = System.os_time(:microsecond)
    say(state, id(test.module, test.name), status: "inprogress", timestamp: time(now))
    %{state | begun: Map.put(state.begun, {test.module, test.name}, now)}
  end

  def told({:test_finished, test}, state) do
    {began, begun} = Map.pop(state.begun, {test.module, test.name})
    ended(state, test, test.state, began)
    %{state | begun: begun}
  end

  def told(_, state), do: state

  # Whether the options of the command and of the helper leave it in.
  defp listed?(test, tests, options) do
    tags = Map.merge(test.tags, %{test: test.name, module: test.module})

    case ExUnit.Filters.eval(options[:include] || [], options[:exclude] || [], tags, tests) do
      {:excluded, _} -> false
      _ -> true
    end
  end

  defp ended(_, _, {:excluded, _}, _), do: :ok

  defp ended(state, test, how, began) do
    id = id(test.module, test.name)
    {status, why} = result(how)
    name = if status == "skip", do: "reason", else: "traceback"
    attach(state, id, name, why)
    if status == "fail", do: attach(state, id, "log", Map.get(test, :logs, ""))
    # How long it took is the runner's to say.
    now = if began, do: began + test.time, else: System.os_time(:microsecond)
    say(state, id, status: status, timestamp: time(now))
  end

  defp result(nil), do: {"success", ""}
  defp result({:skipped, why}), do: {"skip", why}
  defp result({:failed, failures}), do: {"fail", described(failures)}
  defp result({:invalid, %{state: {:failed, failures}}}), do: {"fail", "setup_all\n" <> described(failures)}
  defp result(other), do: {"fail", inspect(other)}

  defp described(failures) do
    Enum.map_join(failures, "\n", fn {kind, reason, stack} ->
      said(kind, reason, stack) <> "\n" <> Exception.format_stacktrace(Enum.reject(stack, &of_ex_unit?/1))
    end)
  end

  # What an assertion says begins with its kind.
  defp said(:error, %{__struct__: ExUnit.AssertionError} = failed, _), do: failed |> Exception.message() |> String.trim()
  defp said(kind, reason, stack), do: Exception.format_banner(kind, reason, stack)

  defp of_ex_unit?({module, _, _, _}), do: module |> inspect() |> String.starts_with?("ExUnit.")
  defp of_ex_unit?(_), do: false

  defp attach(_, _, _, ""), do: :ok

  defp attach(state, id, name, text) do
    type = "text/plain;charset=utf8"
    say(state, id, file_name: name, file_bytes: to_string(text), eof: true, mime_type: type)
  end

  defp say(state, id, fields) do
    write(state, Keyword.merge([type: "event", runnable: true, eof: false, test_id: id], fields))
  end

  defp write(%{out: out}, fields) do
    pairs = Enum.map_intersperse(fields, ",", fn {key, value} -> [json(key), ":", json(value)] end)
    :ok = :file.write(out, ["{", pairs, "}\n"])
  end

  defp json(value) when is_boolean(value), do: Atom.to_string(value)
  defp json(key) when is_atom(key), do: json(Atom.to_string(key))
  defp json(text), do: ["\"", text |> String.codepoints() |> Enum.map(&character/1), "\""]

  defp character("\""), do: "\\\""
  defp character("\\"), do: "\\\\"
  defp character(<<byte>>) when byte < 32, do: ["\\u", byte |> Integer.to_string(16) |> String.pad_leading(4, "0")]
  defp character(text), do: if(String.valid?(text), do: text, else: "\uFFFD")

  defp time(microseconds) do
    microseconds |> DateTime.from_unix!(:microsecond) |> DateTime.to_iso8601() |> String.replace("Z", "000Z")
  end
end

defmodule SubunitExUnit do
  use GenServer
  alias SubunitExUnit.Results

  @variables ~w(RESULTS IDS LISTING OPTIONS)

  # Programs that tests start get none of it.
  def load do
    settings = for name <- @variables, value = System.get_env("SUBUNIT_" <> name), into: %{}, do: {name, value}
    Enum.each(["KIT" | @variables], &System.delete_env("SUBUNIT_" <> &1))
    System.put_env("ELIXIR_ERL_OPTIONS", Map.get(settings, "OPTIONS", ""))
    :persistent_term.put(__MODULE__, Map.put(settings, "FOLDER", File.cwd!()))
    Code.put_compiler_option(:tracers, [__MODULE__ | Code.get_compiler_option(:tracers)])
  end

  # The helper of the tests has configured ExUnit, and no test is loaded.
  def trace(:stop, %{file: file}) do
    if Path.basename(file) == "test_helper.exs", do: join()
    :ok
  end

  def trace(_, _), do: :ok

  defp join do
    given = Application.get_env(:ex_unit, :formatters, [ExUnit.CLIFormatter])
    Application.put_env(:ex_unit, :formatters, List.delete(given, __MODULE__) ++ [__MODULE__])

    case settings() do
      %{"LISTING" => _} -> only([])
      %{"IDS" => file} -> file |> File.read!() |> String.split("\n", trim: true) |> Enum.map(&named/1) |> only()
      _ -> :ok
    end
  end

  # As with `mix test --failed`.
  defp only(tests), do: Application.put_env(:ex_unit, :only_test_ids, MapSet.new(tests))

  defp settings, do: :persistent_term.get(__MODULE__)

  defp named(id) do
    case String.split(id, ": ", parts: 2) do
      [":" <> module, name] -> {String.to_atom(module), String.to_atom(name)}
      [module, name] -> {Module.concat([module]), String.to_atom(name)}
      [name] -> {nil, String.to_atom(name)}
    end
  end

  # ExUnit does not wait for its formatters, and a test may end the process. So what it tells is taken from its event manager,
  # and its supervisor, which it asks for each event, waits until that is said.
  @impl true
  def init(options) do
    [supervisor, runner | _] = Process.get(:"$ancestors")
    state = %{settings: settings(), options: options}

    case manager(runner) do
      nil ->
        {:ok, results} = Results.init(state)
        {:ok, results}

      manager ->
        :ok = :gen_event.add_handler(manager, Results, state)
        {:ok, {supervisor, manager}, {:continue, :await}}
    end
  end

  defp manager(runner) do
    with pid when is_pid(pid) <- runner, {:links, links} <- Process.info(pid, :links) do
      Enum.find(links, &(is_pid(&1) and :proc_lib.translate_initial_call(&1) == {:gen_event, :init_it, 6}))
    else
      _ -> nil
    end
  end

  @impl true
  def handle_continue(:await, {supervisor, manager} = state) do
    :sys.install(supervisor, {fn waits, event, _ -> await(waits, event) end, manager})
    {:noreply, state}
  end

  defp await(manager, {:in, {:"$gen_call", _, :which_children}}) do
    :gen_event.call(manager, Results, :said, :infinity)
    manager
  catch
    # It has ended before its formatters.
    :exit, _ -> :done
  end

  defp await(manager, _), do: manager

  @impl true
  def handle_cast(event, %{} = state), do: {:noreply, Results.told(event, state)}
  def handle_cast(_, state), do: {:noreply, state}
end

SubunitExUnit.load()
