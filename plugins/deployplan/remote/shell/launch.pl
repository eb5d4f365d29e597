# Take a job and be its runner, in a session of its own that keeps all its descendants: what launch.sh and runner.sh do
# with a dozen programs. Of runner.sh is left that it becomes the script. Given: the job's folder, where processes are
# listed, the boot's id, and the shell. Linux only; whatever it cannot do it leaves undone before it has taken the job,
# and says nothing: others come after it.
my ($dir, $proc, $boot, $sh) = @ARGV;

sub whole { # file, text: 1 when it was written
  open my $file, ">", $_[0] or return 0;
  return print($file $_[1]) && close $file;
}

sub kept { # files and folders: 1 when they are on the disk
  for (@_) {
    open my $file, "<", $_ or return 0;
    return 0 if syscall $fsync, fileno $file;
  }
  return 1;
}

defined(my $child = fork) or exit 1;
exit 0 if $child;
exit 1 if syscall($setsid) == -1;
my $on = pack "i", 0;
syscall $prctl, 36, 1, 0, 0, 0; # PR_SET_CHILD_SUBREAPER; it outlives exec
syscall $prctl, 37, $on, 0, 0, 0; # does it hold
my $ground = unpack("i", $on) ? "reaper" : "mark";

open my $stat, "<", "$proc/$$/stat" or exit 1;
my $born = <$stat>;
$born =~ s/^.*\) //s;
$born = (split " ", $born)[19] or exit 1;
my $umask = umask 077;
my $draft = "$dir/.pid.$$";
unlink $draft; # an old one of a process that had our number
my $taken = whole($draft, "pid=$$\nborn=$born\nboot=$boot\nground=$ground\nstarted=" . time . "\n")
  && link $draft, "$dir/pid";
unlink $draft;
exit 1 unless $taken;
(my $jobs = $dir) =~ s{/[^/]*$}{};
# A power cut must not make a script that ran look as if it never did.
kept("$dir/pid", $dir, $jobs) or system "sync", "$dir/pid", $dir, $jobs;
# Outlive a termination, to say how it ended; the script does not inherit this.
$SIG{$_} = sub { } for grep { ($SIG{$_} || "") ne "IGNORE" } qw(HUP INT QUIT TERM);

defined(my $script = fork) or exit 1;
exec { $sh } $sh, "$dir/runner", $ground, "taken", sprintf("%04o", $umask), $sh or exit 126 unless $script;
# Whoever started us waits until both have closed this: then pid is on the disk, the lock was looked at, and we mind signals.
open STDOUT, ">", "/dev/null";
open STDERR, ">&", STDOUT;
my $ended;
do { $ended = wait } until $ended == $script || $ended == -1 && $! != 4; # 4: a signal came; others are orphans below us
exit 1 if $ended != $script;
my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;

$draft = "$dir/.exit.$$";
for my $second (0 .. 600) {
  unlink $draft;
  link $draft, "$dir/exit" if whole($draft, "exit=$code\nended=" . time . "\n"); # unless its end was ordered before
  unlink $draft;
  last if -e "$dir/exit";
  exit 1 if $second == 600;
  sleep 1; # a full disk: the result is worth waiting for
}
kept("$dir/exit", $dir) or system "sync", "$dir/exit", $dir;
(my $new = ".new.$dir.") =~ s{^\.new\..*/}{.new.};
for my $place ([$dir, ".secret."], [$jobs, $new]) { # of starts and terminations that were cut off
  opendir my $found, $place->[0] or next;
  my @left = map "$place->[0]/$_", grep { index($_, $place->[1]) == 0 } readdir $found;
  system "rm", "-rf", @left if @left;
}
