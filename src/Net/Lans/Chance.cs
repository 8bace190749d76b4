// Links lose and corrupt frames at random, and a test must give the same result in each run. So the random numbers depend only on a seed
// and a name. The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).

namespace Lguest.Net.Lans;

/// <summary>A stream of random numbers. Equal seeds and names give equal streams, on every machine and in every run.</summary>
internal struct Chance
{
    private const double OneIn53Bits = 1.0 / (1ul << 53);
    private const ulong Gamma = 0x9e37_79b9_7f4a_7c15;
    private ulong _state;

    /// <param name="seed">Any number.</param>
    /// <param name="name">What the stream is for: streams of one seed must not move in step.</param>
    public Chance(long seed, string name)
    {
        // FNV-1a over UTF-16, since string.GetHashCode differs from process to process.
        ulong hash = 14695981039346656037ul;
        foreach (char one in name)
            hash = (hash ^ one) * 1099511628211ul;
        _state = Mix((ulong)seed + Gamma) ^ hash;
    }

    public ulong Next() => Mix(_state += Gamma);

    /// <summary>True in this share of the calls, 0 to 1. An impossible event uses up no number, so that switching it on elsewhere disturbs
    /// nothing.</summary>
    public bool Happens(double share) => share > 0 && (Next() >> 11) * OneIn53Bits < share;

    /// <summary>Evenly spread over [-spread, spread].</summary>
    public long Around(long spread) => spread == 0 ? 0 : (long)Math.BigMul(Next(), ((ulong)spread * 2) + 1, out _) - spread;

    /// <summary>Evenly spread over [0, bound).</summary>
    public int Below(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xbf58_476d_1ce4_e5b9;
        value = (value ^ value >> 27) * 0x94d0_49bb_1331_11eb;
        return value ^ value >> 31;
    }
}
