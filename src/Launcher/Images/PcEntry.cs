// The ways into a PC kernel, and the words by which a user names them.

namespace Lguest.Launcher.Images;

/// <summary>By which door a PC kernel is entered.</summary>
internal enum PcEntry
{
    /// <summary>The kernel proper, unpacked by the Launcher.</summary>
    Unpacked,

    /// <summary>The packed kernel, which unpacks itself.</summary>
    Packed,

    /// <summary>The entry for virtual machines, with their own description of the machine.</summary>
    Pvh,
}

/// <summary>The words of <c>--boot</c>.</summary>
internal static class PcEntries
{
    private static readonly (string Word, PcEntry Entry)[] _known =
        [("linux", PcEntry.Unpacked), ("bzimage", PcEntry.Packed), ("pvh", PcEntry.Pvh)];

    /// <summary>All words with what they mean, the usual one first.</summary>
    public static IReadOnlyList<(string Word, PcEntry Entry)> Words => _known;

    /// <summary>What a word means; null if it is not one of them.</summary>
    public static PcEntry? Parse(string word) => Array.Find(_known, known => known.Word == word) is { Word: not null } found
        ? found.Entry : null;

    public static string WordOf(PcEntry entry) => Array.Find(_known, known => known.Entry == entry).Word;
}
