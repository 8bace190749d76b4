// Makes bytes that look like instructions but are not.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Bends real encodings until Iced no longer knows them.</summary>
internal sealed unsafe class EncodingBender
{
    private const uint Address = Sandbox.Code + 0x100;

    private readonly Dice _dice;
    private readonly FormEncoder _encoder;
    private readonly IReadOnlyList<InstructionForm> _forms = InstructionForm.All;

    public EncodingBender(Dice dice)
    {
        _dice = dice;
        _encoder = new FormEncoder(dice);
    }

    /// <summary>A case of ten bytes that are no instruction; false if the bending led to one, which happens often.</summary>
    public bool TryMake(out TestCase made)
    {
        made = default;
        if (!_encoder.TryEncode(_forms[_dice.Below(_forms.Count)], Address, out var instruction, out _)) return false;
        var bytes = _encoder.Bytes;
        switch (_dice.Below(3))
        {
            case 0:
                bytes[..^1].ToArray().CopyTo(bytes[1..]);
                bytes[0] = 0xf0;
                break;
            case 1:
                bytes[_dice.Below(Math.Min(instruction.Length, 4))] ^= (byte)(1 << _dice.Below(8));
                break;
            default:
                bytes[0] = 0x0f;
                bytes[1] = (byte)_dice.Next();
                break;
        }
        var changed = _encoder.Decode(Address);
        if (!changed.IsInvalid || !IsPlain(bytes)) return false;
        made = CaseBuilder.Create(bytes[..10], Address);
        for (int i = 0; i < 8; i++) made.Gpr[i] = Sandbox.Data + 0x800;
        made.Fs = Sandbox.LimitedSelector;
        made.Gs = Sandbox.ExpandDownSelector;
        return true;
    }

    /// <summary>No VEX or EVEX and no byte sequence that runs into the limit of fifteen: those raise for other reasons.</summary>
    private static bool IsPlain(ReadOnlySpan<byte> bytes)
    {
        int at = 0;
        while (at < 6 && bytes[at] is 0x26 or 0x2e or 0x36 or 0x3e or 0x64 or 0x65 or 0x66 or 0x67 or 0xf0 or 0xf2 or 0xf3) at++;
        return bytes[at] is not (0xc4 or 0xc5 or 0x62 or 0x8f);
    }
}
