// What a kernel does for programs, one thing in each: system calls, a pipe between two processes, processes that are born, load a program
// and end, pages that are touched for the first time, signals, files. Where these are slow no translation of the program's own code helps.
// A program that does not get what it asked for ends with 1.

using System.Text;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <summary>Linux programs by name.</summary>
internal static class SystemPrograms
{
    private const string Prefix = "do-";
    private const string Nothing = "/do-nothing";
    private const string Scratch = "/tmp/do-file";
    private const uint PageBytes = 4096;

    private enum Linux : uint
    {
        Fork = 2,
        Read = 3,
        Write = 4,
        Open = 5,
        Close = 6,
        WaitPid = 7,
        Unlink = 10,
        Exec = 11,
        Seek = 19,
        GetPid = 20,
        Kill = 37,
        Pipe = 42,
        GetPPid = 64,
        SigAction = 67,
        Unmap = 91,
        SigReturn = 119,
        Map2 = 192,
    }

    public static IReadOnlyList<(string Name, Action<Assembler> Body)> All { get; } =
    [
        ("syscall", a => Repeat(a, 400_000, () => Call(a, Linux.GetPPid))),
        ("pipe", PingPong),
        ("fork", a => Repeat(a, 1000, () => InChild(a, () => ElfProgram.Exit(a, 0)))),
        ("exec", a => Repeat(a, 500, () => InChild(a, () => Exec(a)))),
        ("page-fault", a => Repeat(a, 600, () => TouchPages(a, 64))),
        ("signal", Signals),
        ("file", a => Repeat(a, 6000, () => UseFile(a))),
    ];

    /// <summary>The command that runs one.</summary>
    public static string Command(string name) => $"/{Prefix}{name}";

    /// <summary>Puts all of them into an initial RAM disk.</summary>
    public static void AddTo(CpioWriter archive)
    {
        foreach (var (name, body) in All)
            archive.Add(Prefix + name, ElfProgram.Of(body));
        archive.Add(Nothing[1..], ElfProgram.Of(_ => { }));
    }

    /// <summary>A loop that counts down in EBP.</summary>
    private static void Repeat(Assembler a, int times, Action body)
    {
        var again = a.CreateLabel();
        a.mov(ebp, times);
        a.Label(ref again);
        body();
        a.dec(ebp);
        a.jne(again);
    }

    /// <summary>A system call whose arguments are in place.</summary>
    private static void Call(Assembler a, Linux number)
    {
        a.mov(eax, (uint)number);
        a.@int(0x80);
    }

    /// <summary>The same; another result than EAX = <paramref name="result"/> ends the program.</summary>
    private static void Demand(Assembler a, Linux number, uint result)
    {
        var good = a.CreateLabel();
        Call(a, number);
        a.cmp(eax, result);
        a.je(good);
        ElfProgram.Exit(a, 1);
        a.Label(ref good);
        a.nop();
    }

    /// <summary>EBX points to a text.</summary>
    private static void Text(Assembler a, string text)
    {
        var after = a.CreateLabel();
        a.call(after);
        a.db(Encoding.ASCII.GetBytes(text + "\0"));
        a.Label(ref after);
        a.pop(ebx);
    }

    private static void InChild(Assembler a, Action body)
    {
        var parent = a.CreateLabel();
        Call(a, Linux.Fork);
        a.test(eax, eax);
        a.jne(parent);
        body();
        a.Label(ref parent);
        a.mov(edi, eax);
        a.mov(ebx, eax);
        a.sub(esp, 4);
        a.mov(ecx, esp);
        a.xor(edx, edx);
        Call(a, Linux.WaitPid);
        a.pop(ecx);
        Same(a, eax, edi);
        a.xor(eax, eax);
        Same(a, ecx, eax);
    }

    private static void Same(Assembler a, AssemblerRegister32 one, AssemblerRegister32 other)
    {
        var good = a.CreateLabel();
        a.cmp(one, other);
        a.je(good);
        ElfProgram.Exit(a, 1);
        a.Label(ref good);
        a.nop();
    }

    private static void Exec(Assembler a)
    {
        Text(a, Nothing);
        a.push(0);
        a.mov(edx, esp);
        a.push(ebx);
        a.mov(ecx, esp);
        Call(a, Linux.Exec);
        ElfProgram.Exit(a, 1);
    }

    /// <summary>Two processes that send a byte to and fro.</summary>
    private static void PingPong(Assembler a)
    {
        const int Times = 8000;
        Label child = a.CreateLabel(), end = a.CreateLabel();
        a.sub(esp, 16);
        a.mov(esi, esp);
        a.mov(ebx, esi);
        Demand(a, Linux.Pipe, 0);
        a.lea(ebx, __[esi + 8]);
        Demand(a, Linux.Pipe, 0);
        a.mov(edx, 1);
        Call(a, Linux.Fork);
        a.test(eax, eax);
        a.je(child);
        a.mov(edi, eax);
        Repeat(a, Times, () =>
        {
            Byte(Linux.Write, 4);
            Byte(Linux.Read, 8);
        });
        a.jmp(end);
        a.Label(ref child);
        Repeat(a, Times, () =>
        {
            Byte(Linux.Read, 0);
            Byte(Linux.Write, 12);
        });
        a.Label(ref end);
        a.nop();

        void Byte(Linux call, int descriptor)
        {
            a.mov(ebx, __dword_ptr[esi + descriptor]);
            a.lea(ecx, __[esp - 4]);
            Demand(a, call, 1);
        }
    }

    private static void TouchPages(Assembler a, uint pages)
    {
        const uint ReadWrite = 3;
        const uint PrivateAnonymous = 0x22;
        var next = a.CreateLabel();
        a.push(ebp);
        a.xor(ebx, ebx);
        a.mov(ecx, pages * PageBytes);
        a.mov(edx, ReadWrite);
        a.mov(esi, PrivateAnonymous);
        a.mov(edi, uint.MaxValue);
        a.xor(ebp, ebp);
        Call(a, Linux.Map2);
        a.pop(ebp);
        a.mov(ebx, eax);
        a.mov(edx, pages);
        a.Label(ref next);
        a.mov(__dword_ptr[eax], edx);
        a.add(eax, PageBytes);
        a.dec(edx);
        a.jne(next);
        a.mov(ecx, pages * PageBytes);
        Demand(a, Linux.Unmap, 0);
    }

    private static void Signals(Assembler a)
    {
        const int Times = 60_000;
        const uint User1 = 10;
        const uint HasRestorer = 0x04000000;
        const int SavedEdi = 4; // the fifth word of the registers that come back
        var afterHandler = a.CreateLabel();
        var afterRestorer = a.CreateLabel();
        a.call(afterHandler); // which pushes where the handler is
        a.inc(__dword_ptr[esp + 8 + (4 * SavedEdi)]);
        a.ret();
        a.Label(ref afterHandler);
        a.pop(eax);
        a.call(afterRestorer);
        a.pop(eax);
        Call(a, Linux.SigReturn);
        a.Label(ref afterRestorer);
        a.pop(ecx);
        a.push(ecx);
        a.push(HasRestorer);
        a.push(0); // nothing is blocked
        a.push(eax);
        a.mov(ecx, esp);
        a.mov(ebx, User1);
        a.xor(edx, edx);
        Demand(a, Linux.SigAction, 0);
        Call(a, Linux.GetPid);
        a.mov(esi, eax);
        a.xor(edi, edi);
        Repeat(a, Times, () =>
        {
            a.mov(ebx, esi);
            a.mov(ecx, User1);
            Demand(a, Linux.Kill, 0);
        });
        a.mov(eax, Times);
        Same(a, edi, eax);
    }

    /// <summary>A file of a page that is made, written, read and unlinked.</summary>
    private static void UseFile(Assembler a)
    {
        const uint CreateReadWrite = 0x42;
        const uint OwnerOnly = 0x180;
        Text(a, Scratch);
        a.push(ebx);
        a.mov(ecx, CreateReadWrite);
        a.mov(edx, OwnerOnly);
        Call(a, Linux.Open);
        a.mov(ebx, eax);
        a.lea(ecx, __[esp - (4 * (int)PageBytes)]);
        a.mov(edx, PageBytes);
        Demand(a, Linux.Write, PageBytes);
        a.xor(ecx, ecx);
        a.xor(edx, edx);
        Demand(a, Linux.Seek, 0);
        a.lea(ecx, __[esp - (2 * (int)PageBytes)]);
        a.mov(edx, PageBytes);
        Demand(a, Linux.Read, PageBytes);
        Demand(a, Linux.Close, 0);
        a.pop(ebx);
        Demand(a, Linux.Unlink, 0);
    }
}
