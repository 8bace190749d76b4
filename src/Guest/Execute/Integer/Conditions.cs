// The sixteen conditions of Jcc, SETcc and CMOVcc in terms of the lazy flags, in the order of their encoding.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute.Integer;

/// <summary>A condition on the status flags (Intel SDM vol. 1, appendix B).</summary>
internal unsafe interface ICondition
{
    static abstract bool Holds(CpuState* c);
}

internal readonly unsafe struct IfO : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => Flags.Overflow(c) != 0;
}

internal readonly unsafe struct IfB : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => (int)c->FlagCarries < 0;
}

internal readonly unsafe struct IfE : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => c->FlagResult == 0;
}

internal readonly unsafe struct IfBe : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => c->FlagResult == 0 || (int)c->FlagCarries < 0;
}

internal readonly unsafe struct IfS : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => Flags.Sign(c) != 0;
}

internal readonly unsafe struct IfP : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => Flags.Parity(c) != 0;
}

internal readonly unsafe struct IfL : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => Flags.Sign(c) != Flags.Overflow(c);
}

internal readonly unsafe struct IfLe : ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => c->FlagResult == 0 || Flags.Sign(c) != Flags.Overflow(c);
}

/// <summary>The opposite of a condition: the odd half of the sixteen.</summary>
internal readonly unsafe struct Not<TCondition> : ICondition
    where TCondition : struct, ICondition
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(CpuState* c) => !TCondition.Holds(c);
}
