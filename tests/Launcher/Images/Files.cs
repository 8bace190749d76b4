// Small kernels and archives, made byte by byte, for tests that read them. Each maker takes what a test wants to vary and nothing else.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lguest.Launcher.Tests.Images;

internal static class Files
{
    /// <summary>An ELF executable for the i386 with one loadable segment.</summary>
    public static byte[] Elf(byte[] content, uint physical = 0x100000, uint? memoryBytes = null, uint? entry = null)
    {
        byte[] file = new byte[52 + 32 + content.Length];
        "\x7F"u8.CopyTo(file);
        "ELF"u8.CopyTo(file.AsSpan(1));
        file[4] = 1;
        file[5] = 1;
        file[6] = 1;
        Put16(file, 16, 2);
        Put16(file, 18, 3);
        Put32(file, 20, 1);
        Put32(file, 24, entry ?? physical);
        Put32(file, 28, 52);
        Put16(file, 40, 52);
        Put16(file, 42, 32);
        Put16(file, 44, 1);
        Put32(file, 52, 1);
        Put32(file, 56, 84);
        Put32(file, 60, 0xC0000000 + physical);
        Put32(file, 64, physical);
        Put32(file, 68, (uint)content.Length);
        Put32(file, 72, memoryBytes ?? (uint)content.Length);
        content.CopyTo(file, 84);
        return file;
    }

    /// <summary>The bytes of a Linux kernel, as far as the Launcher looks at them.</summary>
    public static byte[] Linux(string release, bool lguest = true) =>
        Encoding.ASCII.GetBytes($"code Linux version {release} (someone@somewhere)\0{(lguest ? "lguest\0" : "bare hardware\0")}rodata");

    /// <summary>A bzImage whose payload holds a packed kernel.</summary>
    public static byte[] BzImage(byte[] kernel, string release, ushort protocol = 0x0209, byte loadFlags = 1, ushort xLoadFlags = 0)
    {
        const int Start = 0x1000;
        byte[] payload = [.. Encoding.ASCII.GetBytes("unpacker"), .. Gzip(kernel), .. new byte[16]];
        byte[] file = new byte[Start + payload.Length];
        file[0x1f1] = (Start / 512) - 1;
        "HdrS"u8.CopyTo(file.AsSpan(0x202));
        Put16(file, 0x206, protocol);
        Put16(file, 0x20e, 0x300);
        Encoding.ASCII.GetBytes(release + " (someone@somewhere)").CopyTo(file, 0x500);
        file[0x211] = loadFlags;
        Put32(file, 0x214, 0x100000);
        Put16(file, 0x236, xLoadFlags);
        Put32(file, 0x258, 0x100000);
        Put32(file, 0x260, 0x300000);
        payload.CopyTo(file, Start);
        return file;
    }

    /// <summary>A bzImage as present kernels are: its header tells where the payload is. The fields are Debian's of 6.1.</summary>
    public static byte[] PcImage(byte[] payload)
    {
        const int Start = 0x1000, Offset = 0x94;
        byte[] file = new byte[Start + Offset + payload.Length + 16];
        file[0x1f1] = (Start / 512) - 1;
        Put32(file, 0x1f4, (uint)(file.Length - Start + 15) / 16);
        Put16(file, 0x1fe, 0xaa55);
        Put16(file, 0x200, 0x66eb);
        "HdrS"u8.CopyTo(file.AsSpan(0x202));
        Put16(file, 0x206, 0x020f);
        Put16(file, 0x20e, 0x300);
        "6.1.0-50-686 (builder@kernels.example)"u8.CopyTo(file.AsSpan(0x500));
        file[0x211] = 1;
        Put32(file, 0x214, 0x100000);
        Put32(file, 0x22c, 0x7fffffff);
        Put32(file, 0x230, 0x1000000);
        Put16(file, 0x234, 0x0d01);
        Put16(file, 0x236, 0x0004);
        Put32(file, 0x238, 0x7ff);
        Put32(file, 0x248, Offset);
        Put32(file, 0x24c, (uint)payload.Length);
        Put32(file, 0x258, 0x1000000);
        Put32(file, 0x260, 0x100c000);
        payload.CopyTo(file, Start + Offset);
        return file;
    }

    /// <summary>An ELF file of one segment with a note added behind it.</summary>
    public static byte[] WithNote(byte[] elf, string owner, uint type, uint length, uint value)
    {
        const int Shift = 32 + 20;
        byte[] file = [.. elf[..84], .. new byte[Shift], .. elf[84..]];
        Put16(file, 44, 2);
        Put32(file, 56, 84 + Shift);
        Put32(file, 84, 4);
        Put32(file, 88, 116);
        Put32(file, 100, 20);
        Put32(file, 116, (uint)owner.Length);
        Put32(file, 120, length);
        Put32(file, 124, type);
        Encoding.ASCII.GetBytes(owner).CopyTo(file, 128);
        Put32(file, 132, value);
        return file;
    }

    /// <summary>A Multiboot header without addresses.</summary>
    public static byte[] MultibootHeader(uint flags)
    {
        byte[] header = new byte[12];
        Put32(header, 0, 0x1badb002);
        Put32(header, 4, flags);
        Put32(header, 8, unchecked(0u - 0x1badb002u - flags));
        return header;
    }

    /// <summary>A Multiboot kernel of one piece, entered behind its header.</summary>
    public static byte[] Multiboot(byte[] code, uint load = 0x100000, uint clear = 0)
    {
        byte[] file = [.. MultibootHeader(0x10003), .. new byte[20], .. code];
        uint end = load + (uint)file.Length;
        Put32(file, 12, load);
        Put32(file, 16, load);
        Put32(file, 20, end);
        Put32(file, 24, end + clear);
        Put32(file, 28, load + 32);
        return file;
    }

    public static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }

    /// <summary>A newc archive with one file and its trailer.</summary>
    public static byte[] Cpio(string name, byte[] content)
    {
        var archive = new MemoryStream();
        Entry(archive, name, content);
        Entry(archive, "TRAILER!!!", []);
        return archive.ToArray();
    }

    public static void Put16(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    public static void Put32(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);

    private static void Entry(MemoryStream archive, string name, byte[] content)
    {
        uint[] fields = new uint[13];
        fields[1] = 0x81a4;
        fields[6] = (uint)content.Length;
        fields[11] = (uint)name.Length + 1;
        archive.Write(Encoding.ASCII.GetBytes("070701" + string.Concat(fields.Select(field => field.ToString("X8")))));
        archive.Write(Encoding.ASCII.GetBytes(name + "\0"));
        Pad(archive);
        archive.Write(content);
        Pad(archive);
    }

    private static void Pad(MemoryStream archive)
    {
        while (archive.Length % 4 != 0)
            archive.WriteByte(0);
    }
}
