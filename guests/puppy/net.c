// Network cards: the frames that go through them, and their addresses. What is in a frame is the business of the layers above, and how
// it gets onto the wire that of the driver.
#include "net.h"

const u8 everybody[MAC_BYTES] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
static struct card *cards[CARD_LIMIT];

struct card *card_at(u32 index)
{
    return index < CARD_LIMIT ? cards[index] : NULL;
}

struct card *card_with_address(u32 address)
{
    for (u32 i = 0; i < CARD_LIMIT; i++) {
        if (cards[i] && cards[i]->address && cards[i]->address == address) {
            return cards[i];
        }
    }
    return NULL;
}

// Gives a frame to the layer that its type names.
void card_received(struct card *card, const u8 *frame, u32 length)
{
    card->frames_in++;
    card->bytes_in += length;
    if (get16(frame + 12) == TYPE_ARP) {
        arp_input(card, frame + ETHERNET_HEADER, length - ETHERNET_HEADER);
    } else if (get16(frame + 12) == TYPE_IPV4) {
        ip_input(card, frame + MAC_BYTES, frame + ETHERNET_HEADER, length - ETHERNET_HEADER);
    }
}

// length is that of what follows the Ethernet header.
void frame_send(struct card *card, u8 *frame, const u8 *to, u32 type, u32 length)
{
    memcpy(frame, to, MAC_BYTES);
    memcpy(frame + MAC_BYTES, card->mac, MAC_BYTES);
    put16(frame + 12, type);
    length += ETHERNET_HEADER;
    wire_send(card, frame, length);
    card->frames_out++;
    card->bytes_out += length;
}

void card_set_address(struct card *card, u32 address, u32 bits)
{
    card->address = address;
    card->mask = bits ? 0xFFFFFFFFu << (32 - bits) : 0;
    if (address) {
        arp_announce(card);
    }
}

// "ip=10.0.0.2/24" is for the first card, "ip1=..." for the second, and so on; "gateway=10.0.0.1" is the way to everywhere else.
void card_configure(struct card *card)
{
    char name[] = "ip0=";
    name[2] = card->name[3];
    const char *value = option(name);
    if (!value && card == cards[0]) {
        value = option("ip=");
    }
    u32 address;
    u32 bits = 24;
    if (value && !parse_address(value, &address, &value)) {
        print("puppy: %s wants an address such as 10.0.0.2/24\n", name);
    } else if (value) {
        if (*value == '/') {
            bits = parse_number(value + 1, NULL);
        }
        card_set_address(card, address, bits <= 32 ? bits : 24);
    }
    const char *way = option("gateway=");
    if (way) {
        parse_address(way, &gateway, NULL);
    }
}

// Takes up a card; NULL if there are too many.
struct card *card_add(struct wire *wire, const u8 *mac)
{
    u32 index = 0;
    while (index < CARD_LIMIT && cards[index]) {
        index++;
    }
    struct card *card = index < CARD_LIMIT ? allocate(sizeof *card) : NULL;
    if (!card) {
        print("puppy: a network card is left out\n");
        return NULL;
    }
    copy_text(card->name, "eth0", sizeof card->name);
    card->name[3] = (char)('0' + index);
    memcpy(card->mac, mac, MAC_BYTES);
    card->wire = wire;
    cards[index] = card;
    print("puppy: %s is %02x:%02x:%02x:%02x:%02x:%02x\n", card->name, mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
    return card;
}
