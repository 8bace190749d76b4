// Random bytes that are the same each time: what a Guest gets that is to be repeated. Its own, for each Guest and each purpose, so that two
// Guests of one seed do not make the same keys.

using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Lguest.Devices.Rng;

/// <summary>SHA-256 of a name and a counter, block after block. One caller at a time.</summary>
/// <param name="name">What the bytes are made from.</param>
internal sealed class SeededBytes(string name)
{
    private readonly byte[] _input = [.. new byte[sizeof(ulong)], .. Encoding.UTF8.GetBytes(name)];
    private readonly byte[] _block = new byte[SHA256.HashSizeInBytes];
    private ulong _blocks;
    private int _left;

    /// <summary>The next bytes.</summary>
    public void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (_left == 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_input, _blocks++);
                SHA256.HashData(_input, _block);
                _left = _block.Length;
            }

            int count = Math.Min(_left, bytes.Length);
            _block.AsSpan(_block.Length - _left, count).CopyTo(bytes);
            _left -= count;
            bytes = bytes[count..];
        }
    }
}
