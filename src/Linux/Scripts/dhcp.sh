#!/bin/sh
# Called by udhcpc with what a DHCP server has said.
case $1 in
    deconfig)
        ifconfig "$interface" 0.0.0.0
        ;;
    bound | renew)
        ifconfig "$interface" "$ip" netmask "${subnet:-255.255.255.0}"
        for gateway in $router; do
            route add default gw "$gateway" dev "$interface"
            break
        done
        {
            [ -z "$domain" ] || echo "search $domain"
            for server in $dns; do echo "nameserver $server"; done
        } >/etc/resolv.conf
        ;;
esac
