// What the engines are compared by: loops of the kinds that programs spend their time in. Each is one round of work that always comes to
// the same result, left in EAX. They are written so that the very same instructions mean the same in 64-bit mode, with every address
// formed from 32-bit registers, and can be run by the host itself: no PUSH, no absolute address, no table of addresses.

using Iced.Intel;
using Lguest.Bench.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <summary>Programs by name; they may use all registers but ESP, and memory from <see cref="Buffer"/> on.</summary>
internal static partial class EnginePrograms
{
    private const uint Buffer = BenchGuest.BufferAt;
    private const uint Second = Buffer + 0x20000;
    private const int Bytes = 16384;
    private const int Nodes = 4096;

    public static IReadOnlyList<(string Name, Action<Assembler> Round)> All { get; } =
    [
        ("integer arithmetic", Arithmetic),
        ("sieve", Loops.SieveOnce),
        ("calls and returns", Calls),
        ("sort", Sort),
        ("byte copy", Copy),
        ("pointer chase", Chase),
        ("CRC with a table", Crc),
        ("rotates as of SHA-256", Rotates),
        ("division", Division),
        ("64-bit adds", Adds),
        ("branches", Branches),
        ("word copy", CopyWords),
        ("FNV hash", Fnv),
        ("counting bits", CountBits),
        ("matrix of integers", Matrix),
        ("hash table", HashTable),
        ("searching a byte", Search),
        ("matrix of doubles, x87", MatrixX87),
        ("Mandelbrot set, x87", Mandelbrot),
        ("bodies, x87", Bodies),
        ("truncation, x87", Truncation),
        ("matrix of doubles, SSE2", MatrixSse),
        ("vectors of singles, SSE", Vectors),
        ("pixels, MMX", Pixels),
    ];

    private static void Arithmetic(Assembler a)
    {
        a.mov(eax, 1);
        a.mov(ebx, 0x9e3779b9);
        a.mov(edx, 3);
        Repeat(a, 5000, () =>
        {
            a.add(eax, ebx);
            a.xor(edx, eax);
            a.lea(esi, __[eax + (edx * 4)]);
            a.shr(esi, 3);
            a.sub(ebx, esi);
            a.imul(edi, ebx, 0x343fd);
            a.and(edi, 0xffff);
            a.or(edx, edi);
            a.neg(edx);
        });
        a.add(eax, edx);
    }

    private static void Calls(Assembler a)
    {
        Label outer = a.CreateLabel(), inner = a.CreateLabel(), leaf = a.CreateLabel(), end = a.CreateLabel();
        a.mov(eax, 0);
        Repeat(a, 3000, () =>
        {
            a.mov(edx, ecx);
            a.call(outer);
            a.call(inner);
        });
        a.jmp(end);
        a.Label(ref outer);
        a.add(edx, 3);
        a.call(inner);
        a.xor(eax, edx);
        a.call(leaf);
        a.ret();
        a.Label(ref inner);
        a.sub(edx, 1);
        a.call(leaf);
        a.add(eax, edx);
        a.ret();
        a.Label(ref leaf);
        a.lea(eax, __[eax + edx + 1]);
        a.ret();
        a.Label(ref end);
    }

    private static void Sort(Assembler a)
    {
        a.mov(edx, 1);
        Loops.SortOnce(a);
    }

    private static void Rotates(Assembler a)
    {
        a.mov(eax, 0x6a09e667);
        a.mov(ebx, 0xbb67ae85);
        a.mov(edx, 0x3c6ef372);
        Repeat(a, 4000, () =>
        {
            a.mov(esi, eax);
            a.ror(esi, 6);
            a.mov(edi, eax);
            a.ror(edi, 11);
            a.xor(esi, edi);
            a.rol(edi, 18);
            a.xor(esi, edi);
            a.mov(edi, ebx);
            a.xor(edi, edx);
            a.and(edi, eax);
            a.xor(edi, edx);
            a.add(esi, edi);
            a.add(esi, 0x428a2f98);
            a.mov(edx, ebx);
            a.mov(ebx, eax);
            a.add(eax, esi);
        });
    }

    private static void Division(Assembler a)
    {
        a.mov(ebx, 12345);
        a.mov(esi, 0);
        Repeat(a, 3000, () =>
        {
            a.mov(eax, 0xfedcba98);
            a.sub(eax, ecx);
            a.mov(edx, 0);
            a.div(ebx);
            a.add(esi, eax);
            a.xor(esi, edx);
            a.add(ebx, 7);
        });
        a.mov(eax, esi);
    }

    private static void Adds(Assembler a)
    {
        a.mov(eax, 0);
        a.mov(edx, 0);
        a.mov(esi, 0xdeadbeef);
        a.mov(edi, 0x12345);
        Repeat(a, 5000, () =>
        {
            a.add(eax, esi);
            a.adc(edx, edi);
            a.add(esi, eax);
            a.adc(edi, edx);
            a.sub(eax, ecx);
            a.sbb(edx, 0);
        });
        a.xor(eax, edx);
    }

    private static void Branches(Assembler a)
    {
        a.mov(eax, 0);
        a.mov(edx, 1);
        Repeat(a, 4000, () =>
        {
            Label odd = a.CreateLabel(), small = a.CreateLabel(), on = a.CreateLabel();
            a.imul(edx, edx, 1103515245);
            a.add(edx, 12345);
            a.test(edx, 0x10000);
            a.jne(odd);
            a.add(eax, 3);
            a.cmp(edx, 0x40000000);
            a.jb(small);
            a.sub(eax, 1);
            a.jmp(on);
            a.Label(ref small);
            a.xor(eax, edx);
            a.jmp(on);
            a.Label(ref odd);
            a.shr(eax, 1);
            a.test(edx, edx);
            a.js(on);
            a.add(eax, edx);
            a.Label(ref on);
            a.nop();
        });
    }

    private static void Fnv(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(eax, 0x811c9dc5);
        a.mov(__dword_ptr[esi + 100], 0x6c67); // some of the bytes are not zero
        Repeat(a, 4096, () =>
        {
            a.movzx(edx, __byte_ptr[esi]);
            a.xor(eax, edx);
            a.imul(eax, eax, 0x01000193);
            a.inc(esi);
        });
    }

    private static void CountBits(Assembler a)
    {
        a.mov(eax, 0);
        a.mov(ebx, 0x9e3779b9);
        Repeat(a, 4000, () =>
        {
            a.mov(edx, ebx);
            a.shr(edx, 1);
            a.and(edx, 0x55555555);
            a.mov(esi, ebx);
            a.sub(esi, edx);
            a.mov(edx, esi);
            a.shr(edx, 2);
            a.and(edx, 0x33333333);
            a.and(esi, 0x33333333);
            a.add(esi, edx);
            a.mov(edx, esi);
            a.shr(edx, 4);
            a.add(esi, edx);
            a.and(esi, 0x0f0f0f0f);
            a.imul(esi, esi, 0x01010101);
            a.shr(esi, 24);
            a.add(eax, esi);
            a.add(ebx, 0x61c88647);
        });
    }

    /// <summary>A loop that counts down in ECX.</summary>
    private static void Repeat(Assembler a, int times, Action body)
    {
        var again = a.CreateLabel();
        a.mov(ecx, times);
        a.Label(ref again);
        body();
        a.dec(ecx);
        a.jne(again);
    }
}
