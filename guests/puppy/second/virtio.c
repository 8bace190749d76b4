// The bus and the rings: finds the devices that the Launcher has described above the end of RAM, agrees with each on features,
// and moves buffers through the shared rings. Every driver of Puppy stands on this one implementation.
#include "virtio.h"
#include "drivers.h"

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FAILED 128

#define RECORD_HEADER 5
#define RECORD_QUEUE 8

#define DESCRIPTOR_NEXT 1
#define DESCRIPTOR_WRITE 2
#define USED_NO_NOTIFY 1
#define AVAILABLE_NO_INTERRUPT 1

struct descriptor {
    u64 address;
    u32 length;
    u16 flags, next;
};

struct available_ring {
    u16 flags, index;
    u16 ring[];
};

struct used_ring {
    u16 flags, index;
    struct {
        u32 id, length;
    } ring[];
};

struct virtqueue {
    u32 size;
    u32 ring_physical; // also the address by which the Host knows the queue
    volatile struct descriptor *descriptors;
    volatile struct available_ring *available;
    volatile struct used_ring *used;
    u16 free_head, free_count;
    u16 used_seen;
    void (*handler)(void *);
    void *context;
};

static struct virtqueue *last_opened; // for crash.c, which needs a ring to ruin

//J:Puppy:360 A bus made of bytes
// There is nothing to probe: the page at the end of RAM holds one record per device, ended by a record of type 0.
//
//     +0 type   +1 queues   +2 feature bytes   +3 config bytes   +4 status
//     +5 per queue: u16 size, u16 irq, u32 page frame of its rings
//     then the features the device offers, the features the driver accepts (same length), the device's configuration
//
// Records have odd lengths, so nothing in them is aligned, and everything is read byte by byte.
void bus_scan(void)
{
    u32 address = memory_end();
    while (address < memory_end() + PAGE_SIZE - RECORD_HEADER) {
        volatile u8 *record = device_page(address);
        if (record[0] == 0) {
            return;
        }
        struct virtio_device device = {record, address, record[1], record[2], record[3]};
        switch (record[0]) {
        case VIRTIO_CONSOLE:
            console_found(&device);
            break;
        case VIRTIO_BLOCK:
            block_found(&device);
            break;
        case VIRTIO_RNG:
            rng_found(&device);
            break;
        case VIRTIO_NET:
            net_found(&device);
            break;
        default:
            print("puppy: no driver for virtio device %u\n", record[0]);
        }
        address += RECORD_HEADER + RECORD_QUEUE * device.queues + 2u * device.feature_bytes + device.config_bytes;
    }
}

static volatile u8 *features_of(const struct virtio_device *device)
{
    return device->record + RECORD_HEADER + RECORD_QUEUE * device->queues;
}

static void notify(u32 physical_address)
{
    hypercall(LHCALL_NOTIFY, physical_address, 0, 0);
}

//J:Puppy:370 Shaking hands
// The status byte tells the Host how far we are. Storing it is silent; three moments matter enough to ring the bell, which is
// NOTIFY with the record's address: status 0, the request to forget whatever was before; the end of the talk about features, after
// which the device starts to serve its queues; and failure. A driver accepts the features it understands and no others.
static void begin(const struct virtio_device *device)
{
    device->record[4] = 0;
    notify(device->record_physical);
    device->record[4] = STATUS_ACKNOWLEDGE;
    device->record[4] = STATUS_ACKNOWLEDGE | STATUS_DRIVER;
}

bool virtio_offers(const struct virtio_device *device, u32 feature)
{
    return feature / 8 < device->feature_bytes && features_of(device)[feature / 8] >> feature % 8 & 1;
}

// The first accepted feature also begins the handshake; a driver that wants none goes straight to virtio_features_done.
void virtio_accept(const struct virtio_device *device, u32 feature)
{
    if (!(device->record[4] & STATUS_DRIVER)) {
        begin(device);
    }
    if (virtio_offers(device, feature)) {
        features_of(device)[device->feature_bytes + feature / 8] |= (u8)(1 << feature % 8);
    }
}

void virtio_features_done(const struct virtio_device *device)
{
    if (!(device->record[4] & STATUS_DRIVER)) {
        begin(device);
    }
    notify(device->record_physical);
}

void virtio_ready(const struct virtio_device *device)
{
    device->record[4] |= STATUS_DRIVER_OK;
}

void virtio_config(const struct virtio_device *device, u32 offset, void *to, u32 length)
{
    for (u32 i = 0; i < length; i++) {
        bool present = offset + i < device->config_bytes;
        ((u8 *)to)[i] = present ? features_of(device)[2 * device->feature_bytes + offset + i] : 0;
    }
}

//J:Puppy:380 Three arrays and two writers
// A queue is three arrays in shared memory, and no field of them is ever written by both sides, so no lock is needed.
//
//     descriptors   ours     address, length, direction; chained by next into one request
//     available     ours     heads of the chains we offer, and a count that only grows
//     used          device's heads of the chains it is done with, how much it wrote, and its own growing count
//
// Both counts wrap at 65536, the arrays at the queue's size. Free descriptors are kept in a chain of their own, by the same field.
static void interrupt(void *context)
{
    struct virtqueue *queue = context;
    if (queue->handler) {
        queue->handler(queue->context);
    }
}

struct virtqueue *queue_open(const struct virtio_device *device, u32 index, void (*handler)(void *), void *context)
{
    if (index >= device->queues) {
        return NULL;
    }
    u8 description[RECORD_QUEUE];
    for (u32 i = 0; i < RECORD_QUEUE; i++) {
        description[i] = device->record[RECORD_HEADER + RECORD_QUEUE * index + i];
    }
    u32 size = description[0] | (u32)description[1] << 8;
    u32 irq = description[2] | (u32)description[3] << 8;
    u32 frame;
    memcpy(&frame, description + 4, 4);
    u8 *rings = device_page(frame * PAGE_SIZE);
    if (!rings || size == 0 || (size & (size - 1)) || size > 1024) {
        print("puppy: device %u has a queue we cannot use\n", device->record[0]);
        device->record[4] |= STATUS_FAILED;
        notify(device->record_physical);
        return NULL;
    }
    struct virtqueue *queue = allocate(sizeof *queue);
    queue->size = size;
    queue->ring_physical = frame * PAGE_SIZE;
    queue->descriptors = (volatile struct descriptor *)rings;
    queue->available = (volatile struct available_ring *)(rings + size * sizeof(struct descriptor));
    u32 available_end = size * (u32)sizeof(struct descriptor) + 4 + size * 2;
    queue->used = (volatile struct used_ring *)(rings + page_up(available_end));
    queue->free_count = (u16)size;
    for (u32 i = 0; i < size; i++) {
        queue->descriptors[i].next = (u16)(i + 1);
    }
    queue->handler = handler;
    queue->context = context;
    irq_register(irq, interrupt, queue);
    last_opened = queue;
    return queue;
}

// Offers one chain: first the buffers that the device reads, then those it writes. False if the queue is full.
bool queue_add(struct virtqueue *queue, const struct buffer *buffers, u32 readable, u32 writable)
{
    u32 count = readable + writable;
    if (queue->free_count < count) {
        return false;
    }
    u16 head = queue->free_head;
    u16 at = head;
    for (u32 i = 0; i < count; i++) {
        volatile struct descriptor *descriptor = &queue->descriptors[at];
        descriptor->address = physical(buffers[i].address);
        descriptor->length = buffers[i].length;
        descriptor->flags = (u16)((i >= readable ? DESCRIPTOR_WRITE : 0) | (i + 1 < count ? DESCRIPTOR_NEXT : 0));
        at = descriptor->next;
    }
    queue->free_head = at;
    queue->free_count = (u16)(queue->free_count - count);
    queue->available->ring[queue->available->index % queue->size] = head;
    barrier(); // the chain must be complete before the count says so
    queue->available->index++;
    return true;
}

//J:Puppy:390 Two who look past each other
// The device runs beside us, on another processor. Before it stops looking it clears its flag and looks once more; we add a chain and
// then read the flag. Each stores and then loads, and a processor may load first, its store still on the way: then we read "no bell
// needed", it reads "nothing more", and the chain lies there until the next one. It takes a full barrier on both sides to forbid that.
// It happens once in tens of thousands of frames, and looks like a cable that loses one.

// Rings the device's bell, unless it has said that it is looking anyway.
void queue_kick(struct virtqueue *queue)
{
    full_barrier();
    if (!(queue->used->flags & USED_NO_NOTIFY)) {
        notify(queue->ring_physical);
    }
}

// Takes back the oldest finished chain; length receives the number of bytes the device wrote. Returns the address of the chain's first
// buffer, by which a driver with many of them under way knows which it has got; NULL if none is finished.
void *queue_take(struct virtqueue *queue, u32 *length)
{
    if (queue->used_seen == queue->used->index) {
        return NULL;
    }
    barrier();
    u32 slot = queue->used_seen % queue->size;
    u16 head = (u16)(queue->used->ring[slot].id % queue->size);
    *length = queue->used->ring[slot].length;
    queue->used_seen++;

    void *first = linear((u32)queue->descriptors[head].address);
    u16 last = head;
    u16 count = 1;
    while (queue->descriptors[last].flags & DESCRIPTOR_NEXT && count < queue->size) {
        last = queue->descriptors[last].next;
        count++;
    }
    queue->descriptors[last].next = queue->free_head;
    queue->free_head = head;
    queue->free_count = (u16)(queue->free_count + count);
    return first;
}

// The same for drivers that have one request under way and need not be told which.
bool queue_used(struct virtqueue *queue, u32 *length)
{
    return queue_take(queue, length) != NULL;
}

// Says whether finished chains are to interrupt us. The flag is a wish: an interrupt may still come.
void queue_interrupts(struct virtqueue *queue, bool wanted)
{
    queue->available->flags = wanted ? 0 : AVAILABLE_NO_INTERRUPT;
    full_barrier(); // the caller looks once more at the used ring, see queue_kick
}

// Ruins the most recently opened queue on purpose: CRASH_DESCRIPTOR names memory that is not there, CRASH_DESCRIPTOR_LOOP a chain
// without end, CRASH_FLOOD keeps ringing the bell of a queue with nothing in it. CRASH_NOTIFY rings at an address beyond all memory.
void crash_device(u32 kind)
{
    struct virtqueue *queue = last_opened;
    if (kind == CRASH_NOTIFY) {
        notify(0xFFFFF000u);
    }
    for (u32 i = 0; queue && kind == CRASH_FLOOD && i < 100000; i++) {
        notify(queue->ring_physical);
    }
    if (!queue || kind == CRASH_FLOOD || kind == CRASH_NOTIFY) {
        return;
    }
    bool loop = kind == CRASH_DESCRIPTOR_LOOP;
    u16 last = (u16)(queue->size - 1); // the one that honest requests reach last
    queue->descriptors[last].address = loop ? 0x100000 : 0xFFFF0000u;
    queue->descriptors[last].length = 64;
    queue->descriptors[last].flags = loop ? DESCRIPTOR_NEXT : 0;
    queue->descriptors[last].next = last;
    queue->available->ring[queue->available->index % queue->size] = last;
    barrier();
    queue->available->index++;
    notify(queue->ring_physical);
}
