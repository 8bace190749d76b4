// What a machine is at one moment: everything that its own next step depends on, in two hashes, so that a difference shows which half it
// is in. Left out is what an engine keeps for itself: the soft TLB, decoded blocks, the rest of a budget.

using System.Security.Cryptography;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Tests.Lockstep;

/// <summary>A machine between two instructions.</summary>
/// <param name="Instructions">Retired so far.</param>
/// <param name="Eip">Where it is.</param>
/// <param name="Registers">SHA-256 over registers, EFLAGS, segments, control registers, x87, MMX and SSE state, and the count of
/// instructions.</param>
/// <param name="Memory">SHA-256 over RAM and device pages.</param>
internal readonly record struct MachineMark(ulong Instructions, uint Eip, string Registers, string Memory)
{
    public static unsafe MachineMark Of(GuestSlot slot)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var c = slot.Processor.State;
        hash.AppendData(new ReadOnlySpan<byte>(c->Gpr, 8 * sizeof(uint)));
        hash.AppendData(BitConverter.GetBytes(slot.Processor.Instructions));

        // From the segment registers to the debug registers: what the processor has beside them, as the struct has it.
        hash.AppendData(new ReadOnlySpan<byte>(&c->Es, (int)((byte*)(&c->Retired) - (byte*)(&c->Es))));
        hash.AppendData(new ReadOnlySpan<byte>(&c->Fx, sizeof(CpuState.FxArea)));
        foreach (uint register in (uint[])[slot.Processor.Eflags, c->Eip, c->Cpl, c->Mode & ~ModeBits.Window, c->FpuTrap, c->Shadow])
            hash.AppendData(BitConverter.GetBytes(register));
        var memory = slot.Memory.Span(default, slot.Memory.Length);
        return new MachineMark(
            slot.Processor.Instructions, c->Eip, Convert.ToHexStringLower(hash.GetHashAndReset()),
            Convert.ToHexStringLower(SHA256.HashData(memory)));
    }
}
