// Walks a "newc" cpio archive (see cpio(5)) as its bytes stream by, without keeping them, until the entry TRAILER!!!. The Launcher only
// needs to know whether the archive is complete.

using System.Globalization;
using System.Text;

namespace Lguest.Launcher.Images;

/// <summary>Follows the entries of one archive; what comes after its trailer is not looked at, as another archive may follow in any
/// form.</summary>
internal sealed class CpioWalk
{
    private const int HeaderBytes = 110;
    private const int LongestName = 4096;
    private const int FileSizeAt = 54;
    private const int NameSizeAt = 94;

    private readonly byte[] _held = new byte[HeaderBytes + LongestName];
    private int _have;
    private int _want = HeaderBytes;
    private long _skip;
    private bool _inName;
    private bool _ended;
    private string? _broken;

    /// <summary>What is wrong with the bytes that came by, if they were all: null for a complete archive.</summary>
    public string? Problem => _broken ?? (_ended ? null : "its archive ends before its last entry");

    /// <summary>Whether these first bytes are those of such an archive.</summary>
    public static bool Looks(ReadOnlySpan<byte> bytes) => bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8);

    /// <summary>Takes the next bytes.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !_ended && _broken is null)
        {
            int pass = (int)Math.Min(_skip, bytes.Length);
            _skip -= pass;
            bytes = bytes[pass..];
            int take = Math.Min(_want - _have, bytes.Length);
            bytes[..take].CopyTo(_held.AsSpan(_have));
            _have += take;
            bytes = bytes[take..];
            if (_have == _want)
                Complete();
        }
    }

    private void Complete()
    {
        if (!_inName)
        {
            if (!Looks(_held) || Field(NameSizeAt) is not { } name || name is 0 or > LongestName || Field(FileSizeAt) is null)
            {
                _broken = "one of its archive's headers is malformed";
                return;
            }

            _inName = true;
            _want = HeaderBytes + (int)name;
            return;
        }

        _ended = _held.AsSpan(HeaderBytes, _want - HeaderBytes).StartsWith("TRAILER!!!\0"u8);
        // Header and name together, and the content by itself, are padded to four bytes.
        _skip = Padding(_want) + Field(FileSizeAt)!.Value + Padding(Field(FileSizeAt)!.Value);
        _inName = false;
        _want = HeaderBytes;
        _have = 0;
    }

    private static long Padding(long bytes) => -bytes & 3;

    private long? Field(int at) =>
        uint.TryParse(Encoding.ASCII.GetString(_held, at, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value)
            ? value : null;
}
