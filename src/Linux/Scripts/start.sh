#!/bin/sh
# What is done at each start before there is a shell: names, folders for what runs, links for busybox's programs, networks. A network card
# is set up as ip= says, in the form of the kernel's own ip= (client:server:gateway:netmask:host:device:how:dns:dns), or as
# ip=ADDRESS/BITS for the first card; "dhcp" asks the network.
[ -e /usr/bin/clear ] || busybox --install -s 2>/dev/null
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock
. /etc/lguest/folders

# Folders of the host, each under its own name.
for file in /sys/bus/virtio/drivers/9pnet_virtio/virtio*/mount_tag; do
    [ -e "$file" ] || continue
    tag=$(tr -d '\000' <"$file")
    modprobe -a 9p 2>/dev/null
    mkdir -p "/mnt/$tag"
    mount -t 9p -o trans=virtio,version=9p2000.L,cache=mmap,msize=262144 "$tag" "/mnt/$tag" || echo "start: $tag cannot be mounted"
done

read -r line </proc/cmdline
case $(hostname) in
    "" | "(none)" | localhost)
        hostname -F /etc/hostname
        ;;
esac
for word in $line; do
    case $word in
        hostname=*) hostname "${word#*=}" ;;
    esac
done
name=$(hostname)
grep -qw -- "$name" /etc/hosts || echo "127.0.1.1 $name" >>/etc/hosts

ip link set lo up
servers=
configure() {
    address=$1 gateway=$3 mask=$4 device=${6:-eth0} how=$7
    [ -z "$8" ] || servers="$servers $8"
    [ -z "$9" ] || servers="$servers $9"
    case $address in
        dhcp | on | any | auto) how=dhcp address= ;;
        none | off) return ;;
    esac
    if [ ! -e "/sys/class/net/$device" ]; then
        echo "start: there is no network card $device"
        return
    fi
    ip link set "$device" up
    if [ -n "$address" ]; then
        case $address in
            */*) ip addr add "$address" dev "$device" ;;
            *) ifconfig "$device" "$address" netmask "${mask:-255.255.255.0}" ;;
        esac
        [ -z "$gateway" ] || ip route add default via "$gateway"
    elif [ "$how" = dhcp ] || [ "$how" = on ] || [ "$how" = any ]; then
        udhcpc -i "$device" -n -q -t 4 -T 1 -S -s /etc/lguest/dhcp >/dev/null 2>&1 || echo "start: no DHCP server answers on $device"
    fi
}
for word in $line; do
    case $word in
        ip=*)
            IFS=:
            # shellcheck disable=SC2086 # the parts are split at the colons
            set -- ${word#*=}
            unset IFS
            configure "$@"
            ;;
    esac
done
for server in $servers; do echo "nameserver $server" >>/etc/resolv.conf; done
