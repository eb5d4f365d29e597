"""Kills a node's shell at a chosen call of one of its programs, and counts the calls."""

from collections.abc import Iterable
from pathlib import Path

# A program is replaced by one that counts the calls, and at the call it was told kills its whole process group: before
# it does its work, or after.
SABOTEUR = """#!/bin/dash
exec 9>>{count}.lock
/usr/bin/flock 9
read -r n <{count} || n=0
n=$((n + 1))
echo $n >{count}
exec 9>&-
if [ $n = {at} ] && [ {when} = before ]; then kill -KILL 0; fi
if [ $n = {at} ]; then {real} "$@"; kill -KILL 0; fi
exec {real} "$@"
"""
# A saboteur for each call by which a perl changes anything: whoever is told where to look finds this module.
SABOTEUR_IN_PERL = r"""package Saboteur;
use Fcntl ":flock";
sub strike {
  my $call = shift;
  open my $lock, ">>", "COUNT.lock" or die;
  flock $lock, LOCK_EX;
  open my $file, "+<", "COUNT" or die;
  my $n = <$file> + 1;
  seek $file, 0, 0;
  print $file "$n\n";
  close $file;
  close $lock;
  if ($n == AT && "WHEN" eq "before") { kill KILL => 0; sleep 60 }
  my $done = $call->();
  if ($n == AT) { kill KILL => 0; sleep 60 }
  return $done;
}
BEGIN {
  *CORE::GLOBAL::link = sub ($$) { my @of = @_; strike(sub { CORE::link($of[0], $of[1]) }) };
  *CORE::GLOBAL::unlink = sub { my @of = @_; strike(sub { CORE::unlink(@of) }) };
  *CORE::GLOBAL::rename = sub ($$) { my @of = @_; strike(sub { CORE::rename($of[0], $of[1]) }) };
  *CORE::GLOBAL::mkdir = sub (_;$) { my @of = @_; strike(sub { CORE::mkdir($of[0], $of[1]) }) };
  *CORE::GLOBAL::fork = sub () { strike(sub { CORE::fork() }) };
  *CORE::GLOBAL::syscall = sub { my $of = \@_; strike(sub { CORE::syscall($of->[0], @$of[1 .. $#$of]) }) };
}
1;
"""
PERL = """#!/bin/dash
exec {real} -I{folder} -MSaboteur "$@"
"""


def sabotage(folder: Path, programs: Iterable[str], at: int, when: str) -> Path:
    """Put saboteurs in front of these programs in `folder`, and of what its perl calls; return the file that counts."""
    count = folder.parent / "count"
    count.write_text("0\n")
    for tool in programs:
        real = (folder / tool).resolve()
        _replace(folder / tool, SABOTEUR.format(count=count, at=at, when=when, real=real))
    if (folder / "perl").exists():
        text = SABOTEUR_IN_PERL.replace("COUNT", str(count)).replace("AT ", f"{at} ").replace("AT)", f"{at})")
        (folder / "Saboteur.pm").write_text(text.replace("WHEN", when))
        _replace(folder / "perl", PERL.format(real=(folder / "perl").resolve(), folder=folder))
    return count


def _replace(tool: Path, text: str) -> None:
    tool.unlink()
    tool.write_text(text)
    tool.chmod(0o755)
