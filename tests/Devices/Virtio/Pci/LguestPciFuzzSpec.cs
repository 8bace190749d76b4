// A hostile kernel of generation 3: ports and device memory in any width, at any place and in any order, windows moved over RAM and over
// each other. Nothing throws, nothing outside of the windows ever answers, and a device that has given up says why. LGUEST_FUZZ_CASES makes
// it try harder.

using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Abi;
using Lguest.Net.Frames;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Devices.Tests.Virtio.Pci;

public sealed class LguestPciFuzzSpec(ITestOutputHelper output)
{
    private const uint Ram = 1 << 20;
    private const uint First = Ram + 0x100000;
    private const uint Windows = 0x1c0;
    private const int CasesALife = 300;

    private static readonly uint[] _values =
        [0, 1, 2, 3, 4, 11, 15, 20, 56, 68, 0x80, 0x100, 0x1000, 0xfff00, Ram, First, First + 0x80, 0x80000000, ~0u];

    [Fact]
    public void Whatever_a_kernel_does_to_ports_and_windows_the_bus_keeps_its_promises()
    {
        var run = FuzzRun.Start(100_000, output);
        var random = run.Dice();
        var pci = Make(out var backends);
        var (refused, faults, moved, starts) = (0, 0, 0, 0);
        for (int i = 0; i < run.Cases; i++)
        {
            if (i % CasesALife == 0)
            {
                faults += pci.Fault is null ? 0 : 1;
                starts += backends.Sum(backend => backend.Told.Count(told => told == "start"));
                pci = Make(out backends);
                for (int device = 1; device <= 4 && random.Next(3) != 0; device++)
                    Begin(pci, device, random);
            }

            string at = $"seed {run.Seed}, case {i}";
            string? fault = pci.Fault;
            int bytes = 1 << random.Next(3);
            uint mask = uint.MaxValue >> (32 - (8 * bytes));
            switch (random.Next(8))
            {
                case 0 or 1:
                    Select(pci, random);
                    refused += pci.TryWritePort((ushort)(0xcfc + random.Next(4)), bytes, Value(random) & mask, 0) ? 0 : 1;
                    break;
                case 2:
                    Select(pci, random);
                    pci.ReadPort((ushort)(0xcfc + random.Next(4)), bytes, 0);
                    break;
                case 3:
                    pci.TryWritePort((ushort)random.Next(0x10000), bytes, Value(random) & mask, 0);
                    pci.ReadPort((ushort)random.Next(0x10000), bytes, 0);
                    break;
                case 4:
                    pci.Write(Place(random), bytes, Value(random) & mask, 0);
                    break;
                case 5:
                    pci.Read(Place(random), bytes, 0);
                    break;
                case 6:
                    pci.Signal(random.Next(32));
                    break;
                default:
                    // Moved onto RAM, onto another window, anywhere.
                    pci.TryWritePort(0xcf8, 4, 0x80000010u | ((uint)random.Next(1, 5) << 11), 0);
                    moved += pci.TryWritePort(0xcfc, 4, Value(random), 0) ? 1 : 0;
                    break;
            }

            ulong elsewhere = (ulong)random.NextInt64(1L << 32);
            if (elsewhere is < First or >= First + Windows)
                pci.Answers(elsewhere).ShouldBeFalse(at);
            pci.Answers(First).ShouldBeTrue(at);
            (fault is null || pci.Fault == fault || pci.Fault!.CompareTo(fault, StringComparison.Ordinal) < 0).ShouldBeTrue(at);
            foreach (var backend in backends)
                foreach (var ring in backend.Rings)
                    (ring is not { } placed || placed.LiesBelow(Ram)).ShouldBeTrue(at);
        }

        output.WriteLine($"{refused} writes refused, {moved} windows moved, {starts} starts, {faults} bad drivers");
        (refused > run.Cases / 100, moved > run.Cases / 100, starts > 0, faults > 0).ShouldBe((true, true, true, true));
    }

    private static uint Value(Random random) =>
        random.Next(3) == 0 ? (uint)random.NextInt64(1L << 32) : _values[random.Next(_values.Length)];

    private static ulong Place(Random random) => random.Next(8) switch
    {
        0 => (ulong)random.NextInt64(1L << 33),
        _ => First + (uint)random.Next((int)Windows),
    };

    /// <summary>Mostly a register that there is.</summary>
    private static void Select(LguestPci pci, Random random)
    {
        uint address = random.Next(8) == 0 ? Value(random) : 0x80000000u | ((uint)random.Next(6) << 11) | ((uint)random.Next(40) << 2);
        pci.TryWritePort(0xcf8, 4, address, 0);
    }

    /// <summary>The first steps of a good driver, as far as it comes.</summary>
    private static void Begin(LguestPci pci, int device, Random random)
    {
        pci.TryWritePort(0xcf8, 4, 0x80000010u | ((uint)device << 11), 0);
        ulong window = pci.ReadPort(0xcfc, 4, 0);
        (uint At, int Bytes, uint Value)[] steps =
        [
            (20, 1, 0), (20, 1, 1), (20, 1, 3), (8, 4, 1), (12, 4, 1), (20, 1, 11), (20, -1, 0),
            (24, 2, 8), (32, 4, 0x1000), (40, 4, 0x2000), (48, 4, 0x3000), (28, 2, 1), (20, 1, 15),
        ];
        foreach (var (at, bytes, value) in steps.Take(random.Next(steps.Length + 1)))
        {
            if (bytes < 0)
                pci.Read(window + at, -bytes, 0);
            else
                pci.Write(window + at, bytes, value, 0);
        }
    }

    private static LguestPci Make(out List<DirectBackend> backends)
    {
        LguestPci pci = new(Ram);
        backends = [];
        foreach (var description in (DeviceDescription[])
            [
                ConsoleDescription.Of(GuestGeneration.Linux4), BlockDescription.Of(new MemoryDisk(8), GuestGeneration.Linux4),
                NetDescription.Of(MacAddress.ForName("a"), GuestGeneration.Linux4), RngDescription.Create(),
            ])
        {
            DirectBackend backend = new();
            backend.Registers = pci.Plug(description, backend).Registers;
            backends.Add(backend);
        }

        return pci;
    }
}
