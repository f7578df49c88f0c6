# The programs in the root of an older distribution: its C library is older than the one that they were built with.
debian_root bullseye "$work/old"
unpack "$work/old/usr/local"
runs_the_suite "$work/old"
