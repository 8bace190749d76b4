// A failed comparison must be repeatable by hand: this prints the bytes, the disassembly and all inputs of a case.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Text of one case that differed.</summary>
internal static unsafe class CasePrinter
{
    public static string Print(in TestCase given, in Instruction instruction, string difference)
    {
        var text = new StringBuilder();
        fixed (TestCase* g = &given)
        {
            text.AppendLine($"  {instruction.Code}: {Convert.ToHexString(new ReadOnlySpan<byte>(g->Code, (int)given.CodeLength))}  "
                + $"{instruction}  at {given.CodeAddress:x8}");
            text.AppendLine($"    eax {g->Gpr[0]:x8} ecx {g->Gpr[1]:x8} edx {g->Gpr[2]:x8} ebx {g->Gpr[3]:x8} eflags {given.Eflags:x8}");
            text.AppendLine($"    esp {g->Gpr[4]:x8} ebp {g->Gpr[5]:x8} esi {g->Gpr[6]:x8} edi {g->Gpr[7]:x8} ds {given.Ds:x} es "
                + $"{given.Es:x} fs {given.Fs:x} gs {given.Gs:x}");
            if (given.PatchLength != 0)
                text.AppendLine($"    {given.PatchAddress:x8}: "
                    + $"{Convert.ToHexString(new ReadOnlySpan<byte>(g->Patch, (int)Math.Min(given.PatchLength, 64)))}");
            if (given.Options.HasFlag(CaseOptions.Fx)) PrintFx(text, g->Fx);
        }
        return text.Append(difference).ToString();
    }

    private static void PrintFx(StringBuilder text, byte* fx)
    {
        text.AppendLine($"    fcw {*(ushort*)fx:x4} fsw {*(ushort*)(fx + 2):x4} ftw {fx[4]:x2} mxcsr {*(uint*)(fx + 24):x8}");
        for (int i = 0; i < 8; i++)
        {
            int at = 32 + (16 * i);
            text.Append($"    st{i} {Convert.ToHexString(new ReadOnlySpan<byte>(fx + at, 10))}");
            text.AppendLine($"  xmm{i} {Convert.ToHexString(new ReadOnlySpan<byte>(fx + at + 128, 16))}");
        }
    }
}
