// The network card's actor between a Guest and a lan: it plugs in, sends when it may, waits in the Guest's ring when it may not, and
// delivers.

using Akka.Actor;
using Akka.TestKit;
using Lguest.Devices.Net;
using Lguest.Devices.Net.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Guest.Abi;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Devices.Tests.Actors;

public sealed class NicActorSpec : DeviceTestKit
{
    private const int HeaderBytes = 10;
    private const uint FrameBytes = 60;
    private static readonly MacAddress _mac = MacAddress.Parse("02:11:22:33:44:55");
    private readonly TestProbe _lan;
    private readonly DriverSide _receive;
    private readonly DriverSide _transmit;

    public NicActorSpec()
    {
        _lan = CreateTestProbe("lan");
        _receive = First;
        _transmit = Second;
    }

    [Fact]
    public void It_plugs_itself_in_with_its_address_and_pulls_the_plug_at_its_end()
    {
        var nic = Start();
        var connect = _lan.ExpectMsg<LanProtocol.Connect>();
        (connect.Port, connect.Mac, connect.Nic).ShouldBe(("guest/eth0", _mac, nic));

        Sys.Stop(nic);

        _lan.ExpectMsg<LanProtocol.Disconnect>().Port.ShouldBe("guest/eth0");
    }

    [Fact]
    public void Frames_wait_in_the_ring_until_the_lan_has_answered()
    {
        var nic = Start();
        _lan.ExpectMsg<LanProtocol.Connect>();
        OfferFrame(1);
        Kick(nic, _transmit);
        _lan.ExpectNoMsg(Silence);
        _transmit.Reap().ShouldBeNull();

        nic.Tell(new LanProtocol.Connected("guest/eth0", "lan", new FrameWindow(1 << 16)));

        Sent().ShouldBe([1]);
        ExpectInterrupt(SecondIrq);
        _transmit.Reap().ShouldNotBeNull();
    }

    [Fact]
    public void With_the_window_full_it_takes_nothing_more_from_the_ring_until_there_is_room_again()
    {
        FrameWindow window = new(200);
        var nic = Start(window);
        Send(nic, 1);
        Sent().ShouldBe([1]);

        // The first fills part of the window, which the lan has not given back; the second and third pass it or wait with the actor, the
        // rest in the ring.
        for (byte number = 2; number <= 6; number++)
            Send(nic, number);
        List<int> passed = [];
        while (_lan.ReceiveOne(Silence) is LanProtocol.Transmit transmit)
            passed.AddRange(Numbers(transmit.Frames));
        passed.Count.ShouldBeLessThan(4);

        List<int> all = [1, .. passed];
        while (all.Count < 6)
        {
            window.Give((int)window.Used);
            nic.Tell(new LanProtocol.Resume("guest/eth0"));
            all.AddRange(Sent());
        }

        all.ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void A_frame_from_the_lan_lies_behind_its_header_in_the_Guests_buffer_and_the_window_gets_its_room_back()
    {
        var nic = Start(new FrameWindow(1 << 16));
        ushort head = _receive.Offer((0x3000, HeaderBytes, true), (0x3800, 1514, true));
        Kick(nic, _receive);
        var batch = FrameBatch.Of(Frame(7));
        FrameWindow window = new(1 << 16);
        window.TryTake(batch.RecordBytes).ShouldBeTrue();

        nic.Tell(new LanProtocol.Deliver(batch, window));

        ExpectInterrupt(FirstIrq);
        _receive.Reap().ShouldBe((head, FrameBytes + HeaderBytes));
        _receive.Get(0x3800, (int)FrameBytes).ShouldBe(Frame(7));
        AwaitAssert(() => window.Used.ShouldBe(0));
    }

    [Fact]
    public void A_lan_that_refuses_the_plug_leaves_a_card_that_does_nothing()
    {
        var nic = Start();
        _lan.ExpectMsg<LanProtocol.Connect>();
        nic.Tell(new LanProtocol.Refused("guest/eth0", "no room"));
        OfferFrame(1);

        Kick(nic, _transmit);

        _lan.ExpectNoMsg(Silence);
        _transmit.Reap().ShouldBeNull();
        Reset(nic);
    }

    private IActorRef Start(FrameWindow? window = null)
    {
        NetDevice card = new(Memory, Queue(_receive), Queue(_transmit), _mac, GuestGeneration.Linux3, () => 0);
        var nic = StartChild(NicActor.Props(Guest, Switcher, card, _lan, "guest/eth0"));
        if (window is not null)
        {
            _lan.ExpectMsg<LanProtocol.Connect>();
            nic.Tell(new LanProtocol.Connected("guest/eth0", "lan", window));
        }

        return nic;
    }

    private void Send(IActorRef nic, byte number)
    {
        OfferFrame(number);
        Kick(nic, _transmit);
    }

    private void OfferFrame(byte number)
    {
        uint at = 0x10000u + (number * 0x1000u);
        _transmit.Put(at, new byte[HeaderBytes]);
        _transmit.Put(at + HeaderBytes, Frame(number));
        _transmit.Offer((at, HeaderBytes, false), (at + HeaderBytes, FrameBytes, false));
    }

    private IReadOnlyList<int> Sent() => Numbers(_lan.ExpectMsg<LanProtocol.Transmit>().Frames);

    /// <summary>The last byte of each frame.</summary>
    private static IReadOnlyList<int> Numbers(FrameBatch batch)
    {
        List<int> numbers = [];
        foreach (var frame in batch)
            numbers.Add(frame.Bytes[^1]);
        return numbers;
    }

    private static byte[] Frame(byte number)
    {
        byte[] frame = new byte[FrameBytes];
        frame.AsSpan(0, 6).Fill(0xff);
        _mac.Write(frame.AsSpan(6));
        frame[^1] = number;
        return frame;
    }
}
