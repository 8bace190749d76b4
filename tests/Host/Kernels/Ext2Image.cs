// The file system that a Guest has left on its disk, read by somebody who is not the Guest: whether its books agree with each other, and
// what is in its files. Only what a disk of eight megabytes needs: one group of blocks, no journal, no extents.

using System.Buffers.Binary;
using System.Text;

namespace Lguest.Host.Tests.Kernels;

/// <summary>An ext2 file system in memory (the layout as in Linux, Documentation/filesystems/ext2).</summary>
internal sealed class Ext2Image
{
    private const int SuperblockAt = 1024;
    private const ushort Magic = 0xef53;
    private const ushort Clean = 1; // EXT2_VALID_FS
    private const uint Root = 2;
    private const uint FirstOrdinaryInode = 11;
    private const int DirectBlocks = 12;
    private const int Levels = 3;
    private const int FormatMask = 0xf000;
    private const int Directory = 0x4000;
    private const int File = 0x8000;
    private readonly byte[] _disk;
    private readonly int _blockBytes;
    private readonly int _inodeBytes;
    private readonly uint _inodeTable;
    private readonly HashSet<uint> _blocks = [];
    private readonly Dictionary<uint, int> _names = [];
    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <param name="disk">All bytes of the disk.</param>
    public Ext2Image(byte[] disk)
    {
        _disk = disk;
        Half(SuperblockAt + 56).ShouldBe(Magic, "an ext2 file system");
        Half(SuperblockAt + 58).ShouldBe(Clean, "it was unmounted");
        _blockBytes = 1024 << (int)Word(SuperblockAt + 24);
        _inodeBytes = Word(SuperblockAt + 76) == 0 ? 128 : Half(SuperblockAt + 88);
        var (inodes, blocks, first) = (Word(SuperblockAt), Word(SuperblockAt + 4), Word(SuperblockAt + 20));
        ((int)(blocks - first)).ShouldBeLessThanOrEqualTo((int)Word(SuperblockAt + 32), "one group of blocks");
        int group = (int)(first + 1) * _blockBytes;
        var (blockMap, inodeMap) = (Word(group), Word(group + 4));
        _inodeTable = Word(group + 8);

        // What belongs to nobody's file: everything up to the end of the inode table.
        uint tableBlocks = ((inodes * (uint)_inodeBytes) + (uint)_blockBytes - 1) / (uint)_blockBytes;
        foreach (uint block in (uint[])[first, first + 1, blockMap, inodeMap, .. Enumerable.Range((int)_inodeTable, (int)tableBlocks)
            .Select(block => (uint)block)])
            Use(block, "the books");
        for (uint inode = 1u; inode < FirstOrdinaryInode; inode++)
        {
            if (inode != Root && Half(At(inode) + 26) != 0)
                _ = Content(inode, $"reserved inode {inode}");
        }

        Walk(Root, "/");
        CheckLinks();
        CheckMap("block", blockMap, blocks - first, bit => _blocks.Contains(first + bit), Word(SuperblockAt + 12));
        CheckMap("inode", inodeMap, inodes, bit => bit + 1 < FirstOrdinaryInode || _names.ContainsKey(bit + 1), Word(SuperblockAt + 16));
    }

    /// <summary>Content of every ordinary file by its path from the root.</summary>
    public IReadOnlyDictionary<string, byte[]> Files => _files;

    private void Walk(uint directory, string path)
    {
        byte[] entries = Content(directory, path);
        for (int at = 0; at < entries.Length;)
        {
            var entry = entries.AsSpan(at);
            uint inode = BinaryPrimitives.ReadUInt32LittleEndian(entry);
            ushort length = BinaryPrimitives.ReadUInt16LittleEndian(entry[4..]);
            length.ShouldBeGreaterThanOrEqualTo((ushort)8, $"an entry of {path}");
            at += length;
            if (inode == 0)
                continue;
            string name = Encoding.Latin1.GetString(entry.Slice(8, entry[6]));
            bool isNew = !_names.ContainsKey(inode);
            _names[inode] = _names.GetValueOrDefault(inode) + 1;
            if (name is "." or "..")
                continue;
            int format = Half(At(inode)) & FormatMask;
            if (format == Directory)
                Walk(inode, $"{path}{name}/");
            else if (format == File && isNew)
                _files.Add(path + name, Content(inode, path + name));
        }
    }

    /// <summary>The bytes of a file; every block of it must be its own.</summary>
    private byte[] Content(uint inode, string whose)
    {
        byte[] content = new byte[Word(At(inode) + 4)];
        long index = 0L;
        for (int i = 0; i < DirectBlocks + Levels; i++)
            Gather(Word(At(inode) + 40 + (i * sizeof(uint))), Math.Max(0, i - DirectBlocks + 1), content, ref index, whose);
        return content;
    }

    private void Gather(uint block, int level, byte[] content, ref long index, string whose)
    {
        int perBlock = _blockBytes / sizeof(uint);
        if (block == 0)
        {
            index += (long)Math.Pow(perBlock, level);
            return;
        }

        Use(block, whose);
        if (level == 0)
        {
            long at = index++ * _blockBytes;
            if (at < content.Length)
                _disk.AsSpan((int)block * _blockBytes, (int)Math.Min(_blockBytes, content.Length - at)).CopyTo(content.AsSpan((int)at));
            return;
        }

        for (int i = 0; i < perBlock; i++)
            Gather(Word(((int)block * _blockBytes) + (i * sizeof(uint))), level - 1, content, ref index, whose);
    }

    private void CheckLinks()
    {
        foreach (var (inode, names) in _names)
            ((int)Half(At(inode) + 26)).ShouldBe(names, $"links of inode {inode}");
    }

    private void CheckMap(string what, uint map, uint count, Func<uint, bool> isUsed, uint free)
    {
        uint clear = 0u;
        for (uint bit = 0u; bit < count; bit++)
        {
            bool marked = (_disk[((int)map * _blockBytes) + (int)(bit / 8)] >> (int)(bit % 8) & 1) != 0;
            marked.ShouldBe(isUsed(bit), $"{what} number {bit} of the map");
            clear += marked ? 0u : 1u;
        }

        clear.ShouldBe(free, $"free {what}s");
    }

    private void Use(uint block, string whose)
    {
        block.ShouldBeLessThan((uint)(_disk.Length / _blockBytes), $"a block of {whose}");
        _blocks.Add(block).ShouldBeTrue($"block {block} of {whose} belongs to something else as well");
    }

    private int At(uint inode) => ((int)_inodeTable * _blockBytes) + ((int)(inode - 1) * _inodeBytes);

    private uint Word(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_disk.AsSpan(at));

    private ushort Half(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_disk.AsSpan(at));
}
