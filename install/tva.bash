# Completion of tva in bash. Commands, options and names come from tva itself: from --help and `tva list`.

# The options in a help, as --name= where they take a value.
_tva_options() {
  sed -nE 's/^  (-., |    )(--[a-z-]+)(=?).*/\2\3/p'
}

# What an option, or a word that is none, can be, where tva knows that: --io=libuv|uring, and what it lists.
_tva_values() {
  local tva=$1 command=$2 option=$3

  if [[ $option =~ ^-[a-zA-Z-]+$ ]]; then
    "$tva" "$command" --help | sed -nE "/ ${option}[,=[]/s/^.*--[a-z-]+\[?=([a-z]+(\|[a-z]+)*)\]?( .*)?$/\1/p" | tr '|' '\n'
  fi
  case $command,$option in
    *,--model) "$tva" list models | sed 1d ;;
    *,--job) "$tva" list jobs ;;
    export,--format | export,-f) "$tva" export --list ;;
    demo,) "$tva" demo --list && echo all ;;
    list,) printf '%s\n' jobs models charts cells ;;
    baseline,) printf '%s\n' save show ;;
    new,) echo job ;;
  esac | sed -nE 's/^([a-z][a-z_-]*).*/\1/p'
}

_tva() {
  local tva=${COMP_WORDS[0]} command=${COMP_WORDS[1]-} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
  local option='' list='' words

  # bash takes --name=value for three words.
  if [[ $word == = ]]; then
    option=$before word=''
  elif [[ $before == = ]]; then
    option=${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $before == -* ]]; then
    option=$before
  fi
  if ((COMP_CWORD == 1)); then
    words=$("$tva" --help | sed -nE '/^Commands:$/,/^$/s/^  ([a-z]+) .*/\1/p')
    [[ $word != -* ]] || words=$("$tva" --help | _tva_options)
  elif [[ $word == -* ]]; then
    words=$("$tva" "$command" --help | _tva_options)
  else
    words=$(_tva_values "$tva" "$command" "$option")
    [[ $word != *,* ]] || list=${word%,*},
  fi 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -P "$list" -W "$words" -- "${word#"$list"}")
  if ((${#COMPREPLY[@]} == 0)); then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
  elif [[ ${COMPREPLY[0]} == --*= ]]; then
    compopt -o nospace 2>/dev/null
  fi
}

complete -F _tva tva
