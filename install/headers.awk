# Writes the headers that are installed, each in two forms. OUT/FOLDER/NAME.h has the names of the sources, which pragmas in
# OUT/names.h give the linker as those that the library has (tva_...). Where TVA_PREFIX is defined it includes OUT/prefixed/FOLDER/NAME.h
# instead, where each name of tva's begins with tva_ or TVA_, those of structs, types, enumerators and macros as well. Both are for
# C++, too, and find each other from wherever they are included.
#
# awk -f headers.awk -v out=OUT -v public=FILE HEADER...    FILE: the names that the library defines, a line each

BEGIN {
    while ((getline name <public) > 0)
        if (name !~ /^tva_/)
            functions[name]
    for (i = 1; i < ARGC; i++)
        read(ARGV[i])
    write_names()
    for (i = 1; i < ARGC; i++)
        write(ARGV[i])
    exit
}

# Learn the names that a header brings.
function read(file,    line, in_enum, is_comment, word)
{
    while ((getline line <file) > 0) {
        text[file, ++lines[file]] = line
        if (line ~ /^#include/ || (lines[file] < 30 && line ~ /^#define TVA_[A-Z0-9_]*_H$/))
            last_include[file] = lines[file]
        if (line ~ /^#endif/)
            last_endif[file] = lines[file]
        if (is_comment && !sub(/^.*\*\//, "", line))
            continue
        gsub(/\/\*[^*]*(\*[^\/][^*]*)*\*\//, "", line)
        is_comment = sub(/\/\*.*/, "", line)
        if (line ~ /^#define / && match(line, /^#define [A-Za-z0-9_]+/))
            others[substr(line, 9, RLENGTH - 8)]
        else if (line ~ /^static inline /) {
            gsub(/__attribute__\(\([a-z_, ]*\)\)/, "", line)
            if (match(line, /[a-z0-9_]+\(/))
                others[substr(line, RSTART, RLENGTH - 1)]
        } else if (line ~ /^typedef / && match(line, /[a-z0-9_]+\)?\(/)) {
            word = substr(line, RSTART, RLENGTH)
            gsub(/[()]/, "", word)
            others[word]
        }
        if (match(line, /(struct|enum|union) [a-z0-9_]+ *(\{|;)/)) {
            word = substr(line, RSTART, RLENGTH)
            gsub(/^[a-z]+ | *[{;]$/, "", word)
            tags[word]
        }
        in_enum = in_enum || line ~ /(^|[^a-z_])enum[^()]*\{/
        if (in_enum)
            read_enumerators(line)
        if (line ~ /\}/)
            in_enum = 0
    }
    close(file)
}

function read_enumerators(line)
{
    sub(/.*\{/, "", line)
    while (match(line, /[A-Z][A-Z0-9_]*/)) {
        others[substr(line, RSTART, RLENGTH)]
        line = substr(line, RSTART + RLENGTH)
        sub(/^[^,]*/, "", line) # its value
    }
}

function write_names(    name, to, sorted)
{
    to = out "/names.h"
    sorted = "sort >>'" to "'"
    print "/* The names that the library has for those in the headers. Made by the build. */\n#ifndef TVA_NAMES_H\n#define TVA_NAMES_H\n" >to
    close(to)
    for (name in functions)
        print "#pragma redefine_extname " name " tva_" name | sorted
    close(sorted)
    print "\n#endif" >>to
    close(to)
}

function write(file,    to, prefixed, n, line)
{
    to = out "/" file
    prefixed = out "/prefixed/" file
    print "#ifdef TVA_PREFIX\n#include \"../prefixed/" file "\"\n#else" >to
    for (n = 1; n <= lines[file]; n++) {
        line = text[file, n]
        sub(/^ *_Atomic /, "#ifndef __cplusplus\n    _Atomic\n#endif\n    ", line)
        if (n == last_endif[file])
            print "\n#ifdef __cplusplus\n}\n#endif" >to
        if (n == last_endif[file])
            print "\n#ifdef __cplusplus\n}\n#endif" >prefixed
        if (line ~ /^#include "/) {
            sub(/"/, "\"../", line)
            print line >to
            print line >prefixed
        } else {
            print line >to
            print with_prefix(line) >prefixed
        }
        if (n == last_include[file]) {
            print "#include \"../names.h\"\n" >to
            print "\n#ifdef __cplusplus\nextern \"C\" {\n#endif" >to
            print "\n#ifdef __cplusplus\nextern \"C\" {\n#endif" >prefixed
        }
    }
    print "#endif" >to
    close(to)
    close(prefixed)
}

function with_prefix(line,    done, word, before)
{
    while (match(line, /[A-Za-z_][A-Za-z0-9_]*/)) {
        word = substr(line, RSTART, RLENGTH)
        done = done substr(line, 1, RSTART - 1)
        line = substr(line, RSTART + RLENGTH)
        if (word in functions || word in others || (before ~ /^(struct|enum|union)$/ && word in tags))
            done = done (word ~ /^(TVA_|tva_)/ ? "" : word ~ /^[A-Z]/ ? "TVA_" : "tva_") word
        else
            done = done word
        before = word
    }
    return done line
}
