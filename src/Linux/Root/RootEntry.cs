// What stands under a name in the Guest's root file system. The tree is kept in memory, not in a folder of the host: so devices need no
// rights, owners and modes are those of the packages, and no name in a package can lead out of it.

namespace Lguest.Linux.Root;

/// <summary>What kind of thing it is; the values are those of a mode (S_IFMT).</summary>
internal enum RootKind : uint
{
    Pipe = 0x1000,
    CharacterDevice = 0x2000,
    Folder = 0x4000,
    BlockDevice = 0x6000,
    File = 0x8000,
    Link = 0xa000,
}

/// <summary>One inode: two names with the same instance are hard links.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Rights with set-user-ID and its like: the lower 12 bits of a mode.</param>
internal sealed record RootEntry(RootKind Kind, uint Mode)
{
    public const uint ModeBits = 0xfff;

    public uint User { get; init; }

    public uint Group { get; init; }

    /// <summary>Of a file its bytes, of a link its target in UTF-8.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Of a device.</summary>
    public (uint Major, uint Minor) Device { get; init; }

    public static RootEntry Folder(uint mode = 0x1ed) => new(RootKind.Folder, mode);

    public static RootEntry File(ReadOnlyMemory<byte> content, uint mode = 0x1a4) => new(RootKind.File, mode) { Content = content };

    public static RootEntry File(string text, uint mode = 0x1a4) => File(System.Text.Encoding.UTF8.GetBytes(text), mode);

    public static RootEntry Link(string target) => new(RootKind.Link, 0x1ff) { Content = System.Text.Encoding.UTF8.GetBytes(target) };

    /// <summary>Where a link leads.</summary>
    public string Target => System.Text.Encoding.UTF8.GetString(Content.Span);

    /// <summary>The bytes of a text file.</summary>
    public string Text => Target;
}
