// Where a device's two halves meet. What a console, a disk or a network card is to the rest of the kernel is told once (console.c, block.c,
// net.c); how its bytes reach the Host is told for each generation in files of the same name below second/ (virtio) and first/ (DMA).
#ifndef PUPPY_DRIVERS_H
#define PUPPY_DRIVERS_H

#include "kernel.h"

// All of this is called with interrupts off, except where it says otherwise.

// console: the driver does these. Text that was handed over stays where it is until console_sent; line_look asks for news without an interrupt.
void print_early(const char *text, u32 length);
bool line_send(const char *text, u32 length);
void line_look(void);
void line_listen(void); // all that was typed so far has been taken: there is room for more

// and these are done for it.
void console_ready(void);
void console_sent(void);
void console_typed(const u8 *keys, u32 length); // keys stay where they are until line_listen

// disks: a driver's own structure begins with this one.
#define SECTOR 512u

enum disk_request { DISK_READ, DISK_WRITE, DISK_FLUSH };

struct disk {
    u64 sectors;
    bool read_only, can_flush;
    bool busy;  // somebody's request is under way
    u8 *bounce; // one page, for the data of one request
};

bool disk_request(struct disk *disk, enum disk_request what, u64 sector, u32 length); // by a process; sleeps until it is done
void disk_add(struct disk *disk, const char *first); // "dev/vda" names the first disk, "dev/vdb" is the second then

// network cards: a frame that was begun must be sent.
#define MAC_BYTES 6
#define FRAME_LIMIT 1514u // with the header, without the checksum, which no virtual wire has
#define ETHERNET_HEADER 14u

struct card;
struct wire; // what the driver knows of it

struct card *card_add(struct wire *wire, const u8 *mac);
void card_configure(struct card *card); // frames can be sent and received now
void card_received(struct card *card, const u8 *frame, u32 length);
u8 *frame_begin(struct card *card); // NULL if all buffers are on their way
u8 *frame_begin_or_sleep(struct card *card); // for processes, which can wait; NULL if this one was killed meanwhile
void wire_send(struct card *card, u8 *frame, u32 length);

// the bus itself misbehaves, for crash.c
void crash_device(u32 kind);

#endif
