// The table of contents of the kernel: in which order its parts come to life, up to the first process.
#include "kernel.h"

static char the_command_line[2048];

const char *command_line(void)
{
    return the_command_line;
}

static void read_command_line(u32 boot_parameters)
{
    const u8 *boot = linear(boot_parameters);
    u32 address = *(const u32 *)(boot + BOOT_COMMAND_LINE);
    if (address) {
        copy_text(the_command_line, linear(address), sizeof the_command_line);
    }
}

// The value of an option on the command line, to the end of the line; NULL if it is not there. A script is the last option: what
// stands in it is not looked at.
const char *option(const char *name)
{
    u32 length = strlen(name);
    for (const char *c = the_command_line; *c; c++) {
        if (c != the_command_line && c[-1] != ' ') {
            continue;
        }
        if (strncmp(c, name, length) == 0) {
            return c + length;
        }
        if (strncmp(c, "script=", 7) == 0) {
            break;
        }
    }
    return NULL;
}

//J:Puppy:480 What the first process is told
// The first process is the shell. "script=/path" makes it run the commands in that file; "script=" followed by anything else
// is taken for the commands themselves, separated by semicolons, up to the end of the line. Without either, an initrd may bring
// /init.script. When the script ends without switching off, the shell turns to the console.
static void start_shell(void)
{
    char *arguments[3] = {"sh", NULL, NULL};
    u32 count = 1;
    const char *script = option("script=");
    static char path[PATH_LIMIT];
    if (script && *script == '/') {
        copy_text(path, script, sizeof path);
        char *end = strchr(path, ' ');
        if (end) {
            *end = 0;
        }
        arguments[count++] = path;
    } else if (script) {
        arguments[count++] = "-c";
        arguments[count++] = (char *)script;
    } else if (inode_find("/init.script")) {
        arguments[count++] = "/init.script";
    }
    process_start_first("/bin/sh", arguments, count);
}

void kernel_main(u32 boot_parameters);

void kernel_main(u32 boot_parameters)
{
    print("\npuppy: woof, this is a Guest of lguest\n");
    read_command_line(boot_parameters);
    segments_init();
    memory_init(boot_parameters);
    paging_init();
    clock_init();
    process_init();

    struct memory_info memory;
    memory_report(&memory);
    print("puppy: %u KB of memory, %u free, the Host keeps the top %u KB of addresses\n", memory.total_pages * 4,
          memory.free_pages * 4, memory.reserve_bytes / 1024);
    print("puppy: clock from %s\n", lguest_data.tsc_khz ? "the cycle counter" : "the Host's time of day");
    print("puppy: command line: %s\n", the_command_line);

    files_init();
    console_init();
    cpio_unpack(initrd_begin, (u32)(initrd_end - initrd_begin));
    if (initrd_length()) {
        u32 files = cpio_unpack(linear(initrd_address()), initrd_length());
        print("puppy: the initrd adds %u files\n", files);
    }
    bus_scan();
    start_shell();
    irq_enable();
    idle();
}
