// A system that is made with a clock of the test's own lives by it: two frames are a year apart in a recording, and no time has passed.

using System.Buffers.Binary;
using Akka.Actor;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Actors;

public sealed class HandClockSpec
{
    private const int FileHeader = 24;
    private const int Record = 16 + 60;
    private const uint Year = 365 * 24 * 3600;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_lan_dates_frames_by_the_clock_of_its_system()
    {
        HandClock clock = new();
        string path = Path.GetTempFileName();
        using var system = ActorSystem.Create("hand-clock", HostClock.Setup(NetSettings.Reference(), clock));
        try
        {
            var lan = system.ActorOf(LanActor.Props(new LanSettings("lan") { Pcap = path }, NetSettings.From(system.Settings.Config)));
            await lan.Ask(new LanProtocol.Connect("a", null, system.DeadLetters), _patience);
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 1)));
            await lan.Ask(new LanProtocol.GetStatistics(), _patience);
            clock.Pass(TimeSpan.FromSeconds(Year));
            lan.Tell(new LanProtocol.Transmit("a", Ether.Batch(1, 0, 2)));

            byte[] file = [];
            using CancellationTokenSource limit = new(_patience);
            while (file.Length < FileHeader + (2 * Record))
            {
                limit.Token.ThrowIfCancellationRequested();
                await lan.Ask(new LanProtocol.GetStatistics(), _patience);
                using FileStream reader = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                file = new byte[reader.Length];
                reader.ReadExactly(file);
            }

            BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(FileHeader)).ShouldBe(HandClock.Begin);
            BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(FileHeader + Record)).ShouldBe(HandClock.Begin + Year);
        }
        finally
        {
            await system.Terminate();
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_system_made_without_one_has_the_machines()
    {
        using var system = ActorSystem.Create("no-clock", NetSettings.Reference());
        HostClock.Of(system).ShouldBeSameAs(SystemClock.Instance);
        await system.Terminate();
    }

    /// <summary>Stands still until it is moved.</summary>
    private sealed class HandClock : IHostClock
    {
        public const uint Begin = 1_000_000;
        private long _now = Nanoseconds.PerSecond;

        public Nanoseconds Monotonic => new(Interlocked.Read(ref _now));

        public Nanoseconds Wall => new(((Begin - 1) * Nanoseconds.PerSecond) + Monotonic);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _now, Nanoseconds.Of(time));
    }
}
