// Asks the host's x87 what it makes of one instruction: control word and stack in, stack and status word out. FNSAVE
// reads the outcome without waiting, so that even unmasked exceptions can be looked at from within a process.

using System.Runtime.InteropServices;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>One x87 instruction on the host. The stack holds two values; memory is 16 bytes at RSI.</summary>
internal sealed unsafe class HostX87
{
    private static readonly byte[] _loadState = [0xDD, 0x27];
    private static readonly byte[] _saveState = [0xDD, 0x37];
    private readonly delegate* unmanaged<void*, void*, void> _code;

    /// <param name="instruction">Machine code; a memory operand is [rsi].</param>
    public HostX87(params byte[] instruction) => _code = HostCode.Compile(_loadState, instruction, _saveState);

    /// <summary>Runs the instruction with ST(0) and ST(1) filled and six registers empty.</summary>
    public HostX87Result Run(uint control, Float80 st0, Float80 st1, ulong memoryLow = 0, ushort memoryHigh = 0)
    {
        var image = new SaveImage { Control = control, Status = 6 << 11, Tags = 0x0FFF };
        image.SetRegister(0, st0);
        image.SetRegister(1, st1);
        ulong* memory = stackalloc ulong[2];
        memory[0] = memoryLow;
        memory[1] = memoryHigh;
        _code(&image, memory);
        return new HostX87Result(image.Register(0), image.Register(1), image.Status & 0xFFFF, image.Tags & 0xFFFF, memory[0],
            (ushort)memory[1]);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct SaveImage
    {
        public uint Control, Status, Tags;
        private readonly uint _pointers0, _pointers1, _pointers2, _pointers3;
        private fixed byte _registers[80];

        public void SetRegister(int index, Float80 value)
        {
            fixed (byte* at = &_registers[index * 10])
            {
                *(ulong*)at = value.Significand;
                *(ushort*)(at + 8) = value.SignExponent;
            }
        }

        public Float80 Register(int index)
        {
            fixed (byte* at = &_registers[index * 10])
                return new Float80(*(ulong*)at, *(ushort*)(at + 8));
        }
    }
}

/// <summary>What the host left: the two top registers by stack position, the whole status word, tags, and memory.</summary>
internal readonly record struct HostX87Result(Float80 St0, Float80 St1, uint Status, uint Tags, ulong MemoryLow, ushort MemoryHigh)
{
    public const uint Conditions = X87Context.C0 | X87Context.C1 | X87Context.C2 | X87Context.C3;

    public uint Exceptions => Status & X87Context.Exceptions;

    public int Top => (int)(Status >> 11) & 7;
}
