# Makes a manual page of what --help says, an option a line (man.sh).
#
# -v name=tva-run -v summary=... -v version="tva 0.2.0" -v date=2026-11-30 -v commands="run sweep ..."

function text(s)
{
    gsub(/\\/, "\\e", s)
    gsub(/-/, "\\-", s)
    return s ~ /^[.']/ ? "\\&" s : s
}

# Begin a kind of text, once for those in a row.
function kind(which)
{
    if (kept == which)
        return
    if (kept == "list")
        print ".EE"
    if (which == "list")
        print ".PP\n.EX"
    if (which == "words" && kept != "heading")
        print ".PP"
    kept = which
}

function heading(macro, s)
{
    kind("heading")
    print macro " " text(s)
}

BEGIN {
    printf ".TH %s 1 %s \"%s\" \"tva\"\n", toupper(text(name)), date, version
    heading(".SH", "NAME")
    kind("words")
    print text(name) " \\- " text(summary)
    heading(".SH", "SYNOPSIS")
    part = "synopsis"
}

part == "synopsis" && /^(Usage:|  or: )/ {
    if (uses++)
        print ".br"
    kind("words")
    sub(/^(Usage:|  or: ) */, "")
    print text($0)
    next
}

part == "synopsis" {
    heading(".SH", "DESCRIPTION")
    part = "description"
}

/^  (-., |    )--[a-z]/ {
    if (part == "description")
        heading(".SH", "OPTIONS")
    part = "options"
    if (/--help$|--help /)
        heading(".SS", "Help")
    kind("option")
    match($0, /--[^ ]+/)
    option = substr($0, 1, RSTART + RLENGTH - 1)
    rest = substr($0, RSTART + RLENGTH)
    sub(/^ +/, "", option)
    sub(/^ +/, "", rest)
    value = ""
    if (match(option, /\[?=/)) {
        value = substr(option, RSTART)
        option = substr(option, 1, RSTART - 1)
    }
    print ".TP\n\\fB" text(option) "\\fR" (value != "" ? "\\fI" text(value) "\\fR" : "")
    if (rest != "")
        print text(rest)
    next
}

# The help of an option that is long stands below it.
kept == "option" && /^          / {
    sub(/^ +/, "")
    print text($0)
    next
}

part != "rest" && /^ [^ ].*:$/ {
    if (part == "description")
        heading(".SH", "OPTIONS")
    part = "options"
    sub(/^ /, "")
    sub(/:$/, "")
    heading(".SS", $0)
    next
}

/^$/ {
    gap = 1
    next
}

/^Mandatory or optional arguments to long options/ {
    next
}

/^Exit status: / {
    part = "rest"
    heading(".SH", "EXIT STATUS")
    kind("words")
    sub(/^Exit status: /, "")
    print text(toupper(substr($0, 1, 1)) substr($0, 2))
    next
}

part != "description" && /^[A-Z][^.]*:$/ {
    part = "rest"
    sub(/:$/, "")
    match($0, /^[^(]*/)
    heading(".SH", toupper(substr($0, 1, RLENGTH)) substr($0, RLENGTH + 1))
    next
}

/^ / {
    kind("list")
    print text($0)
    next
}

{
    if (part == "options") {
        part = "rest"
        heading(".SH", "NOTES")
    } else if (gap && kept == "words") {
        print ".PP"
    }
    gap = 0
    kind("words")
    print text($0)
}

END {
    heading(".SH", "SEE ALSO")
    kind("words")
    n = split(commands, all, " ")
    line = name == "tva" ? "" : ".BR tva (1)"
    for (i = 1; i <= n; i++)
        if (name != "tva-" all[i])
            line = line (line != "" ? " ,\n" : "") ".BR tva\\-" all[i] " (1)"
    print line
}
