// The files behind the protocol. The session decides what is done, with which of these; an implementation does it, and blocks as long as
// that takes. So it is called by workers only.

namespace Lguest.Devices.Share;

/// <summary>A folder of the host with all that is in it. Each call answers with an errno, 0 if it was done. Any thread.</summary>
internal interface ISharedFolder : IDisposable
{
    /// <summary>The folder itself, with a use for the caller.</summary>
    SharedFile Root();

    /// <summary>Goes down, name by name, and through ".." up as far as the folder itself.</summary>
    /// <param name="from">Where to start.</param>
    /// <param name="names">Each without a slash.</param>
    /// <param name="qids">Takes what was met, one for each name.</param>
    /// <param name="walked">How many names were found.</param>
    /// <param name="last">What the last name stands for; null if not all were found.</param>
    /// <returns>0 if there were no names, or the first was found.</returns>
    int Walk(SharedFile from, IReadOnlyList<byte[]> names, Span<Qid> qids, out int walked, out SharedFile? last);

    int Look(SharedFile file, out FileFacts facts);

    int Change(SharedFile file, OpenedFile? opened, FileChange change);

    int Space(SharedFile file, out SpaceFacts facts);

    /// <param name="file">A regular file or a folder; all else is refused.</param>
    /// <param name="flags">Of open(2), as the protocol has them.</param>
    /// <param name="opened">To be disposed.</param>
    /// <param name="qid">Of the file.</param>
    int Open(SharedFile file, uint flags, out OpenedFile? opened, out Qid qid);

    /// <summary>Opens a file by its name, and makes it if there is none.</summary>
    int Create(SharedFile folder, byte[] name, uint flags, uint mode, out SharedFile? file, out OpenedFile? opened, out Qid qid);

    int Read(OpenedFile file, ulong offset, Span<byte> into, out int bytes);

    int Write(OpenedFile file, ulong offset, ReadOnlySpan<byte> from, out int bytes);

    /// <summary>Fills in entries of Rreaddir: qid, u64 offset of the next, u8 kind, name.</summary>
    int List(OpenedFile folder, ulong offset, Span<byte> into, out int bytes);

    int Sync(OpenedFile file, bool dataOnly);

    /// <summary>Takes or gives up a lock, and does not wait for it.</summary>
    int Lock(OpenedFile file, LockRange range);

    /// <summary>Asks for the lock that is in the way of another; <see cref="LockRange.Kind"/> 2 for none.</summary>
    int TestLock(OpenedFile file, ref LockRange range);

    int ReadLink(SharedFile link, Span<byte> into, out int bytes);

    int MakeFolder(SharedFile folder, byte[] name, uint mode, out Qid qid);

    int MakeSymbolicLink(SharedFile folder, byte[] name, byte[] target, out Qid qid);

    /// <param name="folder">Where.</param>
    /// <param name="name">Its name.</param>
    /// <param name="mode">A regular file, a FIFO or a socket.</param>
    /// <param name="qid">Of what was made.</param>
    int MakeNode(SharedFile folder, byte[] name, uint mode, out Qid qid);

    int MakeLink(SharedFile folder, byte[] name, SharedFile file);

    int Rename(SharedFile folder, byte[] name, SharedFile newFolder, byte[] newName);

    int Remove(SharedFile folder, byte[] name, bool isFolder);

    /// <summary>Renames a file by what it was reached by, if that still is its name.</summary>
    int Rename(SharedFile file, SharedFile newFolder, byte[] newName);

    /// <summary>Removes a file by what it was reached by, if that still is its name.</summary>
    int Remove(SharedFile file);
}
