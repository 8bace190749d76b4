#!/bin/busybox sh
# The first program of a Guest that "lguest linux" has made: mounts what every program expects, loads the drivers of the devices that are
# there, goes on to a root file system on a disk where root= names one, and becomes busybox's init. It runs twice with a disk: here, and
# there as the disk's own.
b=/bin/busybox
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux

if [ -z "$LGUEST_ROOT" ]; then
    $b mount -t proc proc /proc
    $b mount -t sysfs sys /sys
    $b mount -t devtmpfs dev /dev
    $b mkdir -p /dev/pts /dev/shm
    $b mount -t devpts -o mode=620,gid=5 pts /dev/pts
    $b mount -t tmpfs -o mode=1777 shm /dev/shm

    # Names that programs expect beside the devices, such as bash for its <(...).
    $b ln -s /proc/self/fd /dev/fd
    $b ln -s fd/0 /dev/stdin
    $b ln -s fd/1 /dev/stdout
    $b ln -s fd/2 /dev/stderr

    # A driver is loaded where its device is: what is not there costs nothing.
    $b modprobe virtio_pci
    drivers=
    for device in /sys/bus/virtio/devices/*/device; do
        [ -e "$device" ] || continue
        read -r number <"$device"
        case $number in
            0x0001) drivers="$drivers virtio_net" ;;
            0x0002) drivers="$drivers virtio_blk" ;;
            0x0003) drivers="$drivers virtio_console" ;;
            0x0004) drivers="$drivers virtio_rng" ;;
            0x0009) drivers="$drivers 9pnet_virtio" ;;
        esac
    done
    [ -z "$drivers" ] || $b modprobe -a $drivers
fi

read -r line </proc/cmdline
root= kind=ext4 flags=rw
for word in $line; do
    case $word in
        root=*) root=${word#*=} ;;
        rootfstype=*) kind=${word#*=} ;;
        rootflags=*) flags=$flags,${word#*=} ;;
    esac
done

if [ -n "$root" ] && [ -z "$LGUEST_ROOT" ]; then
    [ "$kind" != ext4 ] || $b modprobe -a crc32c_generic ext4
    tries=0
    while [ ! -b "$root" ] && [ $tries -lt 50 ]; do
        $b usleep 20000
        tries=$((tries + 1))
    done
    if $b mount -t "$kind" -o "$flags" "$root" /mnt && [ -x /mnt/init ]; then
        for folder in dev proc sys; do $b mount -o move /$folder /mnt/$folder; done
        export LGUEST_ROOT="$root"
        exec $b switch_root /mnt /init
    fi
    echo "init: $root cannot be mounted, or has no /init; this is the initial RAM disk"
fi

# The shell is where the kernel's last console is: ttyS0, or hvc0 with console=hvc0.
read -r consoles </sys/class/tty/console/active
tty=${consoles##* }
{
    echo "::sysinit:/etc/lguest/start"
    [ ! -f /etc/lguest/run ] || echo "::once:/bin/sh -c '. /etc/profile; . /etc/lguest/run'"
    echo "${tty:-ttyS0}::respawn:/etc/lguest/console"
    echo "::ctrlaltdel:$b reboot"
    echo "::shutdown:$b swapoff -a"
    echo "::shutdown:/bin/sh -c 'umount -a -r 2>/dev/null'"
} >/etc/inittab
exec $b init
