// A hostile driver: loads and stores of any width at any place, in any order. What the registers promise holds after each of them.
// LGUEST_FUZZ_CASES makes it try harder.

using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Devices.Tests.Virtio.Pci;

public sealed class VirtioRegistersFuzzSpec(ITestOutputHelper output)
{
    private const uint Ram = 1 << 20;

    private static readonly int[] _registers = [0, 4, 8, 12, 18, 20, 21, 22, 24, 28, 30, 32, 36, 40, 44, 48, 52, 56, 58, 60, 64, 68];
    private static readonly int[] _widths = [4, 4, 4, 4, 2, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 2, 1, 4, 2, 4];
    private static readonly uint[] _values =
        [0, 1, 2, 3, 8, 11, 15, 16, 64, 128, 256, 0x1000, 0x2000, 0xfff00, 0xfffff, 0x100000, ~0u, 0x204];

    [Fact]
    public void Whatever_is_read_and_written_the_registers_keep_their_promises()
    {
        var run = FuzzRun.Start(100_000, output);
        var random = run.Dice();
        var (backend, wire) = (new DirectBackend(), new TestWire());
        var registers = Make(Strictness.Forgiving, backend, wire);
        var (starts, faults, strictness) = (0, 0, Strictness.Forgiving);
        for (int i = 0; i < run.Cases; i++)
        {
            if (i % 200 == 0)
            {
                faults += registers.Fault is null ? 0 : 1;
                (backend, wire) = (new DirectBackend { IsSlow = random.Next(8) == 0 }, new TestWire());
                strictness = (Strictness)(i / 200 % 2);
                registers = Make(strictness, backend, wire);
                if (random.Next(4) != 0)
                    Begin(registers, random);
            }

            int told = backend.Told.Count;
            bool wasBroken = registers.Fault is not null;
            Step(registers, random);

            var state = registers.State;
            var status = state.Status;
            string at = $"seed {run.Seed}, case {i}";
            wire.Level.ShouldBe(state.Isr != 0, at);
            ((status & DeviceStatus.DriverOk) == 0 || (status & DeviceStatus.FeaturesOk) != 0).ShouldBeTrue(at);
            ((status & DeviceStatus.FeaturesOk) == 0 || (state.DriverFeatures & ~registers.Offered) == 0).ShouldBeTrue(at);
            (strictness == Strictness.Lguest || registers.Fault is null).ShouldBeTrue(at);
            (!wasBroken || backend.Told.Count == told).ShouldBeTrue(at);
            foreach (var queue in state.Queues)
                (ushort.IsPow2(queue.Size) && queue.Size <= 256).ShouldBeTrue(at);
            if (backend.Told.Count == told || backend.Told[^1] != "start")
                continue;
            starts++;
            backend.Rings.Count.ShouldBe(2, at);
            foreach (var ring in backend.Rings)
                (ring is not { } placed || (placed.LiesBelow(Ram) && placed.Base.Value % 16 == 0)).ShouldBeTrue(at);
        }

        output.WriteLine($"{starts} starts, {faults} broken devices");
        (starts > run.Cases / 2000, faults > run.Cases / 2000).ShouldBe((true, true));
    }

    private static void Step(VirtioRegisters registers, Random random)
    {
        int which = random.Next(_registers.Length);
        var (at, bytes) = random.Next(8) switch
        {
            0 => ((ulong)random.Next(4096), 1 << random.Next(3)),
            1 => ((ulong)random.NextInt64(), 1 << random.Next(3)),
            2 => ((ulong)_registers[which], 1 << random.Next(3)),
            _ => ((ulong)_registers[which], _widths[which]),
        };
        uint value = random.Next(4) == 0 ? (uint)random.NextInt64(1L << 32) : _values[random.Next(_values.Length)];
        value &= uint.MaxValue >> (32 - (8 * bytes));
        switch (random.Next(16))
        {
            case 0:
                registers.InterruptForUsed();
                break;
            case 1:
                registers.ChangeConfig(random.Next(8), [1, 2]);
                break;
            case 2:
                registers.FinishReset();
                break;
            case 3:
                registers.Write(20, 1, 15, 0);
                break;
            case < 8:
                registers.Read(at, bytes, 0).ShouldBeLessThanOrEqualTo(uint.MaxValue >> (32 - (8 * bytes)));
                break;
            default:
                registers.Write(at, bytes, value, 0);
                break;
        }
    }

    /// <summary>The first steps of a good driver, as far as it comes.</summary>
    private static void Begin(VirtioRegisters registers, Random random)
    {
        (uint At, int Bytes, uint Value)[] steps =
        [
            (20, 1, 1), (20, 1, 3), (8, 4, 1), (12, 4, 1), (20, 1, 11), (20, -1, 0),
            (24, 2, 8), (32, 4, 0x1000), (40, 4, 0x2000), (48, 4, 0x3000), (28, 2, 1),
            (22, 2, 1), (24, 2, 256), (32, 4, 0xff000), (40, 4, 0x4000), (48, 4, 0x5000), (28, 2, 1), (20, 1, 15),
        ];
        foreach (var (at, bytes, value) in steps.Take(random.Next(steps.Length + 1)))
        {
            if (bytes < 0)
                registers.Read(at, -bytes, 0);
            else
                registers.Write(at, bytes, value, 0);
        }
    }

    private static VirtioRegisters Make(Strictness strictness, DirectBackend backend, TestWire wire) =>
        new(new DeviceDescription(DeviceType.Net, 2, 0x204, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []), 256, Ram, strictness, backend, wire, 3);
}
