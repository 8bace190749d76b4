// Shuffles with a pattern in the instruction: PSHUF*, SHUFPS, SHUFPD, PINSRW.
using System.Runtime.Intrinsics;

namespace Lguest.Guest.Execute.Simd;

/// <summary>A function of destination, source and immediate byte.</summary>
internal interface IShuffle
{
    static abstract Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern);
}

internal readonly struct ShuffleDoublewords : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern) =>
        Vector128.Shuffle(b.AsUInt32(), Pattern.Fields(pattern).AsUInt32()).AsByte();
}

/// <summary>PSHUFLW, and PSHUFW on the lower half.</summary>
internal readonly struct ShuffleLowWords : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern) =>
        b.AsUInt64().WithElement(0, Pattern.Words(b.AsUInt64().ToScalar(), pattern)).AsByte();
}

internal readonly struct ShuffleHighWords : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern) =>
        b.AsUInt64().WithElement(1, Pattern.Words(b.AsUInt64().GetElement(1), pattern)).AsByte();
}

/// <summary>SHUFPS: two lanes from the destination, two from the source.</summary>
internal readonly struct ShuffleSingles : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern)
    {
        var fields = Pattern.Fields(pattern).AsUInt32();
        return Vector128.Create(Vector128.Shuffle(a.AsUInt32(), fields).GetLower(), Vector128.Shuffle(b.AsUInt32(), fields).GetUpper())
            .AsByte();
    }
}

internal readonly struct ShuffleDoubles : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern) =>
        Vector128.Create(a.AsUInt64().GetElement((int)(pattern & 1)), b.AsUInt64().GetElement((int)((pattern >> 1) & 1))).AsByte();
}

/// <summary>PINSRW; MMX has four words to choose from.</summary>
internal readonly struct InsertWord : IShuffle
{
    public static Vector128<byte> Apply(Vector128<byte> a, Vector128<byte> b, uint pattern) =>
        a.AsUInt16().WithElement((int)(pattern & 7), b.AsUInt16().ToScalar()).AsByte();
}

internal static class Pattern
{
    /// <summary>The four fields of two bits, one in each lane.</summary>
    public static Vector128<int> Fields(uint pattern) =>
        Vector128.Create((int)pattern & 3, (int)(pattern >> 2) & 3, (int)(pattern >> 4) & 3, (int)(pattern >> 6) & 3);

    /// <summary>Four words chosen from four.</summary>
    public static ulong Words(ulong words, uint pattern)
    {
        ulong result = 0;
        for (int i = 0; i < 4; i++)
            result |= (ulong)(ushort)(words >> (int)(16 * ((pattern >> (2 * i)) & 3))) << (16 * i);
        return result;
    }
}
