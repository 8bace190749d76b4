// KVM's clock: two structures in the Guest's memory from which a kernel reads the time without asking anybody, and by which it learns the
// rate of its time-stamp counter without measuring it. Here that counter counts the nanoseconds of Guest time, in both kinds of time, so
// what is written once stays true until the kernel sets the counter.

using System.Buffers.Binary;
using Lguest.Guest.Memory;
using Lguest.Machine;

namespace Lguest.Pc;

/// <summary>The registers 4B564D00h and 4B564D01h (Linux, Documentation/virt/kvm/x86/msr.rst).</summary>
/// <param name="memory">Where the structures are written.</param>
public sealed class ParavirtualClock(GuestMemory memory)
{
    /// <summary>MSR_KVM_WALL_CLOCK_NEW.</summary>
    public const uint WallClock = 0x4b564d00;

    /// <summary>MSR_KVM_SYSTEM_TIME_NEW.</summary>
    public const uint SystemTime = 0x4b564d01;

    /// <summary>IA32_TIME_STAMP_COUNTER, which is the processor's. When it is set, what is known of it here is no longer true.</summary>
    public const uint TimeStamp = 0x10;

    private const int WallBytes = 12;
    private const int TimeBytes = 32;
    private const ulong Enabled = 1;

    // 1 GHz: nanoseconds = (ticks << 1) * 80000000h >> 32.
    private const uint Multiplier = 0x8000_0000;
    private const byte Shift = 1;
    private const byte IsStable = 1;

    private ulong _wallClock;
    private ulong _systemTime;

    //J:Boards:280 A clock that is memory
    // A machine's clocks are slow to read and hard to trust, so a kernel spends its first seconds measuring them against each other. A
    // Guest that is told "KVM" instead reads the host's word: a place in its memory says how the time-stamp counter relates to nanoseconds,
    // with a version that is odd while it is being written. Here the relation never changes. That spares the measuring, and every later
    // question for the time a trap.

    /// <summary>What was written to them.</summary>
    public IEnumerable<object> Registers => [_wallClock, _systemTime];

    /// <summary>RDMSR. False: it is not one of these.</summary>
    public bool TryRead(uint number, out ulong value)
    {
        value = number == WallClock ? _wallClock : _systemTime;
        return number is WallClock or SystemTime;
    }

    /// <summary>WRMSR: fills the structure at that address. One that is not in RAM is never seen to be filled.</summary>
    public bool TryWrite(uint number, ulong value, MachineTime time)
    {
        switch (number)
        {
            case WallClock:
                _wallClock = value;
                WriteWallClock(value, time);
                return true;
            case SystemTime:
                _systemTime = value;
                if ((value & Enabled) != 0)
                    WriteSystemTime(value & ~Enabled, time);
                return true;
            case TimeStamp:
                if ((_systemTime & Enabled) != 0)
                    WriteSystemTime(_systemTime & ~Enabled, time);
                return true;
            default:
                return false;
        }
    }

    /// <summary>struct pvclock_wall_clock: UTC at Guest time 0.</summary>
    private void WriteWallClock(ulong address, MachineTime time)
    {
        Span<byte> clock = stackalloc byte[WallBytes];
        long start = (time.WallSeconds * Nanoseconds.PerSecond) + time.WallNanoseconds - time.Now;
        BinaryPrimitives.WriteUInt32LittleEndian(clock, NextVersion(address));
        BinaryPrimitives.WriteUInt32LittleEndian(clock[4..], (uint)(start / Nanoseconds.PerSecond));
        BinaryPrimitives.WriteUInt32LittleEndian(clock[8..], (uint)(start % Nanoseconds.PerSecond));
        Write(address, clock);
    }

    /// <summary>struct pvclock_vcpu_time_info.</summary>
    private void WriteSystemTime(ulong address, MachineTime time)
    {
        Span<byte> info = stackalloc byte[TimeBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(info, NextVersion(address));
        BinaryPrimitives.WriteUInt64LittleEndian(info[8..], time.TimeStamp);
        BinaryPrimitives.WriteInt64LittleEndian(info[16..], time.Now);
        BinaryPrimitives.WriteUInt32LittleEndian(info[24..], Multiplier);
        info[28] = Shift;
        info[29] = IsStable;
        Write(address, info);
    }

    /// <summary>Even numbers say that the structure is whole. The processor is not running while it is written.</summary>
    private uint NextVersion(ulong address) =>
        memory.TryLocate(address, sizeof(uint), out var place) && memory.TryRead(place, out uint version) ? (version | 1) + 1 : 2;

    private void Write(ulong address, ReadOnlySpan<byte> bytes)
    {
        if (memory.TryLocate(address, (uint)bytes.Length, out var place))
            memory.TryWrite(place, bytes);
    }
}
