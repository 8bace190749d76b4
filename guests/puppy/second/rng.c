// Random numbers from the Host: the smallest driver there can be. It offers an empty buffer and gets it back full.
#include "kernel.h"
#include "virtio.h"

#define POOL 64u

static struct virtqueue *queue;
static u8 *pool;
static u32 filled; // bytes of the pool that the device has written and nobody has used
static bool asked;

static void arrived(void *context)
{
    (void)context;
    u32 length;
    if (queue_used(queue, &length)) {
        filled = length < POOL ? length : POOL;
        asked = false;
        wake_up(pool);
    }
}

static s32 rng_read(void *context, u64 offset, void *buffer, u32 length)
{
    (void)context, (void)offset;
    u8 *to = buffer;
    u32 count = 0;
    u32 flags = irq_save();
    while (count < length && !current->killed) {
        if (filled) {
            to[count++] = pool[--filled];
            pool[filled] = 0; // no number is given out twice
        } else {
            struct buffer empty = {pool, POOL};
            if (!asked && queue_add(queue, &empty, 0, 1)) {
                asked = true;
                queue_kick(queue);
            }
            sleep_on(pool);
        }
    }
    irq_restore(flags);
    return (s32)count;
}

void rng_found(const struct virtio_device *device)
{
    virtio_features_done(device);
    queue = queue_open(device, 0, arrived, NULL);
    virtio_ready(device);
    if (queue) {
        pool = allocate(POOL);
        struct device file = {.read = rng_read};
        file_add_device("dev/hwrng", file, 0);
    }
}
