// What nodes say to each other about DMA, as bytes and back; and what is not that.

using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using FsCheck;
using FsCheck.Fluent;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;

namespace Lguest.Net.Tests.Dma;

public sealed class DmaSerializerSpec : PatientTestKit
{
    private readonly DmaSerializer _serializer;

    public DmaSerializerSpec() => _serializer = new DmaSerializer((ExtendedActorSystem)Sys);

    [Fact]
    public void A_transfer_is_the_same_on_the_other_side()
    {
        var sent = new DmaProtocol.Transfer(42, "höfe", 4092, new byte[] { 1, 2, 3 });
        var arrived = Pass(sent);
        arrived.Number.ShouldBe(42);
        arrived.Page.ShouldBe("höfe");
        arrived.Offset.ShouldBe(4092u);
        arrived.Bytes.ToArray().ShouldBe([1, 2, 3]);
    }

    [Fact]
    public void An_answer_is_the_same_on_the_other_side() =>
        Pass(new DmaProtocol.Transferred(-1, DmaDescriptor.MostBytes)).ShouldBe(new DmaProtocol.Transferred(-1, DmaDescriptor.MostBytes));

    [Fact]
    public void A_state_is_the_same_on_the_other_side()
    {
        ImmutableArray<(int, ulong)> slots = [(0, 0x060504030201), (681, 1)];
        ImmutableArray<uint> keys = [0, 4, 4092];
        var arrived = Pass(new DmaProtocol.State([new("yard", slots, keys), new("empty", [], [])]));
        arrived.Pages.Length.ShouldBe(2);
        arrived.Pages[0].Page.ShouldBe("yard");
        arrived.Pages[0].Slots.ShouldBe(slots);
        arrived.Pages[0].Keys.ShouldBe(keys);
        arrived.Pages[1].Slots.ShouldBeEmpty();
    }

    [Fact]
    public void What_breaks_the_rules_is_refused()
    {
        Refused("T", [2]);
        Refused("T", []);
        Refused("X", [1]);
        Refused("T", _serializer.ToBinary(new DmaProtocol.Transfer(1, "p", 4096, default)));
        Refused("T", _serializer.ToBinary(new DmaProtocol.Transfer(1, "p", 2, default)));
        Refused("T", _serializer.ToBinary(new DmaProtocol.Transfer(1, "p", 0, new byte[DmaDescriptor.MostBytes + 1])));
        Refused("A", _serializer.ToBinary(new DmaProtocol.Transferred(1, -1)));
        Refused("S", _serializer.ToBinary(new DmaProtocol.State([new("p", [(682, 1)], [])])));
        byte[] bytes = _serializer.ToBinary(new DmaProtocol.Transferred(1, 1));
        Refused("A", [.. bytes, 0]);
        Refused("A", bytes[..^1]);
    }

    [Fact]
    public void Rubbish_is_refused_and_nothing_else_happens() =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte>(),
            (bytes, kind) =>
            {
                try
                {
                    _serializer.FromBinary([1, .. bytes], ((string[])["T", "A", "S"])[kind % 3]);
                }
                catch (SerializationException)
                {
                    // As it should be.
                }
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    private T Pass<T>(T message)
        where T : notnull => (T)_serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));

    private void Refused(string manifest, byte[] bytes) =>
        Should.Throw<SerializationException>(() => _serializer.FromBinary(bytes, manifest));
}
