// A network card's device in the second generation: a virtio device of two queues, one for frames in and one for frames out.
#include "net.h"
#include "virtio.h"

#define RECEIVE_QUEUE 0
#define TRANSMIT_QUEUE 1
#define FEATURE_MAC 5
#define VIRTIO_HEADER 10u // flags, kind of large packet, four numbers about it: all zero, since we offload nothing
#define BUFFER 2048u
#define FRAME_AT 16u // where in a buffer the frame begins; the device's header is in front of it
#define RECEIVE_BUFFERS 32u
#define TRANSMIT_BUFFERS RECEIVE_BUFFERS // a ring full of questions is answered before the device has taken the first answer

struct free_frame {
    struct free_frame *next;
};

struct wire {
    struct virtqueue *receive, *transmit;
    struct card *card;
    struct free_frame *free_frames;
};

static void offer(struct wire *wire, u8 *buffer)
{
    struct buffer chain[2] = {{buffer, VIRTIO_HEADER}, {buffer + FRAME_AT, FRAME_LIMIT}};
    queue_add(wire->receive, chain, 0, 2);
}

//J:Puppy:395 Nobody asks for a frame
// A disk answers requests; a frame just comes. So the driver lends its buffers in advance, a whole ring full, and the device fills
// the next one whenever there is something for us. The interrupt says that at least one is full. We take all that are,
// give each to the layer that its type names, and lend the buffer out again: what the upper layers want to keep they copy. If the ring
// ran empty the device would have to drop frames, which Ethernet permits: everything above must live with loss anyway.
static void received(void *context)
{
    struct wire *wire = context;
    u8 *buffer;
    u32 length;
    while ((buffer = queue_take(wire->receive, &length))) {
        if (wire->card && length >= VIRTIO_HEADER + ETHERNET_HEADER && length <= VIRTIO_HEADER + FRAME_LIMIT) {
            card_received(wire->card, buffer + FRAME_AT, length - VIRTIO_HEADER);
        }
        offer(wire, buffer);
    }
    queue_kick(wire->receive);
}

static void reclaim(struct wire *wire)
{
    struct free_frame *buffer;
    u32 length;
    while ((buffer = queue_take(wire->transmit, &length))) {
        buffer->next = wire->free_frames;
        wire->free_frames = buffer;
    }
}

u8 *frame_begin(struct card *card)
{
    struct wire *wire = card->wire;
    reclaim(wire);
    u8 *buffer = (u8 *)wire->free_frames;
    if (!buffer) {
        card->dropped++;
        return NULL;
    }
    wire->free_frames = wire->free_frames->next;
    memset(buffer, 0, VIRTIO_HEADER);
    return buffer + FRAME_AT;
}

// Only while somebody waits here does a sent frame interrupt us.
u8 *frame_begin_or_sleep(struct card *card)
{
    struct wire *wire = card->wire;
    for (;;) {
        reclaim(wire);
        if (wire->free_frames) {
            return frame_begin(card);
        }
        if (current->killed) {
            return NULL;
        }
        queue_interrupts(wire->transmit, true);
        reclaim(wire);
        if (!wire->free_frames) {
            sleep_on(wire);
        }
        queue_interrupts(wire->transmit, false);
    }
}

static void sent(void *context)
{
    wake_up(context);
}

void wire_send(struct card *card, u8 *frame, u32 length)
{
    struct buffer chain[2] = {{frame - FRAME_AT, VIRTIO_HEADER}, {frame, length}};
    queue_add(card->wire->transmit, chain, 2, 0);
    queue_kick(card->wire->transmit);
}

void net_found(const struct virtio_device *device)
{
    virtio_accept(device, FEATURE_MAC);
    virtio_features_done(device);
    if (!virtio_offers(device, FEATURE_MAC)) {
        print("puppy: a network card without an address is left out\n");
        return;
    }
    u8 mac[MAC_BYTES];
    virtio_config(device, 0, mac, MAC_BYTES);
    struct wire *wire = allocate(sizeof *wire);
    wire->receive = queue_open(device, RECEIVE_QUEUE, received, wire);
    wire->transmit = queue_open(device, TRANSMIT_QUEUE, sent, wire);
    virtio_ready(device);
    if (!wire->receive || !wire->transmit) {
        return;
    }
    for (u32 i = 0; i < RECEIVE_BUFFERS; i++) {
        offer(wire, allocate(BUFFER));
    }
    queue_kick(wire->receive);
    queue_interrupts(wire->transmit, false);
    for (u32 i = 0; i < TRANSMIT_BUFFERS; i++) {
        struct free_frame *buffer = allocate(BUFFER);
        buffer->next = wire->free_frames;
        wire->free_frames = buffer;
    }
    wire->card = card_add(wire, mac);
    if (wire->card) {
        card_configure(wire->card);
    }
}
