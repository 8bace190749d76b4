// Standard input and output as plain file descriptors. .NET's console would edit and echo lines and change the terminal's mode; a
// FileStream would keep its own offset and overwrite what others append to the same file.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Lguest.Host.Terminal;

/// <summary>A file descriptor, read and written by the system's own calls. It is not closed with the stream.</summary>
internal sealed partial class DescriptorStream : Stream
{
    private const int Interrupted = 4; // EINTR, everywhere
    private const int HasInput = 1; // POLLIN
    private const int HasRoom = 4; // POLLOUT
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const int GetFlags = 1; // F_GETFD
    private const int Forever = -1;

    private static readonly int _again = OperatingSystem.IsMacOS() ? 35 : 11; // EAGAIN
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(250);

    private readonly int _descriptor;
    private readonly FileAccess _access;

    public DescriptorStream(int descriptor, FileAccess access)
    {
        _descriptor = descriptor;
        _access = access;
    }

    public override bool CanRead => _access == FileAccess.Read;

    public override bool CanSeek => false;

    public override bool CanWrite => _access == FileAccess.Write;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the program was started with this descriptor. If not, the runtime may have opened something of its own under its
    /// number; but that is closed when another program takes over, which nothing can be that came from one.</summary>
    public static bool WasPassedOn(int descriptor) => Control(descriptor, GetFlags) is var flags and >= 0 && (flags & CloseOnExec) == 0;

    /// <summary>Reads what is there, or waits for it. A terminal is not read in the background, where the system would stop the process
    /// for it.</summary>
    public override int Read(Span<byte> buffer)
    {
        bool isTerminal = JobControl.IsTerminal(_descriptor);
        while (true)
        {
            bool isReady = Wait(HasInput, isTerminal ? (int)_look.TotalMilliseconds : Forever);
            if (isTerminal && !JobControl.IsInForeground(_descriptor))
            {
                // What was typed is the foreground job's, and poll(2) answers at once while it is there. Nothing tells a process that it
                // has come to the foreground without a stop, so this thread, which only reads, looks again after a while.
                if (isReady)
                    Thread.Sleep(_look);
                continue;
            }

            if (!isReady)
                continue;
            nint got = Read(_descriptor, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (got >= 0)
                return (int)got;
            Check("read");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written = Write(_descriptor, in MemoryMarshal.GetReference(buffer), (nuint)buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else if (Check("write") == _again)
                Wait(HasRoom, Forever);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <returns>The error, if it is one after which the call is to be made again.</returns>
    private static int Check(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return error == Interrupted || error == _again
            ? error
            : throw new IOException(new Win32Exception(error).Message, error) { Source = call };
    }

    private bool Wait(short events, int milliseconds)
    {
        PollEntry entry = new() { Descriptor = _descriptor, Events = events };
        return Poll(ref entry, 1, milliseconds) > 0;
    }

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, ref byte bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, in byte bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(ref PollEntry entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
