// What a lan sees of a Guest: a card with an address, which sends frames and keeps those it gets.

using System.Collections.Concurrent;
using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Nodes;

/// <summary>A Guest's card in a test. Frames carry numbers, by which they are told apart.</summary>
internal sealed class LanGuest
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly BlockingCollection<int> _heard = [];
    private readonly IActorRef _nic;
    private readonly LanNode _node;
    private readonly string _name;
    private readonly int _number;

    public LanGuest(LanNode node, string name, int number)
    {
        (_node, _name, _number) = (node, name, number);
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _nic = node.System.ActorOf(Props.Create(() => new Nic(node.Lan, name, _heard, connected)));
        connected.Task.Wait(_patience).ShouldBeTrue();
    }

    /// <summary>Sends frames with these numbers; to null is to everybody.</summary>
    public void Sends(LanGuest? to, params IEnumerable<int> numbers) => SendsLong(60, to, numbers);

    /// <summary>The same, of this length.</summary>
    public void SendsLong(int length, LanGuest? to, params IEnumerable<int> numbers) => _nic.Tell(new LanProtocol.Transmit(
        _name, Ether.Batch(numbers.Select(number => Ether.Bytes(_number, to?._number ?? 0, number, length)))));

    /// <summary>The next frames are these, in this order; nothing else comes between.</summary>
    public void Hears(params IEnumerable<int> numbers)
    {
        foreach (int number in numbers)
        {
            _heard.TryTake(out int heard, _patience).ShouldBeTrue($"{_name} did not hear {number}");
            heard.ShouldBe(number, _name);
        }
    }

    /// <summary>There has been no other frame: asked after something that comes later for certain.</summary>
    public void HeardNothing() => _heard.Count.ShouldBe(0, _name);

    /// <summary>The numbers that have arrived and were not asked for yet.</summary>
    public List<int> HeardSoFar()
    {
        var heard = new List<int>();
        while (_heard.TryTake(out int number))
            heard.Add(number);
        return heard;
    }

    /// <summary>The Guest powers off.</summary>
    public void Stops() => _node.System.Stop(_nic);

    private sealed class Nic : ReceiveActor
    {
        private readonly IActorRef _lan;
        private readonly string _port;

        public Nic(IActorRef lan, string port, BlockingCollection<int> heard, TaskCompletionSource connected)
        {
            (_lan, _port) = (lan, port);
            FrameWindow? window = null;
            Receive<LanProtocol.Connected>(answer =>
            {
                window = answer.Transmit;
                connected.SetResult();
            });
            Receive<LanProtocol.Transmit>(transmit =>
            {
                window!.TryTake(transmit.Frames.RecordBytes).ShouldBeTrue();
                _lan.Tell(transmit);
            });
            Receive<LanProtocol.Deliver>(deliver =>
            {
                foreach (int number in Ether.Numbers(deliver.Frames))
                    heard.Add(number);
                deliver.Done();
            });
        }

        protected override void PreStart() => _lan.Tell(new LanProtocol.Connect(_port, null, Self));
    }
}
