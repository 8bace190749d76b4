// Files that the program writes while Guests run: logs and recordings. Such a name may be a pipe, whose opening would wait until a program
// reads it, and the actor that opens it with it. And more than one writer may have the file for a moment, as when a Guest is started again
// before all that its last life has said is written: so what is appended goes to the end, wherever that is by then.

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Lguest.Net.Files;

/// <summary>Opens files to be written, without a buffer. Opening never waits for another program (where the system is Linux).</summary>
public static partial class OutputFile
{
    private const int WriteOnly = 1; // O_WRONLY
    private const int NoControllingTerminal = 0x100; // O_NOCTTY
    private const int AtEnd = 0x400; // O_APPEND
    private const int WithoutWaiting = 0x800; // O_NONBLOCK
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int SetFlags = 4; // F_SETFL
    private const int NoReader = 6; // ENXIO

    /// <summary>Opens a file that begins anew.</summary>
    /// <exception cref="Exception">One that <see cref="FileFault.InOpening"/> knows.</exception>
    public static FileStream Create(string path) =>
        OpenPipe(path) ?? new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    /// <summary>Opens a file that goes on after what it has.</summary>
    /// <param name="path">Its name. It is made if it is not there.</param>
    /// <param name="access">To write, or to look at what is there as well.</param>
    /// <exception cref="Exception">One that <see cref="FileFault.InOpening"/> knows.</exception>
    public static FileStream Append(string path, FileAccess access)
    {
        if (OpenPipe(path) is { } pipe)
            return pipe;
        var file = new FileStream(path, FileMode.OpenOrCreate, access, FileShare.ReadWrite, bufferSize: 0);
        if (OperatingSystem.IsLinux())
            _ = Control(file.SafeFileHandle, SetFlags, AtEnd);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    /// <summary>Opens what is no file on a disk, such as a pipe or a terminal; null if it is one, or is not there yet.</summary>
    private static FileStream? OpenPipe(string path)
    {
        if (!OperatingSystem.IsLinux() || path.Contains('\0'))
            return null;
        int descriptor = OpenDescriptor(path, WriteOnly | NoControllingTerminal | WithoutWaiting | CloseOnExec);
        if (descriptor < 0)
        {
            // Any other error is left to the ordinary way, which names it as for every file.
            return Marshal.GetLastPInvokeError() == NoReader ? throw new IOException("no program reads this pipe") : null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _ = Control(handle, SetFlags, 0);
        var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        if (!stream.CanSeek)
            return stream;
        stream.Dispose();
        return null;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDescriptor(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(SafeFileHandle file, int command, int argument);
}
