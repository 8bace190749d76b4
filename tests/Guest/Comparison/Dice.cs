// Every case must be repeatable from a printed seed, on any runtime version, so chance comes from a generator of our own.
namespace Lguest.Guest.Tests.Comparison;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014) with the few ways of rolling that the generators need.</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9e37_79b9_7f4a_7c15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xbf58_476d_1ce4_e5b9;
        z = (z ^ (z >> 27)) * 0x94d0_49bb_1331_11eb;
        return z ^ (z >> 31);
    }

    public uint Word() => (uint)(Next() >> 32);

    /// <summary>Uniform in [0, bound).</summary>
    public int Below(int bound) => (int)(((ulong)Word() * (uint)bound) >> 32);

    public bool Percent(int chance) => Below(100) < chance;

    public T Pick<T>(ReadOnlySpan<T> from) => from[Below(from.Length)];

    public void Fill(Span<byte> bytes)
    {
        foreach (ref byte b in bytes) b = (byte)(Next() >> 56);
    }
}
