// A host can only be asked what its own processor does. What processors of the other vendor have answered is kept in files, so that
// every host checks against both. The cases are not kept: the dice roll them again, and a sum of each tells that they are the same.
using System.Globalization;
using System.Runtime.InteropServices;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Lines of <c>Code number sum mode answer</c>; lines that begin with # say who answered, and when.</summary>
internal static class Recording
{
    public const int CasesPerForm = 3;
    private const int MostLetters = 300;
    private const ulong Seed = 1;

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Comparison", "Answers");

    /// <summary>The first cases of a form, and the data that they find.</summary>
    public static (byte[] Image, TestCase[] Cases, Instruction[] Instructions) Roll(InstructionForm form, int count)
    {
        var dice = new Dice((Seed * 1_000_003) + (ulong)form.Code);
        var generator = new CaseGenerator(dice);
        byte[] image = OperandBytes.Image(dice);
        var cases = new List<TestCase>();
        var instructions = new List<Instruction>();
        for (int i = 0; i < count; i++)
        {
            if (!generator.TryMake(form, out var made, out var instruction)) continue;
            cases.Add(made);
            instructions.Add(instruction);
        }
        return (image, [.. cases], [.. instructions]);
    }

    /// <summary>The line of an answer; null for one that changes so much memory that nobody would read it.</summary>
    public static string? Line(InstructionForm form, int number, ReadOnlySpan<byte> image, in TestCase given, in TestOutcome outcome)
    {
        if (AnswerText.Write(given, image, outcome) is not { } answer || answer.Length > MostLetters) return null;
        int mode = outcome.IsLongMode != 0 ? 64 : 32;
        return string.Create(CultureInfo.InvariantCulture, $"{form.Code} {number} {Sum(given):x8} {mode} {answer}").TrimEnd();
    }

    /// <summary>FNV-1a of a case.</summary>
    public static uint Sum(in TestCase given)
    {
        uint sum = 2166136261u;
        foreach (byte b in MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in given, 1))) sum = (sum ^ b) * 16777619;
        return sum;
    }
}
