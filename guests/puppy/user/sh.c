// The shell, and the first process: reads commands from a script, from its arguments or from the console, and runs each as a child.
// It knows ; between commands, & after one, quotes, > and < for files, and # for remarks.
#include "user.h"

#define LINE 512
#define WORDS 16

static char *words[WORDS + 1];
static char *input_path, *output_path;
static bool background;

// Cuts text into words in place and says how many there are, which may be more than there is room for. Quotes protect blanks; the words
// after > and < are taken out as file names.
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
        } else {
            words[count < WORDS ? count : WORDS] = word;
            count++;
        }
        if (!quote && *text && *text != '>' && *text != '<' && *text != '&') {
            *text++ = 0;
        }
    }
    words[count < WORDS ? count : WORDS] = NULL;
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
    printf("ls [DIR]            lists files         cat FILE...         prints files\n"
           "sum FILE...         CRC-32 and size     echo TEXT           prints text\n"
           "dd if=FILE of=FILE [bs=N] [count=N] [skip=N] [seek=N]       copies, and sums\n"
           "ps                  processes           mem                 memory\n"
           "uptime              time, interrupts    sleep SECONDS       waits\n"
           "forktest [N]        copy-on-write       bench               loops and forks\n"
           "kill PID            ends a process      crash [KIND]        misbehaves\n"
           "ifconfig [CARD ADDRESS/BITS]            shows network cards, sets an address\n"
           "ping HOST           round trips of an echo, options: ping alone tells them\n"
           "udpping HOST [PORT] the same over UDP   udpecho [PORT]      answers udpping\n"
           "source FILE         runs its lines      wait                waits for every &\n"
           "poweroff            ends the Guest      reboot              starts it again\n"
           "A ; B   one after the other     A &   beside the shell     # a remark\n"
           "A > FILE, A < FILE  output and input    'A B'               one word\n");
}

// The words by which people try to leave a shell.
static bool is_farewell(const char *word)
{
    static const char *const farewells[] = {"exit", "logout", "quit", "halt", "shutdown"};
    for (u32 i = 0; i < array_size(farewells); i++) {
        if (strcmp(word, farewells[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void source(const char *path);

static void run(char *text)
{
    u32 count = split(text);
    u32 status = 0;
    if (count == 0) {
        return;
    }
    if (count > WORDS) {
        printf("%s: not run, %u words are too many\n", words[0], count);
    } else if (strcmp(words[0], "help") == 0) {
        help();
    } else if (is_farewell(words[0])) {
        printf("%s: this shell is the first process and stays; poweroff ends the Guest\n", words[0]);
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
            text[length < LINE ? length : LINE - 1] = c;
            length++;
            continue;
        }
        text[length < LINE ? length : LINE - 1] = 0;
        if (length < LINE) {
            show_and_run(text);
        } else {
            printf("%s: not run, a line of %u characters is too long: %s\n", path, length, text);
        }
        length = 0;
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
        show_and_run(arguments[2]);
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
