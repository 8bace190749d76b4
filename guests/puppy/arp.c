// Who on this wire has that address? The question is shouted to everybody, the answer is kept for a while (RFC 826).
#include "net.h"

#define PACKET 28u // hardware, protocol, lengths, operation; then sender and target, each MAC and address
#define REQUEST 1
#define REPLY 2
#define ENTRIES 32
#define TRIES 3
#define PATIENCE 500000000ull    // nanoseconds between two shouts
#define LIFETIME 300000000000ull // nanoseconds until we ask again

static struct entry {
    struct card *card; // NULL: unused
    u32 address;
    u8 mac[MAC_BYTES];
    u64 until;
} table[ENTRIES];

static u32 next_victim;
static const u8 nobody[MAC_BYTES];

static struct entry *find(const struct card *card, u32 address)
{
    for (u32 i = 0; i < ENTRIES; i++) {
        if (table[i].card == card && table[i].address == address) {
            return &table[i];
        }
    }
    return NULL;
}

static void learn(struct card *card, u32 address, const u8 *mac)
{
    struct entry *entry = find(card, address);
    if (!entry) {
        entry = &table[next_victim++ % ENTRIES];
    }
    entry->card = card;
    entry->address = address;
    memcpy(entry->mac, mac, MAC_BYTES);
    entry->until = clock_now() + LIFETIME;
    wake_up(table);
}

static void say(struct card *card, u32 operation, const u8 *to, const u8 *target_mac, u32 target)
{
    u8 *frame = frame_begin(card);
    if (!frame) {
        return;
    }
    u8 *packet = frame + ETHERNET_HEADER;
    put16(packet, 1); // Ethernet
    put16(packet + 2, TYPE_IPV4);
    packet[4] = MAC_BYTES;
    packet[5] = 4;
    put16(packet + 6, operation);
    memcpy(packet + 8, card->mac, MAC_BYTES);
    put32(packet + 14, card->address);
    memcpy(packet + 18, target_mac, MAC_BYTES);
    put32(packet + 24, target);
    frame_send(card, frame, to, TYPE_ARP, PACKET);
}

void arp_input(struct card *card, const u8 *packet, u32 length)
{
    if (length < PACKET || get16(packet) != 1 || get16(packet + 2) != TYPE_IPV4 || packet[4] != MAC_BYTES || packet[5] != 4) {
        return;
    }
    u32 sender = get32(packet + 14);
    bool for_us = card->address && get32(packet + 24) == card->address;
    if (sender && sender != card->address && (for_us || find(card, sender))) {
        learn(card, sender, packet + 8);
    }
    if (for_us && get16(packet + 6) == REQUEST) {
        say(card, REPLY, packet + 8, packet + 8, sender);
    }
}

// A question for our own address: nobody answers, but switches and neighbours learn where we are.
void arp_announce(struct card *card)
{
    u32 flags = irq_save();
    say(card, REQUEST, everybody, nobody, card->address);
    irq_restore(flags);
}

// For processes only: sleeps until the answer is there or it is clear that none will come. Interrupts are off on entry and return.
bool arp_resolve(struct card *card, u32 address, u8 *mac)
{
    if (address == 0xFFFFFFFFu || address == (card->address | ~card->mask)) {
        memcpy(mac, everybody, MAC_BYTES);
        return true;
    }
    u64 ask_at = 0;
    for (u32 tries = 0;;) {
        const struct entry *entry = find(card, address);
        u64 now = clock_now();
        if (entry && entry->until > now) {
            memcpy(mac, entry->mac, MAC_BYTES);
            return true;
        }
        if (now >= ask_at) {
            if (tries++ == TRIES) {
                return false;
            }
            say(card, REQUEST, everybody, nobody, address);
            ask_at = now + PATIENCE;
        }
        if (current->killed) {
            return false;
        }
        current->wake_at = ask_at;
        sleep_on(table);
        current->wake_at = 0;
    }
}
