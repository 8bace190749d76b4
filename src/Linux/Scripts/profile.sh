# Settings of every shell. The aliases below, which are made from the packages that are there, have programs of packages come before
# busybox's own of the same name.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export USER=root LOGNAME=root PS1='\u@\h:\w\$ '
