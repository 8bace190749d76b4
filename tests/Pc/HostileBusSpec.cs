// A Guest may write anything anywhere at any time. A million random accesses over a bus with every chip on it: no exception, no edge in the
// past, no work without end, and the same run twice gives the same machine.
using Lguest.Machine;
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;

namespace Lguest.Pc.Tests;

public sealed class HostileBusSpec
{
    private const int Accesses = 1_000_000;

    private static readonly ushort[] _busyPorts =
    [
        0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1, 0x40, 0x41, 0x42, 0x43, 0x61, 0x64, 0x70, 0x71, 0x80, 0x92, 0xCF8, 0xCF9, 0xCFA, 0xCFB,
        0xCFC, 0xCFD, 0xCFE, 0xCFF, 0x3F8, 0x3F9, 0x3FA, 0x3FB, 0x3FC, 0x3FD, 0x3FE, 0x3FF, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605,
    ];

    [Theory]
    [InlineData(1), InlineData(2)]
    public void Nothing_that_a_Guest_writes_breaks_a_chip(int seed) => Run(seed).ShouldBe(Run(seed));

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
        for (int i = 0; i < Accesses; i++)
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

    private sealed class Nothing : IMmioDevice
    {
        public uint Read(ulong offset, int bytes, long now) => 0;

        public void Write(ulong offset, int bytes, uint value, long now)
        {
        }
    }
}
