// IPv4 as a host that has one or a few cards, a gateway at most, and no wish to forward anything (RFC 791), with the part of ICMP that
// a polite host answers (RFC 792). Packets in pieces are not put together: what we send never needs to be cut.
#include "net.h"

#define ICMP_ECHO_REPLY 0
#define ICMP_UNREACHABLE 3
#define ICMP_ECHO 8
#define PORT_UNREACHABLE 3
#define TIME_TO_LIVE 64
#define LOOPBACK 0x7F000000u

u32 gateway;
static u16 next_identification;

// Which card leads there, and who on its wire takes the packet; NULL if none does.
struct card *route(u32 to, u32 *next_hop)
{
    struct card *towards_gateway = NULL;
    for (u32 i = 0; i < CARD_LIMIT; i++) {
        struct card *card = card_at(i);
        if (!card || !card->address) {
            continue;
        }
        if (((to ^ card->address) & card->mask) == 0 || to == 0xFFFFFFFFu) {
            *next_hop = to;
            return card;
        }
        if (gateway && ((gateway ^ card->address) & card->mask) == 0) {
            towards_gateway = card;
        }
    }
    *next_hop = gateway;
    return towards_gateway;
}

// What is sent to ourselves needs no card.
bool ip_deliver_locally(u32 address)
{
    return (address & 0xFF000000u) == LOOPBACK || card_with_address(address);
}

//J:Puppy:397 A sum that checks itself
// IP, ICMP and UDP are protected by the same sum: the 16-bit words added with the carries brought back in, and inverted. A reader that adds
// up the words together with the inverted sum gets all ones, whatever the byte order of the machine. A device may offer
// to do this for us; we do not take the offer: a frame that left a Puppy is complete, and pcap shows what was sent.
u32 checksum(u32 sum, const void *data, u32 length)
{
    const u8 *bytes = data;
    for (u32 i = 0; i + 1 < length; i += 2) {
        sum += get16(bytes + i);
    }
    if (length & 1) {
        sum += (u32)bytes[length - 1] << 8;
    }
    return sum;
}

u16 checksum_end(u32 sum)
{
    while (sum >> 16) {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    return (u16)~sum;
}

u8 *ip_payload(u8 *frame)
{
    return frame + ETHERNET_HEADER + IP_HEADER;
}

void ip_send(struct card *card, u8 *frame, const u8 *mac, u32 to, u32 protocol, u32 length)
{
    u8 *header = frame + ETHERNET_HEADER;
    memset(header, 0, IP_HEADER);
    header[0] = 0x45; // version 4, five words of header
    put16(header + 2, IP_HEADER + length);
    put16(header + 4, next_identification++);
    put16(header + 6, 0x4000); // not to be cut
    header[8] = TIME_TO_LIVE;
    header[9] = (u8)protocol;
    put32(header + 12, card->address);
    put32(header + 16, to);
    put16(header + 10, checksum_end(checksum(0, header, IP_HEADER)));
    frame_send(card, frame, mac, TYPE_IPV4, IP_HEADER + length);
}

static void answer_echo(const struct packet *packet)
{
    u8 *frame = packet->length <= FRAME_LIMIT - ETHERNET_HEADER - IP_HEADER ? frame_begin(packet->card) : NULL;
    if (!frame) {
        return;
    }
    u8 *reply = ip_payload(frame);
    memcpy(reply, packet->data, packet->length);
    reply[0] = ICMP_ECHO_REPLY;
    put16(reply + 2, 0);
    put16(reply + 2, checksum_end(checksum(0, reply, packet->length)));
    ip_send(packet->card, frame, packet->sender_mac, packet->from, PROTOCOL_ICMP, packet->length);
}

// Tells the sender of a datagram that nobody has its port, with the beginning of what it sent, so that it knows which.
static void refuse(const struct packet *packet)
{
    u8 *frame = frame_begin(packet->card);
    if (!frame) {
        return;
    }
    u8 *message = ip_payload(frame);
    memset(message, 0, ICMP_HEADER);
    message[0] = ICMP_UNREACHABLE;
    message[1] = PORT_UNREACHABLE;
    u32 quoted = (u32)(packet->data - packet->header) + UDP_HEADER;
    memcpy(message + ICMP_HEADER, packet->header, quoted);
    put16(message + 2, checksum_end(checksum(0, message, ICMP_HEADER + quoted)));
    ip_send(packet->card, frame, packet->sender_mac, packet->from, PROTOCOL_ICMP, ICMP_HEADER + quoted);
}

static void icmp_input(const struct packet *packet, bool for_us_alone)
{
    if (packet->length < ICMP_HEADER || checksum_end(checksum(0, packet->data, packet->length)) != 0) {
        return;
    }
    const u8 *quoted = packet->data + ICMP_HEADER;
    u32 quoted_header = packet->length > ICMP_HEADER ? (quoted[0] & 15u) * 4 : 0;
    if (packet->data[0] == ICMP_ECHO && for_us_alone) {
        answer_echo(packet);
    } else if (packet->data[0] == ICMP_ECHO_REPLY) {
        ping_input(packet);
    } else if (packet->data[0] == ICMP_UNREACHABLE && quoted_header >= IP_HEADER
               && packet->length >= ICMP_HEADER + quoted_header + UDP_HEADER && quoted[9] == PROTOCOL_UDP) {
        udp_refused(get16(quoted + quoted_header));
    }
}

void ip_input(struct card *card, const u8 *sender_mac, const u8 *data, u32 length)
{
    u32 header = length >= IP_HEADER ? (data[0] & 15u) * 4 : 0;
    u32 total = length >= IP_HEADER ? get16(data + 2) : 0;
    if (header < IP_HEADER || data[0] >> 4 != 4 || total < header || total > length || checksum_end(checksum(0, data, header)) != 0) {
        return;
    }
    if (get16(data + 6) & 0x3FFF) {
        return; // a piece
    }
    struct packet packet = {card, sender_mac, data, get32(data + 12), get32(data + 16), data + header, total - header};
    bool for_us_alone = card->address && packet.to == card->address;
    bool for_all = packet.to == 0xFFFFFFFFu || (card->address && packet.to == (card->address | ~card->mask));
    if (!for_us_alone && !for_all) {
        return;
    }
    if (data[9] == PROTOCOL_ICMP) {
        icmp_input(&packet, for_us_alone);
    } else if (data[9] == PROTOCOL_UDP && packet.length >= UDP_HEADER && !udp_input(&packet) && for_us_alone) {
        refuse(&packet);
    }
}
