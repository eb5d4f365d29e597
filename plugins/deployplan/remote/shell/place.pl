# Have a verified package, which is a plain file, where the scripts find it: what five programs do otherwise. Given: the
# package's folder, the file's name, and a name for a new folder. Ends with 1 when it could not: then the shell goes on.
my ($dir, $name, $new) = @ARGV;
chdir $dir or exit 1;
rename "part", "bytes" or exit 1;
mkdir $new, 0700 or exit 1;

sub copied { # 1 when it was, and is on the disk
  open my $from, "<:raw", "bytes" or return 0;
  sysopen my $to, "$new/$name", 0301, 0700 or return 0; # to write, made anew, and by nobody else
  while (my $got = sysread $from, my $piece, 262144) {
    my $written = 0;
    $written += syswrite($to, $piece, $got - $written, $written) || return 0 while $written < $got;
  }
  return -s $to == -s $from && !syscall($fsync, fileno $to) && close $to;
}

exit 0 if copied() && rename $new, "content";
unlink "$new/$name";
rmdir $new;
exit 1;
