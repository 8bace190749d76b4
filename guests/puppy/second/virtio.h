// What a driver needs to know of virtio: a device found on the lguest bus, its queues, and how to offer buffers on them.
// The drivers (console.c, block.c, rng.c, net.c) see nothing below this page.
#ifndef PUPPY_VIRTIO_H
#define PUPPY_VIRTIO_H

#include "types.h"

#define VIRTIO_NET 1
#define VIRTIO_BLOCK 2
#define VIRTIO_CONSOLE 3
#define VIRTIO_RNG 4

struct virtio_device {
    volatile u8 *record; // the descriptor record, through the device window
    u32 record_physical;
    u8 queues, feature_bytes, config_bytes;
};

struct virtqueue;

struct buffer {
    const volatile void *address; // in the kernel's linear view
    u32 length;
};

// Called for every device of the driver's type. The driver accepts features, takes its queues, and is then live.
bool virtio_offers(const struct virtio_device *device, u32 feature);
void virtio_accept(const struct virtio_device *device, u32 feature);
void virtio_features_done(const struct virtio_device *device);
void virtio_ready(const struct virtio_device *device);
void virtio_config(const struct virtio_device *device, u32 offset, void *to, u32 length);

struct virtqueue *queue_open(const struct virtio_device *device, u32 index, void (*handler)(void *), void *context);
bool queue_add(struct virtqueue *queue, const struct buffer *buffers, u32 readable, u32 writable);
void queue_kick(struct virtqueue *queue);
void *queue_take(struct virtqueue *queue, u32 *length);
bool queue_used(struct virtqueue *queue, u32 *length);
void queue_interrupts(struct virtqueue *queue, bool wanted);

void console_found(const struct virtio_device *device);
void block_found(const struct virtio_device *device);
void rng_found(const struct virtio_device *device);
void net_found(const struct virtio_device *device);

#endif
