# What scripts find as the log-in has it, before we change it for ourselves: here the umask, which launch.pl tells a runner.
dp_umask=${3:-$(umask)}
