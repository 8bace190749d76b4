// What a driver needs to know of the first generation's devices: an entry of the descriptor page, and buffers that are bound and sent.
// The drivers (console.c, block.c, net.c) see nothing below this page.
#ifndef PUPPY_DMA_H
#define PUPPY_DMA_H

#include "kernel.h"

#define DMA_CONSOLE 1
#define DMA_NET 2
#define DMA_BLOCK 3

#define DMA_SECTIONS 16

// One buffer in up to sixteen pieces, none of them across the end of a page; a piece of length 0 ends the list.
struct dma {
    volatile u32 used_length; // bytes that the other side has put there, or taken; 0: still free
    u32 address[DMA_SECTIONS]; // physical
    u16 length[DMA_SECTIONS];
};

struct dma_device {
    u32 irq;
    u32 features;
    u32 key;           // physical address of its page; 0 if it has none
    volatile u8 *page; // the same, where we can reach it
    volatile u8 *entry;
};

void dma_describe(struct dma *dma, const volatile void *data, u32 length); // data does not cross the end of a page
bool dma_bind(u32 key, const struct dma *buffers, u32 count, u32 irq);
u32 dma_send(u32 key, struct dma *dma); // bytes that arrived
void dma_ready(const struct dma_device *device);
void dma_failed(const struct dma_device *device);

void console_found(const struct dma_device *device);
void block_found(const struct dma_device *device);
void net_found(const struct dma_device *device);

#endif
