// A second opinion on emitted code. The translator is the sandbox: what it emits runs with all the rights of this process, so one wrong
// byte could let a Guest out. Before a block is executed this file can decode its bytes again and prove what keeps the Guest in.
//
//J:Translator:160 The verifier
// The verifier knows the conventions (which register is what, where the tables lie) but not a line of the translator. It walks the code
// once, forward, and keeps for each register what its value is worth: a word of the Guest, a page number cut out of that word, a tag, the
// distance between the two, an addend. A branch that tests the distance turns it into a fact about the word, and only an access through
// this word, this addend and this fact reaches memory. Where two ways meet, what both know is left; where the code can be entered, and at
// the target of a jump back, nothing is known. Host addresses never become numbers of the Guest, and no circle of jumps goes round without
// asking whether something asks for attention.
//
// So step 130 can be read again as a proof: the verifier accepts those nine instructions in this order, for a size that covers the access,
// and refuses the block if one of them is missing, tests another register, or tests for reading where the access writes.
using Iced.Intel;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>Accepts the code of one block, or says why not.</summary>
internal sealed partial class CodeVerifier
{
    private readonly ulong _address;
    private readonly ulong _end;
    private readonly ulong _coldEnd;
    private readonly VerifierContext _context;
    private readonly List<Instruction> _instructions = [];
    private readonly HashSet<ulong> _starts = [];
    private readonly HashSet<ulong> _targetsOfJumpsBack = [];
    private readonly Dictionary<ulong, VerifierState> _pending = [];
    private readonly InstructionInfoFactory _infos = new();

    private CodeVerifier(ReadOnlySpan<byte> code, ulong address, VerifierContext context)
    {
        _address = address;
        _end = address + (ulong)code.Length;
        _coldEnd = context.ColdAddress + (ulong)context.Cold.Count;
        _context = context;
    }

    /// <summary>Whether code stays within the sandbox.</summary>
    /// <param name="code">All of a block.</param>
    /// <param name="address">Where it will be executed.</param>
    /// <param name="context">What is around it.</param>
    /// <param name="why">If not: the place, the instruction, and the rule that it breaks.</param>
    public static bool TryVerify(ReadOnlySpan<byte> code, ulong address, VerifierContext context, out string why)
    {
        CodeVerifier verifier = new(code, address, context);
        why = verifier.Decode(code.ToArray(), address) ?? verifier.Decode([.. context.Cold], context.ColdAddress)
            ?? verifier.Entries() ?? verifier.Walk() ?? "";
        return why.Length == 0;
    }

    /// <summary>Finds where instructions begin, and which of them are reached from behind.</summary>
    private string? Decode(byte[] code, ulong address)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        decoder.IP = address;
        ulong end = address + (ulong)code.Length;
        while (decoder.IP < end)
        {
            int offset = (int)(decoder.IP - address);
            decoder.Decode(out var instruction);
            if (instruction.IsInvalid || instruction.NextIP > end)
                return $"+{offset:x}: bytes that are no instruction";
            if (EncodingFault(code.AsSpan(offset, instruction.Length), instruction) is { } rule)
                return Refusal(instruction, rule);
            _instructions.Add(instruction);
            _starts.Add(instruction.IP);
            if (IsDirectBranch(instruction) && instruction.NearBranchTarget <= instruction.IP && IsInside(instruction.NearBranchTarget))
                _targetsOfJumpsBack.Add(instruction.NearBranchTarget);
        }

        return null;
    }

    private bool IsInside(ulong target) =>
        (target >= _address && target < _end) || (target >= _context.ColdAddress && target < _coldEnd);

    private string? Entries()
    {
        if (_instructions.Count == 0)
            return "no code";
        foreach (ulong entry in _context.Entries.Append(_context.Head == 0 ? _address : _context.Head))
        {
            if (!_starts.Contains(entry))
                return $"+{entry - _address:x}: an entry that is not the start of an instruction";
        }

        return null;
    }

    private string? Walk()
    {
        VerifierState? flow = null;
        foreach (var instruction in _instructions)
        {
            var state = StateAt(instruction.IP, flow);
            flow = state;
            var info = _infos.GetInfo(instruction);
            string? rule = instruction.FlowControl == FlowControl.Next
                ? Step(instruction, info, state)
                : Branch(instruction, state, out flow);
            if (rule != null)
                return Refusal(instruction, rule);
            if (flow != null && (instruction.NextIP == _end || instruction.NextIP == _coldEnd))
                return Refusal(instruction, "the code goes on past its end");
        }

        foreach (ulong target in _pending.Keys)
            return $"+{target - _address:x}: a jump leads into the middle of an instruction";
        return null;
    }

    /// <summary>What is known in front of an instruction. Code that nothing leads to is looked at as if it were entered there; what it
    /// takes off the budget is looked at when a jump that is written again leads there, since then all of the block is.</summary>
    private VerifierState StateAt(ulong at, VerifierState? flow)
    {
        if (_pending.Remove(at, out var jumped))
            flow = Met(flow, jumped);
        if (at == _context.Head || _targetsOfJumpsBack.Contains(at))
            return Met(flow, VerifierState.Entered(asked: false));
        if (_context.Entries.Contains(at))
            return Met(flow, VerifierState.Entered(asked: true, _context.UnitsAt(at)));
        return flow ?? VerifierState.Entered(asked: true, HostUnits.X87 | HostUnits.Xmm, spent: true);
    }

    private static VerifierState Met(VerifierState? one, VerifierState other)
    {
        if (one == null)
            return other;
        one.Meet(other);
        return one;
    }

    /// <summary>Jumps, with and without condition. <paramref name="flow"/> becomes what is known behind it; null if nothing comes
    /// there.</summary>
    private string? Branch(in Instruction i, VerifierState state, out VerifierState? flow)
    {
        flow = null;
        var compared = state.Compared;
        state.Compared = Compared.Nothing;
        if (i.Code == Code.Jmp_rm64)
            return JumpThroughOp(i, state);
        if (!IsDirectBranch(i))
            return "this way of going elsewhere is not allowed";
        bool always = i.FlowControl == FlowControl.UnconditionalBranch;
        var taken = always ? state : state.Clone();
        if (i.Code == Code.Jrcxz_rel8_64)
            ProveZero(taken);
        if (!always)
            flow = state;
        if (i.ConditionCode == ConditionCode.ae && compared == Compared.High)
            state.Compared = Compared.HighIsBelow;
        if (i.ConditionCode == ConditionCode.be && compared == Compared.DivisorPlusOne)
            state.Prove(new Known(Holds.Divisor, state.ComparedOf));
        return JumpTo(i.NearBranchTarget, i.IP, taken);
    }

    private string? JumpTo(ulong target, ulong from, VerifierState state)
    {
        if (!IsInside(target))
        {
            if (_context.IsHead(target))
                return !state.Asked ? "a jump to another block before the question for budget and attention"
                    : state.Spent ? null : "a jump to another block that takes nothing off the budget";
            if (!_context.WaysOut.Contains(target))
                return "a jump out of the block that is not to a way out";
            return state[R10].IsOp ? null : "leaves without an operation in R10";
        }

        if (target <= from)
        {
            if (!_starts.Contains(target))
                return "a jump into the middle of an instruction";
            return state.Asked && state.Spent ? null : "a jump back that does not ask for budget and attention";
        }

        _pending[target] = Met(_pending.GetValueOrDefault(target), state);
        return null;
    }

    /// <summary>JRCXZ takes its jump: what RCX tests is so.</summary>
    private static void ProveZero(VerifierState state)
    {
        var test = state[Rcx];
        state[Rcx] = default;
        if (test.Holds == Holds.AskTest)
            (state.Asked, state.Units) = (true, state.Units | (HostUnits)test.Size);
        else if (test.Holds is Holds.PageTest or Holds.HitTest or Holds.AlignmentTest)
            state.Prove(test);
    }

    /// <summary>jmp [r10 + Native].</summary>
    private string? JumpThroughOp(in Instruction i, VerifierState state)
    {
        if (i.Op0Kind != OpKind.Memory || i.MemoryBase != Register.R10 || i.MemoryIndex != Register.None
            || (long)i.MemoryDisplacement64 != SandboxFields.OpNative)
            return "an indirect jump that is not through an operation in R10";
        var op = state[R10];
        if (!state.Asked)
            return "an indirect jump before the question for budget and attention";
        if (op.Holds == Holds.OtherOp)
            return state.Spent ? null : "an indirect jump that takes nothing off the budget";
        if (op.Holds != Holds.ConstantOp)
            return "an indirect jump through something that is no operation";
        return (_context.RightsOf(op.Of) & OpRights.GoOn) != 0 ? null : "an indirect jump through an operation inside a block";
    }

    private static bool IsDirectBranch(in Instruction i) => i.Code is Code.Jmp_rel8_64 or Code.Jmp_rel32_64 or Code.Jrcxz_rel8_64
        or Code.Jecxz_rel8_64 || (i.IsJccShortOrNear && i.Op0Kind == OpKind.NearBranch64);

    private string Refusal(in Instruction i, string rule) => $"+{i.IP - _address:x}: {i}: {rule}";
}
