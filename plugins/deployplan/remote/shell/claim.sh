# A job's folder comes into being whole. Given: dp_base dp_job. Its files are written in a folder of another name, which is
# then renamed: the first to do so has made the job, and everybody sees all of it or nothing.
dp_dir=$dp_base/jobs/$dp_job
dp_new=

dp_begin() { # a folder of our own, to be filled, and by the same program that one, if one is given: fails when it is there
  dp_new=$dp_base/jobs/.new.$dp_job.$$
  # An old one of a process that had our number.
  if [ -e "$dp_new" ] || [ -L "$dp_new" ]; then rm -rf "$dp_new"; fi
  mkdir "$dp_new" "$@" 2>/dev/null && return 0
  [ -d "$dp_new" ] || mkdir "$dp_new" || dp_fault "cannot make $dp_dir"
  [ $# -eq 0 ]
}

dp_add() { # name, text: becomes that file of the job, unless somebody else was faster with the whole job
  [ -n "$dp_new" ] || return 0
  dp_write "$dp_new/$1" "$2" && return 0
  rm -rf "$dp_new" # a disk that is full must not stay full of us
  dp_new=
  [ -f "$dp_dir/claim" ] || dp_fault "cannot write $dp_dir/$1"
}

dp_make() { # what was added becomes the job, or is there already
  [ -n "$dp_new" ] || return 0
  dp_said=$(mv "$dp_new" "$dp_dir" 2>&1)
  # Two at once: mv fails, or puts the slower one's folder into the faster one's.
  for dp_file in "$dp_new" "$dp_dir/${dp_new##*/}"; do
    if [ -d "$dp_file" ]; then rm -rf "$dp_file"; fi
  done
  [ -f "$dp_dir/claim" ] || dp_fault "cannot make $dp_dir: ${dp_said:-it is there, and nothing says what for}"
}
