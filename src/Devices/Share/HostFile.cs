// What a fid of a host's folder stands for: a descriptor that only names a file (O_PATH), and the way by which it was reached. A name that
// is given to another file afterwards changes nothing for it. The way up is the one that was walked down, so it ends at the folder.

namespace Lguest.Devices.Share;

/// <summary>A file in a folder of the host.</summary>
/// <param name="descriptor">Names it; belongs to this.</param>
/// <param name="parent">Where it was found; a use of it belongs to this. Null for the folder itself.</param>
/// <param name="name">By which it was found, with a zero byte at its end.</param>
/// <param name="identity">Its numbers.</param>
/// <param name="kind">S_IFMT of its mode; a file never changes that.</param>
/// <param name="released">Called at its end.</param>
internal sealed class HostFile(
    Descriptor descriptor, HostFile? parent, byte[] name, HostFile.Identity identity, uint kind, Action? released) : SharedFile
{
    public Descriptor Descriptor => descriptor;

    public HostFile? Parent => parent;

    public byte[] Name => name;

    public Identity Id => identity;

    public uint Kind => kind;

    /// <summary>Folders above it, up to the one that is shared.</summary>
    public int Depth { get; } = parent is null ? 0 : parent.Depth + 1;

    protected override void Release()
    {
        descriptor.Dispose();
        parent?.Dispose();
        released?.Invoke();
    }

    /// <summary>By which two names can be seen to be one file.</summary>
    internal readonly record struct Identity(ulong Device, ulong Inode);
}

/// <summary>A file of the host that is open for reading or writing.</summary>
internal sealed class HostOpened(Descriptor descriptor, bool isRoot, Action released) : OpenedFile
{
    public Descriptor Descriptor => descriptor;

    /// <summary>Whether it is the shared folder itself, above which a Guest sees nothing.</summary>
    public bool IsRoot => isRoot;

    /// <summary>Held while a folder is read: its place is the descriptor's.</summary>
    public Lock Place { get; } = new();

    protected override void Release()
    {
        descriptor.Dispose();
        released();
    }
}
