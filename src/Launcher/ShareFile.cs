// The file of --sharenet, by which launchers of one machine find each other. In the first lguest it was the shared page itself, mapped into
// all Guests. Here each process has its own page and Dma, and they talk as two nodes do; the file only lists who is there. It has a record
// for each slot of the page: a process keeps the slot's byte locked while it lives, and the record says where its Dma listens.

using System.Text;
using Lguest.Devices;
using Lguest.Net.Dma;
using Lguest.Net.Files;

namespace Lguest.Launcher;

/// <summary>One process's place among those that share a page (ABI sheet 9.8, --sharenet). Not thread-safe.</summary>
internal sealed class ShareFile : IDisposable
{
    private const int RecordBytes = 128;
    private const int Locks = SharedPage.Slots * RecordBytes; // locked bytes stand behind the records

    private readonly FileStream _file;
    private List<string> _others = [];

    private ShareFile(FileStream file, int slot)
    {
        _file = file;
        Slot = slot;
    }

    /// <summary>The slot that is this process's alone.</summary>
    public int Slot { get; }

    /// <summary>Opens the file, or makes it, and takes the first free slot.</summary>
    /// <exception cref="RefusedException">It cannot be had, or all slots are taken.</exception>
    public static ShareFile Open(string path)
    {
        try
        {
            FileStream file = new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            for (int slot = 0; slot < SharedPage.Slots; slot++)
                if (TryLock(file, slot))
                    return new ShareFile(file, slot);
            file.Dispose();
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            throw new RefusedException($"--sharenet={path} cannot be used: {FileFault.Reason(problem, path)}; name another file");
        }

        throw new RefusedException($"all {SharedPage.Slots} places of --sharenet={path} are taken; end a Guest, or name another file");
    }

    /// <summary>Says where this process's Dma listens.</summary>
    /// <param name="address">At most 126 bytes.</param>
    /// <exception cref="RefusedException">The file takes no more.</exception>
    public void Announce(string address)
    {
        byte[] record = new byte[RecordBytes];
        Encoding.UTF8.GetBytes(address, record);
        try
        {
            RandomAccess.Write(_file.SafeFileHandle, record, (long)Slot * RecordBytes);
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            throw new RefusedException(
                $"--sharenet={_file.Name} cannot be written: {FileFault.Reason(problem)}; make room, or name another file");
        }
    }

    /// <summary>Where the other processes' listen that are alive now; as before where the file cannot be read just now.</summary>
    public IReadOnlyList<string> Others()
    {
        try
        {
            _others = Look();
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // A file system that is away for a while, as those of other machines are at times: whom we know, we know.
        }

        return _others;
    }

    private List<string> Look()
    {
        List<string> others = [];
        byte[] record = new byte[RecordBytes];
        for (int slot = 0; (long)slot * RecordBytes < Math.Min(_file.Length, Locks); slot++)
        {
            if (slot == Slot || TryLock(_file, slot))
            {
                if (slot != Slot && !OperatingSystem.IsMacOS())
                    _file.Unlock(Locks + slot, 1);
                continue;
            }

            int end = Array.IndexOf(record, (byte)0, 0, RandomAccess.Read(_file.SafeFileHandle, record, (long)slot * RecordBytes));
            if (end > 0)
                others.Add(Encoding.UTF8.GetString(record, 0, end));
        }

        return others;
    }

    public void Dispose() => _file.Dispose();

    private static bool TryLock(FileStream file, int slot)
    {
        if (OperatingSystem.IsMacOS())
            throw new PlatformNotSupportedException("parts of files cannot be locked on this system");
        try
        {
            file.Lock(Locks + slot, 1);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
