# Take a job and become its runner, in a session of its own that keeps all its descendants: what launch.sh and runner.sh
# do with nine programs. Given: the job's folder, where processes are listed, the boot's id, and the shell. Linux only;
# whatever it cannot do it leaves undone before it has taken the job, and says nothing: others come after it.
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
umask $umask;
(my $jobs = $dir) =~ s{/[^/]*$}{};
my $synced = kept("$dir/pid", $dir, $jobs); # a power cut must not make a script that ran look as if it never did
# Whoever started us waits until the shell closes what it answers on: then pid is on the disk and the shell minds signals.
exec { $sh } $sh, "$dir/runner", $ground, $synced ? $fsync : "-", sprintf("%04o", $umask), $sh;
