// What a Guest learns about a file of the folder, in the protocol's terms.

namespace Lguest.Devices.Share;

/// <summary>The kinds of file that a driver tells by a qid.</summary>
internal enum QidKind : byte
{
    File = 0, // P9_QTFILE, and all that is no folder and no link
    SymbolicLink = 0x02, // P9_QTSYMLINK
    Folder = 0x80, // P9_QTDIR
}

/// <summary>By what a driver tells one file from another: qid of 9P.</summary>
/// <param name="Kind">Bits of qid.type.</param>
/// <param name="Version">Another one when the content is another.</param>
/// <param name="Path">The same for two names of the same file.</param>
internal readonly record struct Qid(QidKind Kind, uint Version, ulong Path);

/// <summary>A time: seconds since 1970 and nanoseconds.</summary>
internal readonly record struct FileTime(ulong Seconds, ulong Nanoseconds);

/// <summary>The answer to Tgetattr.</summary>
internal readonly record struct FileFacts(
    Qid Qid, uint Mode, uint User, uint Group, ulong Links, ulong Device, ulong Bytes, ulong BlockBytes, ulong Blocks,
    FileTime Accessed, FileTime Modified, FileTime Changed);

/// <summary>The answer to Tstatfs.</summary>
internal readonly record struct SpaceFacts(
    uint BlockBytes, ulong Blocks, ulong Free, ulong Available, ulong Files, ulong FreeFiles, ulong Id, uint LongestName);

/// <summary>What Tsetattr wants changed; null is left alone.</summary>
internal readonly record struct FileChange(uint? Mode, uint? User, uint? Group, ulong? Bytes, TimeChange? Accessed, TimeChange? Modified);

/// <summary>A time to be set.</summary>
/// <param name="Time">Null for now.</param>
internal readonly record struct TimeChange(FileTime? Time);

/// <summary>A range of a file, locked or to be locked.</summary>
/// <param name="Kind">0 for reading, 1 for writing, 2 not at all (P9_LOCK_TYPE_*).</param>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes; 0 for all that follow.</param>
/// <param name="Process">Which process has it, as far as that is known.</param>
internal readonly record struct LockRange(byte Kind, ulong Start, ulong Length, uint Process);
