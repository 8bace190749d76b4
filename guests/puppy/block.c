// Disks: one device each, one request at a time, and the file /dev/vda that a process reads and writes at any offset although the disk
// knows only whole sectors.
#include "drivers.h"

static u32 disk_count;

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
    bool good = disk_request(disk, DISK_READ, offset / SECTOR, bytes);
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
    bool good = whole || disk_request(disk, DISK_READ, offset / SECTOR, bytes); // keep what is around the bytes to be written
    if (good) {
        memcpy(disk->bounce + (u32)offset % SECTOR, buffer, length);
        good = disk_request(disk, DISK_WRITE, offset / SECTOR, bytes);
    }
    unlock(disk);
    return good ? (s32)length : ERROR_IO;
}

static void disk_flush(void *context)
{
    struct disk *disk = context;
    lock(disk);
    if (disk->can_flush && !disk_request(disk, DISK_FLUSH, 0, 0)) {
        print("puppy: a disk could not be flushed\n");
    }
    unlock(disk);
}

void disk_add(struct disk *disk, const char *first)
{
    char path[16];
    copy_text(path, first, sizeof path);
    path[strlen(path) - 1] += (char)disk_count++;
    disk->bounce = page_alloc();
    struct device file = {disk_read, disk_write, disk_flush, NULL, disk};
    file_add_device(path, file, disk->sectors * SECTOR);
    print("puppy: /%s has %u KB%s\n", path, (u32)(disk->sectors / 2), disk->read_only ? ", read-only" : "");
}
