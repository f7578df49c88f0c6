# What the scripts of the action have in common. They source it.

# Messages go to the log, also where the output of a function is a value.
exec 3>&1

# Text as a workflow command takes it: on one line, and nothing in it is a command.
command_text() {
    printf '%s\n' "$1" | awk '{ gsub(/%/, "%25"); gsub(/\r/, "%0D"); printf "%s%s", before, $0; before = "%0A" }'
}

# An annotation of the step: LEVEL (error, warning, notice), TEXT.
annotate() {
    printf '::%s title=subunit::%s\n' "$1" "$(command_text "$2")" >&3
}

# A value of the step for those that follow. It is one line, whatever the text.
output() {
    printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr -d '\r\n')" >> "${outputs:?}"
}
