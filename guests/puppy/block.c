// Disks: one virtio block device each, one request at a time, and the file /dev/vda that a process reads and writes at any
// offset although the disk knows only whole sectors.
#include "kernel.h"
#include "virtio.h"

#define SECTOR 512u
#define FEATURE_READ_ONLY 5
#define FEATURE_FLUSH 9

#define REQUEST_READ 0
#define REQUEST_WRITE 1
#define REQUEST_FLUSH 4

struct request_header {
    u32 type, priority;
    u64 sector;
};

struct disk {
    struct virtqueue *queue;
    u64 sectors;
    bool read_only, can_flush;
    bool busy; // somebody's request is under way
    bool done; // and the device has answered
    struct request_header header;
    u8 status;
    u8 *bounce; // one page
};

static u32 disk_count;

static void request_done(void *context)
{
    struct disk *disk = context;
    u32 length;
    while (queue_used(disk->queue, &length)) {
        disk->done = true;
        wake_up(disk);
    }
}

//J:Guest:810 A disk request is a chain of three
// What is wanted (16 bytes the device reads), the data (which it reads or writes, depending), and one byte in which it answers: 0 is
// success. The process sleeps until the interrupt; the buffers are the kernel's own, because a process could be killed or
// its page shared while the device is still writing, and a device knows nothing of page tables.
static bool request(struct disk *disk, u32 type, u64 sector, u32 length)
{
    disk->header = (struct request_header){type, 0, sector};
    disk->status = 0xFF;
    disk->done = false;
    struct buffer chain[3] = {{&disk->header, sizeof disk->header}};
    u32 count = 1;
    if (length) {
        chain[count++] = (struct buffer){disk->bounce, length};
    }
    chain[count++] = (struct buffer){&disk->status, 1};
    u32 readable = type == REQUEST_READ ? 1 : count - 1;

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

static void lock(struct disk *disk)
{
    u32 flags = irq_save();
    while (disk->busy) {
        sleep_on(&disk->busy);
    }
    disk->busy = true;
    irq_restore(flags);
}

static void unlock(struct disk *disk)
{
    disk->busy = false;
    wake_up(&disk->busy);
}

// The whole sectors around [offset, offset + length), cut to what fits the bounce page and the disk.
static u32 span(const struct disk *disk, u64 offset, u32 *length)
{
    u64 size = disk->sectors * SECTOR;
    u32 skip = (u32)offset % SECTOR;
    if (offset >= size) {
        *length = 0;
        return 0;
    }
    if (*length > PAGE_SIZE - skip) {
        *length = PAGE_SIZE - skip;
    }
    if (*length > size - offset) {
        *length = (u32)(size - offset);
    }
    return (skip + *length + SECTOR - 1) / SECTOR * SECTOR;
}

static s32 disk_read(void *context, u64 offset, void *buffer, u32 length)
{
    struct disk *disk = context;
    u32 bytes = span(disk, offset, &length);
    if (!length) {
        return 0;
    }
    lock(disk);
    bool good = request(disk, REQUEST_READ, offset / SECTOR, bytes);
    if (good) {
        memcpy(buffer, disk->bounce + (u32)offset % SECTOR, length);
    }
    unlock(disk);
    return good ? (s32)length : ERROR_IO;
}

static s32 disk_write(void *context, u64 offset, const void *buffer, u32 length)
{
    struct disk *disk = context;
    u32 bytes = span(disk, offset, &length);
    if (disk->read_only) {
        return ERROR_READ_ONLY;
    }
    if (!length) {
        return ERROR_NO_SPACE;
    }
    lock(disk);
    bool whole = bytes == length;
    bool good = whole || request(disk, REQUEST_READ, offset / SECTOR, bytes); // keep what is around the bytes to be written
    if (good) {
        memcpy(disk->bounce + (u32)offset % SECTOR, buffer, length);
        good = request(disk, REQUEST_WRITE, offset / SECTOR, bytes);
    }
    unlock(disk);
    return good ? (s32)length : ERROR_IO;
}

static void disk_flush(void *context)
{
    struct disk *disk = context;
    lock(disk);
    if (disk->can_flush && !request(disk, REQUEST_FLUSH, 0, 0)) {
        print("puppy: a disk could not be flushed\n");
    }
    unlock(disk);
}

void block_found(const struct virtio_device *device)
{
    struct disk *disk = allocate(sizeof *disk);
    disk->bounce = page_alloc();
    disk->read_only = virtio_offers(device, FEATURE_READ_ONLY);
    disk->can_flush = virtio_offers(device, FEATURE_FLUSH);
    virtio_accept(device, FEATURE_READ_ONLY);
    virtio_accept(device, FEATURE_FLUSH);
    virtio_features_done(device);
    virtio_config(device, 0, &disk->sectors, sizeof disk->sectors);
    disk->queue = queue_open(device, 0, request_done, disk);
    virtio_ready(device);
    if (!disk->queue) {
        return;
    }
    char path[] = "dev/vda";
    path[6] = (char)('a' + disk_count++);
    struct device file = {disk_read, disk_write, disk_flush, NULL, disk};
    file_add_device(path, file, disk->sectors * SECTOR);
    print("puppy: /%s has %u KB%s\n", path, (u32)(disk->sectors / 2), disk->read_only ? ", read-only" : "");
}
