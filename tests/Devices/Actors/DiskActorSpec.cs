// The disk's actor: a kick leads to bytes in memory and an interrupt, rules that are broken to one report, and a limit on bytes to rests in
// between.

using System.Buffers.Binary;
using System.Diagnostics;
using Akka.Actor;
using Lguest.Devices.Actors;
using Lguest.Devices.Block;
using Lguest.Devices.Block.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Actors;

public sealed class DiskActorSpec : DeviceTestKit
{
    private const uint Header = 0x1000;
    private const uint Data = 0x2000;
    private const uint Status = 0x9000;
    private readonly MemoryDisk _disk = new(64);
    private readonly DriverSide _driver;

    public DiskActorSpec()
    {
        _driver = First;
        for (int i = 0; i < _disk.Content.Length; i++)
            _disk.Content[i] = (byte)((i * 7) ^ (i >> 8));
    }

    [Fact]
    public void A_kick_is_answered_with_the_sectors_and_one_interrupt()
    {
        var disk = Start();
        ushort head = OfferRead(sector: 3, bytes: 1024);

        Kick(disk, _driver);

        ExpectInterrupt(FirstIrq);
        _driver.Reap().ShouldBe((head, 1025u));
        _driver.Get(Data, 1024).ShouldBe(_disk.Content[1536..2560]);
        Switcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void More_requests_than_one_portion_are_all_served_after_one_kick()
    {
        var disk = Start();
        for (int i = 0; i < 5; i++)
            OfferRead(sector: 0, bytes: 512);

        Kick(disk, _driver);

        AwaitAssert(() => _disk.Log.Count.ShouldBe(5));
        ExpectInterrupt(FirstIrq);
    }

    [Fact]
    public void A_driver_that_does_not_want_interrupts_gets_none_and_its_data_all_the_same()
    {
        var disk = Start();
        _driver.WantInterrupts(false);
        OfferRead(sector: 0, bytes: 512);

        Kick(disk, _driver);

        AwaitAssert(() => _driver.Get(Data, 512).ShouldBe(_disk.Content[..512]));
        Switcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_kick_for_no_queue_of_the_disk_is_nothing()
    {
        var disk = Start();
        OfferRead(sector: 0, bytes: 512);

        Kick(disk, Second);

        Switcher.ExpectNoMsg(Silence);
        _disk.Log.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_offered_before_anybody_listened_is_served_when_the_driver_says_that_it_is_ready()
    {
        var disk = Start();
        OfferRead(sector: 0, bytes: 512);

        disk.Tell(DeviceProtocol.ServeAll.Instance);

        ExpectInterrupt(FirstIrq);
    }

    [Fact]
    public void A_broken_queue_is_told_to_the_Launcher_once_and_works_again_after_a_reset()
    {
        var disk = Start();
        _driver.SetAvailable(1000);
        Kick(disk, _driver);
        ExpectMsg<DeviceProtocol.QueueBroken>().Reason.ShouldBe(
            "vda, queue 0: the available index jumped from 0 to 1000, with 16 descriptors");
        Kick(disk, _driver);
        ExpectNoMsg(Silence);

        Reset(disk);
        var driver = First;
        ushort head = OfferRead(sector: 1, bytes: 512, driver);
        Kick(disk, driver);

        ExpectInterrupt(FirstIrq);
        driver.Reap().ShouldBe((head, 513u));
    }

    [Fact]
    public void A_disk_that_has_moved_more_than_it_may_rests_and_then_goes_on_by_itself()
    {
        // 2,048 bytes at 8,192 a second are a quarter of a second, of which a twentieth is allowed in advance.
        var disk = Start(new TokenBucket(8192));
        long start = Stopwatch.GetTimestamp();
        OfferRead(sector: 0, bytes: 2048);
        Kick(disk, _driver);
        ExpectInterrupt(FirstIrq);

        OfferRead(sector: 8, bytes: 512);
        Kick(disk, _driver);

        ExpectInterrupt(FirstIrq);
        Stopwatch.GetElapsedTime(start).ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
        _driver.Get(Data, 512).ShouldBe(_disk.Content[4096..4608]);
    }

    [Fact]
    public void The_disk_is_closed_with_its_actor()
    {
        var disk = Start();
        Watch(disk);

        Sys.Stop(disk);

        ExpectTerminated(disk);
        _disk.Log.ShouldBe(["dispose"]);
    }

    private IActorRef Start(TokenBucket? bucket = null) =>
        StartChild(DiskActor.Props(Guest, Switcher, new BlockDevice(Memory, _disk, Queue(_driver), GuestGeneration.Linux3), "vda", bucket));

    private ushort OfferRead(ulong sector, uint bytes, DriverSide? driver = null)
    {
        Span<byte> header = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], sector);
        _driver.Put(Header, header);
        return (driver ?? _driver).Offer((Header, 16, false), (Data, bytes, true), (Status, 1, true));
    }
}
