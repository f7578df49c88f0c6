# Says in JSON Lines how tests end: what the files for runners of Ruby share.
require "json"

class SubunitResults
  # The ids of a file, one a line, to look them up; nil without a file: all are asked for.
  def self.asked(path)
    path && File.readlines(path, chomp: true, encoding: "UTF-8").to_h { |id| [id, true] }
  end

  def initialize(path)
    @out = File.open(path, "a")
    @out.sync = true
    @pid = Process.pid
  end

  def say(fields)
    # What tests fork does not speak for them.
    return unless Process.pid == @pid
    @out.write(JSON.generate({ type: "event", runnable: true, eof: false }.merge(fields)) + "\n")
  end

  def attach(id, name, text)
    return if text.to_s.empty?
    text = text.encode("UTF-8", invalid: :replace, undef: :replace)
    say(test_id: id, file_name: name, file_bytes: text, eof: true, mime_type: "text/plain;charset=utf8")
  end
end
