// Network cards: one virtio net device each, its two queues, and the frames that go through them. What is in a frame is the
// business of the layers above.
#include "net.h"
#include "virtio.h"

#define RECEIVE_QUEUE 0
#define TRANSMIT_QUEUE 1
#define FEATURE_MAC 5
#define VIRTIO_HEADER 10u // flags, kind of large packet, four numbers about it: all zero, since we offload nothing
#define BUFFER 2048u
#define FRAME_AT 16u // where in a buffer the frame begins; the device's header is in front of it
#define RECEIVE_BUFFERS 32u
#define TRANSMIT_BUFFERS 16u

struct free_frame {
    struct free_frame *next;
};

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

static void offer(struct card *card, u8 *buffer)
{
    struct buffer chain[2] = {{buffer, VIRTIO_HEADER}, {buffer + FRAME_AT, FRAME_LIMIT}};
    queue_add(card->receive, chain, 0, 2);
}

//J:Drivers:310 Nobody asks for a frame
// A disk answers requests; a frame just comes. So the driver lends its buffers in advance, a whole ring full, and the device fills
// the next one whenever there is something for us. The interrupt says that at least one is full. We take all that are,
// give each to the layer that its type names, and lend the buffer out again: what the upper layers want to keep they copy. If the ring
// ran empty the device would have to drop frames, which Ethernet permits: everything above must live with loss anyway.
static void received(void *context)
{
    struct card *card = context;
    u8 *buffer;
    u32 length;
    while ((buffer = queue_take(card->receive, &length))) {
        const u8 *frame = buffer + FRAME_AT;
        if (length >= VIRTIO_HEADER + ETHERNET_HEADER && length <= VIRTIO_HEADER + FRAME_LIMIT) {
            length -= VIRTIO_HEADER;
            card->frames_in++;
            card->bytes_in += length;
            if (get16(frame + 12) == TYPE_ARP) {
                arp_input(card, frame + ETHERNET_HEADER, length - ETHERNET_HEADER);
            } else if (get16(frame + 12) == TYPE_IPV4) {
                ip_input(card, frame + MAC_BYTES, frame + ETHERNET_HEADER, length - ETHERNET_HEADER);
            }
        }
        offer(card, buffer);
    }
    queue_kick(card->receive);
}

static void reclaim(struct card *card)
{
    struct free_frame *buffer;
    u32 length;
    while ((buffer = queue_take(card->transmit, &length))) {
        buffer->next = card->free_frames;
        card->free_frames = buffer;
    }
}

// Room for a frame, or NULL if all buffers are on their way.
u8 *frame_begin(struct card *card)
{
    reclaim(card);
    u8 *buffer = (u8 *)card->free_frames;
    if (!buffer) {
        card->dropped++;
        return NULL;
    }
    card->free_frames = card->free_frames->next;
    memset(buffer, 0, VIRTIO_HEADER);
    return buffer + FRAME_AT;
}

// The same for processes, which can wait. Only while one does so does a sent frame interrupt us; NULL if it was killed meanwhile.
u8 *frame_begin_or_sleep(struct card *card)
{
    for (;;) {
        reclaim(card);
        if (card->free_frames) {
            return frame_begin(card);
        }
        if (current->killed) {
            return NULL;
        }
        queue_interrupts(card->transmit, true);
        reclaim(card);
        if (!card->free_frames) {
            sleep_on(card->transmit);
        }
        queue_interrupts(card->transmit, false);
    }
}

static void sent(void *context)
{
    struct card *card = context;
    wake_up(card->transmit);
}

// length is that of what follows the Ethernet header.
void frame_send(struct card *card, u8 *frame, const u8 *to, u32 type, u32 length)
{
    memcpy(frame, to, MAC_BYTES);
    memcpy(frame + MAC_BYTES, card->mac, MAC_BYTES);
    put16(frame + 12, type);
    length += ETHERNET_HEADER;
    struct buffer chain[2] = {{frame - FRAME_AT, VIRTIO_HEADER}, {frame, length}};
    queue_add(card->transmit, chain, 2, 0);
    queue_kick(card->transmit);
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
static void configure(struct card *card, u32 index)
{
    char name[] = "ip0=";
    name[2] = (char)('0' + index);
    const char *value = option(name);
    if (!value && index == 0) {
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

void net_found(const struct virtio_device *device)
{
    u32 index = 0;
    while (index < CARD_LIMIT && cards[index]) {
        index++;
    }
    struct card *card = index < CARD_LIMIT ? allocate(sizeof *card) : NULL;
    virtio_accept(device, FEATURE_MAC);
    virtio_features_done(device);
    if (!card || !virtio_offers(device, FEATURE_MAC)) {
        print("puppy: a network card is left out\n");
        return;
    }
    copy_text(card->name, "eth0", sizeof card->name);
    card->name[3] = (char)('0' + index);
    virtio_config(device, 0, card->mac, MAC_BYTES);
    card->receive = queue_open(device, RECEIVE_QUEUE, received, card);
    card->transmit = queue_open(device, TRANSMIT_QUEUE, sent, card);
    virtio_ready(device);
    if (!card->receive || !card->transmit) {
        return;
    }
    for (u32 i = 0; i < RECEIVE_BUFFERS; i++) {
        offer(card, allocate(BUFFER));
    }
    queue_kick(card->receive);
    queue_interrupts(card->transmit, false);
    for (u32 i = 0; i < TRANSMIT_BUFFERS; i++) {
        struct free_frame *buffer = allocate(BUFFER);
        buffer->next = card->free_frames;
        card->free_frames = buffer;
    }
    cards[index] = card;
    print("puppy: %s is %02x:%02x:%02x:%02x:%02x:%02x\n", card->name, card->mac[0], card->mac[1], card->mac[2], card->mac[3],
          card->mac[4], card->mac[5]);
    configure(card, index);
}
