// Datagrams for processes: what was sent to a port of ours waits in a short queue until somebody reads it. A socket is an open
// file like any other, so that fork, exec and exit treat it rightly without knowing what it is.
#include "net.h"

#define SOCKET_LIMIT 32
#define QUEUE_LIMIT 32u
#define FIRST_FREE_PORT 49152u

struct waiting {
    struct waiting *next;
    u32 address;
    u16 port, length;
    u8 data[DATAGRAM_LIMIT];
};

struct socket {
    u32 kind;
    u16 port; // of a ping socket: the identifier of its requests
    u16 count;
    struct waiting *first, **last;
    s32 error; // what an ICMP message said of our last datagram
    struct inode inode;
};

static struct socket *sockets[SOCKET_LIMIT];
static u16 last_port = FIRST_FREE_PORT;

static struct socket *find(u32 kind, u32 port)
{
    for (u32 i = 0; i < SOCKET_LIMIT; i++) {
        if (sockets[i] && sockets[i]->kind == kind && sockets[i]->port == port) {
            return sockets[i];
        }
    }
    return NULL;
}

static void deliver(struct socket *socket, u32 from, u32 port, const void *data, u32 length)
{
    struct waiting *item = socket->count < QUEUE_LIMIT && length <= DATAGRAM_LIMIT ? allocate(sizeof *item) : NULL;
    if (!item) {
        return; // datagrams may be lost, and a process that does not read them loses them
    }
    item->address = from;
    item->port = (u16)port;
    item->length = (u16)length;
    memcpy(item->data, data, length);
    *socket->last = item;
    socket->last = &item->next;
    socket->count++;
    wake_up(socket);
}

static u32 udp_sum(u32 from, u32 to, const u8 *datagram, u32 length)
{
    u8 pseudo[12];
    put32(pseudo, from);
    put32(pseudo + 4, to);
    put16(pseudo + 8, PROTOCOL_UDP);
    put16(pseudo + 10, length);
    return checksum(checksum(0, pseudo, sizeof pseudo), datagram, length);
}

// False if nobody has the port.
bool udp_input(const struct packet *packet)
{
    const u8 *datagram = packet->data;
    u32 length = get16(datagram + 4);
    if (length < UDP_HEADER || length > packet->length) {
        return true;
    }
    if (get16(datagram + 6) && checksum_end(udp_sum(packet->from, packet->to, datagram, length)) != 0) {
        return true;
    }
    struct socket *socket = find(SOCKET_UDP, get16(datagram + 2));
    if (socket) {
        deliver(socket, packet->from, get16(datagram), datagram + UDP_HEADER, length - UDP_HEADER);
    }
    return socket;
}

void ping_input(const struct packet *packet)
{
    struct socket *socket = find(SOCKET_PING, get16(packet->data + 4));
    if (socket) {
        deliver(socket, packet->from, get16(packet->data + 6), packet->data + ICMP_HEADER, packet->length - ICMP_HEADER);
    }
}

void udp_refused(u32 port)
{
    struct socket *socket = find(SOCKET_UDP, port);
    if (socket) {
        socket->error = ERROR_REFUSED;
        wake_up(socket);
    }
}

static void socket_close(void *context)
{
    struct socket *socket = context;
    u32 flags = irq_save();
    for (u32 i = 0; i < SOCKET_LIMIT; i++) {
        if (sockets[i] == socket) {
            sockets[i] = NULL;
        }
    }
    while (socket->first) {
        struct waiting *item = socket->first;
        socket->first = item->next;
        release(item);
    }
    release(socket);
    irq_restore(flags);
}

// socket(kind, port): port 0 takes one that is free.
s32 sys_socket(struct trap_frame *frame)
{
    u32 kind = frame->ebx;
    u32 port = frame->ecx;
    if (kind > SOCKET_PING || port > 0xFFFF) {
        return ERROR_INVALID;
    }
    u32 slot = 0;
    while (slot < SOCKET_LIMIT && sockets[slot]) {
        slot++;
    }
    if (port ? find(kind, port) != NULL : slot == SOCKET_LIMIT) {
        return port ? ERROR_ADDRESS_IN_USE : ERROR_NO_SPACE;
    }
    struct socket *socket = slot < SOCKET_LIMIT ? allocate(sizeof *socket) : NULL;
    if (!socket) {
        return ERROR_NO_MEMORY;
    }
    while (!port) {
        last_port = last_port == 0xFFFF ? (u16)FIRST_FREE_PORT : (u16)(last_port + 1);
        port = find(kind, last_port) ? 0 : last_port;
    }
    socket->kind = kind;
    socket->port = (u16)port;
    socket->last = &socket->first;
    socket->inode.type = FILE_DEVICE;
    socket->inode.device.close = socket_close;
    socket->inode.device.context = socket;
    s32 number = file_open_inode(&socket->inode);
    if (number < 0) {
        release(socket);
        return number;
    }
    sockets[slot] = socket;
    return number;
}

static struct socket *socket_of(u32 number)
{
    const struct open_file *file = file_of(number);
    return file && file->inode->device.close == socket_close ? file->inode->device.context : NULL;
}

// To ourselves: what would be on the wire is in nobody's way, so only its effect remains.
static s32 send_locally(const struct socket *socket, u32 to, u32 port, const u8 *data, u32 length)
{
    u32 flags = irq_save();
    struct socket *target = socket->kind == SOCKET_PING ? find(SOCKET_PING, socket->port) : find(SOCKET_UDP, port);
    if (target) {
        deliver(target, to, socket->kind == SOCKET_PING ? port : socket->port, data, length);
    }
    irq_restore(flags);
    return target ? (s32)length : ERROR_REFUSED;
}

static void fill(const struct socket *socket, const struct card *card, u32 to, u32 port, u8 *header, const u8 *data, u32 length)
{
    if (socket->kind == SOCKET_PING) {
        memcpy(header + ICMP_HEADER, data, length);
        memset(header, 0, ICMP_HEADER);
        header[0] = 8; // an echo request
        put16(header + 4, socket->port);
        put16(header + 6, port);
        put16(header + 2, checksum_end(checksum(0, header, ICMP_HEADER + length)));
    } else {
        memcpy(header + UDP_HEADER, data, length);
        put16(header, socket->port);
        put16(header + 2, port);
        put16(header + 4, UDP_HEADER + length);
        put16(header + 6, 0);
        u16 sum = checksum_end(udp_sum(card->address, to, header, UDP_HEADER + length));
        put16(header + 6, sum ? sum : 0xFFFF); // zero would say that there is none
    }
}

// send(socket, datagram): returns when the frame is in the ring, having asked for the neighbour's MAC first if it was not known.
s32 sys_send(struct trap_frame *frame)
{
    const struct socket *socket = socket_of(frame->ebx);
    if (!socket || !user_range_ok(frame->ecx, sizeof(struct datagram), false)) {
        return socket ? ERROR_BAD_ADDRESS : ERROR_BAD_FILE;
    }
    struct datagram asked = *(const struct datagram *)frame->ecx;
    u8 *data = bounce_page();
    if (asked.length > DATAGRAM_LIMIT || !data || !user_range_ok((u32)asked.data, asked.length, false)) {
        return asked.length > DATAGRAM_LIMIT ? ERROR_TOO_BIG : data ? ERROR_BAD_ADDRESS : ERROR_NO_MEMORY;
    }
    memcpy(data, asked.data, asked.length);
    if (ip_deliver_locally(asked.address)) {
        return send_locally(socket, asked.address, asked.port, data, asked.length);
    }
    u32 next_hop;
    struct card *card = route(asked.address, &next_hop);
    if (!card) {
        return ERROR_NO_NETWORK;
    }
    u8 mac[MAC_BYTES];
    s32 result = ERROR_NO_HOST;
    u32 flags = irq_save();
    if (arp_resolve(card, next_hop, mac)) {
        u8 *buffer = frame_begin_or_sleep(card);
        result = buffer ? asked.length : ERROR_INTERRUPTED;
        if (buffer) {
            fill(socket, card, asked.address, asked.port, ip_payload(buffer), data, asked.length);
            bool ping = socket->kind == SOCKET_PING;
            ip_send(card, buffer, mac, asked.address, ping ? PROTOCOL_ICMP : PROTOCOL_UDP, asked.length + (ping ? ICMP_HEADER : UDP_HEADER));
        }
    }
    irq_restore(flags);
    return result;
}

// receive(socket, datagram): the oldest one waiting, or the next to arrive in time; returns its length, of which no more is copied
// than there is room for.
s32 sys_receive(struct trap_frame *frame)
{
    struct socket *socket = socket_of(frame->ebx);
    if (!socket || !user_range_ok(frame->ecx, sizeof(struct datagram), true)) {
        return socket ? ERROR_BAD_ADDRESS : ERROR_BAD_FILE;
    }
    struct datagram asked = *(const struct datagram *)frame->ecx;
    if (!user_range_ok((u32)asked.data, asked.length, true)) {
        return ERROR_BAD_ADDRESS;
    }
    u64 until = clock_now() + asked.milliseconds * 1000000ull;
    u32 flags = irq_save();
    while (!socket->first && !socket->error && !current->killed && clock_now() < until) {
        current->wake_at = until;
        sleep_on(socket);
    }
    current->wake_at = 0;
    struct waiting *item = socket->first;
    s32 result = item ? 0 : current->killed ? ERROR_INTERRUPTED : socket->error ? socket->error : ERROR_TIMED_OUT;
    if (item) {
        socket->first = item->next;
        socket->last = socket->first ? socket->last : &socket->first;
        socket->count--;
    } else {
        socket->error = 0;
    }
    irq_restore(flags);
    if (item) {
        u32 length = item->length < asked.length ? item->length : asked.length;
        memcpy(asked.data, item->data, length);
        asked.address = item->address;
        asked.port = item->port;
        asked.length = (u16)length;
        *(struct datagram *)frame->ecx = asked;
        result = item->length;
        release(item);
    }
    return result;
}

// net_info(card, record): one card after another; 1 while there are more, 0 at the end.
s32 sys_net_info(struct trap_frame *frame)
{
    struct net_info *info = (struct net_info *)frame->ecx;
    const struct card *card = card_at(frame->ebx);
    if (!user_range_ok(frame->ecx, sizeof *info, true)) {
        return ERROR_BAD_ADDRESS;
    }
    if (!card) {
        return 0;
    }
    copy_text(info->name, card->name, sizeof info->name);
    memcpy(info->mac, card->mac, MAC_BYTES);
    info->address = card->address;
    info->mask = card->mask;
    info->gateway = gateway;
    info->frames_in = card->frames_in;
    info->frames_out = card->frames_out;
    info->bytes_in = card->bytes_in;
    info->bytes_out = card->bytes_out;
    info->dropped = card->dropped;
    return 1;
}

// net_set(card, address, bits); with more than 32 bits the address is that of the gateway.
s32 sys_net_set(struct trap_frame *frame)
{
    struct card *card = card_at(frame->ebx);
    if (!card) {
        return ERROR_INVALID;
    }
    if (frame->edx > 32) {
        gateway = frame->ecx;
    } else {
        card_set_address(card, frame->ecx, frame->edx);
    }
    return 0;
}
