// One random hypercall. Most are such that a kernel could have made them, for a Guest that is killed at its second call has tried little;
// one in some thirty has a wrong number or wrong arguments.
using Lguest.Guest.Abi;
using Lguest.Switcher.Hypercalls;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Fuzz;

internal readonly record struct RandomCall(Hypercall Number, uint First, uint Second, uint Third, uint Fourth)
{
    private static readonly uint[] _corners =
    [
        0, 1, 2, 3, 0x69, 0x1000, 0xfff, TestGuest.DataAt, TestGuest.ResultAt, 0x7ffffc, 0x7fffff, 0x800000, 0x7fffffff, 0x80000000,
            0xbfffffff, 0xc0000000,
        0xffbfffff, 0xffc00000, 0xffc00800, 0xffe00000, 0xfffff000, 0xfffffffc, uint.MaxValue,
    ];

    public static RandomCall Of(Random random, AbiFamily family)
    {
        if (random.Next(40) == 0)
            return new RandomCall((Hypercall)(random.Next(4) == 0 ? Value(random) : (uint)random.Next(20)), Value(random), Value(random),
                Value(random), Value(random));
        while (true)
        {
            var number = (Hypercall)random.Next(HypercallSet.Numbers);
            // What ends the Guest, or its sleep, comes rarely: what would come after it teaches more.
            bool ends = number is Hypercall.Shutdown or Hypercall.LguestInit or Hypercall.NewPageTable or Hypercall.Halt
                or Hypercall.SetStack or Hypercall.LoadGdt;
            if (HypercallSet.Offers(family, pae: false, number) && (!ends || random.Next(40) == 0))
                return Plausible(random, number);
        }
    }

    /// <summary>A value that likes edges.</summary>
    public static uint Value(Random random) => random.Next(3) switch
    {
        0 => _corners[random.Next(_corners.Length)],
        1 => (uint)random.Next(0x800000),
        _ => (uint)random.NextInt64(),
    };

    private static RandomCall Plausible(Random random, Hypercall number) => number switch
    {
        Hypercall.LoadIdtEntry => new(number, (uint)random.Next(256), Value(random), (Value(random) & 0xffff60ff) | 0x8e00
            | ((uint)random.Next(2) << 8), 0),
        Hypercall.LoadGdtEntry => new(number, (uint)random.Next(32), Value(random), Value(random), 0),
        Hypercall.LoadGdt => new(number, (uint)random.Next(0x700000), (uint)random.Next(33), 0, 0),
        Hypercall.LoadTls => new(number, (uint)random.Next(0x700000), 0, 0, 0),
        Hypercall.SetPageTableEntry => new(number, Value(random), (uint)random.NextInt64(0xffc00000), Value(random), Value(random)),
        Hypercall.SetPageDirectory => new(number, Value(random), (uint)random.Next(1024), 0, 0),
        Hypercall.BindDma or Hypercall.SendDma =>
            new(number, (uint)random.Next(0x200000) * 4, (uint)random.Next(0x800000), (Value(random) << 8) | (uint)random.Next(34), 0),
        Hypercall.SetStack => new(number, 0x69, TestGuest.TrapStackTop, (uint)random.Next(1, 3), 0),
        _ => new(number, Value(random), Value(random), Value(random), Value(random)),
    };
}
