// What a machine is at one moment: everything that its own next step depends on, in three hashes, so that a difference shows which part it
// is in. Left out is what an engine keeps for itself: EngineState, decoded blocks. In virtual time two runs with the same inputs have the
// same marks, on whatever engine and host.
using System.Security.Cryptography;
using Lguest.Guest.Cpu;

namespace Lguest.Switcher.Slots;

/// <summary>A machine between two instructions.</summary>
/// <param name="Instructions">Retired so far.</param>
/// <param name="Eip">Where it is.</param>
/// <param name="Registers">SHA-256 over the bytes of <see cref="CpuState"/>.</param>
/// <param name="Memory">SHA-256 over RAM and device pages.</param>
/// <param name="Board">SHA-256 over what the chips of its board remember; of nothing for an lguest Guest without PCI.</param>
public readonly record struct MachineMark(ulong Instructions, uint Eip, string Registers, string Memory, string Board)
{
    /// <summary>The mark of a machine at rest. Takes as long as hashing its memory does.</summary>
    public static unsafe MachineMark Of(MachineSlot slot)
    {
        var c = slot.Processor.State;
        using var board = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (object state in slot.BoardState)
            StateBytes.Append(board, state);
        return new MachineMark(
            slot.Processor.Instructions,
            c->Eip,
            Text(SHA256.HashData(new ReadOnlySpan<byte>(c, sizeof(CpuState)))),
            Text(SHA256.HashData(slot.Memory.Span(default, slot.Memory.Length))),
            Text(board.GetHashAndReset()));
    }

    /// <summary>For people.</summary>
    public override string ToString() =>
        $"{Instructions} instructions, SHA-256 of registers {Registers}, of memory {Memory}, of the board {Board}";

    private static string Text(byte[] hash) => Convert.ToHexStringLower(hash);
}
