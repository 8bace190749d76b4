// qemu boots a vmlinux as it is only if that has a note for Xen's PVH, which the kernels of lguest's time lack. But it boots what says
// that it is a Multiboot kernel (Multiboot Specification 0.6.96); so the kernel is wrapped into one: far above the kernel's place lie a
// header, a little code and the kernel's segments. The code fills Linux's boot parameters (Documentation/x86/boot.txt, 32-bit protocol)
// from what the loader tells, moves the segments to their place and enters the kernel.

using System.Buffers.Binary;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Bench.Comparing;

internal static class MultibootImage
{
    private const uint Magic = 0x1badb002;
    private const uint AddressesAreValid = 0x10003; // and: modules on pages, tell the memory

    // Where what is of the image; below it is room for the kernel, at one megabyte or, as Linux has it if not told, at sixteen.
    private const uint Base = 0x2000000;
    private const uint CodeAt = Base + 0x40;
    private const uint GdtAt = Base + 0x800;
    private const uint GdtPointerAt = Base + 0x7f8;
    private const uint ParametersAt = Base + 0x1000;
    private const uint SegmentsAt = Base + 0x2000;

    private const ushort BootCode = 0x10;
    private const ushort BootData = 0x18;

    private sealed record Segment(int Offset, uint Address, int FileBytes, int MemoryBytes);

    /// <param name="kernel">A vmlinux, an ELF file with physical addresses.</param>
    public static byte[] Of(byte[] kernel)
    {
        var segments = Segments(kernel).ToArray();
        byte[] image = new byte[SegmentsAt - Base + segments.Sum(segment => segment.FileBytes)];
        uint end = Base + (uint)image.Length;
        Words(0, Magic, AddressesAreValid, unchecked(0 - Magic - AddressesAreValid), Base, Base, end, end, CodeAt);
        Words(GdtAt - Base, 0, 0, 0, 0, 0x0000ffff, 0x00cf9a00, 0x0000ffff, 0x00cf9200);
        Words(GdtPointerAt - Base, 31 | (GdtAt << 16), GdtAt >> 16);
        using var code = new MemoryStream();
        Program(segments, BinaryPrimitives.ReadUInt32LittleEndian(kernel.AsSpan(24))).Assemble(new StreamCodeWriter(code), CodeAt);
        code.ToArray().CopyTo(image, (int)(CodeAt - Base));
        int at = (int)(SegmentsAt - Base);
        foreach (var segment in segments)
        {
            kernel.AsSpan(segment.Offset, segment.FileBytes).CopyTo(image.AsSpan(at));
            at += segment.FileBytes;
        }

        return image;

        void Words(uint offset, params ReadOnlySpan<uint> words)
        {
            for (int i = 0; i < words.Length; i++)
                BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((int)offset + (4 * i)), words[i]);
        }
    }

    private static IEnumerable<Segment> Segments(byte[] kernel)
    {
        int table = Word(28);
        for (int i = 0; i < BinaryPrimitives.ReadUInt16LittleEndian(kernel.AsSpan(44)); i++)
        {
            int header = table + (32 * i);
            if (Word(header) == 1)
                yield return new Segment(Word(header + 4), (uint)Word(header + 12), Word(header + 16), Word(header + 20));
        }

        int Word(int at) => BinaryPrimitives.ReadInt32LittleEndian(kernel.AsSpan(at));
    }

    private static Assembler Program(Segment[] segments, uint entry)
    {
        var a = new Assembler(32);
        a.cli();
        a.cld();
        a.mov(ebp, ebx); // the loader's information

        // Two ranges of memory: what a PC has below its adapters, and what the loader says there is from one megabyte on.
        Set(0x1e8, 2);
        Set(0x2d8, 0x9f000);
        Set(0x2e0, 1);
        Set(0x2e4, 0x100000);
        a.mov(eax, __dword_ptr[ebp + 8]);
        a.shl(eax, 10);
        Store(0x2ec, eax);
        Set(0x2f4, 1);

        // The first module is the RAM disk. The header's magic and version, and a loader that is not known, go with it.
        a.mov(edx, __dword_ptr[ebp + 24]);
        a.mov(eax, __dword_ptr[edx]);
        Store(0x218, eax);
        a.mov(ecx, __dword_ptr[edx + 4]);
        a.sub(ecx, eax);
        Store(0x21c, ecx);
        a.mov(eax, __dword_ptr[ebp + 16]);
        Store(0x228, eax);
        Set(0x202, 0x53726448);
        Set(0x206, 0x20a);
        Set(0x210, 0xff);

        a.mov(esi, SegmentsAt);
        foreach (var segment in segments)
        {
            a.mov(edi, segment.Address);
            a.mov(ecx, segment.FileBytes);
            a.rep.movsb();
            a.mov(ecx, segment.MemoryBytes - segment.FileBytes);
            a.xor(eax, eax);
            a.rep.stosb();
        }

        a.lgdt(__[GdtPointerAt]);
        a.mov(eax, BootData);
        a.mov(ds, eax);
        a.mov(es, eax);
        a.mov(ss, eax);
        a.mov(esp, ParametersAt);
        a.mov(esi, ParametersAt);
        a.xor(ebp, ebp);
        a.xor(edi, edi);
        a.xor(ebx, ebx);
        a.push(BootCode);
        a.push(entry);
        a.retf();
        return a;

        void Set(uint offset, uint value) => a.mov(__dword_ptr[ParametersAt + offset], value);
        void Store(uint offset, AssemblerRegister32 value) => a.mov(__dword_ptr[ParametersAt + offset], value);
    }
}
