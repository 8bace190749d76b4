// A Launcher's console for tests: what was printed can be waited for, and what is typed may depend on it.

using System.Collections.Concurrent;
using System.Text;

namespace Lguest.Devices.Tests;

/// <summary>A Guest's output, collected as it comes.</summary>
internal sealed class Printed : Stream
{
    private readonly MemoryStream _all = new();

    public string Text
    {
        get
        {
            lock (_all)
                return Encoding.Latin1.GetString(_all.ToArray());
        }
    }

    /// <summary>Called with all that was printed so far, whenever something is.</summary>
    public Action<string> Changed { get; set; } = _ => { };

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _all.Length;

    public override long Position { get => _all.Position; set => throw new NotSupportedException(); }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_all)
            _all.Write(buffer);
        Changed(Text);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}

/// <summary>A keyboard that a test types on; it blocks its reader like a terminal, until it is disposed.</summary>
internal sealed class Keyboard : Stream
{
    private readonly BlockingCollection<byte[]> _typed = [];

    public void Type(string keys) => _typed.Add(Encoding.Latin1.GetBytes(keys));

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (!_typed.TryTake(out byte[]? keys, Timeout.Infinite))
            return 0;
        keys.CopyTo(buffer, offset);
        return keys.Length;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => 0; set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _typed.CompleteAdding();
        base.Dispose(disposing);
    }
}
