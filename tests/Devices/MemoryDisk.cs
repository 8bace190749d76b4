// A disk in memory for tests of the block device: it remembers what was asked of it, and fails when it is told to.

using Lguest.Devices.Block;

namespace Lguest.Devices.Tests;

internal sealed class MemoryDisk(int sectors) : IDisk
{
    public byte[] Content { get; } = new byte[sectors * 512];

    public List<string> Log { get; } = [];

    public bool Fails { get; set; }

    public long Sectors => sectors;

    public bool ReadOnly { get; init; }

    public string Serial => "a-serial-number-of-some-length";

    public bool TryRead(long offset, Span<byte> into)
    {
        Log.Add($"read {offset} {into.Length}");
        Content.AsSpan((int)offset, into.Length).CopyTo(into);
        return !Fails;
    }

    public bool TryWrite(long offset, ReadOnlySpan<byte> from)
    {
        Log.Add($"write {offset} {from.Length}");
        if (!Fails)
            from.CopyTo(Content.AsSpan((int)offset));
        return !Fails;
    }

    public bool TryFlush()
    {
        Log.Add("flush");
        return !Fails;
    }

    public void Dispose() => Log.Add("dispose");
}
