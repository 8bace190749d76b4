#!/bin/busybox sh
# First process of each Guest in hocon/pair-linux.conf, for the test of that topology: finds its address and its peers in the kernel's arguments, serves files, and
# has with each peer what a network is for: echoes, a large file whose checksum must be right, and a hundred small requests.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin
mount -t proc proc /proc
for word in $(cat /proc/cmdline); do
  case $word in
    address=*) address=${word#address=} ;;
    peers=*) peers=$(echo "${word#peers=}" | tr , ' ') ;;
    hostname=*) hostname "${word#hostname=}" ;;
  esac
done
dmesg -n 1
ifconfig lo 127.0.0.1
ifconfig eth0 "${address%/*}" netmask 255.255.255.0 up
mkdir -p /www
echo hello > /www/small
seq 1 150000 > /tmp/numbers
cat /tmp/numbers /tmp/numbers > /www/large
httpd -h /www

for peer in $peers; do
  until wget -q -T 5 -O - http://$peer/small > /dev/null 2>&1; do sleep 1; done
  echo "PEER $peer $(ping -A -q -c 50 $peer | grep transmitted)"
  echo "PEER $peer large $(wget -q -T 60 -O - http://$peer/large | md5sum)"
  got=0
  for i in $(seq 1 100); do wget -q -T 60 -O - http://$peer/small | grep -q hello && got=$((got + 1)); done
  echo "PEER $peer got $got of 100"
done

# A peer may power off as soon as all have said that they are done; one that is gone has therefore seen that we are.
echo yes > /www/done
for peer in $peers; do
  until wget -q -T 5 -O - http://$peer/done 2>/dev/null | grep -q yes || ! ping -c 3 -W 10 -q $peer > /dev/null; do sleep 1; done
done
sleep 3
echo "PEERS done"
poweroff -f
