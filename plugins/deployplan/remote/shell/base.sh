# Where we are. Given: dp_base. Every name of ours begins with dp_, so that none can shadow a variable of the scripts.
umask 077
dp_lc=${LC_ALL-}
LC_ALL=C
export LC_ALL
case $dp_base in
  "~") dp_base=$HOME ;;
  "~/"*) dp_base=$HOME/${dp_base#??} ;;
  /*) ;;
  *) dp_base=$HOME/$dp_base ;;
esac

dp_fault() { # words: say why this node cannot, and stop
  printf '%s\n' "$*" >&2
  exit 96
}

dp_draft() { # folder, name: where that file is written first, in dp_temp
  dp_temp=$1/.$2.$$
  # Never write through an old link of a process that had our number.
  if [ -e "$dp_temp" ] || [ -L "$dp_temp" ]; then rm -f "$dp_temp"; fi
}

dp_place() { # folder, name, how the writing of the draft ended: it becomes that file, as dp_publish says
  dp_placed=2
  if [ "$3" -eq 0 ] && ln "$dp_temp" "$1/$2" 2>/dev/null; then
    dp_placed=0
  elif [ -e "$1/$2" ]; then
    dp_placed=1
  fi
  rm -f "$dp_temp"
  return $dp_placed
}

dp_publish() { # folder, name: stdin becomes that file unless it is there; 0 we did, 1 somebody was first, 2 could not
  dp_draft "$1" "$2"
  cat >"$dp_temp"
  dp_place "$1" "$2" $?
}

dp_write() { # file, text: without another program
  # The second way says why it cannot be, where the shell's own printf only says that.
  printf '%s\n' "$2" 2>/dev/null >"$1" || printf '%s\n' "$2" | cat >"$1"
}

dp_publish_text() { # folder, name, text: the same with a text; costs a program less, and no pipe
  dp_draft "$1" "$2"
  dp_write "$dp_temp" "$3"
  dp_place "$1" "$2" $?
}

dp_cut() { # text, as many ? as characters that stay: the beginning of it, in dp_value
  # shellcheck disable=SC2295
  dp_value=${1%"${1#$2}"}
}

dp_pad() { # number, as many ? as digits: the number with zeros in front, in dp_value
  dp_value=00000000$1
  # shellcheck disable=SC2295
  dp_value=${dp_value#"${dp_value%$2}"}
}

dp_show() { # file, most lines: each with a blank before it, and no longer than 4000 bytes
  dp_lines=0
  while [ $dp_lines -lt "$2" ] && { IFS= read -r dp_line || [ -n "$dp_line" ]; }; do
    printf ' %.4000s\n' "$dp_line"
    dp_lines=$((dp_lines + 1))
  done <"$1"
}

dp_is() { # file, line: does the file hold exactly this line
  [ -f "$1" ] || return 1
  while IFS= read -r dp_line; do
    [ "$dp_line" = "$2" ] && return 0
  done <"$1"
  return 1
}

dp_has() { # file, key: does the file hold a line key=…; the value is then in dp_value
  dp_value=
  [ -f "$1" ] || return 1
  while IFS= read -r dp_line; do
    case $dp_line in "$2="*)
      dp_value=${dp_line#*=}
      return 0
      ;;
    esac
  done <"$1"
  return 1
}
