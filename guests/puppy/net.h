// What the layers of the network say to each other: the cards below (net.c), who is where on a wire (arp.c), packets between
// networks (ip.c), and the datagrams of processes on top (socket.c). Numbers on the wire have their high byte first.
#ifndef PUPPY_NET_H
#define PUPPY_NET_H

#include "drivers.h"

#define CARD_LIMIT 4
#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806

struct card {
    char name[8];
    u8 mac[MAC_BYTES];
    u32 address, mask; // 0 while it has none
    struct wire *wire;
    u32 frames_in, frames_out, bytes_in, bytes_out, dropped;
};

// net.c; frames are begun at the driver. All of this is called with interrupts off.
extern const u8 everybody[MAC_BYTES];
struct card *card_at(u32 index);
struct card *card_with_address(u32 address);
void frame_send(struct card *card, u8 *frame, const u8 *to, u32 type, u32 length);
void card_set_address(struct card *card, u32 address, u32 bits);

// arp.c
void arp_input(struct card *card, const u8 *packet, u32 length);
void arp_announce(struct card *card);
bool arp_resolve(struct card *card, u32 address, u8 *mac);

// ip.c
#define IP_HEADER 20u
#define PROTOCOL_ICMP 1
#define PROTOCOL_UDP 17

struct packet {
    struct card *card;
    const u8 *sender_mac;
    const u8 *header; // of IP
    u32 from, to;
    const u8 *data;
    u32 length;
};

extern u32 gateway;
struct card *route(u32 to, u32 *next_hop);
u32 checksum(u32 sum, const void *data, u32 length);
u16 checksum_end(u32 sum);
u8 *ip_payload(u8 *frame);
void ip_send(struct card *card, u8 *frame, const u8 *mac, u32 to, u32 protocol, u32 length);
void ip_input(struct card *card, const u8 *sender_mac, const u8 *data, u32 length);
bool ip_deliver_locally(u32 address);

// socket.c
#define UDP_HEADER 8u
#define ICMP_HEADER 8u

bool udp_input(const struct packet *packet);
void ping_input(const struct packet *packet);
void udp_refused(u32 port);

static inline u32 get16(const u8 *at)
{
    return (u32)at[0] << 8 | at[1];
}

static inline u32 get32(const u8 *at)
{
    return get16(at) << 16 | get16(at + 2);
}

static inline void put16(u8 *at, u32 value)
{
    at[0] = (u8)(value >> 8);
    at[1] = (u8)value;
}

static inline void put32(u8 *at, u32 value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xFFFF);
}

#endif
