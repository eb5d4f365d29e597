# Say how a job's script ended, unless its end was ordered before, and have it on the disk: ln, rm, date and sync in one.
# Given: the job's folder, the exit code, the number of fsync. Ends with 0 when it is said, by whomever, and synced.
my ($dir, $code, $fsync) = @ARGV;
my $draft = "$dir/.exit.$$";
unlink $draft; # an old one of a process that had our number
open my $file, ">", $draft or exit 1;
my $whole = print($file "exit=$code\nended=" . time . "\n") && close $file;
link $draft, "$dir/exit" if $whole;
unlink $draft;
exit 1 unless -e "$dir/exit";
for ("$dir/exit", $dir) {
  open my $kept, "<", $_ or exit 1;
  exit 1 if syscall $fsync, fileno $kept;
}
