// Puppy's image as a test sees it: the bytes, the program headers, and what stands at an address. Kept apart from the Launcher's own
// ELF reader, so that a mistake there cannot hide one here.

using System.Buffers.Binary;

namespace Lguest.Host.Tests.Puppy;

/// <summary>One PT_LOAD: file offset, virtual and physical address, bytes in the file and in memory, flags (1 execute, 2 write, 4
/// read).</summary>
internal readonly record struct LoadedPart(int Offset, uint Virtual, uint Physical, int FileSize, int MemorySize, uint Flags);

/// <summary>A 32-bit little-endian ELF executable (System V ABI, i386 supplement).</summary>
internal sealed class PuppyImage(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    /// <summary>e_entry, which the Launcher takes for a physical address (ABI sheet 1.2).</summary>
    public uint Entry => Word(24);

    public bool IsI386Executable => Bytes.AsSpan(0, 6).SequenceEqual("\u007FELF\u0001\u0001"u8) && Half(16) == 2 && Half(18) == 3;

    public IReadOnlyList<LoadedPart> Parts
    {
        get
        {
            var parts = new List<LoadedPart>();
            for (int i = 0; i < Half(44); i++)
            {
                int header = (int)Word(28) + (i * Half(42));
                if (Word(header) == 1)
                {
                    parts.Add(new LoadedPart(
                        (int)Word(header + 4),
                        Word(header + 8),
                        Word(header + 12),
                        (int)Word(header + 16),
                        (int)Word(header + 20),
                        Word(header + 24)));
                }
            }

            return parts;
        }
    }

    /// <summary>The names of the sections, in file order.</summary>
    public IReadOnlyList<string> Sections
    {
        get
        {
            int names = (int)Word(SectionHeader(Half(50)) + 16);
            return [.. Enumerable.Range(0, Half(48)).Select(i => Text(names + (int)Word(SectionHeader(i))))];
        }
    }

    public uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Bytes.AsSpan(offset));

    private ushort Half(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Bytes.AsSpan(offset));

    private int SectionHeader(int index) => (int)Word(32) + (index * Half(46));

    private string Text(int offset) => System.Text.Encoding.ASCII.GetString(Bytes.AsSpan(offset, Bytes.AsSpan(offset).IndexOf((byte)0)));
}
