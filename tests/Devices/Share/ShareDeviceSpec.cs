// The queue of a shared folder: messages that are chains, chains that are no messages, and requests that are under way when something else
// happens.

using System.Buffers.Binary;
using Lguest.Devices.Share;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using static Lguest.Devices.Tests.Share.Request;

namespace Lguest.Devices.Tests.Share;

public sealed class ShareDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;
    private const uint AnswerAt = 0x8000;

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-share-").FullName;
    private readonly GuestMemory _memory = new(RamBytes, 8);
    private readonly DriverSide _driver;
    private readonly ShareDevice _device;
    private readonly List<ShareWork> _handed = [];

    public ShareDeviceSpec()
    {
        _driver = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), 256, 1));
        _device = new ShareDevice(_memory, new SplitQueue(_memory, _driver.Ring, SuppressionRule.Flag), HostFolder.Open(_folder), false);
    }

    public void Dispose()
    {
        _device.Dispose();
        _memory.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_message_in_pieces_is_answered_in_pieces()
    {
        byte[] version = Request.Version().ToArray();
        _driver.Put(0x1000, version.AsSpan(0, 5));
        _driver.Put(0x2000, version.AsSpan(5));
        ushort head = _driver.Offer((0x1000, 5, false), (0x2000, (uint)version.Length - 5, false), (0x3000, 7, true), (0x4000, 50, true));

        _device.Serve(0).ShouldBeFalse();

        _driver.Reap().ShouldBe((head, 21u));
        Answer answer = new([.. _driver.Get(0x3000, 7), .. _driver.Get(0x4000, 14)]);
        answer.Type.ShouldBe((byte)101);
        answer.Word().ShouldBe(1u << 16);
        answer.Text().ShouldBe("9P2000.L");
        _device.Requests.ShouldBe(0);
    }

    [Theory]
    [InlineData(3u, 100u, 7, "shorter than its header")]
    [InlineData(20u, 100u, 21, "says that it has 21 bytes, and 20 were given")]
    [InlineData(20u, 100u, 6, "says that it has 6 bytes")]
    [InlineData(20u, 100u, -1, "says that it has 4294967295 bytes")]
    [InlineData(20u, 10u, 20, "10 bytes of room for its answer")]
    public void A_chain_that_is_no_message_breaks_the_queue(uint readable, uint writable, int size, string problem)
    {
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, size);
        _driver.Put(0x1000, header);
        _driver.Offer((0x1000, readable, false), (AnswerAt, writable, true));

        _device.Serve(0).ShouldBeFalse();

        _device.Queues[0].Fault.ShouldNotBeNull().ShouldContain(problem);
        _driver.Reap().ShouldBeNull();
    }

    [Fact]
    public void A_message_longer_than_any_may_be_is_answered_and_not_read()
    {
        byte[] header = new byte[7];
        BinaryPrimitives.WriteInt32LittleEndian(header, ShareSession.LargestMessage + 1);
        _driver.Put(0x1000, header);
        _driver.Offer([.. Enumerable.Repeat((0x1000u, 0x8000u, false), 17), (AnswerAt, 100, true)]);

        _device.Serve(0);

        _driver.Reap().ShouldNotBeNull().Written.ShouldBe(11u);
        new Answer(_driver.Get(AnswerAt, 11)).Error.ShouldBe(Errno.MessageSize);
    }

    [Theory]
    [InlineData(true, false), InlineData(false, false), InlineData(false, true)]
    public void The_content_of_a_write_is_there_whether_the_message_counts_it_or_not(bool isCounted, bool isMore)
    {
        Begin();
        Call(Walk(0, 1));
        Call(Create(1, "f")).Error.ShouldBe(0);
        byte[] content = [.. Enumerable.Range(0, 5000).Select(number => (byte)number)];
        byte[] message = Write(1, 3, content).ToArray();
        int head = message.Length - content.Length;
        if (!isCounted)
            BinaryPrimitives.WriteInt32LittleEndian(message, head);
        _driver.Put(0x40000, message.AsSpan(0, head));
        _driver.Put(0x50000, content);
        _driver.Offer((0x40000, (uint)head, false), (0x50000, (uint)content.Length + (isMore ? 9u : 0), false), (AnswerAt, 11, true));

        _device.Serve(0);

        _driver.Reap().ShouldNotBeNull().Written.ShouldBe(11u);
        new Answer(_driver.Get(AnswerAt, 11)).Word().ShouldBe(5000u);
        File.ReadAllBytes(Path.Combine(_folder, "f")).ShouldBe([0, 0, 0, .. content]);
    }

    [Theory]
    [InlineData(MessageType.Write, 5u), InlineData(MessageType.Write, uint.MaxValue), InlineData(MessageType.Write, uint.MaxValue - 22)]
    [InlineData(MessageType.Read, 4u)]
    public void A_count_of_what_is_not_there_is_answered_with_an_error(object type, uint count)
    {
        Begin();
        byte[] message = [.. new Request((MessageType)type).Word(0).Long(0).Word(count).ToArray(), .. (byte[])[1, 2, 3, 4]];
        _driver.Put(0x40000, message);
        _driver.Offer((0x40000, (uint)message.Length, false), (AnswerAt, 100, true));

        _device.Serve(0).ShouldBeFalse();

        _device.Queues[0].Fault.ShouldBeNull();
        _driver.Reap().ShouldNotBeNull().Written.ShouldBe(11u);
        new Answer(_driver.Get(AnswerAt, 11)).Error
            .ShouldBe((MessageType)type == MessageType.Write ? Errno.BadMessage : Errno.BadDescriptor);
    }

    [Fact]
    public void A_long_write_that_does_not_count_its_content_is_too_long_all_the_same()
    {
        Begin();
        byte[] message = new Request(MessageType.Write).Word(0).Long(0).Word(ShareSession.LargestMessage).ToArray();
        _driver.Put(0x1000, message);
        _driver.Offer([(0x1000, (uint)message.Length, false), .. Enumerable.Repeat((0x2000u, 0x8000u, false), 16), (AnswerAt, 100, true)]);

        _device.Serve(0);

        _driver.Reap().ShouldNotBeNull().Written.ShouldBe(11u);
        new Answer(_driver.Get(AnswerAt, 11)).Error.ShouldBe(Errno.MessageSize);
    }

    [Fact]
    public void Room_that_is_all_of_memory_many_times_over_is_no_more_than_an_answer_needs()
    {
        Begin();
        byte[] message = Attributes(0).ToArray();
        _driver.Put(0x1000, message);
        _driver.Offer([(0x1000, (uint)message.Length, false), .. Enumerable.Repeat((0x8000u, RamBytes - 0x8000u, true), 100)]);
        _device.Serve(0);
        _driver.Reap().ShouldNotBeNull().Written.ShouldBe(160u);
    }

    [Fact]
    public void No_more_than_some_requests_are_under_way_and_the_next_wait_in_the_ring()
    {
        Begin();
        _device.Hand = _handed.Add;
        for (ushort tag = 0; tag < ShareDevice.MostRequests + 5; tag++)
            Offer(new Request(MessageType.Attributes, tag).Word(0).Long(0));
        while (_device.Serve(0))
            _handed.Count.ShouldBeLessThanOrEqualTo(ShareDevice.MostRequests);
        _handed.Count.ShouldBe(ShareDevice.MostRequests);
        _driver.Reap().ShouldBeNull();
        FinishAll();
        _device.Serve(0).ShouldBeFalse();
        _handed.Count.ShouldBe(5);
        FinishAll();
        for (int i = 0; i < ShareDevice.MostRequests + 5; i++)
            _driver.Reap().ShouldNotBeNull();
        _driver.Reap().ShouldBeNull();
        _device.Requests.ShouldBe(0);
    }

    [Fact]
    public void A_tag_in_use_is_refused_and_the_first_request_goes_on()
    {
        Begin();
        _device.Hand = _handed.Add;
        Offer(Attributes(0));
        Offer(Attributes(0));
        _device.Serve(0);
        _handed.Count.ShouldBe(1);
        AnswerOf(_driver.Reap()).Error.ShouldBe(Errno.Invalid);
        FinishAll();
        AnswerOf(_driver.Reap()).Error.ShouldBe(0);
    }

    [Fact]
    public void A_flush_is_answered_after_what_it_flushes_and_that_is_not_begun_any_more()
    {
        Begin();
        _device.Hand = _handed.Add;
        Offer(new Request(MessageType.Attributes, 5).Word(0).Long(0));
        Offer(new Request(MessageType.Flush, 6).Short(5));
        Offer(new Request(MessageType.Flush, 7).Short(5));
        Offer(new Request(MessageType.Flush, 8).Short(99));
        _device.Serve(0);
        AnswerOf(_driver.Reap()).Tag.ShouldBe((ushort)8, "what is not under way needs no waiting for");
        _driver.Reap().ShouldBeNull();
        FinishAll();
        var flushed = AnswerOf(_driver.Reap());
        (flushed.Tag, flushed.Error).ShouldBe(((ushort)5, Errno.Interrupted));
        AnswerOf(_driver.Reap()).Tag.ShouldBe((ushort)6);
        AnswerOf(_driver.Reap()).Tag.ShouldBe((ushort)7);
        _device.Session.UnderWay.ShouldBe(0);
    }

    [Fact]
    public void Flushes_of_flushes_and_of_themselves_are_all_answered()
    {
        Begin();
        _device.Hand = _handed.Add;
        Offer(new Request(MessageType.Attributes, 5).Word(0).Long(0));
        for (ushort tag = 6; tag < 30; tag++)
            Offer(new Request(MessageType.Flush, tag).Short((ushort)(tag - 1)));
        Offer(new Request(MessageType.Flush, 31).Short(31));
        while (_device.Serve(0))
            _handed.Count.ShouldBe(1);
        AnswerOf(_driver.Reap()).Tag.ShouldBe((ushort)31);
        FinishAll();
        for (ushort tag = 5; tag < 30; tag++)
            AnswerOf(_driver.Reap()).Tag.ShouldBe(tag);
        _device.Requests.ShouldBe(0);
    }

    [Fact]
    public void What_is_under_way_at_a_reset_touches_neither_ring_nor_memory_and_leaves_nothing_open()
    {
        Begin();
        File.WriteAllText(Path.Combine(_folder, "f"), "x");
        _device.Hand = _handed.Add;
        Offer(Walk(0, 1, "f"));
        Offer(new Request(MessageType.Walk, 2).Word(0).Word(2).Short(0));
        _device.Serve(0);
        AnswerOf(_driver.Reap()).Error.ShouldBe(0);
        Offer(new Request(MessageType.Create, 3).Word(2).Text("new").Word(2).Word(0x1a4).Word(0));
        _device.Serve(0);
        _handed.Count.ShouldBe(2);
        foreach (var work in _handed)
            work.Run(_device.Folder);
        _device.Reset();
        byte[] before = _memory.Span(new GuestPhysical(0), RamBytes).ToArray();
        _handed.ForEach(_device.Finish);
        _memory.Span(new GuestPhysical(0), RamBytes).SequenceEqual(before).ShouldBeTrue();
        (_device.Requests, _device.Session.Fids, ((HostFolder)_device.Folder).Files).ShouldBe((0, 0, 0));
    }

    [Fact]
    public void A_version_or_a_clunk_in_between_leaves_nothing_open()
    {
        foreach (bool isVersion in (bool[])[true, false])
        {
            Begin();
            File.WriteAllText(Path.Combine(_folder, "f"), "x");
            Call(Walk(0, 1, "f"));
            Call(Walk(0, 2));
            _device.Hand = _handed.Add;
            Offer(new Request(MessageType.Open, 10).Word(1).Word(0));
            Offer(new Request(MessageType.Create, 11).Word(2).Text("f").Word(0).Word(0).Word(0));
            Offer(new Request(MessageType.Walk, 12).Word(0).Word(0).Short(1).Text("f"));
            _device.Serve(0);
            foreach (var work in _handed)
                work.Run(_device.Folder);
            _device.Hand = null;
            if (isVersion)
                Offer(Request.Version());
            else
                for (uint fid = 0; fid < 3; fid++)
                    Offer(new Request(MessageType.Clunk, (ushort)(20 + fid)).Word(fid));
            _device.Serve(0);
            _handed.ForEach(_device.Finish);
            _handed.Clear();
            while (_driver.Reap() is not null)
                _device.Requests.ShouldBe(0);
            (_device.Session.Fids, ((HostFolder)_device.Folder).Files).ShouldBe((0, 0));
        }
    }

    private void Begin()
    {
        _device.Hand = null;
        Call(Request.Version()).Error.ShouldBe(0);
        Call(Attach(0)).Error.ShouldBe(0);
    }

    private Answer Call(Request request)
    {
        Offer(request);
        _device.Serve(0);
        return AnswerOf(_driver.Reap());
    }

    private int _slot;
    private readonly Dictionary<uint, uint> _answers = [];

    private void Offer(Request request)
    {
        byte[] message = request.ToArray();
        uint at = 0x10000 + (uint)(_slot++ % 200 * 0x400);
        _driver.Put(at, message);
        _answers[_driver.Offer((at, (uint)message.Length, false), (at + 0x200, 0x200, true))] = at + 0x200;
    }

    private Answer AnswerOf((uint Head, uint Written)? used)
    {
        used.ShouldNotBeNull();
        return new Answer(_driver.Get(_answers[used.Value.Head], (int)used.Value.Written));
    }

    private void FinishAll()
    {
        ShareWork[] works = [.. _handed];
        _handed.Clear();
        foreach (var work in works)
        {
            work.Run(_device.Folder);
            _device.Finish(work);
        }
    }
}
