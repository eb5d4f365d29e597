# Send what is new of a job's log until the job may have ended, which the shell then judges: the same frames as watch.sh, by
# one program instead of some for each look. Given: the job's folder, where to begin, where processes are listed (or ""),
# the runner's number and birth. On descriptor 3: b, once it begins; where it stopped, at the end.
my ($dir, $at, $proc, $pid, $born) = @ARGV;

sub out {
  my ($handle, $text) = @_;
  while (length $text) {
    my $n = syswrite $handle, $text;
    exit 1 unless $n;
    substr($text, 0, $n, "");
  }
}

sub gone {
  if ($proc ne "" && open my $file, "<", "$proc/$pid/stat") {
    my $stat = <$file>;
    return 1 unless defined $stat;
    $stat =~ s/^.*\) //s;
    my @field = split " ", $stat;
    return $field[0] =~ /[ZXx]/ || $field[19] ne $born;
  }
  return !kill(0, $pid) && $! != 1;
}

open my $told, ">&=3" or exit 1;
out($told, "b");
my ($waited, $silent, $pipe) = (0, 0, "");
vec($pipe, 1, 1) = 1 if -p STDOUT; # a pipe without a reader is ready to be read, and no other pipe that is written
while (1) {
  my $over = -e "$dir/exit" || gone(); # before the size is read: what the job wrote is in the log by now
  my $size = -s "$dir/log" || 0;
  if ($at < $size && open my $log, "<", "$dir/log") {
    sysseek $log, $at, 0;
    while ($at < $size) {
      my $n = sysread $log, my $data, ($size - $at < 262144 ? $size - $at : 262144);
      last unless $n;
      out(*STDOUT, "D $at $n\n$data");
      $at += $n;
    }
    ($waited, $silent) = (0, 0);
  }
  last if $over;
  my $nap = $waited < 30 ? 0.05 : 0.1;
  my $left = $pipe;
  exit 1 if select(length $left ? $left : undef, undef, undef, $nap) > 0; # nobody listens any more
  $waited += $nap;
  $silent += $nap;
  if ($silent >= 5) {
    out(*STDOUT, "H\n");
    $silent = 0;
  }
}
out($told, " $at");
