// A network card's device in the first generation: a page with a line for each card on the network, and keys in that page to send to.
#include "dma.h"
#include "net.h"

#define SLOTS (PAGE_SIZE / MAC_BYTES)
#define SLOT_KEY 4u // the key of slot n is so many bytes into the page
#define OWN_SLOT 0xFFFu // of the features
#define EVERYTHING 1 // of a slot's first byte: its owner wants all frames
#define RECEIVE_BUFFERS 8u
#define BUFFER 2048u // a half page: no frame in it crosses the end of one
#define FRAME_AT 16u

struct wire {
    u32 key, own;
    volatile u8 *slots;
    struct card *card;
    u32 next; // the buffer that is probably filled next
    struct dma received[RECEIVE_BUFFERS];
    struct dma sent;
    u8 *buffer;
};

static u8 *slot_at(const struct wire *wire, u32 slot)
{
    return (u8 *)wire->slots + slot * MAC_BYTES;
}

// The Host goes round the buffers, and so do we, from where we were last time; but it may pass over one that we empty at that moment, so each is looked at.
static void received(void *context)
{
    struct wire *wire = context;
    u32 first = wire->next;
    for (u32 i = 0; i < RECEIVE_BUFFERS; i++) {
        u32 index = (first + i) % RECEIVE_BUFFERS;
        struct dma *dma = &wire->received[index];
        u32 length = dma->used_length;
        if (!length) {
            continue;
        }
        if (length >= ETHERNET_HEADER && length <= FRAME_LIMIT) {
            card_received(wire->card, linear(dma->address[0]), length);
        }
        barrier();
        dma->used_length = 0;
        wire->next = (index + 1) % RECEIVE_BUFFERS;
    }
}

u8 *frame_begin(struct card *card)
{
    return card->wire->buffer + FRAME_AT;
}

// There is nothing to wait for: a frame has gone before the next one can be begun.
u8 *frame_begin_or_sleep(struct card *card)
{
    return current->killed ? NULL : frame_begin(card);
}

//J:Puppy:570 A network without a switch
// The page of a network is a table of who is there: each card writes its address into a slot of its own, and listens at the key that belongs to
// the slot. So a sender needs no switch that would learn: it looks the receiver up and sends to its key, and a broadcast is sent to everybody, one
// after the other. The Host copies, and does not look at what. A slot may say that its owner wants everything: a Launcher that passes the frames on
// to a network of another kind does.
void wire_send(struct card *card, u8 *frame, u32 length)
{
    struct wire *wire = card->wire;
    bool all = frame[0] & 1; // broadcast or multicast
    for (u32 slot = 0; slot < SLOTS; slot++) {
        const volatile u8 *mac = slot_at(wire, slot);
        if (slot == wire->own || !mac[0]) {
            continue;
        }
        bool wanted = all || mac[0] & EVERYTHING;
        for (u32 i = 0; !wanted && i < MAC_BYTES && mac[i] == frame[i]; i++) {
            wanted = i == MAC_BYTES - 1;
        }
        if (wanted) {
            dma_describe(&wire->sent, frame, length);
            if (dma_send(wire->key + slot * SLOT_KEY, &wire->sent) != length) {
                card->dropped++;
            }
        }
    }
}

void net_found(const struct dma_device *device)
{
    struct wire *wire = allocate(sizeof *wire);
    wire->key = device->key;
    wire->own = device->features & OWN_SLOT;
    wire->slots = device->page;
    wire->buffer = allocate(BUFFER);
    if (!wire->slots || wire->own >= SLOTS) {
        dma_failed(device);
        return;
    }

    // An address that no other Guest has, made of our number; then buffers; and only then our line in the page.
    const u8 mac[MAC_BYTES] = {2, 0, (u8)lguest_data.guestid, (u8)(lguest_data.guestid >> 8), 0, 0};
    for (u32 i = 0; i < RECEIVE_BUFFERS; i++) {
        dma_describe(&wire->received[i], (u8 *)allocate(BUFFER) + FRAME_AT, FRAME_LIMIT);
    }
    wire->card = card_add(wire, mac);
    irq_register(device->irq, received, wire);
    if (!wire->card || !dma_bind(wire->key + wire->own * SLOT_KEY, wire->received, RECEIVE_BUFFERS, device->irq)) {
        dma_failed(device);
        return;
    }
    memcpy(slot_at(wire, wire->own), mac, MAC_BYTES);
    dma_ready(device);
    card_configure(wire->card);
}
