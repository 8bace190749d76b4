// The description of the machine for a kernel that is entered through its PVH note, as hypervisors without firmware do (hvm_start_info; PC
// board sheet 4.5). It says the same as boot_params, in less space, but has no place for random bytes.

using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Lguest.Launcher.Images;

/// <summary>Makes hvm_start_info with what it points to, to be written to <see cref="Address"/> as a whole.</summary>
internal static class PvhInfo
{
    public const uint Address = 0x6000;

    private const uint Magic = 0x336ec578;
    private const uint Version = 1;
    private const int ModuleAt = 0x40;
    private const int MapAt = 0x60;
    private const int MapEntryBytes = 24;

    public static byte[] Make(ImmutableArray<PcMemoryRange> map, uint commandLine, uint initrdAddress, uint initrdBytes)
    {
        byte[] info = new byte[MapAt + (map.Length * MapEntryBytes)];
        Put32(info, 0, Magic);
        Put32(info, 4, Version);
        Put32(info, 12, initrdBytes == 0 ? 0u : 1);
        Put64(info, 16, initrdBytes == 0 ? 0u : Address + ModuleAt);
        Put64(info, 24, commandLine);
        Put64(info, 40, Address + MapAt);
        Put32(info, 48, (uint)map.Length);
        Put64(info, ModuleAt, initrdAddress);
        Put64(info, ModuleAt + 8, initrdBytes);
        for (int i = 0; i < map.Length; i++)
        {
            int at = MapAt + (i * MapEntryBytes);
            Put64(info, at, map[i].Start);
            Put64(info, at + 8, map[i].Length);
            Put32(info, at + 16, map[i].Type);
        }

        return info;
    }

    private static void Put32(byte[] into, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(into.AsSpan(at), value);

    private static void Put64(byte[] into, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(into.AsSpan(at), value);
}
