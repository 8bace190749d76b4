// Rubbish with method: how many cases, from which seed, and how a good sequence of bytes is spoiled. LGUEST_FUZZ_CASES makes it try harder,
// LGUEST_FUZZ_SEED repeats a run.

using System.Globalization;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

internal static class Fuzzing
{
    private const int DefaultCases = 20_000;

    internal static int Cases { get; } = Number("LGUEST_FUZZ_CASES") ?? DefaultCases;

    internal static int Seed { get; } = Number("LGUEST_FUZZ_SEED") ?? Environment.TickCount;

    /// <summary>Copies the good bytes into the buffer with some of them changed, cut off, repeated or added; the new length.</summary>
    internal static int Spoil(ReadOnlySpan<byte> good, Span<byte> buffer, Random random)
    {
        good.CopyTo(buffer);
        var length = good.Length;
        for (var times = random.Next(1, 5); times > 0 && length > 0; times--)
        {
            var at = random.Next(length);
            switch (random.Next(6))
            {
                case 0:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 1:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    // Numbers at their edges are what bounds are forgotten for.
                    buffer.Slice(at, Math.Min(random.Next(1, 9), length - at)).Fill(random.Next(3) switch { 0 => (byte)0, 1 => (byte)0xFF, _ => (byte)0x7F });
                    break;
                case 3:
                    length = at;
                    break;
                case 4:
                    var taken = Math.Min(Math.Min(random.Next(1, 64), length - at), buffer.Length - length);
                    buffer.Slice(at, taken).CopyTo(buffer[length..]);
                    length += taken;
                    break;
                default:
                    var added = Math.Min(random.Next(1, 16), buffer.Length - length);
                    random.NextBytes(buffer.Slice(length, added));
                    length += added;
                    break;
            }
        }

        return length;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
