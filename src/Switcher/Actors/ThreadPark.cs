// Where a thread waits for a word from another one or for a moment, whichever comes first. .NET's own waits count in milliseconds and are
// built of several of the system's; a processor that sleeps to the next tick of its Guest wants neither.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lguest.Machine;

namespace Lguest.Switcher.Actors;

/// <summary>One thread waits here, and any other may wake it.</summary>
internal sealed partial class ThreadPark : IDisposable
{
    private const int WithoutWaiting = 0x80800; // EFD_CLOEXEC and EFD_NONBLOCK
    private const short HasInput = 1; // POLLIN

    private readonly SemaphoreSlim _plain = new(0);
    private readonly int _descriptor = OperatingSystem.IsLinux() ? EventDescriptor(0, WithoutWaiting) : -1;

    /// <summary>Waits until <see cref="Wake"/> is called, or was since the last wait, or the time is over.</summary>
    /// <param name="nanoseconds">How long at most; <see cref="long.MaxValue"/> for ever.</param>
    public void Wait(long nanoseconds)
    {
        bool isForever = nanoseconds == long.MaxValue;
        if (_descriptor < 0)
        {
            _plain.Wait(isForever ? Timeout.Infinite
                : (int)Math.Clamp((nanoseconds + Nanoseconds.PerMillisecond - 1) / Nanoseconds.PerMillisecond, 0, int.MaxValue));
            return;
        }

        PollEntry entry = new(_descriptor, HasInput);
        TimeSpecification time = new((nint)(nanoseconds / Nanoseconds.PerSecond), (nint)(nanoseconds % Nanoseconds.PerSecond));
        if (Poll(ref entry, 1, ref (isForever ? ref Unsafe.NullRef<TimeSpecification>() : ref time), 0) > 0)
            _ = Read(_descriptor, out _, sizeof(ulong));
    }

    /// <summary>Wakes who waits, or lets the next wait end at once. Any thread.</summary>
    public void Wake()
    {
        if (_descriptor < 0)
            _plain.Release();
        else
            _ = Write(_descriptor, 1, sizeof(ulong));
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = Close(_descriptor);
        _plain.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventDescriptor(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static partial int Poll(ref PollEntry entries, nuint count, ref TimeSpecification time, nint signals);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int descriptor, out ulong count, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int descriptor, in ulong count, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry(int descriptor, short events)
    {
        public int Descriptor = descriptor;
        public short Events = events;
        public short Returned;
    }

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeSpecification(nint seconds, nint nanoseconds)
    {
        public readonly nint Seconds = seconds;
        public readonly nint Nanoseconds = nanoseconds;
    }
}
