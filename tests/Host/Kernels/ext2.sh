# The rest of a session of an lguest kernel with a busybox in memory: what its awk can do, and a file system on the disk, which the host
# reads and checks afterwards.
check float "$(awk 'BEGIN {printf "%.10f %.6f %.6f", 355/113, sqrt(2), exp(1)}')" "3.1415929204 1.414214 2.718282"
check sine "$(awk 'BEGIN {printf "%.8f %.8f", sin(1), atan2(1, 1) * 4}')" "0.84147098 3.14159265"
check tmpfs "$(df /tmp | tail -n 1 | awk '{print $NF}')" /tmp
check disk "$(cat /sys/block/$DISK/size)" 16384
mke2fs /dev/$DISK > mke2fs.log 2>&1; check mke2fs $? 0
mkdir -p /mnt/d; mount -t ext2 /dev/$DISK /mnt/d; check mount $? 0
for i in 1 2 3 4 5 6 7 8; do cp numbers /mnt/d/n$i; done; cp r /mnt/d/r; mkdir /mnt/d/dir; echo deep > /mnt/d/dir/file; sync
check filled "$(ls /mnt/d | wc -l)" 11
umount /mnt/d; check umount $? 0
echo 3 > /proc/sys/vm/drop_caches; mount -t ext2 /dev/$DISK /mnt/d; check reread "$(cat /mnt/d/n[1-8] | md5sum)" "$(cat numbers numbers numbers numbers numbers numbers numbers numbers | md5sum)"
check reread_random "$(cmp r /mnt/d/r && cat /mnt/d/dir/file)" deep
check tree "$(cd /mnt/d && find . -type f | sort | tr '\n' ' ')" "./dir/file ./n1 ./n2 ./n3 ./n4 ./n5 ./n6 ./n7 ./n8 ./r "
umount /mnt/d; check clean "$(dd if=/dev/$DISK bs=1 skip=1080 count=4 2>/dev/null | od -An -tx1 | tr -d ' ')" 53ef0100
echo "HOST md5 disk $(md5sum < /dev/$DISK | cut -d' ' -f1)"
echo SESSION-END; sync; poweroff -f
