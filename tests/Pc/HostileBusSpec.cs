// A Guest may write anything anywhere at any time. A million random accesses over a bus with every chip on it: no exception, no edge in the
// past, no work without end, and the same run twice gives the same machine. LGUEST_FUZZ_CASES makes it try harder.
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Pc.Tests;

public sealed class HostileBusSpec(ITestOutputHelper output)
{
    private const int Accesses = 1_000_000;
    private const uint Ram = 64 << 20;

    /// <summary>Where a Guest puts a window that means no good: in RAM, at its end, at the ends of the address space.</summary>
    private static readonly uint[] _places =
        [0, 0x1000, 0xA0000, Ram - 0x1000, Ram - 4, Ram, 0xE000_0000, 0xE000_1000, 0xE000_2000, 0xFEC0_0000, 0xFFFF_F000, ~0u];

    private static readonly ushort[] _busyPorts =
    [
        0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0xCF8, 0xCF9, 0xCFA, 0xCFB,
        0xCFC, 0xCFD, 0xCFE, 0xCFF, 0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC, 0x3FD, 0x3FE, 0x3FF, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605,
    ];

    [Theory]
    [InlineData(1), InlineData(2)]
    public void Nothing_that_a_Guest_writes_breaks_a_chip(int seed) => Run(seed).ShouldBe(Run(seed));

    [Fact]
    public void Windows_over_RAM_and_over_each_other_answer_only_where_they_lie_and_in_one_order()
    {
        var run = FuzzRun.Start(200_000, output);
        var random = run.Dice();
        using GuestMemory memory = new(Ram);
        PcBoard board = new(memory, new SerialLine());
        List<Counting> devices = [];
        for (int i = 0; i < 6; i++)
        {
            board.Plug((line, irq, _) =>
            {
                PciFunction function = new(PciIdentity.HostBridge, line, irq);
                devices.Add(new Counting(0x1000u << (i % 3)));
                function.AddWindow(i, devices[i].Size, devices[i]);
                return function;
            }, () => { });
        }

        for (int i = 0; i < run.Cases; i++)
        {
            int device = random.Next(devices.Count);
            string at = $"seed {run.Seed}, case {i}";
            board.WritePort(0xCF8, 4, 0x8000_0000 | ((uint)(device + 1) << 11) | (uint)(random.Next(8) == 0 ? 4 : 0x10 + (4 * device)), 0);
            int width = random.Next(6) == 0 ? 1 << random.Next(2) : 4;
            uint place = random.Next(3) == 0 ? (uint)random.NextInt64(1L << 32) : _places[random.Next(_places.Length)];
            board.WritePort((ushort)(0xCFC + random.Next(4 / width)), width, random.Next(4) == 0 ? 0x0002 : place, 0);

            ulong address = place + (ulong)random.Next(-8, 0x4008) & uint.MaxValue;
            int bytes = random.Next(1, 9);
            var asked = board.Pci.Regions.FirstOrDefault(region => region.Holds(address, bytes));
            int before = devices.Sum(one => one.Accesses);
            uint value = board.ReadDevice(address, bytes, 0);
            board.WriteDevice(address, bytes, (uint)i, 0);
            (devices.Sum(one => one.Accesses) - before).ShouldBe(asked.Device is null ? 0 : 2, at);
            if (asked.Device is null)
                value.ShouldBe(uint.MaxValue, at);
            else
                ((Counting)asked.Device).Last.ShouldBe((address - asked.Start, bytes), at);
        }

        devices.ShouldAllBe(one => one.Accesses > 0);
    }

    private static int Run(int seed)
    {
        var random = new Random(seed);
        var hash = new HashCode();
        var bus = new PortBus();
        var pic = new InterruptController();
        var timer = new IntervalTimer(pic.Line(0));
        var clock = new RealTimeClock(pic.Line(8), new DateTime(2026, 11, 29, 0, 0, 0, DateTimeKind.Utc));
        var uart = new Uart16550(Uart16550.FirstPortOfCom1, pic.Line(4), sent => hash.Add(sent));
        var system = new SystemControl(pic.Line(9), action => hash.Add(action));
        var pci = new PciBus();
        var shared = new SharedLine(pic.Line(11));
        PciFunction[] functions = [.. Enumerable.Range(1, 3).Select(_ => new PciFunction(PciIdentity.HostBridge, shared.NewInput(), 11))];
        for (int i = 0; i < functions.Length; i++)
        {
            functions[i].AddWindow(i, 0x1000u << i, new Nothing());
            functions[i].AddCapability(9, new byte[14]);
            pci.Add(i + 1, functions[i]);
        }

        pic.Attach(bus);
        timer.Attach(bus);
        clock.Attach(bus);
        uart.Attach(bus);
        pci.Attach(bus);
        system.Attach(bus);
        ITimedDevice[] timed = [timer, clock, uart];

        long now = 0;
        byte[] input = new byte[40];
        int accesses = FuzzRun.CasesOr(Accesses);
        for (int i = 0; i < accesses; i++)
        {
            now += random.Next(20) switch
            {
                0 => random.NextInt64(10_000_000_000),
                1 => random.NextInt64(5_000_000),
                _ => random.Next(3_000),
            };
            ushort port = random.Next(20) == 0 ? (ushort)random.Next(0x10000) : _busyPorts[random.Next(_busyPorts.Length)];
            int bytes = 1 << random.Next(3);
            if (random.Next(2) == 0)
                hash.Add(bus.Read(port, bytes, now));
            else
                bus.Write(port, bytes, random.Next(4) == 0 ? (uint)random.Next() : (uint)random.Next(256), now);

            foreach (var device in timed)
            {
                device.NextEvent(now).ShouldBeGreaterThanOrEqualTo(now);
                device.Advance(now);
                long next = device.NextEvent(now);
                if (next <= now)
                    next.ShouldBeGreaterThan(now, $"{device.GetType().Name} after Advance, access {i}");
            }

            switch (random.Next(8))
            {
                case 0 when pic.Pending:
                case 1:
                    hash.Add(pic.Acknowledge());
                    break;
                case 2:
                    int taken = uart.Receive(input.AsSpan(0, random.Next(input.Length)), now);
                    taken.ShouldBeInRange(0, ReceiveFifo.Capacity);
                    uart.Room.ShouldBeInRange(0, ReceiveFifo.Capacity);
                    break;
                case 3:
                    functions[random.Next(functions.Length)].Interrupt.Set(random.Next(2) == 0);
                    break;
                case 4:
                    pci.Find((ulong)random.NextInt64(), bytes);
                    break;
                case 5:
                    hash.Add(clock.WallTime(now));
                    break;
                case 6:
                    system.PressPowerButton();
                    break;
            }
        }

        hash.Add(timer.State);
        return hash.ToHashCode();
    }

    /// <summary>Knows what it was asked last, and that it was inside.</summary>
    private sealed class Counting(uint size) : IMmioDevice
    {
        public uint Size => size;

        public int Accesses { get; private set; }

        public (ulong Offset, int Bytes) Last { get; private set; }

        public uint Read(ulong offset, int bytes, long now) => Asked(offset, bytes);

        public void Write(ulong offset, int bytes, uint value, long now) => Asked(offset, bytes);

        private uint Asked(ulong offset, int bytes)
        {
            (offset + (uint)bytes).ShouldBeLessThanOrEqualTo(size);
            Accesses++;
            Last = (offset, bytes);
            return 0;
        }
    }

    private sealed class Nothing : IMmioDevice
    {
        public uint Read(ulong offset, int bytes, long now) => 0;

        public void Write(ulong offset, int bytes, uint value, long now)
        {
        }
    }
}
