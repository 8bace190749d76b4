// The actors of generation 1's disk and console: while one of them works the Guest waits in its SEND_DMA, so each send must be answered
// exactly once, or the Guest ended.

using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Akka.Actor;
using Akka.TestKit;
using Lguest.Devices.Console;
using Lguest.Devices.Generation1;
using Lguest.Devices.Generation1.Actors;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Tests.Actors;

public sealed class DmaDeviceActorSpec : DeviceTestKit
{
    private const uint DiskPage = RamBytes;
    private const uint Sent = 0x1000;
    private const uint Bound = 0x1100;
    private const uint Data = 0x2000;
    private const uint Irq = 5;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly MemoryDisk _disk = new(64);
    private readonly Printed _screen = new();
    private readonly TerminalInput _keyboard = TerminalInput.Open();
    private readonly TestProbe _dma;

    public DmaDeviceActorSpec()
    {
        _dma = CreateTestProbe("dma");
        for (int i = 0; i < _disk.Content.Length; i++)
            _disk.Content[i] = (byte)((i * 7) ^ (i >> 8));
    }

    [Fact]
    public void A_read_fills_the_bound_buffer_interrupts_and_lets_the_Guest_go_on()
    {
        var disk = Disk();
        Request(writes: false, sector: 2, bytes: 512);
        Describe(Sent, 0);
        Describe(Bound, Irq, (Data, 512));

        Send(disk);

        Switcher.ExpectMsg<SwitcherProtocol.GetDma>().Key.Value.ShouldBe(DiskPage);
        disk.Tell(new SwitcherProtocol.Dma(Guest, new GuestPhysical(DiskPage), new GuestPhysical(Bound)), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>().Irq.ShouldBe((int)Irq);
        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Memory.Span(new GuestPhysical(Data), 512).ToArray().ShouldBe(_disk.Content[1024..1536]);
        Word(Bound).ShouldBe(512u);
        Word(DiskPage + 12).ShouldBe(1u, "done");
    }

    [Fact]
    public void Without_a_bound_buffer_the_request_fails_and_the_Guest_goes_on()
    {
        var disk = Disk();
        Request(writes: false, sector: 0, bytes: 512);
        Describe(Sent, 0);

        Send(disk);

        Switcher.ExpectMsg<SwitcherProtocol.GetDma>();
        disk.Tell(new SwitcherProtocol.Failed(Guest, ErrorNumber.NoEntry), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        Word(DiskPage + 12).ShouldBe(2u, "failed");
    }

    [Fact]
    public void A_section_outside_of_memory_ends_the_Guest()
    {
        var disk = Disk();
        Request(writes: true, sector: 0, bytes: 512);
        Describe(Sent, 0, (0xf000_0000, 512));
        Describe(Bound, Irq, (Data, 512));

        Send(disk);

        Switcher.ExpectMsg<SwitcherProtocol.GetDma>();
        disk.Tell(new SwitcherProtocol.Dma(Guest, new GuestPhysical(DiskPage), new GuestPhysical(Bound)), Switcher);
        var offence = Switcher.ExpectMsg<SwitcherProtocol.DmaOffence>();
        (offence.Reason, offence.Detail).ShouldBe((KillReason.BadDmaEntry, "lgba: bad DMA entry: 512@0xf0000000"));
        Switcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_descriptor_outside_of_memory_ends_the_Guest_before_anything_is_asked()
    {
        var disk = Disk();

        disk.Tell(new SwitcherProtocol.DmaPending(Guest, new GuestPhysical(DiskPage), new GuestPhysical(0xffff_0000)), Switcher);

        Switcher.ExpectMsg<SwitcherProtocol.DmaOffence>().Reason.ShouldBe(KillReason.BadDmaAddress);
    }

    [Fact]
    public void A_disk_that_has_moved_more_than_it_may_lets_the_Guest_wait()
    {
        var disk = Disk(new TokenBucket(4096));
        long start = Stopwatch.GetTimestamp();
        Request(writes: false, sector: 0, bytes: 1024);
        Describe(Sent, 0);
        Describe(Bound, Irq, (Data, 1024));
        Send(disk);
        Switcher.ExpectMsg<SwitcherProtocol.GetDma>();
        disk.Tell(new SwitcherProtocol.Dma(Guest, new GuestPhysical(DiskPage), new GuestPhysical(Bound)), Switcher);
        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>();
        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();

        Send(disk);

        Switcher.ExpectMsg<SwitcherProtocol.GetDma>();
        Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
    }

    [Fact]
    public void What_the_console_is_sent_is_printed_and_counted()
    {
        var console = Console();
        Memory.TryWrite(new GuestPhysical(Data), (ReadOnlySpan<byte>)"hello"u8).ShouldBeTrue();
        Describe(Sent, 0, (Data, 3), (Data + 3, 2));

        console.Tell(new SwitcherProtocol.DmaPending(Guest, default, new GuestPhysical(Sent)), Switcher);

        Switcher.ExpectMsg<SwitcherProtocol.DmaServed>();
        _screen.Text.ShouldBe("hello");
        Word(Sent).ShouldBe(5u);
    }

    [Fact]
    public void What_is_typed_is_delivered_in_order_and_tried_again_while_the_Guest_has_no_room()
    {
        var console = Console();
        _keyboard.Push("abcdef"u8.ToArray());
        Delivery().ShouldBe("abcdef");
        console.Tell(Delivered(DmaOutcome.NoBuffer, 0), _dma);
        Delivery().ShouldBe("abcdef");

        console.Tell(Delivered(DmaOutcome.Delivered, 4), _dma);
        Delivery().ShouldBe("ef");
        _keyboard.Push("gh"u8.ToArray());
        _dma.ExpectNoMsg(Silence);
        console.Tell(Delivered(DmaOutcome.Delivered, 2), _dma);
        Delivery().ShouldBe("gh");
    }

    private IActorRef Disk(TokenBucket? bucket = null)
    {
        DmaDisk device = new(Memory, new GuestPhysical(DiskPage), (int)Irq, _disk, "lgba");
        return StartChild(DmaDiskActor.Props(Guest, Switcher, Memory, device, bucket));
    }

    private IActorRef Console() => StartChild(DmaConsoleActor.Props(
        Guest, Switcher, _dma, Memory, new DmaConsole(Memory, 1, _screen), _keyboard));

    private void Send(IActorRef disk) => disk.Tell(new SwitcherProtocol.DmaPending(
        Guest, new GuestPhysical(DiskPage), new GuestPhysical(Sent)), Switcher);

    private string Delivery() => Encoding.ASCII.GetString(_dma.ExpectMsg<DmaProtocol.Deliver>(_patience).Bytes.Span);

    private static DmaProtocol.Delivered Delivered(DmaOutcome outcome, int bytes) => new(Guest.Value, default, outcome, bytes);

    /// <summary>type, sector, bytes, in the disk's page (ABI sheet 9.7).</summary>
    private void Request(bool writes, uint sector, uint bytes)
    {
        Memory.TryWrite(new GuestPhysical(DiskPage), writes ? 1u : 0u).ShouldBeTrue();
        Memory.TryWrite(new GuestPhysical(DiskPage + 4), sector).ShouldBeTrue();
        Memory.TryWrite(new GuestPhysical(DiskPage + 8), bytes).ShouldBeTrue();
    }

    /// <summary>A struct lguest_dma: used_len, sixteen addresses, sixteen lengths (ABI sheet 9.2).</summary>
    private void Describe(uint at, uint usedLength, params (uint Address, ushort Length)[] sections)
    {
        byte[] bytes = new byte[DmaDescriptor.Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, usedLength);
        for (int i = 0; i < sections.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 + (i * 4)), sections[i].Address);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(68 + (i * 2)), sections[i].Length);
        }

        Memory.TryWrite(new GuestPhysical(at), bytes).ShouldBeTrue();
    }

    private uint Word(uint at)
    {
        Memory.TryRead(new GuestPhysical(at), out uint value).ShouldBeTrue();
        return value;
    }
}
