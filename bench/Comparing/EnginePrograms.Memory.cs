// Those of the loops that live by memory: copies, tables, lists.

using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

/// <content>Loops around memory.</content>
internal static partial class EnginePrograms
{
    private static void Copy(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(edi, Second);
        a.mov(__byte_ptr[esi + 77], 5);
        Repeat(a, Bytes, () =>
        {
            a.mov(al, __byte_ptr[esi]);
            a.mov(__byte_ptr[edi], al);
            a.inc(esi);
            a.inc(edi);
        });
        a.movzx(eax, __byte_ptr[edi - Bytes + 77]);
    }

    /// <summary>A ring of nodes in an order that no prefetcher guesses.</summary>
    private static void Chase(Assembler a)
    {
        a.mov(edi, Buffer);
        a.mov(edx, 0);
        Repeat(a, Nodes, () =>
        {
            a.imul(ebx, edx, 1029);
            a.add(ebx, 7);
            a.and(ebx, Nodes - 1);
            a.shl(ebx, 4);
            a.add(ebx, Buffer);
            a.mov(__dword_ptr[edi], ebx);
            a.mov(__dword_ptr[edi + 4], edx);
            a.add(edi, 16);
            a.inc(edx);
        });
        a.mov(esi, Buffer);
        a.mov(eax, 0);
        Repeat(a, 16 * Nodes, () =>
        {
            a.add(eax, __dword_ptr[esi + 4]);
            a.mov(esi, __dword_ptr[esi]);
        });
    }

    private static void Crc(Assembler a)
    {
        a.mov(edi, Second);
        a.mov(edx, 0);
        Repeat(a, 256, () =>
        {
            a.mov(eax, edx);
            for (int bit = 0; bit < 8; bit++)
            {
                var even = a.CreateLabel();
                a.shr(eax, 1);
                a.jae(even);
                a.xor(eax, 0xedb88320);
                a.Label(ref even);
                a.nop();
            }

            a.mov(__dword_ptr[edi + (edx * 4)], eax);
            a.inc(edx);
        });
        a.mov(esi, Second);
        a.mov(eax, 0xffffffff);
        Repeat(a, 1024, () =>
        {
            a.mov(edx, eax);
            a.xor(dl, __byte_ptr[esi]);
            a.movzx(edx, dl);
            a.shr(eax, 8);
            a.xor(eax, __dword_ptr[edi + (edx * 4)]);
            a.inc(esi);
        });
    }

    private static void CopyWords(Assembler a)
    {
        a.mov(esi, Buffer);
        a.mov(edi, Second);
        a.mov(__dword_ptr[esi + 64], 0x1234567);
        Repeat(a, Bytes / 16, () =>
        {
            foreach (int at in (int[])[0, 8])
            {
                a.mov(eax, __dword_ptr[esi + at]);
                a.mov(edx, __dword_ptr[esi + at + 4]);
                a.mov(__dword_ptr[edi + at], eax);
                a.mov(__dword_ptr[edi + at + 4], edx);
            }

            a.add(esi, 16);
            a.add(edi, 16);
        });
        a.mov(eax, __dword_ptr[edi - Bytes + 64]);
    }

    /// <summary>The product of two matrices of 16 x 16, an element at a time.</summary>
    private static void Matrix(Assembler a)
    {
        const int Row = 64;
        a.mov(edi, Buffer);
        Repeat(a, 512, () =>
        {
            a.mov(__dword_ptr[edi], ecx);
            a.add(edi, 4);
        });
        Label nextElement = a.CreateLabel(), nextTerm = a.CreateLabel();
        a.mov(eax, 0);
        a.mov(ebp, 0);
        a.Label(ref nextElement);
        a.mov(esi, ebp);
        a.and(esi, 0xf0);
        a.lea(esi, __[(esi * 4) + (int)Buffer]);
        a.mov(edi, ebp);
        a.and(edi, 0x0f);
        a.lea(edi, __[(edi * 4) + (int)Buffer + 1024]);
        a.mov(ecx, 16);
        a.mov(ebx, 0);
        a.Label(ref nextTerm);
        a.mov(edx, __dword_ptr[esi]);
        a.imul(edx, __dword_ptr[edi]);
        a.add(ebx, edx);
        a.add(esi, 4);
        a.add(edi, Row);
        a.dec(ecx);
        a.jne(nextTerm);
        a.add(eax, ebx);
        a.inc(ebp);
        a.cmp(ebp, 256);
        a.jb(nextElement);
    }

    /// <summary>Keys that are counted in a table of 4,096 words.</summary>
    private static void HashTable(Assembler a)
    {
        a.mov(ebx, 1);
        a.mov(eax, 0);
        a.mov(edi, Second);
        Repeat(a, 4096, () =>
        {
            a.mov(__dword_ptr[edi], 0);
            a.add(edi, 4);
        });
        a.mov(edi, Second);
        Repeat(a, 4000, () =>
        {
            a.imul(ebx, ebx, 69069);
            a.inc(ebx);
            a.mov(edx, ebx);
            a.shr(edx, 20);
            a.inc(__dword_ptr[edi + (edx * 4)]);
            a.add(eax, __dword_ptr[edi + (edx * 4)]);
        });
    }

    /// <summary>The way to the one byte that is not zero.</summary>
    private static void Search(Assembler a)
    {
        Label again = a.CreateLabel(), found = a.CreateLabel();
        a.mov(esi, Second + 0x8000);
        a.mov(__byte_ptr[esi + 8000], 1);
        a.mov(eax, esi);
        a.Label(ref again);
        a.cmp(__byte_ptr[eax], 1);
        a.je(found);
        a.inc(eax);
        a.jmp(again);
        a.Label(ref found);
        a.mov(__byte_ptr[esi + 8000], 0);
    }
}
