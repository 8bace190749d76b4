// Small kernels and archives, made byte by byte, for tests that read them. Each maker takes what a test wants to vary and nothing else.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Lguest.Host.Tests.Images;

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
