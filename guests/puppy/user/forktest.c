// Shows copy-on-write at work: children inherit a megabyte, change a part of it, and neither parent nor sister sees the change.
// The figures tell how few pages were really copied.
#include "user.h"

#define PAGES 256u

static u32 free_pages(void)
{
    struct memory_info info;
    system_call(SYS_MEMORY_INFO, (u32)&info, 0, 0);
    return info.free_pages;
}

// Every page holds its own number plus that of the writer.
static bool check(const u32 *memory, u32 changed, u32 writer)
{
    for (u32 page = 0; page < PAGES; page++) {
        if (memory[page * 1024] != page + (page < changed ? writer : 0)) {
            return false;
        }
    }
    return true;
}

static s32 child(u32 *memory, u32 number)
{
    u32 before = free_pages();
    for (u32 page = 0; page < number; page++) {
        memory[page * 1024] += number;
    }
    u32 copied = before - free_pages();
    bool good = check(memory, number, number);
    if (number % 8 == 0) {
        printf("  child %u changed %u pages, %u were copied\n", number, number, copied);
    }
    return good ? 0 : 1;
}

s32 main(s32 count, char **arguments)
{
    u32 children = count > 1 ? parse_number(arguments[1], NULL) : 16;
    u32 start_free = free_pages();
    u32 *memory = grow_heap(PAGES * 4096);
    if (!memory) {
        return fail("heap", ERROR_NO_MEMORY);
    }
    for (u32 page = 0; page < PAGES; page++) {
        memory[page * 1024] = page;
    }
    printf("parent wrote %u pages, %u pages fewer are free\n", PAGES, start_free - free_pages());
    u32 wrong = 0;
    for (u32 number = 1; number <= children; number++) {
        s32 pid = fork();
        if (pid == 0) {
            exit(child(memory, number % PAGES));
        }
        u32 status = 1;
        if (pid < 0 || wait(pid, &status) != pid || status != 0) {
            wrong++;
        }
    }
    wrong += check(memory, 0, 0) ? 0 : 1;
    printf("forktest: %u children, %u wrong, %u pages free again\n", children, wrong, free_pages());
    return wrong != 0;
}
