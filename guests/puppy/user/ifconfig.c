// The network cards: what they are called, where they are, what went through them. With arguments, gives one its address.
#include "user.h"

static u32 bits_of(u32 mask)
{
    u32 bits = 0;
    while (bits < 32 && mask >> (31 - bits) & 1) {
        bits++;
    }
    return bits;
}

static s32 set(const char *name, const char *text)
{
    struct net_info info;
    u32 address;
    u32 bits = 24;
    if (!parse_address(text, &address, &text) || (*text != '/' && *text != 0)) {
        return fail("ifconfig: an address such as 10.0.0.2/24, please", ERROR_INVALID);
    }
    if (*text == '/') {
        bits = parse_number(text + 1, NULL);
    }
    for (u32 card = 0; bits <= 32 && system_call(SYS_NET_INFO, card, (u32)&info, 0) > 0; card++) {
        if (strcmp(info.name, name) == 0) {
            return system_call(SYS_NET_SET, card, address, bits);
        }
    }
    return strcmp(name, "gateway") == 0 ? system_call(SYS_NET_SET, 0, address, 33) : fail(name, ERROR_NOT_FOUND);
}

s32 main(s32 count, char **arguments)
{
    if (count > 2) {
        return set(arguments[1], arguments[2]);
    }
    struct net_info info;
    for (u32 card = 0; system_call(SYS_NET_INFO, card, (u32)&info, 0) > 0; card++) {
        printf("%s  %02x:%02x:%02x:%02x:%02x:%02x  ", info.name, info.mac[0], info.mac[1], info.mac[2], info.mac[3], info.mac[4],
               info.mac[5]);
        if (info.address) {
            printf(ADDRESS_FORMAT "/%u", ADDRESS_PARTS(info.address), bits_of(info.mask));
        } else {
            printf("no address");
        }
        if (info.gateway) {
            printf("  gateway " ADDRESS_FORMAT, ADDRESS_PARTS(info.gateway));
        }
        printf("\n      in %u frames, %u bytes; out %u frames, %u bytes; %u dropped\n", info.frames_in, info.bytes_in, info.frames_out,
               info.bytes_out, info.dropped);
    }
    return 0;
}
