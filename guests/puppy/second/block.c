// A disk's device in the second generation: a virtio device with one queue, on which each request is a chain of its own.
#include "drivers.h"
#include "virtio.h"

#define FEATURE_READ_ONLY 5
#define FEATURE_FLUSH 9

#define REQUEST_READ 0
#define REQUEST_WRITE 1
#define REQUEST_FLUSH 4

struct request_header {
    u32 type, priority;
    u64 sector;
};

struct virtio_disk {
    struct disk disk;
    struct virtqueue *queue;
    bool done; // the device has answered
    struct request_header header;
    u8 status;
};

static void request_done(void *context)
{
    struct virtio_disk *disk = context;
    u32 length;
    while (queue_used(disk->queue, &length)) {
        disk->done = true;
        wake_up(disk);
    }
}

//J:Puppy:430 A disk request is a chain of three
// What is wanted (16 bytes the device reads), the data (which it reads or writes, depending), and one byte in which it answers: 0 is
// success. The process sleeps until the interrupt; the buffers are the kernel's own, because a process could be killed or
// its page shared while the device is still writing, and a device knows nothing of page tables.
bool disk_request(struct disk *which, enum disk_request what, u64 sector, u32 length)
{
    static const u32 types[] = {[DISK_READ] = REQUEST_READ, [DISK_WRITE] = REQUEST_WRITE, [DISK_FLUSH] = REQUEST_FLUSH};
    struct virtio_disk *disk = (struct virtio_disk *)which;
    disk->header = (struct request_header){types[what], 0, sector};
    disk->status = 0xFF;
    disk->done = false;
    struct buffer chain[3] = {{&disk->header, sizeof disk->header}};
    u32 count = 1;
    if (length) {
        chain[count++] = (struct buffer){which->bounce, length};
    }
    chain[count++] = (struct buffer){&disk->status, 1};
    u32 readable = what == DISK_READ ? 1 : count - 1;

    u32 flags = irq_save();
    bool sent = queue_add(disk->queue, chain, readable, count - readable);
    if (sent) {
        queue_kick(disk->queue);
        while (!disk->done) {
            sleep_on(disk);
        }
    }
    irq_restore(flags);
    return sent && *(volatile u8 *)&disk->status == 0;
}

void block_found(const struct virtio_device *device)
{
    struct virtio_disk *disk = allocate(sizeof *disk);
    disk->disk.read_only = virtio_offers(device, FEATURE_READ_ONLY);
    disk->disk.can_flush = virtio_offers(device, FEATURE_FLUSH);
    virtio_accept(device, FEATURE_READ_ONLY);
    virtio_accept(device, FEATURE_FLUSH);
    virtio_features_done(device);
    virtio_config(device, 0, &disk->disk.sectors, sizeof disk->disk.sectors);
    disk->queue = queue_open(device, 0, request_done, disk);
    virtio_ready(device);
    if (disk->queue) {
        disk_add(&disk->disk, "dev/vda");
    }
}
