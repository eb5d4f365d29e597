# Between a start and the watch of what it started: the controller reads frames from here on.
echo W
dp_offset=0
