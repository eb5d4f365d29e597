# Where we are. Given: dp_base. Every name of ours begins with dp_, so that none can shadow a variable of the scripts.
dp_umask=$(umask)
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

dp_publish() { # folder, name: stdin becomes that file unless it is there; 0 we did, 1 somebody was first, 2 could not
  dp_temp=$1/.$2.$$
  rm -f "$dp_temp" # never write through an old link of a process that had our number
  if cat >"$dp_temp" && ln "$dp_temp" "$1/$2" 2>/dev/null; then
    rm -f "$dp_temp"
    return 0
  fi
  rm -f "$dp_temp"
  [ -e "$1/$2" ] && return 1
  return 2
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
