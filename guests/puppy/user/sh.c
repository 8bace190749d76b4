// The shell, and the first process: reads commands from a script, from its arguments or from the console, and runs each as a child.
// It knows ; between commands, & after one, quotes, > and < for files, and # for remarks.
#include "user.h"

#define LINE 512
#define WORDS 16

static char *words[WORDS + 1];
static char *input_path, *output_path;
static bool background;

// Cuts text into words in place. Quotes protect blanks; the words after > and < are taken out as file names.
static u32 split(char *text)
{
    u32 count = 0;
    char **target = NULL;
    input_path = output_path = NULL;
    background = false;
    while (*text) {
        if (*text == ' ' || *text == '\t') {
            *text++ = 0;
            continue;
        }
        if (*text == '#') {
            break;
        }
        if (*text == '>' || *text == '<') {
            target = *text == '>' ? &output_path : &input_path;
            *text++ = 0;
            continue;
        }
        if (*text == '&') {
            background = true;
            *text++ = 0;
            continue;
        }
        char quote = *text == '"' || *text == '\'' ? *text++ : 0;
        char *word = text;
        while (*text && (quote ? *text != quote : !strchr(" \t<>&", *text))) {
            text++;
        }
        if (quote && *text) {
            *text++ = 0;
        }
        if (target) {
            *target = word;
            target = NULL;
        } else if (count < WORDS) {
            words[count++] = word;
        }
        if (!quote && *text && *text != '>' && *text != '<' && *text != '&') {
            *text++ = 0;
        }
    }
    words[count] = NULL;
    return count;
}

// In the child: puts path in place of file 0 or 1.
static void redirect(char *path, s32 number, u32 flags)
{
    if (!path) {
        return;
    }
    s32 file = open(path, flags);
    if (file < 0) {
        exit(fail(path, file));
    }
    system_call(SYS_DUP2, (u32)file, (u32)number, 0);
    close(file);
}

static void run_child(void)
{
    char path[PATH_LIMIT];
    system_call(SYS_SIGNAL, SIGNAL_INTERRUPT, background, 0);
    redirect(input_path, 0, 0);
    redirect(output_path, 1, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE);
    copy_text(path, strchr(words[0], '/') ? "" : "/bin/", sizeof path);
    copy_text(path + strlen(path), words[0], sizeof path - strlen(path));
    exit(fail(words[0], execute(path, words)));
}

static void help(void)
{
    printf("ls [DIR]            files                 cat FILE...     their contents\n"
           "dd if= of= [bs= count= skip= seek=]       copies, and prints a checksum\n"
           "sum FILE...         CRC-32 and size       echo TEXT       as in echo hello > /tmp/x\n"
           "ps                  processes             mem             memory\n"
           "uptime              time, interrupts      sleep SECONDS   waits\n"
           "forktest [N]        copy-on-write at work bench           a loop, a sieve, forks\n"
           "ifconfig [CARD ADDRESS/BITS]              the network cards\n"
           "ping HOST [-c N]    round trips           udpping HOST [PORT] [-c N]\n"
           "udpecho [PORT]      answers udpping       \n"
           "kill PID            ends a process        crash [KIND]    misbehaves; alone it lists the ways\n"
           "poweroff, reboot    the end               help, wait, source FILE\n");
}

static void source(const char *path);

static void run(char *text)
{
    u32 count = split(text);
    u32 status = 0;
    if (count == 0) {
        return;
    }
    if (strcmp(words[0], "help") == 0) {
        help();
    } else if (strcmp(words[0], "source") == 0 && count > 1) {
        source(words[1]);
    } else if (strcmp(words[0], "wait") == 0) {
        while (wait(-1, &status) > 0) {
        }
    } else {
        s32 child = fork();
        if (child == 0) {
            run_child();
        }
        if (child < 0) {
            fail("fork", child);
        } else if (background) {
            printf("[%d]\n", child);
        } else {
            wait(child, &status);
        }
    }
}

// Runs the commands of one line, separated by semicolons outside quotes.
static void run_line(char *text)
{
    char quote = 0;
    char *start = text;
    for (char *c = text;; c++) {
        bool end = *c == 0;
        if (end || (*c == ';' && !quote)) {
            *c = 0;
            run(start);
            start = c + 1;
        } else if (*c == quote) {
            quote = 0;
        } else if (!quote && (*c == '"' || *c == '\'')) {
            quote = *c;
        }
        if (end) {
            return;
        }
    }
}

static void show_and_run(char *text)
{
    if (*text && *text != '#') {
        printf("puppy# %s\n", text);
        run_line(text);
    }
}

static void source(const char *path)
{
    char text[LINE];
    u32 length = 0;
    s32 file = open(path, 0);
    if (file < 0) {
        fail(path, file);
        return;
    }
    for (;;) {
        char c;
        s32 count = read(file, &c, 1);
        if (count == 1 && c != '\n') {
            if (length < sizeof text - 1) {
                text[length++] = c;
            }
            continue;
        }
        text[length] = 0;
        length = 0;
        show_and_run(text);
        if (count != 1) {
            break;
        }
    }
    close(file);
}

s32 main(s32 count, char **arguments)
{
    static char text[LINE];
    system_call(SYS_SIGNAL, SIGNAL_INTERRUPT, 1, 0);
    if (count == 3) {
        copy_text(text, arguments[2], sizeof text);
        show_and_run(text);
    } else if (count == 2) {
        source(arguments[1]);
    }
    printf("Type help for what there is.\n");
    for (;;) {
        printf("puppy# ");
        s32 length = read(0, text, sizeof text - 1);
        if (length > 0) {
            text[text[length - 1] == '\n' ? length - 1 : length] = 0;
            run_line(text);
        } else {
            printf("\n");
            system_call(SYS_REBOOT, REBOOT_POWER_OFF, 0, 0);
        }
    }
}
