// What a boot loader leaves for a Multiboot kernel: the kernel at its addresses, one module, and a structure that tells of both and of
// memory (Multiboot Specification 0.6.96, 3.3). Other than Linux's boot parameters it is found by a register and may lie anywhere.

using System.Buffers.Binary;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>Lays out a PC Guest's memory for a Multiboot kernel.</summary>
internal static class MultibootBoot
{
    /// <summary>EAX at the first instruction.</summary>
    public const uint LoaderMagic = 0x2badb002;

    /// <summary>Where the structure goes, unless the kernel is there.</summary>
    public const uint LowAddress = 0x10000;

    private const uint Megabyte = 1 << 20;
    private const uint MostBytes = 0x10000;
    private const uint HasMemory = 1;
    private const uint HasCommandLine = 1 << 2;
    private const uint HasModules = 1 << 3;
    private const uint HasMap = 1 << 6;
    private const uint HasLoaderName = 1 << 9;
    private const int FlagsAt = 0;
    private const int LowerAt = 4; // KiB from 0
    private const int UpperAt = 8; // KiB from 1 MB
    private const int CommandLineAt = 16;
    private const int ModuleCountAt = 20;
    private const int ModulesAt = 24;
    private const int MapLengthAt = 44;
    private const int MapAddressAt = 48;
    private const int LoaderNameAt = 64;
    private const int ModuleAt = 128; // start, end, string, 0; the structure itself ends before
    private const int MapAt = 144;
    private const int MapEntryBytes = 24; // the first word is the length of the rest

    /// <param name="kernel">What to boot.</param>
    /// <param name="name">How the user calls it; the file's name is the first word of the command line.</param>
    /// <param name="ramBytes">RAM, in whole pages.</param>
    /// <param name="words">The user's arguments.</param>
    /// <param name="module">A file for the kernel, or empty for none.</param>
    /// <param name="moduleName">That file's name.</param>
    /// <exception cref="RefusedException">It does not fit into that memory.</exception>
    public static PcBoot Plan(MultibootKernel kernel, string name, uint ramBytes, IReadOnlyList<string> words, ReadOnlyMemory<byte> module,
        string? moduleName)
    {
        CheckRoom(kernel, name, ramBytes);
        uint moduleStart = PageAfter(Math.Max(kernel.End, Megabyte));
        uint used = module.IsEmpty ? (uint)Math.Max(kernel.End, Megabyte) : moduleStart + (uint)module.Length;
        byte[] line = Text(string.Join(' ', [Path.GetFileName(name), .. words]));
        byte[] file = Text(Path.GetFileName(moduleName ?? ""));
        uint length = (uint)(MapAt + (PcMemoryMap.Of(ramBytes).Length * MapEntryBytes) + line.Length + file.Length + LoaderName.Length);
        if (length > MostBytes)
            throw new RefusedException($"the arguments of kernel {name} are {line.Length} bytes long, of at most 64 KiB with all else that "
                + "it is told; leave some out");
        bool isLow = kernel.Segments.All(segment =>
            segment.End <= LowAddress || segment.Address.Value >= LowAddress + MostBytes);
        uint address = isLow ? LowAddress : PageAfter(used);
        if (Math.Max(used, address + (ulong)length) is var needed && needed > ramBytes)
            throw PcBoot.TooLittle(name, ramBytes, module.IsEmpty ? "" : " and its module", needed);

        List<KernelSegment> writes = [.. kernel.Segments.Where(segment => !segment.Content.IsEmpty)];
        if (!module.IsEmpty)
            writes.Add(PcBoot.Write(moduleStart, module));
        writes.Add(PcBoot.Write(address, Make(address, ramBytes, line, file, moduleStart, (uint)module.Length)));
        return new PcBoot(writes, new PcStart(kernel.Entry, 0, address, LoaderMagic));
    }

    private static ReadOnlySpan<byte> LoaderName => "lguest\0"u8;

    private static byte[] Make(uint address, uint ramBytes, byte[] line, byte[] file, uint moduleStart, uint moduleBytes)
    {
        var map = PcMemoryMap.Of(ramBytes);
        int lineAt = MapAt + (map.Length * MapEntryBytes);
        int fileAt = lineAt + line.Length;
        byte[] info = [.. new byte[lineAt], .. line, .. file, .. LoaderName];
        bool hasModule = moduleBytes > 0;
        Put(FlagsAt, HasMemory | HasCommandLine | (hasModule ? HasModules : 0) | HasMap | HasLoaderName);
        Put(LowerAt, PcMemoryMap.BiosData >> 10);
        Put(UpperAt, (ramBytes - Megabyte) >> 10);
        Put(CommandLineAt, address + (uint)lineAt);
        if (hasModule)
        {
            Put(ModuleCountAt, 1);
            Put(ModulesAt, address + ModuleAt);
            Put(ModuleAt, moduleStart);
            Put(ModuleAt + 4, moduleStart + moduleBytes);
            Put(ModuleAt + 8, address + (uint)fileAt);
        }

        Put(MapLengthAt, (uint)map.Length * MapEntryBytes);
        Put(MapAddressAt, address + MapAt);
        Put(LoaderNameAt, address + (uint)(fileAt + file.Length));
        for (int i = 0; i < map.Length; i++)
        {
            int at = MapAt + (i * MapEntryBytes);
            Put(at, MapEntryBytes - sizeof(uint));
            BinaryPrimitives.WriteUInt64LittleEndian(info.AsSpan(at + 4), map[i].Start);
            BinaryPrimitives.WriteUInt64LittleEndian(info.AsSpan(at + 12), map[i].Length);
            Put(at + 20, map[i].Type);
        }

        return info;

        void Put(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(info.AsSpan(at), value);
    }

    /// <summary>A segment is in RAM that is free: what lies between 639 KB and 1 MB is the board's.</summary>
    private static void CheckRoom(MultibootKernel kernel, string name, uint ramBytes)
    {
        foreach (var segment in kernel.Segments)
            if (segment.Address.Value < Megabyte && segment.End > PcMemoryMap.BiosData)
                throw new RefusedException($"kernel {name} has a segment at physical address 0x{segment.Address.Value:x} that reaches into "
                    + "what a PC keeps for its BIOS; link it below 0x9fc00 or to 0x100000");
        PcBoot.CheckOverlap(kernel, name);
        if (kernel.End > ramBytes)
            throw PcBoot.TooLittle(name, ramBytes, "", kernel.End);
    }

    private static uint PageAfter(ulong address) =>
        (uint)Math.Min((address + GuestMemory.PageSize - 1) & ~(ulong)(GuestMemory.PageSize - 1), PcMemoryMap.Hole);

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
