# The numbers of system calls that perl has no words for; a machine that is none of these ends it with 1.
# setsid, prctl (3.4 and newer) and fsync, by the machine this very perl was made for, as its file says.
my %calls = (62 => [112, 157, 74]);
$calls{$_} = [157, 167, 82] for 183, 243, 258; # aarch64, riscv, loongarch
$calls{$_} = [66, 171, 118] for 20, 21; # powerpc
$calls{$_} = [66, 172, 118] for 3, 22, 40; # i386, s390, arm
open my $self, "<", "/proc/self/exe" or exit 1;
read($self, my $head, 20) == 20 or exit 1;
my ($class, $order) = unpack "x4 C C", $head;
my $machine = unpack $order == 2 ? "x18 n" : "x18 v", $head;
exit 1 if $machine == 62 && $class != 2; # x32 counts its calls otherwise
my ($setsid, $prctl, $fsync) = @{ $calls{$machine} || exit 1 };
