// What the machine answered in the middle of an instruction. The second engine must not ask it again: a device's register may change when
// it is read, and time goes on.
namespace Lguest.Guest.Lockstep;

/// <summary>The kinds of questions.</summary>
internal enum Question
{
    TimeStamp,
    ReadPort,
    WritePort,
    ReadDevice,
    WriteDevice,
    ReadRegister,
    WriteRegister,
}

/// <summary>A question to the machine, and its answer.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Count">Instructions that had retired.</param>
/// <param name="Address">Port, physical address or number of a register.</param>
/// <param name="Bytes">Width.</param>
/// <param name="Written">What was written.</param>
internal sealed record Answer(Question Question, ulong Count, ulong Address, int Bytes, ulong Written)
{
    /// <summary>What was read.</summary>
    public ulong Value { get; set; }

    /// <summary>Whether a register was there.</summary>
    public bool Exists { get; set; }

    /// <summary>Whether the store was refused.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Frames that were written meanwhile, as they were afterwards.</summary>
    public List<(uint Frame, byte[] Bytes)> Frames { get; } = [];

    /// <summary>The question alone, as text.</summary>
    public string Asked => $"{Question} {Address:x} ({Bytes} bytes, {Written:x}) after {Count} instructions";

    /// <summary>Whether it is the same question.</summary>
    public bool IsSame(Answer other) => (Question, Count, Address, Bytes, Written)
        == (other.Question, other.Count, other.Address, other.Bytes, other.Written);
}
