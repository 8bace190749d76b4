// What the tests of device actors have in common: a Guest's memory with rings, a probe that stands for the Switcher, and patience for busy
// machines.

using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lguest.Devices.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Tests.Actors;

/// <summary>A Guest of one megabyte with room for two rings after it.</summary>
public abstract class DeviceTestKit : TestKit
{
    internal const uint RamBytes = 1 << 20;
    internal const byte FirstIrq = 1;
    internal const byte SecondIrq = 2;

    /// <summary>How long nothing must come to count as nothing.</summary>
    protected static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(150);

    protected DeviceTestKit()
        : base(Settings) => Switcher = CreateTestProbe("switcher");

    /// <summary>A node's settings, and twenty seconds for whatever is expected.</summary>
    public static Config Settings => ConfigurationFactory.ParseString("akka.test.single-expect-default = 20s")
        .WithFallback(SwitcherSettings.Reference(Environment.ProcessorCount)).WithFallback(NetSettings.Reference());

    protected TestProbe Switcher { get; }

    internal static GuestId Guest => new("guest");

    internal GuestMemory Memory { get; } = new(RamBytes, 16);

    internal DriverSide First => new(Memory, new RingLayout(new GuestPhysical(RamBytes), 16, FirstIrq));

    internal DriverSide Second => new(Memory, new RingLayout(new GuestPhysical(RamBytes + 0x4000), 16, SecondIrq));

    internal SplitQueue Queue(DriverSide driver) => new(Memory, driver.Ring, SuppressionRule.Flag);

    /// <summary>The Guest has put something into a ring and says so.</summary>
    internal void Kick(IActorRef device, DriverSide driver) =>
        device.Tell(new SwitcherProtocol.Notified(Guest, driver.Ring.Base), Switcher);

    internal void ExpectInterrupt(byte irq) => Switcher.ExpectMsg<SwitcherProtocol.Interrupt>()
        .ShouldBe(new SwitcherProtocol.Interrupt(Guest, irq));

    /// <summary>Starts an actor under a parent that passes on to the test what its child tells it.</summary>
    protected IActorRef StartChild(Props props) => Sys.ActorOf(Props.Create(() => new Parent(props, TestActor)))
        .Ask<IActorRef>(Parent.Which, TimeSpan.FromSeconds(20)).Result;

    /// <summary>Resets a device, as a driver does that gives up or begins.</summary>
    protected void Reset(IActorRef device)
    {
        device.Tell(DeviceProtocol.Reset.Instance, TestActor);
        ExpectMsg<DeviceProtocol.ResetDone>();
    }

    private sealed class Parent : UntypedActor
    {
        public const string Which = "which";
        private readonly IActorRef _child;
        private readonly IActorRef _test;

        public Parent(Props props, IActorRef test)
        {
            _child = Context.ActorOf(props, "child");
            _test = test;
        }

        protected override void OnReceive(object message)
        {
            if (Which.Equals(message))
                Sender.Tell(_child);
            else
                _test.Forward(message);
        }
    }
}
