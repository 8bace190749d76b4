// A disk of two files: a base that many Guests only read, and a layer with this Guest's own writes. So twenty Guests can share one image.

using System.Buffers.Binary;
using System.Numerics;
using Lguest.Devices.Files;
using Lguest.Net.Files;
using Microsoft.Win32.SafeHandles;

namespace Lguest.Devices.Block;

//J:Drivers:800 A layer over a disk
// The layer is a file of three parts: a page that says whose layer it is; a map with one bit for each block of 4096 bytes; and room for
// every block, each at its own place. The file is sparse: where nothing was written there is nothing. A block whose bit is set is read from
// the layer, any other from the base. The first write to a block brings the rest of it over from the base.
// The bit on the disk is set late. A write puts data into the layer and notes the bit in memory; only a flush, once the data is down,
// writes the map. If the power fails before that, a block that no flush has reached yet is the base's. One that was flushed before and
// written again has in each sector what was flushed or what was written since, which is what a disk with a write cache owes and no less.
// Were the map written at once, it could overtake the data, and then a block would be lost that nobody had touched for days.

/// <summary>A base file with a copy-on-write layer.</summary>
internal sealed class OverlayDisk : IDisk
{
    /// <summary>What is copied at once.</summary>
    public const int BlockBytes = 4096;

    private const ulong Magic = 0x31524559414c474c; // "LGLAYER1"
    private const int HeaderBytes = 4096;
    private const int FixedHeaderBytes = 16;
    private const int SectorsPerBlock = BlockBytes / FileDisk.SectorBytes;

    private readonly IDisk _base;
    private readonly SafeFileHandle _layer;
    private readonly string _path;
    private readonly byte[] _map;
    private readonly long _data;
    private readonly HashSet<int> _dirty = [];
    private Leftover? _leftover;

    private OverlayDisk(IDisk @base, SafeFileHandle layer, string path)
    {
        _base = @base;
        _layer = layer;
        _path = path;
        long blocks = (_base.Sectors + SectorsPerBlock - 1) / SectorsPerBlock;
        _map = new byte[(blocks + 7) / 8];
        _data = HeaderBytes + ((_map.Length + HeaderBytes - 1L) / HeaderBytes * HeaderBytes);
    }

    public long Sectors => _base.Sectors;

    /// <summary>The base may be read-only; the layer is not.</summary>
    public bool ReadOnly => false;

    public string Serial => _base.Serial;

    /// <summary>Blocks that the layer holds.</summary>
    public long Blocks => _map.Sum(bits => (long)BitOperations.PopCount(bits));

    /// <summary>Opens a base with a layer over it.</summary>
    /// <param name="path">The base, which is opened for reading only.</param>
    /// <param name="layer">The layer, which is made if it is not there.</param>
    /// <param name="keep">Whether the layer is kept at the end and one that is there is gone on with; if not, it is made afresh and
    /// deleted.</param>
    /// <exception cref="RefusedException">One of them cannot be used.</exception>
    public static OverlayDisk Open(string path, string layer, bool keep)
    {
        var file = FileDisk.OpenShared(path);
        SafeFileHandle? handle = null;
        OverlayDisk? disk = null;
        try
        {
            handle = File.OpenHandle(layer, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            disk = new OverlayDisk(file, handle, layer);
            disk.Prepare(path, File.GetLastWriteTimeUtc(path).Ticks, keep);
            return disk;
        }
        catch (Exception problem) when (problem is RefusedException || FileFault.InOpening(problem))
        {
            handle?.Dispose();
            file.Dispose();
            disk?._leftover?.Dispose();
            if (problem is RefusedException)
                throw;
            throw new RefusedException(
                $"the layer {layer} of disk {path} cannot be used: {FileFault.Reason(problem, layer)}; " +
                "end what uses it or name another with layer = ...");
        }
    }

    public bool TryRead(long offset, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            bool own = Has(offset / BlockBytes);
            int length = RunLength(offset, into.Length, own);
            if (!(own ? TryReadLayer(offset, into[..length]) : _base.TryRead(offset, into[..length])))
                return false;
            into = into[length..];
            offset += length;
        }

        return true;
    }

    public bool TryWrite(long offset, ReadOnlySpan<byte> from)
    {
        Span<byte> block = stackalloc byte[BlockBytes];
        while (!from.IsEmpty)
        {
            long number = offset / BlockBytes;
            int inside = (int)(offset % BlockBytes);
            int length = Math.Min(from.Length, BlockBytes - inside);
            if (Has(number) || length == BlockBytes)
            {
                if (!TryWriteLayer(offset, from[..length]))
                    return false;
            }
            else
            {
                var whole = block[..(int)Math.Min(BlockBytes, (Sectors * FileDisk.SectorBytes) - (number * BlockBytes))];
                if (!_base.TryRead(number * BlockBytes, whole))
                    return false;
                from[..length].CopyTo(whole[inside..]);
                if (!TryWriteLayer(number * BlockBytes, whole))
                    return false;
            }

            Note(number);
            from = from[length..];
            offset += length;
        }

        return true;
    }

    public bool TryFlush()
    {
        try
        {
            RandomAccess.FlushToDisk(_layer);
            if (_dirty.Count == 0)
                return true;
            foreach (int page in _dirty)
                RandomAccess.Write(_layer, _map.AsSpan(page * HeaderBytes, Math.Min(HeaderBytes, _map.Length - (page * HeaderBytes))),
                    HeaderBytes + ((long)page * HeaderBytes));
            RandomAccess.FlushToDisk(_layer);
            _dirty.Clear();
            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (_leftover is null)
            TryFlush();
        _layer.Dispose();
        _base.Dispose();
        _leftover?.Dispose();
    }

    /// <summary>Reads what is there, or begins a new layer. What is there and no layer is somebody's file, and neither read nor
    /// overwritten.</summary>
    private void Prepare(string path, long written, bool keep)
    {
        bool isNew = RandomAccess.GetLength(_layer) == 0;
        if (isNew || !keep)
        {
            if (!isNew)
                CheckIsLayer();
            _leftover = new Leftover(_path);
            RandomAccess.SetLength(_layer, 0);
            Span<byte> header = new byte[HeaderBytes];
            WriteHeader(header, written);
            RandomAccess.Write(_layer, header, 0);
            RandomAccess.SetLength(_layer, _data + (Sectors * FileDisk.SectorBytes));
            if (!keep)
                return;
            _leftover.Keep();
            _leftover = null;
            return;
        }

        var there = CheckIsLayer();
        Span<byte> wanted = new byte[HeaderBytes];
        WriteHeader(wanted, written);
        if (!there.SequenceEqual(wanted))
            throw new RefusedException($"disk {path} has changed since its layer {_path} was made; delete the layer to start again");
        for (int read = 0, more; read < _map.Length; read += more)
            if ((more = RandomAccess.Read(_layer, _map.AsSpan(read), HeaderBytes + read)) == 0)
                throw new RefusedException($"{_path} is a layer that was cut short; delete it to start again");
    }

    /// <returns>Its header.</returns>
    private Span<byte> CheckIsLayer()
    {
        Span<byte> there = new byte[HeaderBytes];
        Span<byte> wanted = stackalloc byte[FixedHeaderBytes];
        WriteFixedHeader(wanted);
        return RandomAccess.Read(_layer, there, 0) == HeaderBytes && there.StartsWith(wanted)
            ? there
            : throw new RefusedException($"{_path} is not a layer of a disk; name another file with layer = ...");
    }

    private static void WriteFixedHeader(Span<byte> header)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], 1); // version
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], BlockBytes);
    }

    private void WriteHeader(Span<byte> header, long written)
    {
        WriteFixedHeader(header);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], Sectors);
        BinaryPrimitives.WriteInt64LittleEndian(header[24..], written);
    }

    /// <summary>How much from an offset on lies in blocks that are all in the same file.</summary>
    private int RunLength(long offset, int most, bool own)
    {
        long end = ((offset / BlockBytes) + 1) * BlockBytes;
        while (end - offset < most && Has(end / BlockBytes) == own)
            end += BlockBytes;
        return (int)Math.Min(most, end - offset);
    }

    private bool Has(long block) => (_map[block >> 3] & (1 << (int)(block & 7))) != 0;

    private void Note(long block)
    {
        if (Has(block))
            return;
        _map[block >> 3] |= (byte)(1 << (int)(block & 7));
        _dirty.Add((int)((block >> 3) / HeaderBytes));
    }

    private bool TryReadLayer(long offset, Span<byte> into)
    {
        try
        {
            while (!into.IsEmpty)
            {
                int got = RandomAccess.Read(_layer, into, _data + offset);
                if (got == 0)
                    return false;
                into = into[got..];
                offset += got;
            }

            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }

    private bool TryWriteLayer(long offset, ReadOnlySpan<byte> from)
    {
        try
        {
            RandomAccess.Write(_layer, from, _data + offset);
            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }
}
