# The rest of a session of Debian's kernel with Debian's programs: ext4 made, filled, checked; Python; gzip with the host at the other end;
# modules, the network, a thousand programs started. The disk vda is empty, vdb begins with numbers that the host has compressed.
check debian "$(uname -s -m; uname -r | grep -c -- -686)" "Linux i686
1"
check paging "$(uname -r | grep -c pae)" "$PAE"
check root "$(id -u) $(id -g)" "0 0"
check modules "$(modprobe -a ext4 overlay && grep -c -E '^(ext4|overlay) ' /proc/modules)" 2
check interrupts "$(grep -c virtio /proc/interrupts | awk '{print ($1 > 2)}')" 1
check memory "$(awk '/MemTotal/ {print ($2 > 200000 && $2 < 262144)}' /proc/meminfo)" 1
check clock "$(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" kvm-clock
check bash "$(a=(one two three); echo ${#a[@]} ${a[1]} ${a[*]: -1})" "3 two three"
check substitution "$(diff <(seq 1 9) <(seq 1 9) && echo same)" same
check here "$(tr a-z A-Z <<< guest)" GUEST
check pipefail "$(set -o pipefail; false | true; echo $?)" 1
check stopped "$(set -m; sleep 50 & kill -STOP $!; until grep -q '^State:.T' /proc/$!/status; do :; done; kill -CONT $!; kill $!; wait $! 2>/dev/null; echo $?)" 143
check pending "$(n=0; trap 'n=$((n + 1))' USR1; for i in 1 2 3 4 5 6 7 8 9; do kill -USR1 $BASHPID; done; echo $n)" 9
check fork_exec "$(i=0; while [ $i -lt 1000 ]; do /bin/true && i=$((i + 1)); done; echo $i)" 1000
check crowd "$(for i in $(seq 1 100); do sleep 0.1 & done; wait; echo all)" all
check fifo "$(mkfifo p; (seq 1 5000 > p &); md5sum < p; rm p)" "$(seq 1 5000 | md5sum)"
check sparse "$(dd if=/dev/zero of=s bs=1 count=1 seek=50000000 2>/dev/null; stat -c %s s; du -k s | awk '{print ($1 < 100)}'; rm s)" "50000001
1"
check thousand "$(mkdir m; for i in $(seq 1 1000); do : > m/f$i; done; ls m | wc -l; rm -r m)" 1000
check gunzip "$(gunzip -c < /dev/vdb 2>/dev/null | md5sum)" "$(md5sum < numbers)"
check rezip "$(gzip -c numbers > z && dd if=z of=/dev/vdb bs=64k conv=sync,fsync 2>/dev/null; echo $?)" 0
echo "HOST gzip $(stat -c %s z)"
check python "$(python3 -c 'print(2 ** 200 % 10 ** 9, sum(range(100001)))')" "835301376 5000050000"
check python_float "$(python3 -c 'import math; print(repr(0.1 + 0.2), math.exp(1), math.sin(1), math.atan2(1, 1) * 4)')" "0.30000000000000004 2.718281828459045 0.8414709848078965 3.141592653589793"
check python_text "$(python3 -c 'import re; print(re.sub("[aeiou]", "-", "paravirtual"), "\u00e4\u20ac".encode().hex())')" "p-r-v-rt--l c3a4e282ac"
check python_sort "$(python3 -c 'import random; random.seed(1); a = list(range(50000)); random.shuffle(a); print(sorted(a) == list(range(50000)))')" True
check python_hash "$(python3 -c 'import _md5; print(_md5.md5(open("numbers", "rb").read()).hexdigest())')" "$(md5sum < numbers | cut -d' ' -f1)"
check python_threads "$(python3 -c 'import threading as t; s = []; a = [t.Thread(target=s.append, args=(i,)) for i in range(40)]; [x.start() for x in a]; [x.join() for x in a]; print(sum(s))')" 780
check python_fork "$(python3 -c 'import os; print(sum(os.waitpid(p, 0)[1] >> 8 for p in [os.fork() or os._exit(i) for i in range(30)]))')" 435
check python_error "$(python3 -c '1 / 0' 2>&1 | tail -n 1)" "ZeroDivisionError: division by zero"
check loopback "$(ping -c 3 -i 0.2 127.0.0.1 | tee /dev/stderr | grep -o ' 0% packet loss')" " 0% packet loss"
check address "$(ip -br addr show eth0 | grep -c 10.0.2.)" 1
# Ping gives its last packet two round trips, which a busy host exceeds; with a deadline it goes on until all are answered.
check gateway "$(ping -c 5 -i 0.2 -w 60 10.0.2.2 | tee /dev/stderr | grep -c ' [5-9] received')" 1
check card "$(awk '{print ($1 > 4)}' /sys/class/net/eth0/statistics/rx_packets)" 1
check tcp "$(python3 -c 'import os, _md5, _socket as s; l = s.socket(); l.bind(("127.0.0.1", 0)); l.listen(); c = s.socket()
if os.fork() == 0: c.connect(l.getsockname()); f = open("numbers", "rb").read(); c.sendall(f * 20); c.shutdown(1); os._exit(0)
n = s.socket(fileno=l._accept()[0]); m = _md5.md5(); [m.update(b) for b in iter(lambda: n.recv(65536), b"")]; print(m.hexdigest())')" "$(for i in $(seq 1 20); do cat numbers; done | md5sum | cut -d' ' -f1)"
check udp "$(python3 -c 'import _socket as s; a = s.socket(2, 2); a.bind(("127.0.0.1", 0)); a.sendto(b"x" * 9000, a.getsockname()); print(len(a.recv(9999)))')" 9000
check disk "$(cat /sys/block/vda/size)" 131072
mkfs.ext4 -q /dev/vda; check mkfs $? 0
mkdir -p /mnt/d; mount -t ext4 /dev/vda /mnt/d; check mount $? 0
for i in $(seq 1 40); do cp numbers /mnt/d/n$i; done; cp r /mnt/d/r; mkdir -p /mnt/d/x/y; for i in $(seq 1 300); do echo $i > /mnt/d/x/y/$i; done; rm /mnt/d/n1?; sync
check filled "$(find /mnt/d -type f | wc -l)" 331
check appended "$(for i in $(seq 1 200); do echo line $i >> /mnt/d/log; done; md5sum < /mnt/d/log)" "$(for i in $(seq 1 200); do echo line $i; done | md5sum)"
check truncated "$(truncate -s 1000 /mnt/d/n40; md5sum < /mnt/d/n40)" "$(head -c 1000 numbers | md5sum)"
check renamed "$(mv /mnt/d/x/y /mnt/d/z && ls /mnt/d/z | wc -l)" 300
umount /mnt/d; check umount $? 0
e2fsck -fn /dev/vda > fsck.log 2>&1; check fsck $? 0
echo 3 > /proc/sys/vm/drop_caches; mount -t ext4 /dev/vda /mnt/d; check reread "$(for i in 2 9 20 30 39; do md5sum < /mnt/d/n$i; done | uniq -c | awk '{print $1, $2}')" "5 $(md5sum < numbers | cut -d' ' -f1)"
check reread_random "$(cmp r /mnt/d/r && echo same)" same
check reread_many "$(cat /mnt/d/z/* | awk '{s += $1} END {print s}')" 45150
umount /mnt/d; echo "HOST md5 disk $(md5sum < /dev/vda | cut -d' ' -f1)"
check log "$(dmesg | grep -c -E 'Oops|BUG:|Call Trace|I/O error|segfault')" 0
echo SESSION-END; sync; poweroff
