// An answer as a line of text that a person can read and a review can question: only what the case has changed, under the names of the
// failure report.
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Writes and reads outcomes relative to their case: <c>trap=14 err=6 cr2=10003008 eax=1 @10000104:78563412 r3=...</c></summary>
/// <remarks>x87 registers r0 to r7 are the physical ones, so that a push changes one of them; x0 to x7 are XMM.</remarks>
internal static unsafe class AnswerText
{
    private static readonly string[] _registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];
    private static readonly (string Name, int At, int Size)[] _words =
    [
        ("eflags", TestOutcomeLayout.Eflags, 4), ("ds", TestOutcomeLayout.Ds, 2), ("es", TestOutcomeLayout.Ds + 2, 2),
        ("fs", TestOutcomeLayout.Ds + 4, 2), ("gs", TestOutcomeLayout.Ds + 6, 2), ("cs", TestOutcomeLayout.Cs, 2),
        ("ss", TestOutcomeLayout.Ss, 2),
        ("trap", TestOutcomeLayout.Trap, 4), ("err", TestOutcomeLayout.Error, 4), ("eip", TestOutcomeLayout.Eip, 4),
        ("cr2", TestOutcomeLayout.Cr2, 4),
        ("fcw", TestOutcomeLayout.Fx, 2), ("fsw", TestOutcomeLayout.Fx + 2, 2), ("ftw", TestOutcomeLayout.Fx + 4, 1),
        ("fop", TestOutcomeLayout.Fx + 6, 2), ("fip", TestOutcomeLayout.Fx + 8, 4), ("fdp", TestOutcomeLayout.Fx + 16, 4),
        ("mxcsr", TestOutcomeLayout.Fx + 24, 4),
    ];

    /// <summary>Null if the case changed more memory than an outcome keeps.</summary>
    public static string? Write(in TestCase given, ReadOnlySpan<byte> image, in TestOutcome outcome)
    {
        if (outcome.ChunkCount > TestOutcomeLayout.ChunkCapacity) return null;
        var before = Untouched(given);
        bool hasFpu = given.Options.HasFlag(CaseOptions.Fx);
        var text = new StringBuilder();
        fixed (TestOutcome* o = &outcome)
        {
            byte* old = (byte*)&before;
            byte* now = (byte*)o;
            for (int i = 0; i < 8; i++) Add(text, _registers[i], old + (4 * i), now + (4 * i), 4);
            foreach (var (name, at, size) in _words)
            {
                if (at < TestOutcomeLayout.Fx || hasFpu) Add(text, name, old + at, now + at, size);
            }
            if (hasFpu)
            {
                var physical = new TestOutcome();
                Rotate(before, ref physical, StackTop(before), toPhysical: true);
                var other = new TestOutcome();
                Rotate(outcome, ref other, StackTop(outcome), toPhysical: true);
                for (int at = Verdict.StackAt; at < Verdict.XmmAt; at += 16)
                    AddBytes(text, $" r{(at - Verdict.StackAt) / 16}=", physical.Fx + at, other.Fx + at, Verdict.StackRegisterSize);
                for (int at = Verdict.XmmAt; at < Verdict.XmmAt + 128; at += 16)
                    AddBytes(text, $" x{(at - Verdict.XmmAt) / 16}=", before.Fx + at, o->Fx + at, 16);
            }
        }
        var (was, memory) = (Patched(given, image), Memory(outcome, image));
        for (int at = 0; at < memory.Length;)
        {
            int same = was.AsSpan(at).CommonPrefixLength(memory.AsSpan(at));
            at += same;
            if (at == memory.Length) break;
            int length = 1;
            while (at + length < memory.Length && was[at + length] != memory[at + length]) length++;
            text.Append(CultureInfo.InvariantCulture, $" @{Sandbox.Data + at:x8}:{Convert.ToHexString(memory, at, length)}");
            at += length;
        }
        return text.ToString().TrimStart();
    }

    /// <summary>The outcome that <see cref="Write"/> has written.</summary>
    public static TestOutcome Read(in TestCase given, ReadOnlySpan<byte> image, string text)
    {
        var outcome = Untouched(given);
        var physical = new TestOutcome();
        Rotate(outcome, ref physical, StackTop(outcome), toPhysical: true);
        byte[] memory = Patched(given, image);
        byte* at = (byte*)&outcome;
        foreach (string token in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (token[0] == '@')
            {
                byte[] bytes = Convert.FromHexString(token[10..]);
                bytes.CopyTo(memory.AsSpan((int)(Number(token[1..9]) - Sandbox.Data)));
                continue;
            }
            int equals = token.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = (token[..equals], token[(equals + 1)..]);
            if (name.Length == 2 && char.IsAsciiDigit(name[1]) && name[0] is 'r' or 'x')
            {
                byte[] bytes = Convert.FromHexString(value);
                int place = 16 * (name[1] - '0');
                byte* to = name[0] == 'r' ? physical.Fx + Verdict.StackAt : outcome.Fx + Verdict.XmmAt;
                bytes.CopyTo(new Span<byte>(to + place, bytes.Length));
                continue;
            }
            var (offset, size) = Place(name);
            uint number = Number(value);
            for (int i = 0; i < size; i++) at[offset + i] = (byte)(number >> (8 * i));
        }
        Rotate(physical, ref outcome, StackTop(outcome), toPhysical: false);
        outcome.ChunkCount = 0;
        for (int chunk = 0; chunk < Sandbox.WritableSize / Sandbox.ChunkSize; chunk++)
        {
            var bytes = memory.AsSpan(chunk * Sandbox.ChunkSize, Sandbox.ChunkSize);
            if (bytes.SequenceEqual(image.Slice(chunk * Sandbox.ChunkSize, Sandbox.ChunkSize))) continue;
            outcome.ChunkIndex[outcome.ChunkCount] = (uint)chunk;
            bytes.CopyTo(new Span<byte>(outcome.Chunks + (Sandbox.ChunkSize * outcome.ChunkCount++), Sandbox.ChunkSize));
        }
        return outcome;
    }

    /// <summary>A case that reached the landing and changed nothing.</summary>
    private static TestOutcome Untouched(in TestCase given)
    {
        var outcome = new TestOutcome { Eflags = given.Eflags, Ds = given.Ds, Es = given.Es, Fs = given.Fs, Gs = given.Gs };
        (outcome.Cs, outcome.Ss) = (Sandbox.CodeSelector, Sandbox.FlatSelector);
        (outcome.Trap, outcome.Eip) = (TestOutcomeLayout.Landed, Sandbox.Landing);
        for (int i = 0; i < 8; i++) outcome.Gpr[i] = given.Gpr[i];
        for (int i = 0; i < 512; i++) outcome.Fx[i] = given.Fx[i];
        return outcome;
    }

    private static byte[] Patched(in TestCase given, ReadOnlySpan<byte> image)
    {
        byte[] memory = image[..(int)Sandbox.WritableSize].ToArray();
        for (uint i = 0u; i < given.PatchLength; i++) memory[given.PatchAddress - Sandbox.Data + i] = given.Patch[i];
        return memory;
    }

    private static byte[] Memory(in TestOutcome outcome, ReadOnlySpan<byte> image)
    {
        byte[] memory = image[..(int)Sandbox.WritableSize].ToArray();
        for (int i = 0; i < outcome.ChunkCount * Sandbox.ChunkSize; i++)
            memory[(outcome.ChunkIndex[i / Sandbox.ChunkSize] * Sandbox.ChunkSize) + (i % Sandbox.ChunkSize)] = outcome.Chunks[i];
        return memory;
    }

    private static int StackTop(in TestOutcome outcome) => (outcome.Fx[Verdict.StatusAt + 1] >> 3) & 7;

    private static void Rotate(in TestOutcome from, ref TestOutcome to, int top, bool toPhysical)
    {
        for (int i = 0; i < 8; i++)
        {
            var (source, target) = toPhysical ? (i, (top + i) & 7) : ((top + i) & 7, i);
            for (int b = 0; b < 10; b++) to.Fx[Verdict.StackAt + (16 * target) + b] = from.Fx[Verdict.StackAt + (16 * source) + b];
        }
    }

    private static void Add(StringBuilder text, string name, byte* old, byte* now, int size)
    {
        var a = new ReadOnlySpan<byte>(old, size);
        var b = new ReadOnlySpan<byte>(now, size);
        if (a.SequenceEqual(b)) return;
        Span<byte> four = stackalloc byte[4];
        four.Clear();
        b.CopyTo(four);
        text.Append(CultureInfo.InvariantCulture, $" {name}={BinaryPrimitives.ReadUInt32LittleEndian(four):x}");
    }

    private static void AddBytes(StringBuilder text, string name, byte* old, byte* now, int size)
    {
        var a = new ReadOnlySpan<byte>(old, size);
        var b = new ReadOnlySpan<byte>(now, size);
        if (!a.SequenceEqual(b)) text.Append(name).Append(Convert.ToHexString(b));
    }

    private static (int At, int Size) Place(string name)
    {
        int register = Array.IndexOf(_registers, name);
        if (register >= 0) return (4 * register, 4);
        var (_, at, size) = _words.Single(word => word.Name == name);
        return (at, size);
    }

    private static uint Number(string text) => uint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
