// Integer loops as programs have them: a sieve, a hash, a sort. Each runs for ever, and works on at most 64 KiB. What one round of it does
// can be had without the jump back, for measurements that count rounds.

using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Machine;

/// <summary>Programs for <see cref="BenchGuest"/>.</summary>
internal static class Loops
{
    private const uint Buffer = BenchGuest.BufferAt;
    private const int Bytes = 65536;
    private const int Words = 1024;

    /// <summary>Eratosthenes over 65,536 bytes.</summary>
    public static void Sieve(Assembler a)
    {
        var round = a.CreateLabel();
        a.Label(ref round);
        SieveOnce(a);
        a.jmp(round);
    }

    /// <summary>One round of it.</summary>
    public static void SieveOnce(Assembler a)
    {
        Label clear = a.CreateLabel(), outer = a.CreateLabel(), inner = a.CreateLabel(), next = a.CreateLabel();
        a.mov(edi, Buffer);
        a.mov(ecx, Bytes / 4);
        a.Label(ref clear);
        a.mov(__dword_ptr[edi], 0);
        a.add(edi, 4);
        a.dec(ecx);
        a.jne(clear);
        a.mov(eax, 2);
        a.Label(ref outer);
        a.cmp(__byte_ptr[eax + Buffer], 0);
        a.jne(next);
        a.lea(ebx, __[eax + eax]);
        a.Label(ref inner);
        a.cmp(ebx, Bytes);
        a.jae(next);
        a.mov(__byte_ptr[ebx + Buffer], 1);
        a.add(ebx, eax);
        a.jmp(inner);
        a.Label(ref next);
        a.inc(eax);
        a.cmp(eax, Bytes);
        a.jb(outer);
    }

    /// <summary>FNV-1a over 65,536 bytes.</summary>
    public static void Hash(Assembler a)
    {
        Label round = a.CreateLabel(), next = a.CreateLabel();
        a.Label(ref round);
        a.mov(esi, Buffer);
        a.mov(ecx, Bytes);
        a.mov(eax, 0x811c9dc5);
        a.Label(ref next);
        a.movzx(ebx, __byte_ptr[esi]);
        a.xor(eax, ebx);
        a.imul(eax, eax, 0x01000193);
        a.inc(esi);
        a.dec(ecx);
        a.jne(next);
        a.jmp(round);
    }

    /// <summary>Insertion sort of 1,024 random words.</summary>
    public static void Sort(Assembler a)
    {
        var round = a.CreateLabel();
        a.mov(edx, 1);
        a.Label(ref round);
        SortOnce(a);
        a.jmp(round);
    }

    /// <summary>One round of it; EDX is what the random numbers begin with.</summary>
    public static void SortOnce(Assembler a)
    {
        Label fill = a.CreateLabel(), outer = a.CreateLabel(), inner = a.CreateLabel(), place = a.CreateLabel();
        a.mov(edi, Buffer);
        a.mov(ecx, Words);
        a.Label(ref fill);
        a.imul(edx, edx, 1103515245);
        a.add(edx, 12345);
        a.mov(__dword_ptr[edi], edx);
        a.add(edi, 4);
        a.dec(ecx);
        a.jne(fill);
        a.mov(esi, 1);
        a.Label(ref outer);
        a.mov(eax, __dword_ptr[(esi * 4) + Buffer]);
        a.mov(edi, esi);
        a.Label(ref inner);
        a.test(edi, edi);
        a.je(place);
        a.mov(ebx, __dword_ptr[(edi * 4) + (Buffer - 4)]);
        a.cmp(ebx, eax);
        a.jbe(place);
        a.mov(__dword_ptr[(edi * 4) + Buffer], ebx);
        a.dec(edi);
        a.jmp(inner);
        a.Label(ref place);
        a.mov(__dword_ptr[(edi * 4) + Buffer], eax);
        a.inc(esi);
        a.cmp(esi, Words);
        a.jb(outer);
    }
}
